//! Request heads (RFC 9112 sections 3 and 6): one pass, every rule checked, nothing copied.

use super::error::Error;
use super::fields::{
    ConnectionOptions, Field, FieldKind, Fields, Line, Span, apply_connection, each_element,
    parse_line,
};
use super::target::{is_authority, parse_target};
use super::token::{is_token, is_token_byte};
use super::{FIELDS_MAX, Framing, HEAD_BYTES_MAX, METHOD_BYTES_MAX, PSEUDONYM, TARGET_BYTES_MAX};
use crate::path;

/// A validated request head. All spans are relative to the first byte of the head.
#[derive(Debug, Default, Clone)]
pub struct RequestHead {
    /// Method as sent.
    pub method: Span,
    /// Path and query in origin form; empty when an absolute-form target had no path (then it is `*` for OPTIONS and
    /// `/` for all other methods).
    pub path_and_query: Span,
    /// Path without query; empty as above.
    pub path: Span,
    /// Authority of an absolute-form target, else the value of Host; empty for HTTP/1.0 without Host.
    pub authority: Span,
    /// 0 or 1: HTTP/1.0 or HTTP/1.1.
    pub minor: u8,
    /// How the body ends.
    pub framing: Framing,
    /// Value of Content-Length; `Some(0)` goes with `Framing::None` and is still forwarded.
    pub length: Option<u64>,
    /// The connection may carry another request after this one.
    pub keep_alive: bool,
    /// `TE: trailers` was sent by an HTTP/1.1 client.
    pub accepts_trailers: bool,
    /// Value of `X-Request-Id`; empty where there is none, or more than one.
    pub request_id: Span,
    /// `Expect: 100-continue` was sent by an HTTP/1.1 client with a body.
    pub expects_continue: bool,
    /// How many proxies of this kind the request came through, by their pseudonym in Via.
    pub hops: u8,
    /// How many more the client lets it pass; of OPTIONS alone (RFC 9110 section 7.6.2).
    pub max_forwards: Option<u32>,
    /// A change of this connection to the WebSocket protocol is asked for, and may be: HTTP/1.1, GET, no body
    /// (RFC 6455 section 4.1). Every other upgrade is dropped, `h2c` among them.
    pub upgrade: bool,
    /// Every field line, framing and hop-by-hop ones included.
    pub fields: Fields,
}

impl RequestHead {
    /// Brings the path into its normal form, inside `bytes`, which the head was parsed from. To be called once, before
    /// anything looks at the path.
    #[inline]
    pub fn normalize_path(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        let (start, end) = (usize::from(self.path.start), usize::from(self.path.end));
        if bytes[start..end].first() != Some(&b'/') {
            // `*`, and the empty path of an absolute form.
            return Ok(());
        }
        let length = path::normalize(&mut bytes[start..end]).map_err(|_| Error::Path)?;
        let query_end = usize::from(self.path_and_query.end);
        if start + length < end {
            bytes.copy_within(end..query_end, start + length);
            self.path = Span::new(start, start + length);
            self.path_and_query = Span::new(start, start + length + query_end - end);
        }
        Ok(())
    }
}

/// Parses a request head from the start of `bytes` into `head`.
///
/// Returns its length in bytes, or `None` when more bytes are needed. One empty line before the request line is
/// skipped (RFC 9112 section 2.2) and counts into the length.
pub fn parse_request(bytes: &[u8], head: &mut RequestHead) -> Result<Option<usize>, Error> {
    let bounded = &bytes[..bytes.len().min(HEAD_BYTES_MAX)];
    match parse(bounded, head)? {
        None if bytes.len() >= HEAD_BYTES_MAX => Err(Error::HeadTooLarge),
        length => Ok(length),
    }
}

