//! Statistics of all shards added up, in the shape in which they leave the process (JSON,
//! camelCase).

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::{
    Cell, CellKey, DURATION_BUCKETS, Protocol, Reason, SIZE_BUCKETS, ShardStats,
    counter::Counter,
    histogram::{Merged, SizeHistogram},
};

/// Everything the data plane has counted since the process began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// One entry per shard.
    pub shards: Vec<ShardReport>,
    /// One entry per cell, shards merged.
    pub cells: Vec<CellReport>,
    /// Failures that belong to no cell, such as relayed connections without an endpoint, by reason.
    pub failures: Vec<FailureCount>,
    /// Lines of the access log that were not written, because its writer or its file could not keep up.
    pub log_dropped: u64,
    /// Limits that were reached.
    pub limits: Vec<LimitCount>,
    /// Memory that the process may hold, and what it held before it had a connection.
    pub memory: MemoryReport,
    /// Services whose endpoints are tested.
    pub health: Vec<HealthReport>,
    /// Versions in force.
    #[serde(flatten)]
    pub versions: Versions,
}

/// What the tests of a service's endpoints say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthReport {
    /// Namespace of the service.
    pub namespace: String,
    /// Name of the service.
    pub service: String,
    /// Its endpoints, in the order of the publication.
    pub endpoints: Vec<EndpointHealth>,
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, by reason.
    pub failed: Vec<NamedCount>,
    /// Times that an endpoint was taken out, by the failure that decided it.
    pub ejected: Vec<NamedCount>,
    /// Times that one came back.
    pub recovered: u64,
}

/// What tests say of one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndpointHealth {
    /// `ip:port` or `[ip6]:port`.
    pub address: String,
    /// `unchecked`, `healthy` or `unhealthy`.
    pub state: &'static str,
}

/// How often something happened for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedCount {
    /// The reason.
    pub reason: &'static str,
    /// How often.
    pub count: u64,
}

/// Failures of one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureCount {
    /// Name of the reason.
    pub error: Reason,
    /// How many.
    pub count: u64,
}

/// The budget of memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemoryReport {
    /// Most that the process may hold.
    pub budget_bytes: u64,
    /// Held without connections.
    pub base_bytes: u64,
    /// Held now, by the kernel's count.
    pub measured_bytes: u64,
}

/// How often one limit was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitCount {
    /// Its name.
    pub limit: &'static str,
    /// How often.
    pub count: u64,
}

/// Which snapshot is in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Versions {
    /// `version` of the snapshot.
    #[serde(rename = "configurationVersion")]
    pub configuration: u64,
    /// `version` of its endpoints.
    #[serde(rename = "endpointsVersion")]
    pub endpoints: u64,
}

/// The numbers of one shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShardReport {
    /// Index of the shard.
    pub index: usize,
    /// Turns of the run loop.
    pub turns: u64,
    /// Events handled in them.
    pub events: u64,
    /// Open connections that were accepted.
    pub downstream_connections: u64,
    /// Open connections to endpoints.
    pub upstream_connections: u64,
    /// Faults of the proxy that ended one connection.
    pub panics: u64,
    /// Requests sent a second time because the first attempt surely had no effect.
    pub retries: u64,
    /// Memory for its connections: blocks and tables.
    pub held_bytes: u64,
}

/// The numbers of one cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CellReport {
    /// What was counted.
    #[serde(flatten)]
    pub key: CellKey,
    /// Requests by status and error, in that order.
    pub requests: Vec<RequestCount>,
    /// Durations of the classes that occurred.
    pub duration: Vec<DurationReport>,
    /// Body sizes of requests.
    pub request_bytes: SizeReport,
    /// Body sizes of responses.
    pub response_bytes: SizeReport,
    /// Downstream connections accepted.
    pub connections_opened: u64,
    /// Downstream connections ended.
    pub connections_closed: u64,
    /// Bytes from downstream.
    pub received_bytes: u64,
    /// Bytes to downstream.
    pub sent_bytes: u64,
}

/// Requests with one status and error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestCount {
    /// Status of the response; 0 collects what did not fit the table.
    pub status: u16,
    /// Name of the reason; absent when the upstream answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Reason>,
    /// How many.
    pub count: u64,
}

