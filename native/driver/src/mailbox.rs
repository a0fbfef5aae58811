//! Control messages to a shard: a short locked queue and an eventfd that wakes its epoll set.

#![allow(clippy::disallowed_types)] // the lock is held for a push or a pop, and only when something was sent

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

use rustix::event::{EventfdFlags, eventfd};
use rustix::io::Errno;

use crate::message::Message;

/// Messages that may wait for one shard. A publish that finds a queue full is refused: the shard does not answer.
const MESSAGES_MAX: usize = 64;

pub(crate) struct Mailbox {
    queue: Mutex<VecDeque<Message>>,
    wake: OwnedFd,
}

impl Mailbox {
    pub fn new() -> Result<Self, Errno> {
        let wake = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Self {
            queue: Mutex::new(VecDeque::with_capacity(MESSAGES_MAX)),
            wake,
        })
    }

    /// True when another message fits.
    pub fn has_room(&self) -> bool {
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
            < MESSAGES_MAX
    }

    /// Adds a message and wakes the shard. Messages that end something always fit.
    pub fn send(&self, message: Message) {
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(message);
        // A full counter means that the shard is being woken already.
        let _ = rustix::io::write(&self.wake, &1u64.to_ne_bytes());
    }

    /// Takes the next message.
    pub fn receive(&self) -> Option<Message> {
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    }

    /// Makes the eventfd quiet until the next message.
    pub fn acknowledge(&self) {
        let _ = rustix::io::read(&self.wake, &mut [0; 8]);
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}
