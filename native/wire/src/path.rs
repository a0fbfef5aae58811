//! Paths in one spelling, so that what is matched, authorized and forwarded is one and the same (RFC 3986 section 6.2.2).
//!
//! Escapes of unreserved characters are decoded, the digits of all others are in upper case, and dot segments are
//! resolved. Empty segments stay, `;` is an ordinary byte, and an escaped slash or backslash stays escaped. The query
//! is no part of a path.

/// The path cannot be brought into its normal form: an escape is incomplete or stands for NUL, a backslash is in it, or
/// it climbs above its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// Brings a path that begins with `/` into its normal form, in place, and returns its new length; it never grows. The
/// bytes are visible ASCII already. A path that is normal is looked at once and not written.
pub fn normalize(path: &mut [u8]) -> Result<usize, Malformed> {
    debug_assert_eq!(path.first(), Some(&b'/'));
    if is_normal(path)? {
        Ok(path.len())
    } else {
        rewrite(path)
    }
}

fn is_normal(path: &[u8]) -> Result<bool, Malformed> {
    for at in memchr::memchr3_iter(b'%', b'\\', b'.', path) {
        let normal = match path[at] {
            b'%' => {
                let byte = unescape(&path[at..])?;
                !is_unreserved(byte) && path[at + 1..at + 3] == escaped(byte)
            }
            b'.' => path[at - 1] != b'/' || !begins_with_dot_segment(&path[at..]),
            _ => return Err(Malformed),
        };
        if !normal {
            return Ok(false);
        }
    }
    Ok(true)
}

/// One segment after the other moves to where the last one ended.
fn rewrite(path: &mut [u8]) -> Result<usize, Malformed> {
    let (mut read, mut write) = (0, 0);
    while read < path.len() {
        let slash = write;
        path[write] = b'/';
        read += 1;
        write += 1;
        while read < path.len() && path[read] != b'/' {
            match path[read] {
                b'\\' => return Err(Malformed),
                b'%' => {
                    let byte = unescape(&path[read..])?;
                    read += 3;
                    if is_unreserved(byte) {
                        path[write] = byte;
                        write += 1;
                    } else {
                        path[write] = b'%';
                        path[write + 1..write + 3].copy_from_slice(&escaped(byte));
                        write += 3;
                    }
                }
                byte => {
                    path[write] = byte;
                    read += 1;
                    write += 1;
                }
            }
        }
        let kept = match &path[slash + 1..write] {
            b"." => slash,
            b".." => memchr::memrchr(b'/', &path[..slash]).ok_or(Malformed)?,
            _ => continue,
        };
        // A dot segment at the end leaves its slash.
        write = kept + usize::from(read == path.len());
    }
    Ok(write)
}

/// True for `.` and `..` when the segment ends there.
fn begins_with_dot_segment(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [b'.'] | [b'.', b'/', ..] | [b'.', b'.'] | [b'.', b'.', b'/', ..]
    )
}

/// The byte that the escape at the front stands for; never NUL.
fn unescape(bytes: &[u8]) -> Result<u8, Malformed> {
    let (Some(high), Some(low)) = (digit(bytes.get(1)), digit(bytes.get(2))) else {
        return Err(Malformed);
    };
    match high << 4 | low {
        0 => Err(Malformed),
        byte => Ok(byte),
    }
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    match byte? {
        byte @ b'0'..=b'9' => Some(byte - b'0'),
        byte @ b'a'..=b'f' => Some(byte - b'a' + 10),
        byte @ b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

fn escaped(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    [
        DIGITS[usize::from(byte >> 4)],
        DIGITS[usize::from(byte & 15)],
    ]
}

/// Characters that mean the same with and without an escape (RFC 3986 section 2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests;
