//! The name of one exchange: in the request that goes on, in its answer, and in the log. A caller that may name its
//! requests does; for all others a name is made here.

use wire::h1::is_token;

use crate::limits::REQUEST_ID_BYTES_MAX;

/// Name of one exchange.
#[derive(Debug)]
pub(crate) struct RequestId {
    len: u8,
    /// The name, where it is short: those made here, and UUIDs.
    short: [u8; SHORT_BYTES],
    /// The name where it is not; from the pool.
    long: Option<Box<Long>>,
}

/// Memory of long names that is free.
#[derive(Default)]
pub(crate) struct RequestIds {
    #[expect(
        clippy::vec_box,
        reason = "they move between here and the exchanges, which stay small"
    )]
    free: Vec<Box<Long>>,
}

/// Hexadecimal digits of a name that is made here.
const MADE_BYTES: usize = 12;
/// A UUID in its usual form (RFC 9562 section 4).
const SHORT_BYTES: usize = 36;

type Long = [u8; REQUEST_ID_BYTES_MAX];

impl Default for RequestId {
    /// No name yet, or no longer.
    #[inline]
    fn default() -> Self {
        Self {
            len: 0,
            short: [0; SHORT_BYTES],
            long: None,
        }
    }
}

impl RequestId {
    /// The name: token characters only (RFC 9110 section 5.6.2).
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        let len = usize::from(self.len);
        match &self.long {
            None => &self.short[..len],
            Some(long) => &long[..len],
        }
    }

    /// Twelve hexadecimal digits from the lower bits of `random`.
    #[inline]
    pub fn made(random: u64) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut id = Self {
            len: MADE_BYTES as u8,
            ..Self::default()
        };
        for (place, digit) in id.short[..MADE_BYTES].iter_mut().enumerate() {
            *digit = DIGITS[(random >> (4 * place)) as usize & 15];
        }
        id
    }
}

impl RequestIds {
    /// The name that a caller gave, where it is one.
    #[inline]
    pub fn given(&mut self, bytes: &[u8]) -> Option<RequestId> {
        if bytes.len() > REQUEST_ID_BYTES_MAX || !is_token(bytes) {
            return None;
        }
        let mut id = RequestId {
            len: bytes.len() as u8,
            ..RequestId::default()
        };
        if bytes.len() <= SHORT_BYTES {
            id.short[..bytes.len()].copy_from_slice(bytes);
        } else {
            let mut long = self
                .free
                .pop()
                .unwrap_or_else(|| Box::new([0; REQUEST_ID_BYTES_MAX]));
            long[..bytes.len()].copy_from_slice(bytes);
            id.long = Some(long);
        }
        Some(id)
    }

    /// Takes the memory of a name back; there are never more of them than exchanges ran at one time.
    #[inline]
    pub fn put(&mut self, id: RequestId) {
        if let Some(long) = id.long {
            self.free.push(long);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_made_has_twelve_hexadecimal_digits() {
        assert_eq!(
            RequestId::made(0xffff_0123_4567_89ab).bytes(),
            b"ba9876543210"
        );
        assert_eq!(RequestId::made(0).bytes(), b"000000000000");
    }

    #[test]
    fn a_given_name_is_kept_up_to_its_limit_and_its_memory_is_used_again() {
        let mut ids = RequestIds::default();
        for length in [1, SHORT_BYTES, SHORT_BYTES + 1, REQUEST_ID_BYTES_MAX] {
            let name = vec![b'a'; length];
            let id = ids.given(&name).unwrap();
            assert_eq!(id.bytes(), name);
            ids.put(id);
        }
        assert_eq!(ids.free.len(), 1);
    }

    #[test]
    fn what_is_no_token_or_too_long_is_no_name() {
        let mut ids = RequestIds::default();
        let long = [b'a'; REQUEST_ID_BYTES_MAX + 1];
        for wrong in [&b""[..], b"a b", b"a\"", b"a,b", b"\xc3\xa4", &long] {
            assert!(ids.given(wrong).is_none(), "{}", wrong.escape_ascii());
        }
    }
}
