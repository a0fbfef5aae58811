//! When a process that ended is started again: at once, later and later when it keeps ending, and not at all when that
//! would change nothing.

use std::collections::VecDeque;

/// Starts within [`WINDOW_MS`] after which it is given up: something lasting is wrong.
const STARTS_MAX: usize = 10;
const WINDOW_MS: u64 = 60_000;
/// Pause before the second restart in a row; doubled for each further one.
const PAUSE_MS: u64 = 50;
const PAUSE_MS_MAX: u64 = 2_000;
/// The command line is wrong.
const USAGE: i32 = 2;
/// The configuration is wrong (`EX_CONFIG` of sysexits).
const BAD_CONFIGURATION: i32 = 78;

/// What follows the end of a process.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Start it again at this time.
    StartAt(u64),
    /// Another start would end in the same way; this is its exit code.
    Over(i32),
    /// It was started too often.
    GiveUp,
}

#[derive(Default)]
pub struct Restarts {
    /// Times of the restarts of the last minute, in milliseconds.
    recent: VecDeque<u64>,
}

impl Restarts {
    /// A process ended by itself: with an exit code, or `None` by a signal. `was_ready` when it had begun to serve.
    pub fn ended(&mut self, code: Option<i32>, was_ready: bool, now: u64) -> Verdict {
        match code {
            Some(code @ (0 | USAGE | BAD_CONFIGURATION)) => Verdict::Over(code),
            // It said itself why it cannot start.
            Some(code) if !was_ready && self.recent.is_empty() => Verdict::Over(code),
            _ => self.restart(now),
        }
    }

    /// Another process is wanted, whatever the reason.
    pub fn restart(&mut self, now: u64) -> Verdict {
        while self.recent.front().is_some_and(|&at| at + WINDOW_MS < now) {
            self.recent.pop_front();
        }
        if self.recent.len() >= STARTS_MAX {
            return Verdict::GiveUp;
        }
        let doublings = self.recent.len() as u32;
        let pause = match doublings {
            0 => 0,
            _ => (PAUSE_MS << (doublings - 1)).min(PAUSE_MS_MAX),
        };
        self.recent.push_back(now + pause);
        Verdict::StartAt(now + pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNAL: Option<i32> = None;

    #[test]
    fn a_process_that_died_is_started_at_once_and_later_and_later_when_it_dies_again() {
        let mut restarts = Restarts::default();
        let mut now = 1_000;
        let pauses = [0, 50, 100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000];
        for pause in pauses {
            assert_eq!(
                restarts.ended(SIGNAL, true, now),
                Verdict::StartAt(now + pause)
            );
            now += pause;
        }
        assert_eq!(restarts.ended(SIGNAL, true, now), Verdict::GiveUp);
    }

    #[test]
    fn deaths_that_are_far_apart_never_count_together() {
        let mut restarts = Restarts::default();
        for minute in 0..100 {
            let now = minute * 61_000;
            assert_eq!(restarts.ended(SIGNAL, true, now), Verdict::StartAt(now));
        }
    }

    #[test]
    fn an_end_in_order_or_by_a_mistake_of_the_user_is_the_end() {
        let mut restarts = Restarts::default();
        for code in [0, 2, 78] {
            assert_eq!(restarts.ended(Some(code), true, 0), Verdict::Over(code));
        }
        assert_eq!(restarts.ended(Some(5), false, 0), Verdict::Over(5));
        assert_eq!(restarts.ended(Some(70), true, 0), Verdict::StartAt(0));
    }
}
