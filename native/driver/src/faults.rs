//! How often a fault of our own has ended a connection lately. One is an accident; many say that something lasting is
//! wrong, and that a fresh process serves better.

#![allow(clippy::disallowed_types)] // the lock is taken when a connection panicked, and by nobody else

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Faults of all shards within [`WINDOW_NS`] that a process may live on with; one more and it is to be replaced.
const FAULTS_MAX: usize = 10;
const WINDOW_NS: u64 = 60_000_000_000;

#[derive(Default)]
pub(crate) struct Faults {
    recent: Mutex<VecDeque<u64>>,
    too_many: AtomicBool,
}

impl Faults {
    /// Counts a fault; true once, when there are too many.
    pub fn record(&self, now: u64) -> bool {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.push_back(now);
        while recent
            .front()
            .is_some_and(|&at| at.saturating_add(WINDOW_NS) < now)
        {
            recent.pop_front();
        }
        recent.truncate(FAULTS_MAX + 1);
        recent.len() > FAULTS_MAX && !self.too_many.swap(true, Ordering::Relaxed)
    }

    /// The process is to be replaced.
    pub fn too_many(&self) -> bool {
        self.too_many.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn ten_faults_in_a_minute_are_lived_with_and_the_eleventh_is_told_once() {
        let faults = Faults::default();
        assert!((0..10).all(|second| !faults.record(second * SECOND)));
        assert!(!faults.too_many());
        assert!(faults.record(59 * SECOND));
        assert!(!faults.record(59 * SECOND));
        assert!(faults.too_many());
    }

    #[test]
    fn faults_that_are_far_apart_never_become_too_many() {
        let faults = Faults::default();
        assert!((0..100).all(|count| !faults.record(count * 7 * SECOND)));
    }
}
