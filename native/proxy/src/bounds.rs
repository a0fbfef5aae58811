//! Bounds that a configuration may set, in the units of the machines; what it leaves open is a constant of [`limits`].

use decide::rand::Rng;
use snapshot::{ListenerBounds, Protocol, Service, Timeouts};

use crate::limits::{
    BODY_BYTES_PER_SECOND_MIN, CONNECTION_AGE_NS_MAX, DOWNSTREAM_IDLE_NS_MAX, HEAD_NS_MAX,
    RELAY_IDLE_NS_MAX, STREAM_IDLE_NS_MAX, UPSTREAM_IDLE_NS_MAX,
};

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;
/// Later than any clock gets, and far from overflow.
pub(crate) const NEVER: u64 = u64::MAX >> 1;

/// What the peers of a listener may take.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_field_names,
    reason = "each name ends with its unit, which happens to be the same"
)]
pub(crate) struct Bounds {
    pub head_ns: u64,
    pub idle_ns: u64,
    pub age_ns: u64,
    /// Time that each byte of a request body earns; [`NEVER`] for no bound.
    pub body_byte_ns: u64,
}

impl Bounds {
    pub fn new(set: ListenerBounds) -> Self {
        let rate = set
            .body_bytes_per_second
            .unwrap_or(BODY_BYTES_PER_SECOND_MIN);
        Self {
            head_ns: nanoseconds(set.head_ms, HEAD_NS_MAX),
            idle_ns: nanoseconds(set.idle_ms, DOWNSTREAM_IDLE_NS_MAX),
            age_ns: nanoseconds(set.age_ms, CONNECTION_AGE_NS_MAX),
            body_byte_ns: SECOND.checked_div(rate.into()).unwrap_or(NEVER),
        }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self::new(ListenerBounds::default())
    }
}

pub(crate) fn upstream_idle_ns(timeouts: &Timeouts) -> u64 {
    nanoseconds(timeouts.idle_ms, UPSTREAM_IDLE_NS_MAX)
}

pub(crate) fn stream_idle_ns(service: &Service) -> u64 {
    let otherwise_ns = match service.protocol {
        Protocol::Http => STREAM_IDLE_NS_MAX,
        Protocol::Tcp => RELAY_IDLE_NS_MAX,
    };
    nanoseconds(service.timeouts.stream_idle_ms, otherwise_ns)
}

/// When a connection that begins now is old.
pub(crate) fn expiry(age_ns: u64, rng: &mut Rng, now: u64) -> u64 {
    if age_ns == NEVER {
        return NEVER;
    }
    now + age_ns - age_ns / 10 + rng.next_u64() % (age_ns / 5).max(1)
}

fn nanoseconds(set_ms: Option<u32>, otherwise_ns: u64) -> u64 {
    match set_ms {
        None => otherwise_ns,
        Some(0) => NEVER,
        Some(ms) => u64::from(ms) * MS,
    }
}