fn parse(bytes: &[u8], head: &mut RequestHead) -> Result<Option<usize>, Error> {
    let Some(start) = skip_empty_line(bytes)? else {
        return Ok(None);
    };
    let Some(at) = parse_request_line(bytes, start, head)? else {
        return Ok(None);
    };
    head.fields.clear();
    let mut summary = Summary::default();
    let mut at = at;
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
    finish(bytes, head, &summary)?;
    Ok(Some(end))
}

fn skip_empty_line(bytes: &[u8]) -> Result<Option<usize>, Error> {
    match bytes {
        [] | [b'\r'] => Ok(None),
        [b'\r', b'\n', ..] => Ok(Some(2)),
        [b'\r' | b'\n', ..] => Err(Error::LineEnding),
        _ => Ok(Some(0)),
    }
}

/// `method SP target SP version CRLF`; returns the offset of the first field line.
fn parse_request_line(
    bytes: &[u8],
    start: usize,
    head: &mut RequestHead,
) -> Result<Option<usize>, Error> {
    let mut at = start;
    while at < bytes.len() && is_token_byte(bytes[at]) {
        at += 1;
    }
    if at - start > METHOD_BYTES_MAX {
        return Err(Error::Method);
    }
    match bytes.get(at) {
        None => return Ok(None),
        Some(b' ') if at > start => {}
        Some(b'\n' | b'\r') if at == start => return Err(Error::LineEnding),
        Some(_) => return Err(Error::Method),
    }
    head.method = Span::new(start, at);
    let target_start = at + 1;
    at = target_start;
    while at < bytes.len() && matches!(bytes[at], 0x21..=0x7e) {
        at += 1;
    }
    if at - target_start > TARGET_BYTES_MAX {
        return Err(Error::TargetTooLong);
    }
    match bytes.get(at) {
        None => return Ok(None),
        Some(b' ') => {}
        Some(_) => return Err(Error::Target),
    }
    let target = Span::new(target_start, at);
    let Some(minor) = parse_version(&bytes[at + 1..])? else {
        return Ok(None);
    };
    head.minor = minor;
    let line_end = at + 1 + VERSION_BYTES;
    match (bytes.get(line_end), bytes.get(line_end + 1)) {
        (Some(b'\r'), Some(b'\n')) => {}
        (None, _) | (Some(b'\r'), None) => return Ok(None),
        (Some(b'\r' | b'\n'), _) => return Err(Error::LineEnding),
        _ => return Err(Error::Version),
    }
    apply_target(bytes, target, head)?;
    Ok(Some(line_end + 2))
}

fn apply_target(bytes: &[u8], target: Span, head: &mut RequestHead) -> Result<(), Error> {
    let method = head.method.of(bytes);
    if method == b"CONNECT" || method == b"TRACE" {
        return Err(Error::MethodRefused);
    }
    if memchr::memchr(b'#', target.of(bytes)).is_some() {
        return Err(Error::Target);
    }
    let parts = parse_target(bytes, target, method)?;
    head.path_and_query = parts.path_and_query;
    head.path = parts.path;
    head.authority = parts.authority.unwrap_or_default();
    Ok(())
}

const VERSION_BYTES: usize = b"HTTP/1.1".len();

/// Minor version of the eight bytes at the front (RFC 9112 section 2.3), or `None` when more are needed.
pub(super) fn parse_version(bytes: &[u8]) -> Result<Option<u8>, Error> {
    let prefix = b"HTTP/";
    let known = bytes.len().min(prefix.len());
    if bytes[..known] != prefix[..known] {
        return Err(Error::Version);
    }
    match bytes.get(prefix.len()..VERSION_BYTES) {
        None => Ok(None),
        Some(b"1.1") => Ok(Some(1)),
        Some(b"1.0") => Ok(Some(0)),
        Some([major, b'.', minor]) if major.is_ascii_digit() && minor.is_ascii_digit() => {
            Err(Error::VersionUnsupported)
        }
        Some(_) => Err(Error::Version),
    }
}

