//! A small seeded generator for picks and jitter: xoshiro256++, its state filled by `SplitMix64`
//! (Blackman and Vigna, 2019). Not for secrets: who sees a few outputs can compute the rest.

/// Generator of 64-bit numbers; equal seeds give equal sequences on every machine.
#[derive(Debug, Clone)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// Starts the sequence that belongs to `seed`; every seed is good, 0 too.
    pub fn new(seed: u64) -> Self {
        let mut mixer = seed;
        Self {
            state: std::array::from_fn(|_| split_mix(&mut mixer)),
        }
    }

    /// The next number, uniform over all of `u64`.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// The next number below `limit`; 0 when `limit` is 0. Off from uniform by less than `limit` in
    /// 2^64.
    #[inline]
    pub fn below(&mut self, limit: u64) -> u64 {
        scale(self.next_u64(), limit)
    }
}

/// Maps a number uniform over all of `u64` to one below `limit`.
#[inline]
pub(crate) fn scale(random: u64, limit: u64) -> u64 {
    ((u128::from(random) * u128::from(limit)) >> 64) as u64
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Rng, split_mix};

    #[test]
    fn split_mix_gives_the_published_first_outputs_of_seed_0() {
        let mut state = 0;
        assert_eq!(split_mix(&mut state), 0xe220_a839_7b1d_cdaf);
        assert_eq!(split_mix(&mut state), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn the_generator_gives_the_published_outputs_of_state_1_2_3_4() {
        let mut rng = Rng {
            state: [1, 2, 3, 4],
        };
        let first: [u64; 4] = std::array::from_fn(|_| rng.next_u64());
        assert_eq!(
            first,
            [
                41_943_041,
                58_720_359,
                3_588_806_011_781_223,
                3_591_011_842_654_386
            ]
        );
    }

    #[test]
    fn equal_seeds_give_equal_sequences_and_different_seeds_do_not() {
        let draw = |seed| Rng::new(seed).next_u64();
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn numbers_below_a_limit_stay_below_it_and_reach_every_value() {
        let mut rng = Rng::new(1);
        let mut counts = [0_u32; 10];
        for _ in 0..10_000 {
            counts[rng.below(10) as usize] += 1;
        }
        assert!(
            counts.iter().all(|count| (880..1120).contains(count)),
            "{counts:?}"
        );
        assert_eq!(rng.below(0), 0);
    }
}
