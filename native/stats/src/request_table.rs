//! Requests by (status, reason) in a table of fixed size: real traffic has a handful of pairs, a
//! peer that invents statuses fills the table and is then counted in one overflow slot.

use crate::{Reason, counter::Counter};

/// Pairs that are counted apart; further ones are counted together as status 0.
const SLOTS: usize = 32;

#[derive(Debug)]
pub struct RequestTable {
    slots: [Slot; SLOTS],
    overflow: Counter,
}

#[derive(Debug)]
struct Slot {
    /// 0 while free; never changes once set.
    key: Counter,
    count: Counter,
}

impl RequestTable {
    pub const fn new() -> Self {
        let slots = [const {
            Slot {
                key: Counter::new(),
                count: Counter::new(),
            }
        }; SLOTS];
        Self {
            slots,
            overflow: Counter::new(),
        }
    }

    #[inline]
    pub fn add(&self, status: u16, reason: Option<Reason>) {
        let key = encode(status, reason);
        let home = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 59) as usize;
        for step in 0..SLOTS {
            let slot = &self.slots[(home + step) % SLOTS];
            let found = slot.key.get();
            if found == key {
                return slot.count.add(1);
            }
            if found == 0 {
                slot.key.set_once(key);
                return slot.count.add(1);
            }
        }
        self.overflow.add(1);
    }

    /// Each pair with its count; the overflow as status 0 when there is some.
    pub fn counts(&self) -> impl Iterator<Item = (u16, Option<Reason>, u64)> {
        let overflow = std::iter::once((0, None, self.overflow.get()));
        let counted = self.slots.iter().map(|slot| {
            let (status, reason) = decode(slot.key.get());
            (status, reason, slot.count.get())
        });
        counted.chain(overflow).filter(|(_, _, count)| *count > 0)
    }
}

/// Status in bits 8 to 23, reason + 1 in bits 0 to 7, and a bit that makes every key differ from a
/// free slot.
#[inline]
fn encode(status: u16, reason: Option<Reason>) -> u64 {
    let reason = reason.map_or(0, |reason| reason as u64 + 1);
    1 << 24 | u64::from(status) << 8 | reason
}

fn decode(key: u64) -> (u16, Option<Reason>) {
    let reason = (key as usize & 0xff)
        .checked_sub(1)
        .and_then(|index| Reason::ALL.get(index));
    ((key >> 8) as u16, reason.copied())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{RequestTable, SLOTS};
    use crate::Reason;

    #[test]
    fn a_pair_is_counted_apart_from_the_same_status_with_another_reason() {
        let table = RequestTable::new();
        table.add(503, None);
        table.add(503, Some(Reason::NoHealthyEndpoint));
        table.add(503, Some(Reason::NoHealthyEndpoint));
        table.add(404, Some(Reason::NoRoute));
        let counts: BTreeMap<_, _> = table
            .counts()
            .map(|(status, reason, n)| ((status, reason), n))
            .collect();
        let expected = [
            ((404, Some(Reason::NoRoute)), 1),
            ((503, None), 1),
            ((503, Some(Reason::NoHealthyEndpoint)), 2),
        ];
        assert_eq!(counts, BTreeMap::from(expected));
    }

    #[test]
    fn pairs_beyond_the_table_are_counted_together_as_status_0() {
        let table = RequestTable::new();
        for status in 100..200 {
            table.add(status, None);
            table.add(status, None);
        }
        let counts: BTreeMap<_, _> = table
            .counts()
            .map(|(status, _, count)| (status, count))
            .collect();
        assert_eq!(counts.len(), SLOTS + 1);
        assert_eq!(counts[&0], 2 * (100 - SLOTS as u64));
        assert_eq!(counts.values().sum::<u64>(), 200);
    }

    #[test]
    fn every_reason_survives_the_table() {
        for reason in Reason::ALL {
            let table = RequestTable::new();
            table.add(reason.status(), Some(*reason));
            assert_eq!(
                table.counts().next(),
                Some((reason.status(), Some(*reason), 1))
            );
        }
    }
}
