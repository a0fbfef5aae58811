//! Least request: the fewest requests in flight, latency left out of account (Envoy's
//! `LEAST_REQUEST` with equal weights).

use super::EndpointLoad;

/// Requests in flight.
#[inline]
pub fn cost(load: &EndpointLoad) -> u32 {
    load.in_flight
}
