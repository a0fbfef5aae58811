//! How many descriptors the connections of this process may hold, all shards together. Who is refused is told so at
//! once, and what else needs descriptors (files, metrics, the control API) still gets them.

use std::sync::atomic::{AtomicUsize, Ordering};

use proxy::Side;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that connections leave to everything else in the process.
const KEPT: usize = 64;
/// Part of the connections' descriptors that is kept for those to endpoints, so that whoever is connected is served.
const UPSTREAM_PART: usize = 8;
/// In force where the kernel sets no limit.
const UNLIMITED: usize = 1 << 30;

pub(crate) struct Descriptors {
    used: AtomicUsize,
    max: usize,
}

impl Descriptors {
    /// Raises the limit of the process as far as it may, and takes 80 % of it.
    pub fn of_process() -> Self {
        let limit = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        // Without the right to raise it, what is in force is what there is.
        let _ = setrlimit(Resource::Nofile, raised);
        let limit = getrlimit(Resource::Nofile).current;
        Self::within(limit.map_or(UNLIMITED, |limit| limit as usize))
    }

    fn within(limit: usize) -> Self {
        Self {
            used: AtomicUsize::new(0),
            max: (limit / 5 * 4).min(limit.saturating_sub(KEPT)),
        }
    }

    /// Counts a connection, unless there are too many; [`Descriptors::release`] ends it. Once per connection, so its
    /// locked instruction is none of a request's.
    pub fn admit(&self, side: Side) -> bool {
        let max = match side {
            Side::Downstream => self.max - self.max / UPSTREAM_PART,
            Side::Upstream => self.max,
        };
        let admitted = self.used.fetch_add(1, Ordering::Relaxed) < max;
        if !admitted {
            self.release();
        }
        admitted
    }

    pub fn release(&self) {
        self.used.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(descriptors: &Descriptors, side: Side) -> usize {
        std::iter::repeat_with(|| descriptors.admit(side))
            .take_while(|&admitted| admitted)
            .count()
    }

    #[test]
    fn connections_leave_a_fifth_and_at_least_64_descriptors() {
        assert_eq!(Descriptors::within(20_000).max, 16_000);
        assert_eq!(Descriptors::within(256).max, 192);
        assert_eq!(Descriptors::within(64).max, 0);
    }

    #[test]
    fn an_eighth_is_kept_for_connections_to_endpoints() {
        let descriptors = Descriptors::within(256);
        assert_eq!(admitted(&descriptors, Side::Downstream), 168);
        assert_eq!(admitted(&descriptors, Side::Upstream), 24);
        descriptors.release();
        assert!(!descriptors.admit(Side::Downstream));
        assert!(descriptors.admit(Side::Upstream));
    }
}
