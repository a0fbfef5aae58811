//! A planted bug. A fuzzer that does not find it within seconds is not guided by coverage and comparisons, and its
//! silence about the other targets would mean nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(first) = bytes.first_chunk() else {
        return;
    };
    let magic = u32::from_be_bytes(*first);
    assert!(
        magic != u32::from_be_bytes(*b"weft"),
        "the canary was found"
    );
});
