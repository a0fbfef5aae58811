//! What the generator sends and expects: request bytes prepared once, and how to tell an answer's end.

use std::net::SocketAddr;

use crate::scan::{Malformed, ResponseScanner};

/// How an exchange looks on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// One HTTP/1.1 request and its response.
    Http,
    /// One line, answered by this many raw bytes.
    Download {
        /// Length of each answer.
        answer_bytes: usize,
    },
}

/// Everything a generator needs to know before it starts.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The proxy's address.
    pub address: SocketAddr,
    /// Connections held open, one request in flight on each.
    pub connections: usize,
    /// What is sent; requests are taken in a fixed pseudo-random order.
    pub requests: Requests,
    /// What each request is and how its answer ends.
    pub exchange: Exchange,
}

/// Prepared requests.
#[derive(Clone, Debug)]
pub struct Requests {
    prepared: Vec<Vec<u8>>,
    state: u64,
}

impl Requests {
    /// GET requests for `paths`, the same host and extra headers on each.
    pub fn http(paths: &[String], host: &str, headers: &[&str]) -> Self {
        let extra: Vec<String> = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let extra = extra.concat();
        let prepare = |path: &String| format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{extra}\r\n");
        Self::of(
            paths
                .iter()
                .map(|path| prepare(path).into_bytes())
                .collect(),
        )
    }

    /// The one request of a download.
    pub fn download() -> Self {
        Self::of(vec![b"send\n".to_vec()])
    }

    /// The next request to send. The order is the same in every run.
    pub fn take(&mut self) -> &[u8] {
        if self.prepared.len() == 1 {
            return &self.prepared[0];
        }
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let index = self.state as usize % self.prepared.len();
        &self.prepared[index]
    }

    fn of(mut prepared: Vec<Vec<u8>>) -> Self {
        if prepared.is_empty() {
            prepared.push(Vec::new());
        }
        Self {
            prepared,
            state: SEED,
        }
    }
}

/// Follows the answers of one connection.
#[derive(Debug)]
pub enum Answers {
    /// Responses of an HTTP connection.
    Http(ResponseScanner),
    /// Raw bytes still to come of the answer under way.
    Download {
        /// Length of each answer.
        answer_bytes: usize,
        /// Bytes still to come.
        left: usize,
    },
}

/// How one answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status, when it is not 200.
    pub refused: Option<u16>,
    /// The peer will close the connection.
    pub close: bool,
}

impl Answers {
    /// Follows a new connection.
    pub fn new(exchange: Exchange) -> Self {
        match exchange {
            Exchange::Http => Self::Http(ResponseScanner::default()),
            Exchange::Download { answer_bytes } => Self::Download {
                answer_bytes,
                left: answer_bytes,
            },
        }
    }

    /// Reads on: bytes used, and the answer that they completed.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(usize, Option<Answer>), Malformed> {
        match self {
            Self::Http(scanner) => {
                let (used, response) = scanner.feed(bytes)?;
                let answer = response.map(|response| Answer {
                    refused: (response.status != 200).then_some(response.status),
                    close: response.close,
                });
                Ok((used, answer))
            }
            Self::Download { answer_bytes, left } => {
                let used = bytes.len().min(*left);
                *left -= used;
                if *left > 0 {
                    return Ok((used, None));
                }
                *left = *answer_bytes;
                let answer = Answer {
                    refused: None,
                    close: false,
                };
                Ok((used, Some(answer)))
            }
        }
    }
}

const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

#[cfg(test)]
mod tests {
    use super::{Answers, Exchange, Requests};

    #[test]
    fn requests_over_many_paths_come_in_the_same_order_each_time() {
        let paths: Vec<String> = (0..10).map(|index| format!("/{index}")).collect();
        let take_all = || {
            let mut requests = Requests::http(&paths, "api", &["a: b"]);
            (0..100)
                .map(|_| requests.take().to_vec())
                .collect::<Vec<_>>()
        };
        let first = take_all();
        assert_eq!(first, take_all());
        assert!(paths.iter().all(|path| {
            let line = format!("GET {path} HTTP/1.1\r\nhost: api\r\na: b\r\n\r\n");
            first.contains(&line.into_bytes())
        }));
    }

    #[test]
    fn a_download_ends_after_its_bytes_and_the_next_begins() {
        let mut answers = Answers::new(Exchange::Download { answer_bytes: 10 });
        assert_eq!(answers.feed(&[0; 4]), Ok((4, None)));
        let (used, answer) = answers.feed(&[0; 9]).unwrap();
        assert_eq!((used, answer.is_some()), (6, true));
        assert_eq!(answers.feed(&[0; 3]), Ok((3, None)));
    }
}
