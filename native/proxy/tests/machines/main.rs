//! The real machines on a stage: a shard whose sockets and clock are the test's hands.

#![allow(clippy::unwrap_used)] // a test whose stage cannot be set up has failed

mod connection_reuse;
mod every_limit;
mod introduction;
mod memory_ladder;
mod room;
mod safe_retry;
mod slow_peers;
mod stage;
