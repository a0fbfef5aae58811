//! The chunked transfer coding (RFC 9112 section 7.1), read piece by piece.
//!
//! A size line is taken only when it is complete, so a receiver never sees the beginning of a line that turns out to
//! be malformed. Chunk data is never looked at.

use super::error::Error;
use super::fields::Fields;
use super::token::is_token_byte;
use super::trailers::parse_trailers;
use super::{CHUNK_EXTENSION_BYTES_MAX, CHUNK_EXTENSIONS_BYTES_MAX};

/// The next piece at the front of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// More bytes are needed before anything can be said.
    Partial,
    /// A size line of `line` bytes, of which the first `digits` are the size; between them and CRLF stands an
    /// extension, which is not forwarded.
    Size {
        /// Bytes of the hexadecimal size.
        digits: usize,
        /// Bytes of the whole line with CRLF.
        line: usize,
    },
    /// So many bytes of chunk data.
    Data(usize),
    /// The CRLF after chunk data.
    DataEnd,
    /// The last chunk and its trailer section: `line` bytes of size line, `total` bytes with the final CRLF. The
    /// trailer fields are in the `fields` argument, relative to the byte after the size line.
    Last {
        /// Bytes of the size line.
        line: usize,
        /// Bytes up to the end of the message.
        total: usize,
    },
}

/// State between pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decoder {
    expects: Expects,
    extension_bytes: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Expects {
    #[default]
    Size,
    Data(u64),
    DataEnd,
}

impl Decoder {
    /// Takes the next piece from the front of `bytes`. The caller drops that many bytes and calls again; after
    /// `Last` the message is over.
    pub fn next(&mut self, bytes: &[u8], fields: &mut Fields) -> Result<Piece, Error> {
        match self.expects {
            Expects::Data(left) => {
                if bytes.is_empty() {
                    return Ok(Piece::Partial);
                }
                let taken = left.min(bytes.len() as u64);
                self.expects = if taken == left {
                    Expects::DataEnd
                } else {
                    Expects::Data(left - taken)
                };
                Ok(Piece::Data(taken as usize))
            }
            Expects::DataEnd => match bytes {
                [b'\r', b'\n', ..] => {
                    self.expects = Expects::Size;
                    Ok(Piece::DataEnd)
                }
                [] | [b'\r'] => Ok(Piece::Partial),
                _ => Err(Error::ChunkEnd),
            },
            Expects::Size => self.size(bytes, fields),
        }
    }

    fn size(&mut self, bytes: &[u8], fields: &mut Fields) -> Result<Piece, Error> {
        let mut size: u64 = 0;
        let mut digits = 0;
        while let Some(value) = bytes.get(digits).and_then(|&byte| hex(byte)) {
            if digits == SIZE_DIGITS_MAX {
                return Err(Error::ChunkSize);
            }
            size = size << 4 | u64::from(value);
            digits += 1;
        }
        if digits == 0 && !bytes.is_empty() || size > i64::MAX as u64 {
            return Err(Error::ChunkSize);
        }
        let Some(line) = extension_end(bytes, digits)? else {
            return Ok(Piece::Partial);
        };
        let extension_bytes = self.extension_bytes + (line - digits - 2) as u16;
        if usize::from(extension_bytes) > CHUNK_EXTENSIONS_BYTES_MAX {
            return Err(Error::ChunkExtension);
        }
        if size == 0 {
            let Some(trailers) = parse_trailers(&bytes[line..], fields)? else {
                return Ok(Piece::Partial);
            };
            return Ok(Piece::Last {
                line,
                total: line + trailers,
            });
        }
        self.extension_bytes = extension_bytes;
        self.expects = Expects::Data(size);
        Ok(Piece::Size { digits, line })
    }
}

const SIZE_DIGITS_MAX: usize = 16;

/// Checks `*( ";" name [ "=" value ] ) CRLF` from `at` and returns the length of the line. White space around the
/// parts is refused although RFC 9112 calls it "bad" and lets it pass.
fn extension_end(bytes: &[u8], at: usize) -> Result<Option<usize>, Error> {
    let mut at = at;
    let start = at;
    loop {
        if at - start > CHUNK_EXTENSION_BYTES_MAX {
            return Err(Error::ChunkExtension);
        }
        match (bytes.get(at), bytes.get(at + 1)) {
            (None, _) | (Some(b'\r'), None) => return Ok(None),
            (Some(b'\r'), Some(b'\n')) => return Ok(Some(at + 2)),
            (Some(b';'), _) => {}
            (Some(_), _) if at == start => return Err(Error::ChunkSize),
            (Some(_), _) => return Err(Error::ChunkExtension),
        }
        let Some(name_end) = token_end(bytes, at + 1)? else {
            return Ok(None);
        };
        at = name_end;
        if bytes.get(at) == Some(&b'=') {
            let value = if bytes.get(at + 1) == Some(&b'"') {
                quoted_end(bytes, at + 2)?
            } else {
                token_end(bytes, at + 1)?
            };
            let Some(value_end) = value else {
                return Ok(None);
            };
            at = value_end;
        }
    }
}

fn token_end(bytes: &[u8], start: usize) -> Result<Option<usize>, Error> {
    let length = bytes
        .get(start..)
        .unwrap_or_default()
        .iter()
        .take_while(|&&byte| is_token_byte(byte))
        .count();
    if length > CHUNK_EXTENSION_BYTES_MAX {
        return Err(Error::ChunkExtension);
    }
    match bytes.get(start + length) {
        None => Ok(None),
        Some(_) if length == 0 => Err(Error::ChunkExtension),
        Some(_) => Ok(Some(start + length)),
    }
}

/// End of a quoted-string (RFC 9110 section 5.6.4) whose opening quote was read.
fn quoted_end(bytes: &[u8], start: usize) -> Result<Option<usize>, Error> {
    let mut at = start;
    loop {
        if at - start > CHUNK_EXTENSION_BYTES_MAX {
            return Err(Error::ChunkExtension);
        }
        match (bytes.get(at), bytes.get(at + 1)) {
            (None, _) | (Some(b'\\'), None) => return Ok(None),
            (Some(b'"'), _) => return Ok(Some(at + 1)),
            (Some(b'\\'), Some(0x20..=0x7e | 0x80.. | b'\t')) => at += 2,
            (Some(b'\t' | 0x20..=0x5b | 0x5d..=0x7e | 0x80..), _) => at += 1,
            _ => return Err(Error::ChunkExtension),
        }
    }
}

#[inline]
fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
