//! What the process may hold in memory and what it does hold: one number per shard, which that shard alone writes, added
//! up by whoever asks.

use std::sync::{Arc, atomic::AtomicU64, atomic::Ordering::Relaxed};

use crate::ShardStats;

/// The budget of all shards together.
#[derive(Debug)]
pub struct Account {
    budget_bytes: u64,
    /// Held by the process before it had a connection.
    base_bytes: AtomicU64,
    /// Held by the process now, by the kernel's count; 0 before the first look.
    measured_bytes: AtomicU64,
    /// What of that no shard had counted then.
    outside_bytes: AtomicU64,
    shards: Vec<Arc<ShardStats>>,
}

impl Account {
    /// The account of these shards.
    pub fn new(budget_bytes: u64, shards: Vec<Arc<ShardStats>>) -> Self {
        Self {
            budget_bytes,
            base_bytes: AtomicU64::new(0),
            measured_bytes: AtomicU64::new(0),
            outside_bytes: AtomicU64::new(0),
            shards,
        }
    }

    /// Most that the process may hold.
    pub fn budget_bytes(&self) -> u64 {
        self.budget_bytes
    }

    /// Held by the process before it had a connection.
    pub fn base_bytes(&self) -> u64 {
        self.base_bytes.load(Relaxed)
    }

    /// Takes down what the process holds without connections.
    pub fn set_base_bytes(&self, bytes: u64) {
        self.base_bytes.store(bytes, Relaxed);
    }

    /// Held by the process by the kernel's count, when it was looked at last.
    pub fn measured_bytes(&self) -> u64 {
        self.measured_bytes.load(Relaxed)
    }

    /// Takes down what the kernel counts.
    pub fn set_measured_bytes(&self, bytes: u64) {
        self.measured_bytes.store(bytes, Relaxed);
        let outside = bytes.saturating_sub(self.held_bytes());
        self.outside_bytes.store(outside, Relaxed);
    }

    /// Held by the process: what the shards count at this moment, and what the kernel counted beside that.
    pub fn used_bytes(&self) -> u64 {
        self.held_bytes() + self.base_bytes().max(self.outside_bytes.load(Relaxed))
    }

    /// Shards that share the budget.
    pub fn shard_count(&self) -> u64 {
        self.shards.len() as u64
    }

    /// Held for connections.
    pub fn held_bytes(&self) -> u64 {
        self.shards.iter().map(|shard| shard.held_bytes.get()).sum()
    }
}
