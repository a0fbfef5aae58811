//! Heads written anew from their validated ranges: one framing field, no hop-by-hop field, CRLF everywhere.
//!
//! Unchanged neighbouring field lines are copied in one run. `edit` tells which lines a header filter replaces.

use super::fields::{Field, FieldKind};
use super::request::RequestHead;
use super::response::ResponseHead;
use super::trailers::may_forward;
use super::{Fields, Framing, PSEUDONYM};

/// A change to the end-to-end fields of a head (Gateway API `HTTPHeaderFilter`): remove, then set, then add.
pub trait Edit {
    /// True when lines of this name are dropped, because the name is removed or set anew.
    fn drops(&self, name: &[u8]) -> bool;
    /// Appends the lines that are set or added, each with CRLF.
    fn append(&self, out: &mut Vec<u8>);
}

/// What the proxy decides about a request head on its way upstream.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestLine<'a> {
    /// Written as Host when the request had none (HTTP/1.0).
    pub host_default: &'a [u8],
    /// Written as `X-Request-Id`.
    pub request_id: &'a [u8],
    /// Whose word counts about the client and about what proxies may do.
    pub peer: Peer<'a>,
    /// Written as Host in place of any other.
    pub host: Option<&'a [u8]>,
    /// Path and query in place of those of the request, in two parts.
    pub target: Option<(&'a [u8], &'a [u8])>,
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, Default)]
pub enum Peer<'a> {
    /// What it says goes on.
    #[default]
    Trusted,
    /// From outside the mesh: what it says is dropped, and what is known of it is written instead.
    Outside {
        /// Its IP address as text; empty for one that has none.
        address: &'a [u8],
    },
}

/// What the proxy decides about a response head on its way downstream.
#[derive(Debug, Clone, Copy)]
pub struct ResponseLine<'a> {
    /// Framing on the downstream connection; `UntilClose` writes no framing field.
    pub framing: Framing,
    /// Write `Connection: close`.
    pub close: bool,
    /// Write `Connection: keep-alive`, which an HTTP/1.0 client needs to be told.
    pub keep_alive: bool,
    /// Written as `X-Request-Id`; empty for none.
    pub request_id: &'a [u8],
}

