//! Byte classes of RFC 9110 section 5.6 and a scan that looks at eight bytes at a time.

/// True when the bytes form a non-empty token (RFC 9110 section 5.6.2).
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&byte| TOKEN[byte as usize])
}

#[inline]
pub(crate) fn is_token_byte(byte: u8) -> bool {
    TOKEN[byte as usize]
}

/// Length of the longest prefix without control characters; HTAB does not count as one, DEL does.
#[inline]
pub(crate) fn value_prefix(bytes: &[u8]) -> usize {
    let mut at = 0;
    let mut words = bytes.chunks_exact(8);
    for word in words.by_ref() {
        let mut eight = [0; 8];
        eight.copy_from_slice(word);
        if has_control(u64::from_le_bytes(eight)) {
            break;
        }
        at += 8;
    }
    at + bytes[at..]
        .iter()
        .take_while(|&&byte| (byte >= 0x20 && byte != 0x7f) || byte == b'\t')
        .count()
}

/// True when a byte of the word is below 0x20 or equal to 0x7f; an HTAB raises it too and is sorted out by the caller.
#[inline]
fn has_control(word: u64) -> bool {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let below = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
    let del = word ^ (ONES * 0x7f);
    let del = del.wrapping_sub(ONES) & !del & HIGH;
    (below | del) != 0
}

/// Without leading and trailing SP and HTAB: `(start, end)` inside `bytes`.
#[inline]
pub(crate) fn trim(bytes: &[u8], mut start: usize, mut end: usize) -> (usize, usize) {
    while start < end && matches!(bytes[start], b' ' | b'\t') {
        start += 1;
    }
    while end > start && matches!(bytes[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    (start, end)
}

static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(byte as u8,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
            | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z');
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_scan_agrees_with_a_bytewise_scan_for_every_byte_at_every_place() {
        for place in 0..17 {
            for byte in 0..=255u8 {
                let mut bytes = [b'a'; 17];
                bytes[place] = byte;
                let naive = bytes
                    .iter()
                    .position(|&b| (b < 0x20 && b != b'\t') || b == 0x7f)
                    .unwrap_or(17);
                assert_eq!(value_prefix(&bytes), naive, "byte {byte:#x} at {place}");
            }
        }
    }

    #[test]
    fn a_token_is_non_empty_and_without_separators() {
        assert!(is_token(b"x-Request_id"));
        assert!(!is_token(b""));
        assert!(!is_token(b"a b"));
        assert!(!is_token(b"a:"));
        assert!(!is_token(b"\xc3\xa4"));
    }
}
