//! An edge-triggered epoll set over std sockets, and the limit on open files.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::event::{Timespec, epoll::EventFlags};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What one socket is ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The token given to [`Events::add`].
    pub token: u64,
    /// Bytes, an end or an error can be read.
    pub readable: bool,
    /// The peer has ended: read until the end shows, since no further event will tell of it.
    pub ended: bool,
    /// Room to write has appeared.
    pub writable: bool,
}

/// The epoll set of one thread.
pub struct Events {
    set: OwnedFd,
    ready: Vec<epoll::Event>,
}

impl Events {
    /// Makes an empty set.
    pub fn new() -> io::Result<Self> {
        let set = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        Ok(Self {
            set,
            ready: Vec::with_capacity(EVENTS_PER_TURN),
        })
    }

    /// Watches a nonblocking socket for reading and writing, edge-triggered. Closing it removes it.
    pub fn add(&self, socket: impl AsFd, token: u64) -> io::Result<()> {
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        epoll::add(&self.set, socket, epoll::EventData::new_u64(token), flags)?;
        Ok(())
    }

    /// Waits until something is ready or `timeout_ms` has passed (`None`: for ever).
    pub fn wait(&mut self, timeout_ms: Option<u32>) -> io::Result<usize> {
        self.ready.clear();
        let timeout = timeout_ms.map(|ms| Timespec {
            tv_sec: i64::from(ms / 1000),
            tv_nsec: i64::from(ms % 1000) * 1_000_000,
        });
        match epoll::wait(&self.set, spare_capacity(&mut self.ready), timeout.as_ref()) {
            Ok(count) => Ok(count),
            Err(rustix::io::Errno::INTR) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Event `index` of the last wait.
    pub fn get(&self, index: usize) -> Option<Readiness> {
        self.ready.get(index).map(|event| {
            let flags = event.flags;
            let ended = EventFlags::HUP | EventFlags::ERR | EventFlags::RDHUP;
            Readiness {
                token: event.data.u64(),
                readable: flags.intersects(EventFlags::IN | ended),
                ended: flags.intersects(ended),
                writable: flags.intersects(EventFlags::OUT | EventFlags::ERR),
            }
        })
    }
}

/// Raises the limit on open files to what this user is allowed.
pub fn raise_open_file_limit() -> io::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised)?;
    Ok(())
}

/// Enough for one event of each of 64 connections several times over; more only wait for the next turn.
const EVENTS_PER_TURN: usize = 512;
