//! Chunked bodies: any split of the bytes gives the same data, trailers and end.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../wire/tests/properties/chunked.rs"]
mod chunked;

fuzz_target!(|bytes: &[u8]| chunked::holds(bytes));
