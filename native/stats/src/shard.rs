//! The numbers of one shard that belong to no listener and service.

use crate::{
    Limit, Reason,
    counter::{Counter, Gauge},
};

/// Written by its shard alone; aligned so that two shards share no cache line.
#[derive(Debug)]
#[repr(align(128))]
pub struct ShardStats {
    /// Turns of the run loop.
    pub turns: Counter,
    /// Events handled in them.
    pub events: Counter,
    /// Connections accepted and still open.
    pub downstream_connections: Gauge,
    /// Connections to endpoints, in use or idle.
    pub upstream_connections: Gauge,
    /// Faults of the proxy that ended one connection.
    pub panics: Counter,
    /// Requests sent a second time because the first attempt surely had no effect.
    pub retries: Counter,
    /// Memory for its connections: blocks and tables.
    pub held_bytes: Gauge,
    reasons: [Counter; Reason::ALL.len()],
    limits: [Counter; Limit::ALL.len()],
}

impl ShardStats {
    /// All zeros.
    #[expect(
        clippy::new_without_default,
        reason = "a shard counts only when a registry has given its numbers out"
    )]
    pub fn new() -> Self {
        Self {
            turns: Counter::new(),
            events: Counter::new(),
            downstream_connections: Gauge::default(),
            upstream_connections: Gauge::default(),
            panics: Counter::new(),
            retries: Counter::new(),
            held_bytes: Gauge::default(),
            reasons: [const { Counter::new() }; Reason::ALL.len()],
            limits: [const { Counter::new() }; Limit::ALL.len()],
        }
    }

    /// Counts a failure that no cell can take, such as one before the listener is known.
    #[inline]
    pub fn record_failure(&self, reason: Reason) {
        self.reasons[reason as usize].add(1);
    }

    /// Counts a limit that was reached.
    #[inline]
    pub fn record_limit(&self, limit: Limit) {
        self.limits[limit as usize].add(1);
    }

    /// How often this limit was reached.
    pub fn reached(&self, limit: Limit) -> u64 {
        self.limits[limit as usize].get()
    }

    /// How often this reason was recorded here.
    pub fn failures(&self, reason: Reason) -> u64 {
        self.reasons[reason as usize].get()
    }
}
