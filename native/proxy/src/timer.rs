//! Deadlines in a timing wheel (Varghese and Lauck 1987), coarse and lazy.
//!
//! Moving a deadline later, which each request does, is one store: the entry stays where it is and is put further
//! when its old place comes up. A deadline is honoured late by at most one tick, never early.

use crate::io::Token;

/// Name of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimerId(u32);

/// Length of a tick as a power of two in nanoseconds: 2^26 ns are 67 ms.
const TICK_SHIFT: u32 = 26;
/// Places of the wheel; 1024 ticks are 68 s. What lies further is put to the last place and looked at again there.
const PLACES: usize = 1024;
const NONE: u32 = u32::MAX;

pub(crate) struct Timers {
    entries: Vec<Entry>,
    free: u32,
    heads: Box<[u32; PLACES]>,
    occupied: [u64; PLACES / 64],
    tick: u64,
}

struct Entry {
    token: Token,
    /// 0 when not armed.
    deadline: u64,
    /// Tick at which it is looked at; meaningful while linked.
    due: u64,
    linked: bool,
    prev: u32,
    next: u32,
}

impl Timers {
    pub fn new(now: u64) -> Self {
        Self {
            entries: Vec::new(),
            free: NONE,
            heads: Box::new([NONE; PLACES]),
            occupied: [0; PLACES / 64],
            tick: now >> TICK_SHIFT,
        }
    }

    pub fn add(&mut self, token: Token) -> TimerId {
        let entry = Entry {
            token,
            deadline: 0,
            due: 0,
            linked: false,
            prev: NONE,
            next: NONE,
        };
        if self.free == NONE {
            self.entries.push(entry);
            return TimerId(self.entries.len() as u32 - 1);
        }
        let id = self.free;
        self.free = self.entries[id as usize].next;
        self.entries[id as usize] = entry;
        TimerId(id)
    }

    pub fn remove(&mut self, id: TimerId) {
        self.unlink(id.0);
        self.entries[id.0 as usize].next = self.free;
        self.free = id.0;
    }

    /// Sets the deadline, in place of the one before.
    #[inline]
    pub fn arm(&mut self, id: TimerId, deadline: u64) {
        let entry = &mut self.entries[id.0 as usize];
        entry.deadline = deadline;
        let due = (deadline >> TICK_SHIFT) + 1;
        if entry.linked && entry.due <= due {
            return;
        }
        self.unlink(id.0);
        self.link(id.0, due);
    }

    /// Sets the deadline unless there is an earlier one.
    pub fn bring_forward(&mut self, id: TimerId, deadline: u64) {
        let set = self.entries[id.0 as usize].deadline;
        if set == 0 || deadline < set {
            self.arm(id, deadline);
        }
    }

    #[inline]
    pub fn disarm(&mut self, id: TimerId) {
        self.entries[id.0 as usize].deadline = 0;
    }

    /// An entry with the deadline that another wheel has for it.
    pub fn take_over(&mut self, token: Token, old: TimerId, wheel: &Self) -> TimerId {
        let id = self.add(token);
        let deadline = wheel.entries[old.0 as usize].deadline;
        if deadline != 0 {
            self.arm(id, deadline);
        }
        id
    }

    /// One entry whose deadline has passed; call until `None`. It is disarmed.
    pub fn expired(&mut self, now: u64) -> Option<Token> {
        let target = now >> TICK_SHIFT;
        while self.tick <= target {
            let place = self.tick as usize % PLACES;
            while self.heads[place] != NONE {
                let id = self.heads[place];
                self.unlink(id);
                let entry = &mut self.entries[id as usize];
                match entry.deadline {
                    0 => {}
                    deadline if deadline <= now => {
                        entry.deadline = 0;
                        return Some(entry.token);
                    }
                    deadline => self.link(id, (deadline >> TICK_SHIFT) + 1),
                }
            }
            if self.tick == target {
                return None;
            }
            self.tick += 1;
        }
        None
    }

