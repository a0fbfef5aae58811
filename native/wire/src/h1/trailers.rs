//! Trailer sections (RFC 9112 section 7.1.2, RFC 9110 section 6.5).

use super::error::Error;
use super::fields::{Fields, Line, parse_line};
use super::{TRAILER_BYTES_MAX, TRAILER_FIELDS_MAX};

/// Parses field lines up to the empty line. Returns the length with the final CRLF, or `None` when more bytes are
/// needed. Syntax errors of any kind come back as [`Error::Trailer`].
pub fn parse_trailers(bytes: &[u8], fields: &mut Fields) -> Result<Option<usize>, Error> {
    fields.clear();
    let bounded = &bytes[..bytes.len().min(TRAILER_BYTES_MAX)];
    let mut at = 0;
    loop {
        match parse_line(bounded, at).map_err(|_| Error::Trailer)? {
            Line::End(end) => return Ok(Some(end)),
            Line::Field(field) => {
                fields
                    .push(field, TRAILER_FIELDS_MAX)
                    .map_err(|_| Error::Trailer)?;
                at = usize::from(field.line_end);
            }
            Line::Partial if bytes.len() >= TRAILER_BYTES_MAX => return Err(Error::Trailer),
            Line::Partial => return Ok(None),
        }
    }
}

/// True for fields that may travel as trailers: nothing that frames, routes, authenticates or describes content.
pub(crate) fn may_forward(name: &[u8]) -> bool {
    const REFUSED: [&[u8]; 27] = [
        b"authentication-info",
        b"authorization",
        b"cache-control",
        b"connection",
        b"cookie",
        b"expect",
        b"forwarded",
        b"host",
        b"http2-settings",
        b"keep-alive",
        b"max-forwards",
        b"pragma",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"range",
        b"set-cookie",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"via",
        b"www-authenticate",
        b"x-forwarded-client-cert",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
    ];
    let starts = |prefix: &[u8]| {
        name.len() >= prefix.len() && name[..prefix.len()].eq_ignore_ascii_case(prefix)
    };
    !starts(b"content-")
        && !starts(b"x-heddle-")
        && !REFUSED
            .iter()
            .any(|refused| name.eq_ignore_ascii_case(refused))
}

#[cfg(test)]
mod tests;
