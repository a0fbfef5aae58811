//! Seeded chance, and content that a seed makes.

use decide::rand::Rng;

/// Everything random in a run comes from one of these.
#[derive(Debug, Clone)]
pub(crate) struct Chance {
    rng: Rng,
}

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed),
        }
    }

    pub fn number(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// Both ends included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.rng.below(high - low + 1)
    }

    pub fn one_in(&mut self, count: u64) -> bool {
        self.rng.below(count) == 0
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.rng.below(choices.len() as u64) as usize]
    }

    /// A body size: mostly small, now and then more than a write queue takes.
    pub fn size(&mut self) -> usize {
        let most = self.pick(&[0, 10, 100, 100, 1_000, 1_000, 9_000, 70_000]);
        let most = if self.one_in(40) { 400_000 } else { most };
        self.between(0, most) as usize
    }
}

/// Bytes that belong to `seed`, the same each time.
pub(crate) fn content(seed: u64, length: usize) -> Vec<u8> {
    let mut rng = Rng::new(seed);
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend_from_slice(&rng.next_u64().to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// FNV-1a, for comparing bodies and traces.
pub(crate) fn hash(bytes: &[u8], start: u64) -> u64 {
    bytes
        .iter()
        .fold(start ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        })
}
