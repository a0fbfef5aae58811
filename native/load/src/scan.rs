//! Finds where messages end, for messages of the fixed form that the upstream here sends.
//!
//! Requests have no body; responses carry Content-Length. That is all these scanners know: they
//! are no HTTP parser, accept much that RFC 9112 forbids, and must never meet foreign traffic.

use memchr::{memchr, memmem};

/// Counts request heads in a stream of bytes that may be cut anywhere.
#[derive(Debug, Default)]
pub struct HeadEnds {
    tail: [u8; 3],
    tail_len: usize,
}

impl HeadEnds {
    /// How many heads end within `bytes`.
    pub fn count(&mut self, bytes: &[u8]) -> usize {
        let mut count = 0;
        let mut rest = bytes;
        if self.tail_len > 0 {
            let used = self.end_across_the_cut(rest);
            count += usize::from(used > 0);
            rest = &rest[used..];
        }
        while let Some(at) = memmem::find(rest, HEAD_END) {
            count += 1;
            rest = &rest[at + HEAD_END.len()..];
        }
        self.keep_tail(rest, rest.len() == bytes.len());
        count
    }

    /// Bytes of `rest` that complete a delimiter begun in the tail; 0 if none does.
    fn end_across_the_cut(&self, rest: &[u8]) -> usize {
        let mut seam = [0; 6];
        let taken = rest.len().min(3);
        seam[..self.tail_len].copy_from_slice(&self.tail[..self.tail_len]);
        seam[self.tail_len..self.tail_len + taken].copy_from_slice(&rest[..taken]);
        let found = memmem::find(&seam[..self.tail_len + taken], HEAD_END);
        found.map_or(0, |at| at + HEAD_END.len() - self.tail_len)
    }

    fn keep_tail(&mut self, rest: &[u8], follows_old_tail: bool) {
        let mut joined = [0; 6];
        let old = if follows_old_tail { self.tail_len } else { 0 };
        let new = &rest[rest.len() - rest.len().min(3)..];
        joined[..old].copy_from_slice(&self.tail[..old]);
        joined[old..old + new.len()].copy_from_slice(new);
        let all = &joined[..old + new.len()];
        let kept = &all[all.len() - all.len().min(3)..];
        self.tail_len = kept.len();
        self.tail[..kept.len()].copy_from_slice(kept);
    }
}

/// One whole response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The peer will close the connection after this response.
    pub close: bool,
}

/// A response that is not of the fixed form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Follows the responses of one connection.
#[derive(Debug, Default)]
pub struct ResponseScanner {
    split_head: Vec<u8>,
    body: Option<(Response, usize)>,
}

impl ResponseScanner {
    /// Reads on from `bytes`: how many of them were used, and the response that they completed.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(usize, Option<Response>), Malformed> {
        if let Some((response, left)) = self.body {
            return Ok(self.take_body(response, left, bytes));
        }
        if !self.split_head.is_empty() {
            return self.finish_split_head(bytes);
        }
        let Some(at) = memmem::find(bytes, HEAD_END) else {
            return self.keep_split_head(bytes);
        };
        let head_len = at + HEAD_END.len();
        let (response, body_bytes) = read_head(&bytes[..head_len])?;
        let (used, done) = self.take_body(response, body_bytes, &bytes[head_len..]);
        Ok((head_len + used, done))
    }

    /// Whether a response has begun and not ended.
    pub fn is_inside(&self) -> bool {
        self.body.is_some() || !self.split_head.is_empty()
    }

    fn take_body(
        &mut self,
        response: Response,
        left: usize,
        bytes: &[u8],
    ) -> (usize, Option<Response>) {
        let used = left.min(bytes.len());
        if used == left {
            self.body = None;
            return (used, Some(response));
        }
        self.body = Some((response, left - used));
        (used, None)
    }

    fn finish_split_head(&mut self, bytes: &[u8]) -> Result<(usize, Option<Response>), Malformed> {
        let before = self.split_head.len();
        self.split_head.extend_from_slice(bytes);
        let Some(at) = memmem::find(&self.split_head, HEAD_END) else {
            return if self.split_head.len() > HEAD_BYTES_MAX {
                Err(Malformed)
            } else {
                Ok((bytes.len(), None))
            };
        };
        let head_len = at + HEAD_END.len();
        let (response, body_bytes) = read_head(&self.split_head[..head_len])?;
        self.split_head.clear();
        let used_for_head = head_len - before;
        let (used, done) = self.take_body(response, body_bytes, &bytes[used_for_head..]);
        Ok((used_for_head + used, done))
    }

    fn keep_split_head(&mut self, bytes: &[u8]) -> Result<(usize, Option<Response>), Malformed> {
        if bytes.len() > HEAD_BYTES_MAX {
            return Err(Malformed);
        }
        self.split_head.extend_from_slice(bytes);
        Ok((bytes.len(), None))
    }
}

/// Status, whether the peer closes, and the length of the body.
fn read_head(head: &[u8]) -> Result<(Response, usize), Malformed> {
    let status = head.get(9..12).and_then(number).ok_or(Malformed)?;
    let mut body_bytes = None;
    let mut close = false;
    let mut rest = head;
    while let Some(end) = memchr(b'\n', rest) {
        let line = &rest[..end];
        rest = &rest[end + 1..];
        if line.first().is_some_and(|first| first | 0x20 == b'c') {
            if let Some(value) = value_of(line, b"content-length:") {
                body_bytes = number(value);
            } else if let Some(value) = value_of(line, b"connection:") {
                close = value.eq_ignore_ascii_case(b"close");
            }
        }
    }
    let status = u16::try_from(status).map_err(|_| Malformed)?;
    Ok((Response { status, close }, body_bytes.ok_or(Malformed)?))
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let matches = line.get(..name.len())?.eq_ignore_ascii_case(name);
    matches.then(|| line[name.len()..].trim_ascii())
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

const HEAD_END: &[u8] = b"\r\n\r\n";
/// A head that has not ended after this many bytes is no response of ours.
const HEAD_BYTES_MAX: usize = 16_384;

#[cfg(test)]
mod tests;
