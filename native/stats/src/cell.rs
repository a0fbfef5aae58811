//! The numbers of one (listener, source, destination service) in one shard.

use std::sync::OnceLock;

use crate::{
    DurationClass, Reason,
    counter::Counter,
    histogram::{DurationHistogram, SizeHistogram, duration_index, size_index},
    request_table::RequestTable,
};

/// Written by the shard it belongs to and by nobody else; aligned so that cells of two shards share
/// no cache line. Histograms come into being with their first value, so a service without traffic
/// costs about 700 bytes.
#[derive(Debug)]
#[repr(align(128))]
pub struct Cell {
    pub(crate) requests: RequestTable,
    pub(crate) durations: [OnceLock<Box<DurationHistogram>>; DurationClass::ALL.len()],
    pub(crate) request_bytes: OnceLock<Box<SizeHistogram>>,
    pub(crate) response_bytes: OnceLock<Box<SizeHistogram>>,
    pub(crate) connections_opened: Counter,
    pub(crate) connections_closed: Counter,
    pub(crate) received_bytes: Counter,
    pub(crate) sent_bytes: Counter,
}

/// What became of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Status of the response, the proxy's own or the upstream's.
    pub status: u16,
    /// Why the proxy answered itself or gave up; none when the upstream answered.
    pub reason: Option<Reason>,
    /// From the request head to the last byte of the response.
    pub duration_ns: u64,
    /// Body bytes of the request.
    pub request_bytes: u64,
    /// Body bytes of the response.
    pub response_bytes: u64,
}

impl Cell {
    /// A cell of zeros.
    #[expect(
        clippy::new_without_default,
        reason = "a cell counts only when a registry has given it out"
    )]
    pub const fn new() -> Self {
        Self {
            requests: RequestTable::new(),
            durations: [const { OnceLock::new() }; DurationClass::ALL.len()],
            request_bytes: OnceLock::new(),
            response_bytes: OnceLock::new(),
            connections_opened: Counter::new(),
            connections_closed: Counter::new(),
            received_bytes: Counter::new(),
            sent_bytes: Counter::new(),
        }
    }

    /// Counts a request that has ended, with its duration and sizes.
    #[inline]
    pub fn record_request(&self, outcome: &Outcome) {
        self.requests.add(outcome.status, outcome.reason);
        let durations = &self.durations[DurationClass::of(outcome.status) as usize];
        let durations = durations.get_or_init(|| Box::new(DurationHistogram::new()));
        durations.add(duration_index(outcome.duration_ns), outcome.duration_ns);
        record_size(&self.request_bytes, outcome.request_bytes);
        record_size(&self.response_bytes, outcome.response_bytes);
    }

    /// A downstream connection was accepted.
    #[inline]
    pub fn record_connection_opened(&self) {
        self.connections_opened.add(1);
    }

    /// A downstream connection ended.
    #[inline]
    pub fn record_connection_closed(&self) {
        self.connections_closed.add(1);
    }

    /// Bytes came from downstream.
    #[inline]
    pub fn record_received(&self, bytes: u64) {
        self.received_bytes.add(bytes);
    }

    /// Bytes went to downstream.
    #[inline]
    pub fn record_sent(&self, bytes: u64) {
        self.sent_bytes.add(bytes);
    }
}

#[inline]
fn record_size(histogram: &OnceLock<Box<SizeHistogram>>, bytes: u64) {
    histogram
        .get_or_init(|| Box::new(SizeHistogram::new()))
        .add(size_index(bytes), bytes);
}
