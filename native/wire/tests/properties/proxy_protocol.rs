//! What holds for the parser of PROXY headers whatever the bytes are. Shared by the fuzz target and the corpus replay.

use heddle_wire::proxy_protocol::{HEADER_BYTES_MAX, Malformed, Parsed, parse};

/// Panics when a header is read otherwise for what stands behind it, when less than the whole of it is taken for a header
/// or refused, or when what is refused is read after all once more of it has come.
pub fn holds(bytes: &[u8]) {
    match parse(bytes) {
        Ok(Parsed::Done(_, length)) => {
            assert!(length <= bytes.len().min(HEADER_BYTES_MAX));
            assert_eq!(parse(&bytes[..length]), parse(bytes));
            for cut in 0..length {
                assert_eq!(parse(&bytes[..cut]), Ok(Parsed::Partial), "cut at {cut}");
            }
        }
        Ok(Parsed::Partial) => assert!(bytes.len() < HEADER_BYTES_MAX),
        Err(Malformed) => assert_eq!(parse(&[bytes, b"\r\n"].concat()), Err(Malformed)),
    }
}