/// What the field lines add up to, gathered while they are read.
#[derive(Default)]
pub(super) struct Summary {
    pub host: Option<Span>,
    pub length: Option<u64>,
    pub chunked: bool,
    pub connection: bool,
    hops: u8,
    max_forwards: Option<Span>,
    max_forwards_repeated: bool,
    upgrade: bool,
    pub websocket: bool,
    pub idle_s: Option<u32>,
    te_trailers: bool,
    expect: bool,
    request_id: Span,
    request_id_count: usize,
}

impl Summary {
    #[inline]
    pub fn note(&mut self, bytes: &[u8], field: &Field) -> Result<(), Error> {
        if matches!(
            field.kind,
            FieldKind::Other | FieldKind::Trusted | FieldKind::HopByHop
        ) {
            return Ok(());
        }
        let value = field.value.of(bytes);
        match field.kind {
            FieldKind::Host if self.host.is_some() => return Err(Error::Host),
            FieldKind::Host => self.host = Some(field.value),
            FieldKind::ContentLength if self.length.is_some() => return Err(Error::ContentLength),
            FieldKind::ContentLength => self.length = Some(parse_length(value)?),
            FieldKind::TransferEncoding if self.chunked => return Err(Error::TransferEncoding),
            FieldKind::TransferEncoding => self.chunked = parse_transfer_encoding(value)?,
            FieldKind::Connection => self.connection = true,
            FieldKind::Via => each_element(value, |hop| {
                let mut words = hop.split(|byte| matches!(byte, b' ' | b'\t'));
                let pseudonym = words.nth(1).unwrap_or_default();
                let ours = pseudonym.eq_ignore_ascii_case(PSEUDONYM);
                self.hops = self.hops.saturating_add(u8::from(ours));
                Ok(())
            })?,
            FieldKind::MaxForwards => {
                self.max_forwards_repeated = self.max_forwards.is_some();
                self.max_forwards = Some(field.value);
            }
            FieldKind::Upgrade => {
                self.websocket = !self.upgrade && value.eq_ignore_ascii_case(b"websocket");
                self.upgrade = true;
            }
            FieldKind::KeepAlive => self.idle_s = keep_alive_timeout(value).or(self.idle_s),
            FieldKind::Te => each_element(value, |coding| {
                self.te_trailers |= coding.eq_ignore_ascii_case(b"trailers");
                Ok(())
            })?,
            FieldKind::Expect if value.eq_ignore_ascii_case(b"100-continue") && !self.expect => {
                self.expect = true;
            }
            FieldKind::Expect => return Err(Error::Expect),
            FieldKind::RequestId => {
                self.request_id = field.value;
                self.request_id_count += 1;
            }
            FieldKind::Other | FieldKind::Trusted | FieldKind::HopByHop => {}
        }
        Ok(())
    }
}

/// `timeout` of a Keep-Alive field (RFC 2068 section 19.7.1.1) in seconds; what cannot be read is no promise.
fn keep_alive_timeout(value: &[u8]) -> Option<u32> {
    const NAME: &[u8] = b"timeout=";
    let seconds = value.split(|&byte| byte == b',').find_map(|element| {
        let element = element.trim_ascii();
        let (name, digits) = element.split_at_checked(NAME.len())?;
        name.eq_ignore_ascii_case(NAME).then_some(digits)
    })?;
    std::str::from_utf8(seconds).ok()?.parse().ok()
}

