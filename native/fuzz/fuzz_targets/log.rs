//! Lines of the access log: whatever a peer sends, a record is one line, and its JSON is one object.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stats::access;

#[path = "../../stats/tests/properties/line.rs"]
mod line;

fuzz_target!(|bytes: &[u8]| line::holds(bytes));