/// How requests are told apart in duration histograms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DurationClass {
    /// Status below 400.
    Success,
    /// Status 400 to 499.
    ClientError,
    /// Status 500 and above.
    ServerError,
}

impl DurationClass {
    /// Every class, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Success, Self::ClientError, Self::ServerError];

    /// Class of a status.
    #[inline]
    pub const fn of(status: u16) -> Self {
        match status {
            0..400 => Self::Success,
            400..500 => Self::ClientError,
            500.. => Self::ServerError,
        }
    }
}

/// Durations of one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DurationReport {
    /// Which requests.
    pub class: DurationClass,
    /// How many.
    pub count: u64,
    /// Sum of their durations.
    pub sum_ns: u64,
    /// (`duration_index`, count) of the buckets that hold something.
    pub buckets: Vec<(u32, u64)>,
}

/// Sizes of one direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SizeReport {
    /// How many.
    pub count: u64,
    /// Sum of the sizes in bytes.
    pub sum: u64,
    /// (`size_index`, count) of the buckets that hold something.
    pub buckets: Vec<(u32, u64)>,
}

impl ShardReport {
    pub(crate) fn new(index: usize, stats: &ShardStats) -> Self {
        Self {
            index,
            turns: stats.turns.get(),
            events: stats.events.get(),
            downstream_connections: stats.downstream_connections.get(),
            upstream_connections: stats.upstream_connections.get(),
            panics: stats.panics.get(),
            retries: stats.retries.get(),
            held_bytes: stats.held_bytes.get(),
        }
    }
}

impl CellReport {
    /// Adds up the cells that the shards keep for one key.
    pub(crate) fn new(key: &CellKey, shards: &[impl AsRef<Cell>]) -> Self {
        let cells: Vec<&Cell> = shards.iter().map(AsRef::as_ref).collect();
        let total =
            |counter: fn(&Cell) -> &Counter| cells.iter().map(|cell| counter(cell).get()).sum();
        Self {
            key: key.clone(),
            requests: merge_requests(&cells),
            duration: DurationClass::ALL
                .iter()
                .filter_map(|class| merge_durations(&cells, *class))
                .collect(),
            request_bytes: merge_sizes(cells.iter().filter_map(|cell| cell.request_bytes.get())),
            response_bytes: merge_sizes(cells.iter().filter_map(|cell| cell.response_bytes.get())),
            connections_opened: total(|cell| &cell.connections_opened),
            connections_closed: total(|cell| &cell.connections_closed),
            received_bytes: total(|cell| &cell.received_bytes),
            sent_bytes: total(|cell| &cell.sent_bytes),
        }
    }
}

fn merge_requests(cells: &[&Cell]) -> Vec<RequestCount> {
    let mut counts = BTreeMap::new();
    for (status, error, count) in cells.iter().flat_map(|cell| cell.requests.counts()) {
        *counts.entry((status, error)).or_insert(0) += count;
    }
    counts
        .into_iter()
        .map(|((status, error), count)| RequestCount {
            status,
            error,
            count,
        })
        .collect()
}

fn merge_durations(cells: &[&Cell], class: DurationClass) -> Option<DurationReport> {
    let mut merged = Merged::new::<DURATION_BUCKETS>();
    for histogram in cells
        .iter()
        .filter_map(|cell| cell.durations[class as usize].get())
    {
        merged.add(histogram);
    }
    let count = merged.count();
    (count > 0).then(|| DurationReport {
        class,
        count,
        sum_ns: merged.sum,
        buckets: merged.sparse(),
    })
}

fn merge_sizes<'a>(histograms: impl Iterator<Item = &'a Box<SizeHistogram>>) -> SizeReport {
    let mut merged = Merged::new::<SIZE_BUCKETS>();
    histograms.for_each(|histogram| merged.add(histogram));
    SizeReport {
        count: merged.count(),
        sum: merged.sum,
        buckets: merged.sparse(),
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Serialize for Protocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Http => "http",
            Self::Tcp => "tcp",
        })
    }
}
