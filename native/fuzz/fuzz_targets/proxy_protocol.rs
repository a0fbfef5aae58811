//! PROXY headers: one reading of each, whole or in part.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../wire/tests/properties/proxy_protocol.rs"]
mod proxy_protocol;

fuzz_target!(|bytes: &[u8]| proxy_protocol::holds(bytes));