/// Appends a request head in HTTP/1.1 to `out`. `bytes` is the head that `head` was parsed from.
pub fn write_request(
    bytes: &[u8],
    head: &RequestHead,
    line: RequestLine<'_>,
    edit: Option<&dyn Edit>,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(head.method.of(bytes));
    out.push(b' ');
    let (front, rest) = line.target.unwrap_or_else(|| {
        let target: &[u8] = match head.path_and_query.of(bytes) {
            // The absolute form of `OPTIONS *` has no path (RFC 9112 section 3.2.4).
            [] if head.method.of(bytes) == b"OPTIONS" => b"*",
            [] => b"/",
            target => target,
        };
        (target, b"")
    });
    out.extend_from_slice(front);
    out.extend_from_slice(rest);
    out.extend_from_slice(b" HTTP/1.1\r\nhost: ");
    out.extend_from_slice(line.host.unwrap_or_else(|| authority(bytes, head, line)));
    out.extend_from_slice(b"\r\n");
    let is_outside = matches!(line.peer, Peer::Outside { .. });
    copy_lines(bytes, &head.fields, edit, out, |kind| match kind {
        FieldKind::Other | FieldKind::Via => true,
        FieldKind::Trusted => !is_outside,
        FieldKind::MaxForwards => head.max_forwards.is_none(),
        _ => false,
    });
    if let Peer::Outside { address } = line.peer {
        let host = authority(bytes, head, line);
        for (name, value) in [
            (&b"x-forwarded-for"[..], address),
            (b"x-forwarded-host", host),
            (b"x-forwarded-proto", b"http"),
        ] {
            if !value.is_empty() && edit.is_none_or(|edit| !edit.drops(name)) {
                write_line(name, value, out);
            }
        }
    }
    if let Some(left) = head.max_forwards {
        let mut digits = itoa::Buffer::new();
        let left = digits.format(left.saturating_sub(1));
        write_line(b"max-forwards", left.as_bytes(), out);
    }
    write_framing(head.length.map_or(head.framing, Framing::Length), out);
    if head.expects_continue {
        out.extend_from_slice(b"expect: 100-continue\r\n");
    }
    if head.accepts_trailers {
        out.extend_from_slice(b"te: trailers\r\nconnection: te\r\n");
    }
    if head.upgrade {
        out.extend_from_slice(UPGRADE);
    }
    out.extend_from_slice(b"via: 1.");
    out.push(b'0' + head.minor);
    out.push(b' ');
    out.extend_from_slice(PSEUDONYM);
    out.extend_from_slice(b"\r\n");
    write_request_id(line.request_id, edit, out);
    if let Some(edit) = edit {
        edit.append(out);
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends a response head in HTTP/1.1 to `out`. `bytes` is the head that `head` was parsed from.
pub fn write_response(
    bytes: &[u8],
    head: &ResponseHead,
    line: ResponseLine<'_>,
    edit: Option<&dyn Edit>,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(&bytes[9..12]);
    out.push(b' ');
    out.extend_from_slice(head.reason.of(bytes));
    out.extend_from_slice(b"\r\n");
    copy_lines(bytes, &head.fields, edit, out, |kind| {
        matches!(
            kind,
            FieldKind::Other | FieldKind::Trusted | FieldKind::Via | FieldKind::MaxForwards
        )
    });
    match (line.framing, head.length) {
        (Framing::None, Some(length)) if head.status >= 200 && head.status != 204 => {
            write_framing(Framing::Length(length), out);
        }
        (framing, _) => write_framing(framing, out),
    }
    if head.upgrade {
        out.extend_from_slice(UPGRADE);
    }
    if line.close {
        out.extend_from_slice(b"connection: close\r\n");
    } else if line.keep_alive {
        out.extend_from_slice(b"connection: keep-alive\r\n");
    }
    write_request_id(line.request_id, edit, out);
    if let Some(edit) = edit {
        edit.append(out);
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends the last chunk with those trailer fields that may travel, then the final CRLF. `bytes` begins where the
/// trailer section begins.
pub fn write_trailers(bytes: &[u8], fields: &Fields, out: &mut Vec<u8>) {
    out.extend_from_slice(b"0\r\n");
    for field in fields.as_slice() {
        let name = field.name.of(bytes);
        if field.kind == FieldKind::Other && may_forward(name) {
            write_line(name, field.value.of(bytes), out);
        }
    }
    out.extend_from_slice(b"\r\n");
}

fn authority<'a>(bytes: &'a [u8], head: &RequestHead, line: RequestLine<'a>) -> &'a [u8] {
    if head.authority.is_empty() {
        line.host_default
    } else {
        head.authority.of(bytes)
    }
}

fn write_line(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    for part in [name, b": ", value, b"\r\n"] {
        out.extend_from_slice(part);
    }
}

/// Copies the lines of the kinds that go on, but for those that the edit drops.
#[inline]
fn copy_lines(
    bytes: &[u8],
    fields: &Fields,
    edit: Option<&dyn Edit>,
    out: &mut Vec<u8>,
    goes_on: impl Fn(FieldKind) -> bool,
) {
    let keeps = |field: &Field| {
        goes_on(field.kind) && edit.is_none_or(|edit| !edit.drops(field.name.of(bytes)))
    };
    let lines = fields.as_slice();
    let mut at = 0;
    while at < lines.len() {
        if !keeps(&lines[at]) {
            at += 1;
            continue;
        }
        let start = usize::from(lines[at].name.start);
        let mut end = usize::from(lines[at].line_end);
        at += 1;
        while at < lines.len() && keeps(&lines[at]) {
            end = usize::from(lines[at].line_end);
            at += 1;
        }
        out.extend_from_slice(&bytes[start..end]);
    }
}

/// A filter that removes or sets the field has the last word.
#[inline]
fn write_request_id(id: &[u8], edit: Option<&dyn Edit>, out: &mut Vec<u8>) {
    if !id.is_empty() && edit.is_none_or(|edit| !edit.drops(b"x-request-id")) {
        out.extend_from_slice(b"x-request-id: ");
        out.extend_from_slice(id);
        out.extend_from_slice(b"\r\n");
    }
}

fn write_framing(framing: Framing, out: &mut Vec<u8>) {
    match framing {
        Framing::None | Framing::UntilClose => {}
        Framing::Chunked => out.extend_from_slice(b"transfer-encoding: chunked\r\n"),
        Framing::Length(length) => {
            out.extend_from_slice(b"content-length: ");
            out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
            out.extend_from_slice(b"\r\n");
        }
    }
}

const UPGRADE: &[u8] = b"upgrade: websocket\r\nconnection: upgrade\r\n";

#[cfg(test)]
mod tests;