    /// When [`Timers::expired`] has to be asked next, in nanoseconds.
    pub fn next(&self) -> Option<u64> {
        let first = self.tick as usize % PLACES;
        let words = self.occupied.len();
        for step in 0..=words {
            let word_index = (first / 64 + step) % words;
            let mut word = self.occupied[word_index];
            if step == 0 {
                word &= u64::MAX << (first % 64);
            } else if step == words {
                word &= !(u64::MAX << (first % 64));
            }
            if word != 0 {
                let place = word_index * 64 + word.trailing_zeros() as usize;
                let ahead = (place + PLACES - first) % PLACES;
                return Some((self.tick + ahead as u64) << TICK_SHIFT);
            }
        }
        None
    }

    /// Entries that were added and not removed; walks the free ones.
    pub fn used(&self) -> usize {
        let next = |&id: &u32| Some(self.entries[id as usize].next).filter(|&next| next != NONE);
        let first = Some(self.free).filter(|&id| id != NONE);
        self.entries.len() - std::iter::successors(first, next).count()
    }

    fn link(&mut self, id: u32, due: u64) {
        let due = due.clamp(self.tick + 1, self.tick + PLACES as u64 - 1);
        let place = due as usize % PLACES;
        let head = self.heads[place];
        let entry = &mut self.entries[id as usize];
        entry.due = due;
        entry.linked = true;
        entry.prev = NONE;
        entry.next = head;
        if head != NONE {
            self.entries[head as usize].prev = id;
        }
        self.heads[place] = id;
        self.occupied[place / 64] |= 1 << (place % 64);
    }

    fn unlink(&mut self, id: u32) {
        let entry = &mut self.entries[id as usize];
        if !entry.linked {
            return;
        }
        entry.linked = false;
        let (prev, next, place) = (entry.prev, entry.next, entry.due as usize % PLACES);
        if prev == NONE {
            self.heads[place] = next;
            if next == NONE {
                self.occupied[place / 64] &= !(1 << (place % 64));
            }
        } else {
            self.entries[prev as usize].next = next;
        }
        if next != NONE {
            self.entries[next as usize].prev = prev;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::Side;

    const SECOND: u64 = 1_000_000_000;

    fn token(index: u32) -> Token {
        Token::new(Side::Downstream, index, 0)
    }

    #[test]
    fn a_deadline_is_never_early_and_at_most_two_ticks_late() {
        let mut timers = Timers::new(5 * SECOND);
        let id = timers.add(token(1));
        let deadline = 7 * SECOND + 123;
        timers.arm(id, deadline);
        assert_eq!(timers.expired(deadline - 1), None);
        let asked = timers.next().unwrap();
        assert!(asked >= deadline && asked <= deadline + (2 << TICK_SHIFT));
        assert_eq!(timers.expired(asked), Some(token(1)));
        assert_eq!(timers.expired(asked + SECOND), None);
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn moving_a_deadline_later_keeps_it_and_moving_it_earlier_brings_it_forward() {
        let mut timers = Timers::new(0);
        let id = timers.add(token(1));
        timers.arm(id, 2 * SECOND);
        timers.arm(id, 30 * SECOND);
        assert_eq!(timers.expired(3 * SECOND), None);
        timers.arm(id, 5 * SECOND);
        assert_eq!(timers.expired(6 * SECOND), Some(token(1)));
    }

    #[test]
    fn a_deadline_beyond_the_wheel_is_kept() {
        let mut timers = Timers::new(0);
        let id = timers.add(token(1));
        timers.arm(id, 1000 * SECOND);
        for second in 0..1000 {
            assert_eq!(timers.expired(second * SECOND), None, "at {second} s");
        }
        assert_eq!(timers.expired(1001 * SECOND), Some(token(1)));
    }

    #[test]
    fn a_removed_entry_never_fires_and_its_place_is_used_again() {
        let mut timers = Timers::new(0);
        let first = timers.add(token(1));
        let second = timers.add(token(2));
        timers.arm(first, SECOND);
        timers.arm(second, SECOND);
        timers.remove(first);
        assert_eq!(timers.add(token(3)), first);
        assert_eq!(timers.expired(3 * SECOND), Some(token(2)));
        assert_eq!(timers.expired(3 * SECOND), None);
    }
}
