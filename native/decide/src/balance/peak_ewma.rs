//! Peak EWMA as in Linkerd and Finagle: latency as an exponentially weighted moving average that
//! jumps to every sample above it, times the requests in flight. A slow answer is noticed at once
//! and forgotten slowly.
//!
//! Reading lets the estimate decay towards 0, so that an endpoint nobody asks becomes attractive
//! again. Reading does not write: e^-t composes, so the value is the same, and a sample keeps its
//! weight however often it is read.

use super::{EndpointLoad, decay::exp_negative};

/// Estimate of an endpoint that has not answered yet.
pub const DEFAULT_RTT_NS: f64 = 30e6;
/// After this time without samples an estimate has fallen to 1/e.
pub const DECAY_NS: f64 = 10e9;

/// Decayed estimate times the requests that would be in flight with this one.
#[inline]
pub fn cost(load: &EndpointLoad, now_ns: u64) -> f64 {
    load.ewma_ns * remaining(load, now_ns) * (f64::from(load.in_flight) + 1.0)
}

/// Takes a sample in: above the estimate it becomes the estimate, else the two are averaged by the
/// time gone by.
#[inline]
pub fn observe(load: &mut EndpointLoad, sample_ns: u64, now_ns: u64) {
    let sample_ns = sample_ns as f64;
    load.ewma_ns = if sample_ns > load.ewma_ns {
        sample_ns
    } else {
        let kept = remaining(load, now_ns);
        load.ewma_ns * kept + sample_ns * (1.0 - kept)
    };
    load.last_ns = load.last_ns.max(now_ns);
}

#[inline]
fn remaining(load: &EndpointLoad, now_ns: u64) -> f64 {
    exp_negative(now_ns.saturating_sub(load.last_ns) as f64 * (1.0 / DECAY_NS))
}
