//! HTTP/1.x messages as plain values, written and read by code of its own: the proxy's codec is what is tested.

use crate::chance::Chance;

pub(crate) type Headers = Vec<(String, String)>;

/// How a body is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    None,
    Length,
    Chunked,
    UntilClose,
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub start_line: String,
    pub headers: Headers,
    pub framing: Framing,
    pub body: Vec<u8>,
    pub trailers: Headers,
}

impl Message {
    /// Head and body on the wire; chunks of random size, some with an extension.
    pub fn encode(&self, chance: &mut Chance) -> (Vec<u8>, Vec<u8>) {
        let mut lines = vec![self.start_line.clone()];
        let headers = self.headers.iter();
        lines.extend(headers.map(|(name, value)| format!("{name}: {value}")));
        match self.framing {
            Framing::Length => lines.push(format!("Content-Length: {}", self.body.len())),
            Framing::Chunked => lines.push("Transfer-Encoding: chunked".to_owned()),
            Framing::None | Framing::UntilClose => {}
        }
        let head = lines.join("\r\n") + "\r\n\r\n";
        let body = match self.framing {
            Framing::None => Vec::new(),
            Framing::Length | Framing::UntilClose => self.body.clone(),
            Framing::Chunked => self.encode_chunks(chance),
        };
        (head.into_bytes(), body)
    }

    fn encode_chunks(&self, chance: &mut Chance) -> Vec<u8> {
        let mut out = Vec::new();
        let mut rest = &self.body[..];
        let least = self.body.len() / 40 + 1;
        while !rest.is_empty() {
            let count = (chance.between(1, 5_000) as usize)
                .max(least)
                .min(rest.len());
            let extension = if chance.one_in(5) { ";sim=\"a b\"" } else { "" };
            out.extend_from_slice(format!("{count:x}{extension}\r\n").as_bytes());
            out.extend_from_slice(&rest[..count]);
            out.extend_from_slice(b"\r\n");
            rest = &rest[count..];
        }
        out.extend_from_slice(b"0\r\n");
        for (name, value) in &self.trailers {
            out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        out.extend_from_slice(b"\r\n");
        out
    }
}

/// A head as it was received; names in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub start_line: String,
    pub headers: Headers,
    /// Bytes with the empty line.
    pub length: usize,
}

impl Head {
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(other, _)| other == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Status of a response.
    pub fn status(&self) -> u16 {
        let status = self.start_line.split(' ').nth(1);
        status.and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// How the body ends, were it neither for HEAD nor a status without one.
    pub fn framing(&self, otherwise: Framing) -> Framing {
        if self.value("transfer-encoding").is_some() {
            return Framing::Chunked;
        }
        match self.value("content-length") {
            Some(_) => Framing::Length,
            None => otherwise,
        }
    }
}

/// Reads a head from the front; `None` while it is not complete.
pub(crate) fn read_head(bytes: &[u8]) -> Result<Option<Head>, String> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes[..end]).map_err(|error| error.to_string())?;
    let mut lines = text.split("\r\n");
    let start_line = lines.next().unwrap_or_default().to_owned();
    let headers = lines.map(read_line).collect::<Result<_, _>>()?;
    Ok(Some(Head {
        start_line,
        headers,
        length: end + 4,
    }))
}

/// What is known of a body.
#[derive(Debug)]
pub(crate) enum Body {
    Partial,
    Whole {
        content: Vec<u8>,
        trailers: Headers,
        /// Bytes on the wire.
        length: usize,
    },
}

/// Reads a body from the front. A body that ends with the connection is whole when `ended`.
pub(crate) fn read_body(
    head: &Head,
    framing: Framing,
    bytes: &[u8],
    ended: bool,
) -> Result<Body, String> {
    let whole = |content: &[u8], trailers, length| Body::Whole {
        content: content.to_vec(),
        trailers,
        length,
    };
    match framing {
        Framing::None => Ok(whole(b"", Vec::new(), 0)),
        Framing::UntilClose if ended => Ok(whole(bytes, Vec::new(), bytes.len())),
        Framing::UntilClose => Ok(Body::Partial),
        Framing::Length => {
            let value = head.value("content-length").unwrap_or_default();
            let length: usize = value
                .parse()
                .map_err(|_| format!("content-length {value:?}"))?;
            let content = bytes.get(..length);
            Ok(content.map_or(Body::Partial, |content| whole(content, Vec::new(), length)))
        }
        Framing::Chunked => read_chunks(bytes),
    }
}

fn read_chunks(bytes: &[u8]) -> Result<Body, String> {
    let mut content = Vec::new();
    let mut at = 0;
    loop {
        let Some(line) = line_end(bytes, at) else {
            return Ok(Body::Partial);
        };
        let text = std::str::from_utf8(&bytes[at..line]).map_err(|error| error.to_string())?;
        let size = usize::from_str_radix(text, 16).map_err(|_| format!("chunk size {text:?}"))?;
        at = line + 2;
        if size == 0 {
            break;
        }
        let Some(chunk) = bytes.get(at..at + size + 2) else {
            return Ok(Body::Partial);
        };
        if &chunk[size..] != b"\r\n" {
            return Err("chunk without end".to_owned());
        }
        content.extend_from_slice(&chunk[..size]);
        at += size + 2;
    }
    let mut trailers = Vec::new();
    loop {
        let Some(line) = line_end(bytes, at) else {
            return Ok(Body::Partial);
        };
        if line == at {
            let length = at + 2;
            return Ok(Body::Whole {
                content,
                trailers,
                length,
            });
        }
        let text = std::str::from_utf8(&bytes[at..line]).map_err(|error| error.to_string())?;
        trailers.push(read_line(text)?);
        at = line + 2;
    }
}

fn line_end(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(2)
        .position(|two| two == b"\r\n")
        .map(|at| from + at)
}

fn read_line(line: &str) -> Result<(String, String), String> {
    let (name, value) = line
        .split_once(':')
        .ok_or_else(|| format!("field {line:?}"))?;
    Ok((name.to_ascii_lowercase(), value.trim().to_owned()))
}
