//! The weighted pick among the backends of a rule (Gateway API: share = weight / sum of weights).
//! Sums are made once per snapshot, a pick is one multiplication and a search.

use crate::rand::scale;

/// Backends of one rule as running sums of their weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    cumulative: Box<[u64]>,
}

impl Split {
    /// Sums up the weights in the order of the backends.
    pub fn new(weights: impl IntoIterator<Item = u32>) -> Self {
        let sums = weights.into_iter().scan(0_u64, |sum, weight| {
            *sum += u64::from(weight);
            Some(*sum)
        });
        Self {
            cumulative: sums.collect(),
        }
    }

    /// Index of the backend that the random number falls to; `None` when the weights sum up to 0.
    #[inline]
    pub fn pick(&self, random: u64) -> Option<usize> {
        pick(&self.cumulative, random)
    }
}

/// The pick over running sums that the caller keeps; they never decrease.
#[inline]
pub fn pick(cumulative: &[u64], random: u64) -> Option<usize> {
    let sum = *cumulative.last()?;
    if sum == 0 {
        return None;
    }
    let point = scale(random, sum);
    Some(cumulative.partition_point(|end| *end <= point))
}

#[cfg(test)]
mod tests {
    use super::{Split, pick};
    use crate::rand::Rng;

    #[test]
    fn shares_follow_the_weights_within_five_standard_deviations() {
        let weights = [90_u32, 9, 0, 1];
        let (draws, split) = (1_000_000_u32, Split::new(weights));
        let mut rng = Rng::new(42);
        let mut counts = [0_u32; 4];
        for _ in 0..draws {
            counts[split.pick(rng.next_u64()).unwrap()] += 1;
        }
        for (count, weight) in counts.iter().zip(weights) {
            let share = f64::from(weight) / 100.0;
            let deviation = (f64::from(draws) * share * (1.0 - share)).sqrt();
            let distance = (f64::from(*count) - f64::from(draws) * share).abs();
            assert!(distance <= 5.0 * deviation, "{counts:?}");
        }
    }

    #[test]
    fn weights_that_sum_up_to_0_and_an_empty_list_pick_nothing() {
        assert_eq!(Split::new([0, 0]).pick(5), None);
        assert_eq!(Split::new([]).pick(5), None);
    }

    #[test]
    fn a_backend_of_weight_0_is_never_picked_even_at_the_edges() {
        let split = Split::new([0, 1, 0, 1, 0]);
        assert_eq!(split.pick(0), Some(1));
        assert_eq!(split.pick((1 << 63) - 1), Some(1));
        assert_eq!(split.pick(1 << 63), Some(3));
        assert_eq!(split.pick(u64::MAX), Some(3));
    }

    #[test]
    fn weights_beyond_32_bits_in_sum_do_not_overflow() {
        let split = Split::new([u32::MAX, u32::MAX]);
        assert_eq!((split.pick(0), split.pick(u64::MAX)), (Some(0), Some(1)));
    }

    #[test]
    fn sums_kept_by_the_caller_pick_the_same() {
        assert_eq!(
            pick(&[3, 4], u64::MAX / 2),
            Split::new([3, 1]).pick(u64::MAX / 2)
        );
    }
}
