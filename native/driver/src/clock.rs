//! The one clock of the data path.

use rustix::time::{ClockId, clock_gettime};

/// Monotonic time in nanoseconds since an arbitrary start.
#[inline]
pub fn monotonic_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}