fn finish(bytes: &[u8], head: &mut RequestHead, summary: &Summary) -> Result<(), Error> {
    head.framing = match (summary.chunked, summary.length) {
        (true, Some(_)) => return Err(Error::FramingConflict),
        (true, None) if head.minor == 0 => return Err(Error::TransferEncoding),
        (true, None) => Framing::Chunked,
        (false, None | Some(0)) => Framing::None,
        (false, Some(length)) => Framing::Length(length),
    };
    head.length = summary.length;
    if head.minor == 0
        && head.framing != Framing::None
        && BODY_UNDEFINED.contains(&head.method.of(bytes))
    {
        return Err(Error::BodyRefused);
    }
    match summary.host {
        None if head.minor == 1 => return Err(Error::Host),
        None => {}
        Some(host) => {
            let value = host.of(bytes);
            if value.is_empty() || !is_authority(value) {
                return Err(Error::Host);
            }
            if head.authority.is_empty() {
                head.authority = host;
            } else if !head.authority.of(bytes).eq_ignore_ascii_case(value) {
                return Err(Error::Host);
            }
        }
    }
    head.hops = summary.hops;
    head.max_forwards = max_forwards(bytes, head.method, summary)?;
    let mut options = ConnectionOptions::default();
    if summary.connection {
        read_connection(bytes, &mut head.fields, &mut options)?;
    }
    head.keep_alive = !options.close && (head.minor == 1 || options.keep_alive);
    head.upgrade = summary.websocket
        && options.upgrade
        && head.minor == 1
        && head.framing == Framing::None
        && head.method.of(bytes) == b"GET";
    head.accepts_trailers = summary.te_trailers && head.minor == 1;
    head.request_id = if summary.request_id_count == 1 {
        summary.request_id
    } else {
        Span::default()
    };
    head.expects_continue = summary.expect && head.minor == 1 && head.framing != Framing::None;
    Ok(())
}

/// Other methods ignore the field, and it goes on as it came.
fn max_forwards(bytes: &[u8], method: Span, summary: &Summary) -> Result<Option<u32>, Error> {
    let Some(value) = summary
        .max_forwards
        .filter(|_| method.of(bytes) == b"OPTIONS")
    else {
        return Ok(None);
    };
    let digits = value.of(bytes);
    if summary.max_forwards_repeated || digits.is_empty() || !digits.iter().all(u8::is_ascii_digit)
    {
        return Err(Error::MaxForwards);
    }
    let add = |sum: u32, digit: &u8| {
        sum.saturating_mul(10)
            .saturating_add(u32::from(digit - b'0'))
    };
    Ok(Some(digits.iter().fold(0, add)))
}

/// Methods whose body means nothing (RFC 9110 section 9.3); HTTP/1.0 receivers may take it for the next request.
const BODY_UNDEFINED: [&[u8]; 4] = [b"GET", b"HEAD", b"DELETE", b"OPTIONS"];

/// Applies every Connection field; it may name fields that stand before it.
pub(super) fn read_connection(
    bytes: &[u8],
    fields: &mut Fields,
    options: &mut ConnectionOptions,
) -> Result<(), Error> {
    for index in 0..fields.as_slice().len() {
        let field = fields.as_slice()[index];
        if field.kind == FieldKind::Connection {
            apply_connection(bytes, field.value, fields, options)?;
        }
    }
    Ok(())
}

/// `1*DIGIT` up to 2^63-1 (RFC 9110 section 8.6); lists and signs are refused.
fn parse_length(value: &[u8]) -> Result<u64, Error> {
    if value.is_empty() || value.len() > 19 {
        return Err(Error::ContentLength);
    }
    let mut length: u64 = 0;
    for &byte in value {
        if !byte.is_ascii_digit() {
            return Err(Error::ContentLength);
        }
        length = length * 10 + u64::from(byte - b'0');
    }
    if length > i64::MAX as u64 {
        Err(Error::ContentLength)
    } else {
        Ok(length)
    }
}

/// Exactly one `chunked`; a lone other coding is told apart so that it can be answered with 501.
fn parse_transfer_encoding(value: &[u8]) -> Result<bool, Error> {
    if value.eq_ignore_ascii_case(b"chunked") {
        return Ok(true);
    }
    Err(if is_token(value) {
        Error::TransferCodingUnknown
    } else {
        Error::TransferEncoding
    })
}

#[cfg(test)]
mod tests;
