//! Field lines of a head as ranges into the read buffer, and what the proxy has to know about each of them.

use super::error::Error;
use super::token::{is_token, is_token_byte, trim, value_prefix};
use super::{CONNECTION_NAMES_MAX, FIELD_BYTES_MAX, FIELDS_MAX};

/// A range of bytes relative to the first byte of the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// First byte.
    pub start: u16,
    /// One past the last byte.
    pub end: u16,
}

impl Span {
    #[inline]
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u16,
            end: end as u16,
        }
    }

    /// The bytes it covers.
    #[inline]
    pub fn of(self, head: &[u8]) -> &[u8] {
        &head[usize::from(self.start)..usize::from(self.end)]
    }

    /// True when it covers nothing.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// What a field means to a proxy; everything end-to-end that needs no care is `Other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldKind {
    /// End-to-end.
    #[default]
    Other,
    /// `Host`.
    Host,
    /// `Content-Length`.
    ContentLength,
    /// `Transfer-Encoding`.
    TransferEncoding,
    /// `Connection`.
    Connection,
    /// `TE`.
    Te,
    /// `Expect`.
    Expect,
    /// `X-Request-Id`: each hop writes the one that it goes by.
    RequestId,
    /// `Upgrade`.
    Upgrade,
    /// `Via`.
    Via,
    /// `Max-Forwards`.
    MaxForwards,
    /// Says who the client was, or what a proxy may do: end-to-end, and believed only where the peer is.
    Trusted,
    /// `Keep-Alive`, hop-by-hop too.
    KeepAlive,
    /// Any other hop-by-hop field, and those that Connection named (RFC 9110 section 7.6.1).
    HopByHop,
}

/// One field line. `name.start` to `line_end` is the whole line with its CRLF.
#[derive(Debug, Clone, Copy, Default)]
pub struct Field {
    /// Field name as sent.
    pub name: Span,
    /// Field value without surrounding white space.
    pub value: Span,
    /// One past the CRLF.
    pub line_end: u16,
    /// What it means here.
    pub kind: FieldKind,
}

/// The field lines of one head, in order. Reused from message to message: parsing allocates nothing.
#[derive(Debug, Clone)]
pub struct Fields {
    lines: Box<[Field; FIELDS_MAX]>,
    len: usize,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            lines: Box::new([Field::default(); FIELDS_MAX]),
            len: 0,
        }
    }
}

impl Fields {
    /// The lines in the order of arrival.
    #[inline]
    pub fn as_slice(&self) -> &[Field] {
        &self.lines[..self.len]
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    #[inline]
    pub(crate) fn push(&mut self, field: Field, fields_max: usize) -> Result<(), Error> {
        if self.len >= fields_max {
            return Err(Error::HeadTooLarge);
        }
        self.lines[self.len] = field;
        self.len += 1;
        Ok(())
    }

    /// Marks every field of this name as hop-by-hop.
    pub(crate) fn drop_named(&mut self, head: &[u8], name: &[u8]) {
        for field in &mut self.lines[..self.len] {
            if field.kind == FieldKind::Other && field.name.of(head).eq_ignore_ascii_case(name) {
                field.kind = FieldKind::HopByHop;
            }
        }
    }
}

/// What the next line of a head is.
pub(crate) enum Line {
    /// More bytes are needed.
    Partial,
    /// The empty line; the head ends at this offset.
    End(usize),
    /// A field.
    Field(Field),
}

/// Reads the field line at `at`. `head` begins with the first byte of the message.
#[inline]
pub(crate) fn parse_line(head: &[u8], at: usize) -> Result<Line, Error> {
    let Some(&first) = head.get(at) else {
        return Ok(Line::Partial);
    };
    if first == b'\r' {
        return match head.get(at + 1) {
            None => Ok(Line::Partial),
            Some(b'\n') => Ok(Line::End(at + 2)),
            Some(_) => Err(Error::LineEnding),
        };
    }
    let mut colon = at;
    while let Some(&byte) = head.get(colon) {
        if !is_token_byte(byte) {
            break;
        }
        colon += 1;
    }
    if colon - at > FIELD_BYTES_MAX {
        return Err(Error::HeadTooLarge);
    }
    match head.get(colon) {
        None => return Ok(Line::Partial),
        Some(b':') if colon > at => {}
        Some(b'\n') if colon == at => return Err(Error::LineEnding),
        Some(_) => return Err(Error::FieldName),
    }
    let mut value_start = colon + 1;
    if head.get(value_start) == Some(&b' ') {
        value_start += 1;
    }
    let value_end = value_start + value_prefix(&head[value_start.min(head.len())..]);
    if value_end - at > FIELD_BYTES_MAX {
        return Err(Error::HeadTooLarge);
    }
    match (head.get(value_end), head.get(value_end + 1)) {
        (None, _) | (Some(b'\r'), None) => return Ok(Line::Partial),
        (Some(b'\r'), Some(b'\n')) => {}
        (Some(b'\r' | b'\n'), _) => return Err(Error::LineEnding),
        _ => return Err(Error::FieldValue),
    }
    let (start, end) = trim(head, value_start, value_end);
    let name = &head[at..colon];
    Ok(Line::Field(Field {
        name: Span::new(at, colon),
        value: Span::new(start, end),
        line_end: (value_end + 2) as u16,
        kind: kind_of(name)?,
    }))
}

/// Splits a comma-separated list and hands each element, trimmed, to `f`. Empty elements are handed on too.
pub(crate) fn each_element(
    value: &[u8],
    mut f: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    for element in value.split(|&byte| byte == b',') {
        let (start, end) = trim(element, 0, element.len());
        f(&element[start..end])?;
    }
    Ok(())
}

/// Options of a Connection field (RFC 9110 section 7.6.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ConnectionOptions {
    pub close: bool,
    pub keep_alive: bool,
    pub upgrade: bool,
    names: usize,
}

