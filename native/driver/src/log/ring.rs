//! Records on their way from one shard to the writer: one producer, one consumer, no lock. A full ring takes nothing.

use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use stats::access::AccessRecord;

/// Records that wait for the writer; further ones are dropped and counted. A power of two.
pub(crate) const RECORDS_MAX: usize = 1024;

struct Ring {
    slots: Box<[UnsafeCell<AccessRecord>]>,
    /// Records taken so far; written by the consumer.
    head: AtomicUsize,
    /// Records given so far; written by the producer.
    tail: AtomicUsize,
}

// SAFETY: a slot is touched by the producer only while it is outside `head..tail`, and by the consumer only while it is
// inside. Each side moves its own end with a release store after it is done with the slot, and sees the other's end with
// an acquire load, so no slot is ever touched by both. There is one of each side, which `ring` makes and nobody clones.
unsafe impl Sync for Ring {}

/// The shard's end.
pub(crate) struct Producer {
    ring: Arc<Ring>,
    lost: Arc<AtomicU64>,
}

/// The writer's end.
pub(crate) struct Consumer(Arc<Ring>);

/// An empty ring, which counts what it cannot take in `lost`.
pub(crate) fn ring(lost: &Arc<AtomicU64>) -> (Producer, Consumer) {
    let slots = (0..RECORDS_MAX).map(|_| UnsafeCell::new(AccessRecord::EMPTY));
    let ring = Arc::new(Ring {
        slots: slots.collect(),
        head: AtomicUsize::new(0),
        tail: AtomicUsize::new(0),
    });
    let producer = Producer {
        ring: Arc::clone(&ring),
        lost: Arc::clone(lost),
    };
    (producer, Consumer(ring))
}

impl Producer {
    /// Copies a record in; false when the ring is full.
    pub fn push(&mut self, record: &AccessRecord) -> bool {
        let ring = &*self.ring;
        let tail = ring.tail.load(Ordering::Relaxed);
        if tail.wrapping_sub(ring.head.load(Ordering::Acquire)) == RECORDS_MAX {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        // SAFETY: the slot is outside `head..tail`, so it is this side's, of which `&mut self` is the only user.
        unsafe { *ring.slots[tail % RECORDS_MAX].get() = *record };
        ring.tail.store(tail.wrapping_add(1), Ordering::Release);
        true
    }
}

impl Consumer {
    /// Records that wait.
    pub fn len(&self) -> usize {
        let tail = self.0.tail.load(Ordering::Acquire);
        tail.wrapping_sub(self.0.head.load(Ordering::Relaxed))
    }

    /// Shows the oldest record and takes it out; false when there is none.
    pub fn take(&mut self, f: impl FnOnce(&AccessRecord)) -> bool {
        let ring = &*self.0;
        let head = ring.head.load(Ordering::Relaxed);
        if ring.tail.load(Ordering::Acquire) == head {
            return false;
        }
        // SAFETY: the slot is inside `head..tail`, so it is this side's, of which `&mut self` is the only user.
        f(unsafe { &*ring.slots[head % RECORDS_MAX].get() });
        ring.head.store(head.wrapping_add(1), Ordering::Release);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_out_in_order_and_a_full_ring_takes_nothing() {
        let lost = Arc::default();
        let (mut producer, mut consumer) = ring(&lost);
        let mut record = AccessRecord::EMPTY;
        for number in 0..RECORDS_MAX as u64 {
            record.started_ns = number;
            assert!(producer.push(&record));
        }
        assert!(!producer.push(&record));
        assert_eq!(lost.load(Ordering::Relaxed), 1);
        let mut next = 0;
        while consumer.take(|record| assert_eq!(record.started_ns, next)) {
            next += 1;
        }
        assert_eq!(next, RECORDS_MAX as u64);
        assert!(producer.push(&record));
    }

    #[test]
    fn two_threads_lose_and_mix_nothing() {
        let (mut producer, mut consumer) = ring(&Arc::default());
        let count = 100_000u64;
        let writer = std::thread::spawn(move || {
            let mut record = AccessRecord::EMPTY;
            let mut number = 0;
            while number < count {
                record.started_ns = number;
                record.duration_ns = !number;
                number += u64::from(producer.push(&record));
            }
        });
        let mut next = 0;
        while next < count {
            let taken = consumer.take(|record| {
                assert_eq!((record.started_ns, record.duration_ns), (next, !next));
            });
            next += u64::from(taken);
        }
        writer.join().unwrap();
    }
}
