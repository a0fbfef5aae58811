//! Counters and histograms of the data plane: one set per shard, written by that shard alone, read
//! by anyone.
//!
//! Recording is plain arithmetic on memory of the shard: no lock, no shared cache line, no
//! allocation once a cell is warm. Reading merges the shards and may see a request counted whose
//! duration is not added yet.
#![forbid(unsafe_code)]

pub mod access;
mod account;
mod cell;
mod counter;
mod histogram;
mod limit;
mod reason;
mod registry;
mod report;
mod request_table;
mod shard;

pub use account::Account;
pub use cell::{Cell, Outcome};
pub use counter::{Counter, Gauge};
pub use histogram::{
    DURATION_BUCKETS, SIZE_BUCKETS, duration_index, duration_lower_bound, size_index,
};
pub use limit::Limit;
pub use reason::{Reason, Spelling};
pub use registry::{CELLS_MAX, CellKey, Protocol, Registry};
pub use report::{
    CellReport, DurationClass, DurationReport, EndpointHealth, FailureCount, HealthReport,
    LimitCount, MemoryReport, NamedCount, RequestCount, ShardReport, SizeReport, Stats, Versions,
};
pub use shard::ShardStats;