/// Reads one Connection field and drops the fields that it names.
pub(crate) fn apply_connection(
    head: &[u8],
    value: Span,
    fields: &mut Fields,
    options: &mut ConnectionOptions,
) -> Result<(), Error> {
    each_element(value.of(head), |option| {
        if option.is_empty() {
            return Ok(());
        }
        if !is_token(option) {
            return Err(Error::Connection);
        }
        if option.eq_ignore_ascii_case(b"close") {
            options.close = true;
        } else if option.eq_ignore_ascii_case(b"keep-alive") {
            options.keep_alive = true;
        } else if option.eq_ignore_ascii_case(b"upgrade") {
            options.upgrade = true;
        } else if is_trusted(option)
            || NEVER_NAMED
                .iter()
                .any(|name| option.eq_ignore_ascii_case(name))
        {
            return Err(Error::Connection);
        } else {
            options.names += 1;
            if options.names > CONNECTION_NAMES_MAX {
                return Err(Error::Connection);
            }
            fields.drop_named(head, option);
        }
        Ok(())
    })
}

/// End-to-end fields that a sender must not smuggle away by naming them in Connection.
const NEVER_NAMED: [&[u8]; 7] = [
    b"host",
    b"content-length",
    b"authorization",
    b"cookie",
    b"date",
    b"content-type",
    b"via",
];

#[inline]
fn kind_of(name: &[u8]) -> Result<FieldKind, Error> {
    let is = |lower: &[u8]| name.eq_ignore_ascii_case(lower);
    Ok(match name.len() {
        _ if is_trusted(name) => FieldKind::Trusted,
        3 if is(b"via") => FieldKind::Via,
        2 if is(b"te") => FieldKind::Te,
        4 if is(b"host") => FieldKind::Host,
        6 if is(b"expect") => FieldKind::Expect,
        7 if is(b"upgrade") => FieldKind::Upgrade,
        7 if is(b"trailer") => FieldKind::HopByHop,
        12 if is(b"max-forwards") => FieldKind::MaxForwards,
        10 if is(b"connection") => FieldKind::Connection,
        10 if is(b"keep-alive") => FieldKind::KeepAlive,
        12 if is(b"x-request-id") => FieldKind::RequestId,
        14 if is(b"content-length") => FieldKind::ContentLength,
        14 if is(b"http2-settings") => FieldKind::HopByHop,
        16 if is(b"proxy-connection") => FieldKind::HopByHop,
        17 if is(b"transfer-encoding") => FieldKind::TransferEncoding,
        18 if is(b"proxy-authenticate") => FieldKind::HopByHop,
        19 if is(b"proxy-authorization") => FieldKind::HopByHop,
        25 if is(b"proxy-authentication-info") => FieldKind::HopByHop,
        14..=17 | 23 if is_lookalike(name) => return Err(Error::FieldLookalike),
        _ => FieldKind::Other,
    })
}

/// True for names that only a peer may use whose word counts: of the client's address and identity, and those by which
/// this and other proxies are told what to do.
#[inline]
fn is_trusted(name: &[u8]) -> bool {
    let starts = |prefix: &[u8]| {
        name.len() > prefix.len() && name[..prefix.len()].eq_ignore_ascii_case(prefix)
    };
    match name {
        [b'x' | b'X', b'-', ..] => {
            starts(b"x-forwarded-") || starts(b"x-heddle-") || starts(b"x-envoy-")
        }
        [b'l' | b'L', b'5', ..] => starts(b"l5d-"),
        [b'f' | b'F', ..] => name.eq_ignore_ascii_case(b"forwarded"),
        _ => false,
    }
}

/// True for a protected name with `_` in place of any of its hyphens: CGI and its heirs cannot tell the two apart.
fn is_lookalike(name: &[u8]) -> bool {
    const PROTECTED: [&[u8]; 6] = [
        b"content-length",
        b"transfer-encoding",
        b"x-forwarded-client-cert",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
    ];
    let spells = |protected: &[u8]| {
        let mut pairs = protected.iter().zip(name);
        protected.len() == name.len()
            && pairs.all(|(&lower, &byte)| {
                lower == byte.to_ascii_lowercase() || (lower == b'-' && byte == b'_')
            })
    };
    name.contains(&b'_') && PROTECTED.into_iter().any(spells)
}
