//! Histograms of fixed size: log-linear for durations (32 steps per power of two, so a bucket is at
//! most 3.2 % wide), by powers of two for sizes. Buckets are indexes, so histograms of shards merge
//! by addition.

use crate::counter::Counter;

/// Duration buckets: 32 of 32 ns below 1,024 ns, then 32 in each of the octaves 10 to 41 (up to 73
/// minutes).
pub const DURATION_BUCKETS: usize = 32 + 32 * 32;
/// Size buckets: one for 0, then one per power of two.
pub const SIZE_BUCKETS: usize = 65;

const LINEAR_END_NS: u64 = 1 << 10;
const DURATION_MAX_NS: u64 = (1 << 42) - 1;

/// Bucket of a duration; beyond the last octave it is the last bucket.
#[inline]
pub fn duration_index(ns: u64) -> usize {
    if ns < LINEAR_END_NS {
        return (ns >> 5) as usize;
    }
    let ns = ns.min(DURATION_MAX_NS);
    let octave = u64::from(ns.ilog2());
    let step = (ns >> (octave - 5)) & 31;
    (32 + (octave - 10) * 32 + step) as usize
}

/// Shortest duration that falls into the bucket.
pub fn duration_lower_bound(index: usize) -> u64 {
    let index = index as u64;
    if index < 32 {
        return index << 5;
    }
    let octave = 10 + ((index - 32) >> 5);
    (32 + ((index - 32) & 31)) << (octave - 5)
}

/// Bucket of a size: 0 for 0, b for sizes in [2^(b-1), 2^b).
#[inline]
pub fn size_index(bytes: u64) -> usize {
    (u64::BITS - bytes.leading_zeros()) as usize
}

pub type DurationHistogram = Histogram<DURATION_BUCKETS>;
pub type SizeHistogram = Histogram<SIZE_BUCKETS>;

/// Buckets with the sum of what was added. Aligned so that allocations of two shards never share a
/// cache line (two lines, because processors fetch them in pairs).
#[derive(Debug)]
#[repr(align(128))]
pub struct Histogram<const N: usize> {
    sum: Counter,
    buckets: [Counter; N],
}

impl<const N: usize> Histogram<N> {
    pub const fn new() -> Self {
        Self {
            sum: Counter::new(),
            buckets: [const { Counter::new() }; N],
        }
    }

    #[inline]
    pub fn add(&self, index: usize, value: u64) {
        self.sum.add(value);
        self.buckets[index].add(1);
    }
}

/// What histograms of several shards add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub sum: u64,
    buckets: Vec<u64>,
}

impl Merged {
    pub fn new<const N: usize>() -> Self {
        Self {
            sum: 0,
            buckets: vec![0; N],
        }
    }

    pub fn add<const N: usize>(&mut self, histogram: &Histogram<N>) {
        self.sum = self.sum.wrapping_add(histogram.sum.get());
        for (total, bucket) in self.buckets.iter_mut().zip(&histogram.buckets) {
            *total += bucket.get();
        }
    }

    /// Made from the buckets, so that it always equals their sum.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// The buckets that hold something, by index.
    pub fn sparse(&self) -> Vec<(u32, u64)> {
        let indexed = self.buckets.iter().enumerate();
        indexed
            .filter(|(_, count)| **count > 0)
            .map(|(index, count)| (index as u32, *count))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{DURATION_BUCKETS, SIZE_BUCKETS, duration_index, duration_lower_bound, size_index};

    #[test]
    fn every_bucket_begins_at_its_lower_bound_and_ends_before_the_next() {
        for index in 0..DURATION_BUCKETS {
            let from = duration_lower_bound(index);
            assert_eq!(duration_index(from), index);
            assert_eq!(
                duration_index(from.max(1) - 1),
                index.saturating_sub(usize::from(from > 0))
            );
        }
    }

    #[test]
    fn known_durations_fall_where_the_contract_says() {
        assert_eq!(duration_index(0), 0);
        assert_eq!(duration_index(31), 0);
        assert_eq!(duration_index(1_023), 31);
        assert_eq!(duration_index(1_024), 32);
        assert_eq!(duration_index(1_056), 33);
        assert_eq!(duration_index(30_000_000), 32 + 14 * 32 + 25);
        assert_eq!(duration_lower_bound(32 + 14 * 32 + 25), 57 << 19);
    }

    #[test]
    fn durations_beyond_the_last_octave_fall_into_the_last_bucket() {
        assert_eq!(duration_index((1 << 42) - 1), DURATION_BUCKETS - 1);
        assert_eq!(duration_index(1 << 42), DURATION_BUCKETS - 1);
        assert_eq!(duration_index(u64::MAX), DURATION_BUCKETS - 1);
    }

    #[test]
    fn sizes_fall_into_powers_of_two() {
        assert_eq!(
            [0, 1, 2, 3, 4, 1_023, 1_024].map(size_index),
            [0, 1, 2, 2, 3, 10, 11]
        );
        assert_eq!(size_index(u64::MAX), SIZE_BUCKETS - 1);
    }
}
