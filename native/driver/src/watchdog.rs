//! Ends the process when a shard does not end in time: neither `worker.terminate()` nor `process.exit()` returns
//! while native code runs, so something outside of the shards' threads has to.

#![allow(clippy::disallowed_types)] // its own thread waits on this lock; a shard takes it once, at its end

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Exit code of a process that the watchdog ended (`EX_SOFTWARE` of sysexits).
const EXIT_CODE: i32 = 70;

/// Counts the shards that run.
#[derive(Default)]
pub(crate) struct Running {
    count: Mutex<usize>,
    changed: Condvar,
}

impl Running {
    pub fn began(&self) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    }

    pub fn ended(&self) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count = count.saturating_sub(1);
        self.changed.notify_all();
    }

    /// Waits until no shard runs; false when that took longer than `limit`.
    fn wait(&self, limit: Duration) -> bool {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let result = self
            .changed
            .wait_timeout_while(count, limit, |count| *count > 0);
        let (count, _) = result.unwrap_or_else(PoisonError::into_inner);
        *count == 0
    }
}

/// Gives the shards so long to end; then the process ends.
pub(crate) fn watch(running: Arc<Running>, limit: Duration) {
    let thread = std::thread::Builder::new().name("heddle-watchdog".to_owned());
    let spawned = thread.spawn(move || {
        if !running.wait(limit) {
            exit_now();
        }
    });
    if spawned.is_err() {
        // Without a thread to watch there is no promise to end in time; end at once.
        exit_now();
    }
}

fn exit_now() -> ! {
    // SAFETY: `_exit` has no precondition; it runs no handler and takes no lock, which is why it is used here.
    unsafe { libc::_exit(EXIT_CODE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends_when_the_last_shard_ends() {
        let running = Arc::new(Running::default());
        running.began();
        running.began();
        running.ended();
        assert!(!running.wait(Duration::from_millis(1)));
        running.ended();
        assert!(running.wait(Duration::ZERO));
    }
}
