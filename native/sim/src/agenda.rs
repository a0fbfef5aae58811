//! The virtual clock: what happens next, in order of time and, at equal times, of planning.

use std::collections::BTreeMap;

use proxy::ConnectFailure;

pub(crate) const MS: u64 = 1_000_000;
pub(crate) const SECOND: u64 = 1_000 * MS;

/// What can happen; connections, clients and shards are named by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// Something may have arrived.
    Deliver(usize, Way),
    /// The shard may write again.
    Writable(usize),
    /// A peer that had stopped reading reads again.
    PeerReads(usize),
    /// A client's connection reaches its listener.
    Accept(usize),
    /// A shard's connection is established, or not.
    Connected(usize, Result<(), ConnectFailure>),
    /// A shard takes its turn.
    Turn(usize),
    /// A client does what it planned for now.
    Client(usize),
    /// A client of the relay begins.
    Relay(usize),
    /// An origin's connection does what it planned for now.
    Origin(usize),
    /// A shard takes over the newest configuration.
    Publish(usize),
    /// A new configuration is made.
    Change,
    /// The next part of the run begins.
    Phase(Phase),
}

/// Direction on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    ToShard,
    ToPeer,
}

/// Parts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// No fault begins any more.
    Calm,
    /// Requests that all have to succeed.
    Liveness,
    /// More of them, right before the drain.
    LastRequests,
    Drain,
    /// Everything has to be over.
    End,
}

#[derive(Default)]
pub(crate) struct Agenda {
    entries: BTreeMap<(u64, u64), Event>,
    planned: u64,
    pub now: u64,
}

impl Agenda {
    pub fn new(now: u64) -> Self {
        Self {
            now,
            ..Self::default()
        }
    }

    pub fn at(&mut self, time: u64, event: Event) {
        self.planned += 1;
        self.entries
            .insert((time.max(self.now), self.planned), event);
    }

    pub fn after(&mut self, delay: u64, event: Event) {
        self.at(self.now + delay, event);
    }

    /// Moves the clock to the next event.
    pub fn next(&mut self) -> Option<Event> {
        let ((time, _), event) = self.entries.pop_first()?;
        self.now = time;
        Some(event)
    }
}
