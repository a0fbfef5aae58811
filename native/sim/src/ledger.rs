//! What was sent, what arrived, and how it ended: the books that the invariants are checked against.

use crate::message::{Headers, Message};

/// A rule that did not hold, and where it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Name of the invariant.
    pub invariant: &'static str,
    /// What was found in its place.
    pub detail: String,
}

pub(crate) type Verdict = Result<(), Violation>;

/// Fails with the invariant's name unless `holds`.
pub(crate) fn require(
    invariant: &'static str,
    holds: bool,
    detail: impl FnOnce() -> String,
) -> Verdict {
    if holds {
        return Ok(());
    }
    Err(Violation {
        invariant,
        detail: detail(),
    })
}

#[derive(Default)]
pub(crate) struct Ledger {
    pub requests: Vec<Entry>,
    pub relays: Vec<Relayed>,
    /// Connections that shards accepted on each listener.
    pub accepted: [u64; 3],
    /// Malformed requests sent.
    pub malformed: u64,
    /// Upgrades asked for, and what came back: status and reason of those that the proxy answered itself.
    pub upgrades: Vec<(u16, Option<String>)>,
    pub upgrades_asked: u64,
}

/// One request; its index is its name.
pub(crate) struct Entry {
    pub request: Request,
    pub sent_at: Option<u64>,
    pub arrivals: Vec<Arrival>,
    pub outcome: Option<Outcome>,
}

#[derive(Clone)]
pub(crate) struct Request {
    pub listener: usize,
    pub method: &'static str,
    pub path: String,
    pub minor: u8,
    pub message: Message,
    pub expects: bool,
    pub accepts_trailers: bool,
    /// No fault runs while it does: it has to be answered by an origin.
    pub must_succeed: bool,
}

/// One time that an origin saw the head of a request.
pub(crate) struct Arrival {
    /// The connection had carried another request before.
    pub on_reused: bool,
    /// Marker of the rule that changed the request.
    pub rule: Option<String>,
    pub answer: Option<Answer>,
}

/// What an origin answers, or would have.
#[derive(Clone)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Headers,
    pub trailers: Headers,
    /// What counts as the whole body; `None` when the answer breaks off and must not look whole.
    pub whole: Option<Vec<u8>>,
}

/// How a request ended for its client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A whole answer of an origin.
    Answered(u16),
    /// A whole answer of the proxy itself: status and details.
    Local(u16, String),
    /// The connection ended before a whole answer.
    Broken,
    /// The client gave up.
    Abandoned,
}

/// One relayed connection.
#[derive(Default)]
pub(crate) struct Relayed {
    pub up: Stream,
    pub down: Stream,
    /// Listener that it enters by; one that speaks HTTP is asked to change to the WebSocket protocol first.
    pub listener: usize,
    /// The client waits for 101 before it sends what is to be relayed.
    pub waits: bool,
    /// What an upgrade was answered with, up to the end of the head.
    pub answer: Vec<u8>,
    /// An end was reset, by a fault or by the proxy, or an upgrade was refused.
    pub broken: bool,
    pub must_succeed: bool,
}

/// One direction of it.
#[derive(Default)]
pub(crate) struct Stream {
    pub sent: Vec<u8>,
    pub finished: bool,
    pub got: Vec<u8>,
    pub ended: bool,
}

impl Ledger {
    /// I3: a request ends once.
    pub fn finish(&mut self, tag: usize, outcome: Outcome) -> Verdict {
        let entry = &mut self.requests[tag];
        let first = entry.outcome.replace(outcome);
        require("I3 one terminal outcome", first.is_none(), || {
            format!("request {tag}: {first:?}, then {:?}", entry.outcome)
        })
    }
}
