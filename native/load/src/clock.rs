//! The two clocks that measuring needs: monotonic time and the CPU time of this process.

use rustix::time::{ClockId, Timespec, clock_gettime};

/// Nanoseconds since an arbitrary moment; never goes back.
pub fn now_ns() -> u64 {
    nanoseconds(clock_gettime(ClockId::Monotonic))
}

/// CPU time that all threads of this process have used, in nanoseconds.
pub fn cpu_ns() -> u64 {
    nanoseconds(clock_gettime(ClockId::ProcessCPUTime))
}

fn nanoseconds(time: Timespec) -> u64 {
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}
