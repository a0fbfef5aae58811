//! Request targets (RFC 9112 section 3.2) and the Host field.

use std::net::Ipv6Addr;

use super::error::Error;
use super::fields::Span;

/// Where the parts of a request target stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Target {
    /// Path and query as they are forwarded; `/` or `*` may be implied by the form.
    pub path_and_query: Span,
    /// Path alone.
    pub path: Span,
    /// Authority of an absolute-form target.
    pub authority: Option<Span>,
}

/// Splits a target whose bytes are already known to be visible ASCII without `#`.
pub(crate) fn parse_target(head: &[u8], span: Span, method: &[u8]) -> Result<Target, Error> {
    let target = span.of(head);
    match target.first() {
        Some(b'/') => Ok(origin(
            head,
            usize::from(span.start),
            usize::from(span.end),
            None,
        )),
        Some(b'*') if target.len() == 1 && method == b"OPTIONS" => Ok(Target {
            path_and_query: span,
            path: span,
            authority: None,
        }),
        Some(_) => absolute(head, span),
        None => Err(Error::Target),
    }
}

/// True for `uri-host [ ":" port ]` without user information (RFC 3986 section 3.2).
pub(crate) fn is_authority(bytes: &[u8]) -> bool {
    if let [b'[', rest @ ..] = bytes {
        let Some(close) = memchr::memchr(b']', rest) else {
            return false;
        };
        return is_ipv6(&rest[..close]) && is_port(&rest[close + 1..]);
    }
    let (host, port) = bytes.split_at(memchr::memchr(b':', bytes).unwrap_or(bytes.len()));
    !host.is_empty() && host.iter().all(|&byte| is_reg_name_byte(byte)) && is_port(port)
}

fn absolute(head: &[u8], span: Span) -> Result<Target, Error> {
    let target = span.of(head);
    let scheme = [&b"http://"[..], b"https://"].into_iter().find(|scheme| {
        target.len() > scheme.len() && target[..scheme.len()].eq_ignore_ascii_case(scheme)
    });
    let Some(scheme) = scheme else {
        return Err(Error::Target);
    };
    let rest = &target[scheme.len()..];
    let length = rest
        .iter()
        .position(|&byte| matches!(byte, b'/' | b'?'))
        .unwrap_or(rest.len());
    if length == 0 || !is_authority(&rest[..length]) || rest.get(length) == Some(&b'?') {
        return Err(Error::Target);
    }
    let start = usize::from(span.start) + scheme.len();
    let authority = Span::new(start, start + length);
    Ok(origin(
        head,
        start + length,
        usize::from(span.end),
        Some(authority),
    ))
}

fn origin(head: &[u8], start: usize, end: usize, authority: Option<Span>) -> Target {
    let path_end = memchr::memchr(b'?', &head[start..end]).map_or(end, |at| start + at);
    Target {
        path_and_query: Span::new(start, end),
        path: Span::new(start, path_end),
        authority,
    }
}

fn is_ipv6(literal: &[u8]) -> bool {
    std::str::from_utf8(literal).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

/// `[ ":" *DIGIT ]` up to 65535; RFC 3986 lets the digits be missing.
fn is_port(bytes: &[u8]) -> bool {
    match bytes {
        [] => true,
        [b':', digits @ ..] if digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit) => {
            let port: u32 = digits
                .iter()
                .fold(0, |port, digit| port * 10 + u32::from(digit - b'0'));
            u16::try_from(port).is_ok()
        }
        _ => false,
    }
}

/// A percent escape is not among them: a name that can be spelled in two ways can be routed in two ways.
fn is_reg_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b';'
                | b'='
        )
}

#[cfg(test)]
mod tests;
