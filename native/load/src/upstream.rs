//! The measuring upstream: answers every request head, or every line, with the same bytes.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::events::Events;
use crate::scan::HeadEnds;
use crate::slots::Slots;

/// What a request is and what answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// HTTP/1.1 request heads, each answered by 200 with a body of this length.
    Http {
        /// Length of the body.
        body_bytes: usize,
    },
    /// Lines, each answered by this many raw bytes.
    Raw {
        /// Length of the answer.
        body_bytes: usize,
    },
}

/// Serves connections of `listener` until an I/O error of the listener or of epoll.
pub fn serve(listener: &TcpListener, service: Service) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut server = Server {
        events: Events::new()?,
        connections: Slots::new(),
        answer: Answer::new(service),
        buffer: vec![0; READ_BYTES],
    };
    server.events.add(listener, LISTENER)?;
    loop {
        let count = server.events.wait(None)?;
        for at in 0..count {
            let Some(ready) = server.events.get(at) else {
                break;
            };
            if ready.token == LISTENER {
                server.accept(listener)?;
            } else {
                server.advance(ready.token as usize, ready.ended);
            }
        }
    }
}

struct Server {
    events: Events,
    connections: Slots<Connection>,
    answer: Answer,
    buffer: Vec<u8>,
}

struct Connection {
    stream: TcpStream,
    requests: RequestEnds,
    owed_bytes: usize,
    position: usize,
}

enum RequestEnds {
    Heads(HeadEnds),
    Lines,
}

impl Server {
    fn accept(&mut self, listener: &TcpListener) -> io::Result<()> {
        loop {
            let stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => return Err(error),
            };
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            self.events
                .add(&stream, self.connections.next_index() as u64)?;
            self.connections.insert(Connection {
                stream,
                requests: self.answer.request_ends(),
                owed_bytes: 0,
                position: 0,
            });
        }
    }

    fn advance(&mut self, index: usize, ended: bool) {
        let Some(connection) = self.connections.get_mut(index) else {
            return;
        };
        let received = connection.receive(&mut self.buffer, self.answer.length, ended);
        let alive = received.and_then(|open| connection.send(&self.answer).map(|()| open));
        if !alive.unwrap_or(false) {
            self.connections.remove(index);
        }
    }
}

impl Connection {
    /// Reads all there is and owes an answer for each request; whether the peer still sends.
    fn receive(&mut self, buffer: &mut [u8], answer_bytes: usize, ended: bool) -> io::Result<bool> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Ok(false),
                Ok(length) => {
                    let requests = self.requests.count(&buffer[..length]);
                    self.owed_bytes += requests * answer_bytes;
                    if length < buffer.len() && !ended {
                        return Ok(true);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            }
        }
    }

    fn send(&mut self, answer: &Answer) -> io::Result<()> {
        while self.owed_bytes > 0 {
            let end = answer.repeated.len().min(self.position + self.owed_bytes);
            match self.stream.write(&answer.repeated[self.position..end]) {
                Ok(length) => {
                    self.owed_bytes -= length;
                    self.position = (self.position + length) % answer.length;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl RequestEnds {
    fn count(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::Heads(ends) => ends.count(bytes),
            Self::Lines => memchr::memchr_iter(b'\n', bytes).count(),
        }
    }
}

/// One answer's length, and several small answers in a row so that pipelined requests cost one write.
struct Answer {
    repeated: Vec<u8>,
    length: usize,
    is_http: bool,
}

impl Answer {
    fn new(service: Service) -> Self {
        let (mut once, body_bytes) = match service {
            Service::Http { body_bytes } => {
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {body_bytes}\r\n\r\n"
                );
                (head.into_bytes(), body_bytes)
            }
            // An empty answer could never be told from none.
            Service::Raw { body_bytes } => (Vec::new(), body_bytes.max(1)),
        };
        once.resize(once.len() + body_bytes, b'x');
        let copies = (REPEATED_BYTES / once.len()).max(1);
        Self {
            length: once.len(),
            repeated: once.repeat(copies),
            is_http: matches!(service, Service::Http { .. }),
        }
    }

    fn request_ends(&self) -> RequestEnds {
        if self.is_http {
            RequestEnds::Heads(HeadEnds::default())
        } else {
            RequestEnds::Lines
        }
    }
}

const LISTENER: u64 = u64::MAX;
/// Far more than the requests that one proxy connection has outstanding.
const READ_BYTES: usize = 65_536;
/// Small answers are prepared this far in a row.
const REPEATED_BYTES: usize = 16_384;
