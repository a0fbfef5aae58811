//! Response heads: every prefix is judged like the whole, and an accepted head is written and parsed again to the
//! same model.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../wire/tests/properties/response.rs"]
mod response;

fuzz_target!(|bytes: &[u8]| response::holds(bytes));
