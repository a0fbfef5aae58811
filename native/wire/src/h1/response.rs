//! Response heads (RFC 9112 sections 4 and 6), as strict as request heads.

use super::error::Error;
use super::fields::{ConnectionOptions, Fields, Line, Span, parse_line};
use super::request::{Summary, parse_version, read_connection};
use super::token::value_prefix;
use super::{FIELDS_MAX, Framing, HEAD_BYTES_MAX};

/// A validated response head. All spans are relative to the first byte of the head.
#[derive(Debug, Default, Clone)]
pub struct ResponseHead {
    /// 100 to 599.
    pub status: u16,
    /// Reason phrase; may be empty.
    pub reason: Span,
    /// 0 or 1: HTTP/1.0 or HTTP/1.1.
    pub minor: u8,
    /// How the body ends, seen from the request that it answers.
    pub framing: Framing,
    /// Value of Content-Length, kept for HEAD and 304 where it does not frame.
    pub length: Option<u64>,
    /// The connection may carry another exchange.
    pub keep_alive: bool,
    /// The connection speaks the WebSocket protocol behind this head: 101 that names it (RFC 9110 section 7.8).
    pub upgrade: bool,
    /// For so many seconds without one, as far as the sender says (`Keep-Alive: timeout=`).
    pub idle_s: Option<u32>,
    /// Every field line, framing and hop-by-hop ones included.
    pub fields: Fields,
}

/// Parses the head of a response to a request; `to_head` tells whether its method was HEAD.
///
/// Returns its length in bytes, or `None` when more bytes are needed.
pub fn parse_response(
    bytes: &[u8],
    to_head: bool,
    head: &mut ResponseHead,
) -> Result<Option<usize>, Error> {
    let bounded = &bytes[..bytes.len().min(HEAD_BYTES_MAX)];
    match parse(bounded, to_head, head)? {
        None if bytes.len() >= HEAD_BYTES_MAX => Err(Error::HeadTooLarge),
        length => Ok(length),
    }
}

fn parse(bytes: &[u8], to_head: bool, head: &mut ResponseHead) -> Result<Option<usize>, Error> {
    let Some(mut at) = parse_status_line(bytes, head)? else {
        return Ok(None);
    };
    head.fields.clear();
    let mut summary = Summary::default();
    let end = loop {
        match parse_line(bytes, at)? {
            Line::Partial => return Ok(None),
            Line::End(end) => break end,
            Line::Field(field) => {
                summary.note(bytes, &field)?;
                head.fields.push(field, FIELDS_MAX)?;
                at = usize::from(field.line_end);
            }
        }
    };
    if summary.chunked && summary.length.is_some() {
        return Err(Error::FramingConflict);
    }
    if summary.chunked && head.minor == 0 {
        return Err(Error::TransferEncoding);
    }
    head.length = summary.length;
    head.idle_s = summary.idle_s;
    head.framing = framing(head.status, to_head, summary.chunked, summary.length);
    let mut options = ConnectionOptions::default();
    if summary.connection {
        read_connection(bytes, &mut head.fields, &mut options)?;
    }
    head.upgrade = head.status == 101 && summary.websocket && options.upgrade;
    head.keep_alive = !options.close
        && (head.minor == 1 || options.keep_alive)
        && head.framing != Framing::UntilClose;
    Ok(Some(end))
}

/// RFC 9112 section 6.3, rules 1 to 8 for responses.
fn framing(status: u16, to_head: bool, chunked: bool, length: Option<u64>) -> Framing {
    if to_head || status < 200 || status == 204 || status == 304 {
        return Framing::None;
    }
    match (chunked, length) {
        (true, _) => Framing::Chunked,
        (false, Some(0)) => Framing::None,
        (false, Some(length)) => Framing::Length(length),
        (false, None) => Framing::UntilClose,
    }
}

/// `version SP status SP [reason] CRLF`; returns the offset of the first field line.
fn parse_status_line(bytes: &[u8], head: &mut ResponseHead) -> Result<Option<usize>, Error> {
    let Some(minor) = parse_version(bytes)? else {
        return Ok(None);
    };
    head.minor = minor;
    let Some(rest) = bytes.get(8..13) else {
        return Ok(None);
    };
    let [b' ', hundreds @ b'1'..=b'5', tens, ones, b' '] = rest else {
        return Err(Error::Status);
    };
    if !tens.is_ascii_digit() || !ones.is_ascii_digit() {
        return Err(Error::Status);
    }
    head.status =
        u16::from(hundreds - b'0') * 100 + u16::from(tens - b'0') * 10 + u16::from(ones - b'0');
    let reason_end = 13 + value_prefix(&bytes[13..]);
    head.reason = Span::new(13, reason_end);
    match (bytes.get(reason_end), bytes.get(reason_end + 1)) {
        (Some(b'\r'), Some(b'\n')) => Ok(Some(reason_end + 2)),
        (None, _) | (Some(b'\r'), None) => Ok(None),
        (Some(b'\r' | b'\n'), _) => Err(Error::LineEnding),
        _ => Err(Error::Status),
    }
}

#[cfg(test)]
mod tests;
