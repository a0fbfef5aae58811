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

/// True for end-to-end fields that may travel as trailers: nothing that authenticates or describes content. What frames,
/// routes or tells of the client is of another kind.
pub(crate) fn may_forward(name: &[u8]) -> bool {
    const REFUSED: [&[u8]; 8] = [
        b"authentication-info",
        b"authorization",
        b"cache-control",
        b"cookie",
        b"pragma",
        b"range",
        b"set-cookie",
        b"www-authenticate",
    ];
    let starts = |prefix: &[u8]| {
        name.len() >= prefix.len() && name[..prefix.len()].eq_ignore_ascii_case(prefix)
    };
    !starts(b"content-")
        && !REFUSED
            .iter()
            .any(|refused| name.eq_ignore_ascii_case(refused))
}

#[cfg(test)]
mod tests;
