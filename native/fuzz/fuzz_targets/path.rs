//! Paths through a whole shard: normalized like the model, matched as they are forwarded, and the same the second time.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../proxy/tests/properties/path.rs"]
mod path;
#[path = "../../proxy/tests/support/mod.rs"]
mod support;

fuzz_target!(|bytes: &[u8]| path::holds(bytes));
