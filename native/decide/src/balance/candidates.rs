//! The endpoints of a service that may be picked, each with its share. Made when something about them changes, which
//! is rare; a pick only reads it.

use crate::rand::scale;
use crate::split::Split;

/// Endpoints by the caller's slots. Those of weight 0 are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    slots: Vec<u32>,
    /// Absent when all weigh the same, which needs no search.
    shares: Option<Split>,
}

impl Candidates {
    /// From slots and their weights, in the order in which they take turns.
    pub fn new(weighted: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let (slots, weights): (Vec<u32>, Vec<u32>) = weighted
            .into_iter()
            .filter(|&(_, weight)| weight > 0)
            .unzip();
        let equal = weights.windows(2).all(|pair| pair[0] == pair[1]);
        Self {
            slots,
            shares: (!equal).then(|| Split::new(weights)),
        }
    }

    /// Slots with a weight.
    pub fn slots(&self) -> &[u32] {
        &self.slots
    }

    /// Two of them, by their places, of which the better one is to be used: distinct and uniformly drawn where all weigh
    /// the same, else drawn by weight, each for itself. So a weight is a share wherever the two are equally good, and an
    /// endpoint that is worse than all others keeps what it gets when it is drawn twice. `None` when there is none.
    #[inline]
    pub(super) fn draw(&self, random: u64) -> Option<(usize, usize)> {
        match (&self.shares, self.slots.len()) {
            (_, 0) => None,
            (_, 1) => Some((0, 0)),
            (None, count) => Some(two_distinct(count, random)),
            // Each draw uses the upper half of its number.
            (Some(shares), _) => Some((shares.pick(random)?, shares.pick(random << 32)?)),
        }
    }

    /// The place whose turn it is. Turns of weighted endpoints are spread evenly: multiples of the golden ratio modulo 1
    /// lie apart however many there are (Weyl's sequence).
    #[inline]
    pub(super) fn in_turn(&self, turn: &mut u32) -> Option<usize> {
        let count = u32::try_from(self.slots.len())
            .ok()
            .filter(|count| *count > 0)?;
        let Some(shares) = &self.shares else {
            // Kept below `count`, so that wrapping around never repeats or skips an endpoint.
            let picked = *turn % count;
            *turn = picked + 1;
            return Some(picked as usize);
        };
        *turn = turn.wrapping_add(1);
        shares.pick(u64::from(turn.wrapping_mul(GOLDEN_RATIO)) << 32)
    }
}

/// Two distinct indexes below `count` (at least 2), every ordered pair equally likely; each takes
/// 32 of the random bits.
#[inline]
pub(super) fn two_distinct(count: usize, random: u64) -> (usize, usize) {
    let first = scale(random >> 32 << 32, count as u64) as usize;
    let second = scale(random << 32, count as u64 - 1) as usize;
    (first, second + usize::from(second >= first))
}

/// Of 2^32, so that it is modulo 1 there.
const GOLDEN_RATIO: u32 = 0x9e37_79b9;
