//! Numbers with one writer and many readers. A single writer needs no locked instruction: load,
//! add, store.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A number that only grows. Only one thread may add to it; with two, additions get lost.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// A counter at 0.
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Adds; wraps around at the end of `u64`.
    #[inline]
    pub fn add(&self, amount: u64) {
        self.0
            .store(self.0.load(Relaxed).wrapping_add(amount), Relaxed);
    }

    /// Its value now; from another thread, a recent one.
    #[inline]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// Gives a counter that is still 0 its first and last value.
    #[inline]
    pub(crate) fn set_once(&self, value: u64) {
        self.0.store(value, Relaxed);
    }
}

/// A number that goes up and down. Only one thread may change it.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// One more.
    #[inline]
    pub fn increment(&self) {
        self.0.store(self.0.load(Relaxed).wrapping_add(1), Relaxed);
    }

    /// This many, whatever was counted before.
    pub fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }

    /// One less; follows an `increment`.
    #[inline]
    pub fn decrement(&self) {
        let value = self.0.load(Relaxed);
        debug_assert!(value > 0, "a gauge fell below 0");
        self.0.store(value.saturating_sub(1), Relaxed);
    }

    /// Its value now; from another thread, a recent one.
    #[inline]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}
