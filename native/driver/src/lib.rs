//! The only room with sockets, a clock and epoll: it feeds the machines of `proxy` and carries out their effects.
//!
//! A [`ShardLoop`] belongs to one thread, which spends its time in [`ShardLoop::serve`]. The
//! [`Runtime`] is what the rest of the process sees of all shards: publish, drain, stop, statistics.

mod clock;
mod descriptors;
#[cfg(test)]
mod fault_point;
mod faults;
mod health;
mod keeper;
mod log;
mod mailbox;
mod memory;
mod message;
mod runtime;
mod shard_loop;
mod socket;
mod sockets;
mod splices;
mod unix_listener;
mod watchdog;

pub use clock::monotonic_ns;
pub use runtime::{PublishError, Runtime, RuntimeOptions};
pub use shard_loop::{Served, ShardLoop};
