//! One request and its response, as the downstream connection that it came on remembers it.

use std::rc::Rc;

use stats::access::AccessRecord;

use crate::body::{Body, Recode};
use crate::io::Token;
use crate::request_id::RequestId;
use crate::view::View;

/// Index that stands for "no rule": the implicit route of a service to its own endpoints.
pub(crate) const NO_RULE: u32 = u32::MAX;

pub(crate) struct Exchange {
    /// Configuration that the request began with.
    pub view: Rc<View>,
    /// Connection that carries it; absent after the answer was made here.
    pub upstream: Option<Token>,
    /// It was sent a second time; there is no third.
    pub retried: bool,
    pub id: RequestId,
    /// What the access log will be told; absent where there is none.
    pub record: Option<Box<AccessRecord>>,
    /// The upstream allows another exchange on that connection.
    pub upstream_keep: bool,
    /// Index of the destination's cell in the listener's list of `view`.
    pub cell: u32,
    /// Rule that matched, or [`NO_RULE`].
    pub rule: u32,
    pub started: u64,
    /// Begin of the attempt that runs: what the endpoint is measured from.
    pub attempted: u64,
    pub request: Body,
    pub response: Phase,
    pub request_bytes: u64,
    pub response_bytes: u64,
    pub status: u16,
    pub informational: u8,
    pub to_head: bool,
    pub minor: u8,
    pub keep_alive: bool,
    /// The client asked to change protocols, and the upstream may.
    pub upgrade: bool,
    /// The client takes trailers (`TE: trailers`).
    pub accepts_trailers: bool,
    /// The client waits for `100 Continue` until then; 0 when it does not.
    pub continue_at: u64,
    /// The whole exchange has to be over by then; 0 for no limit.
    pub deadline: u64,
    /// The attempt that runs has to be over by then; 0 for no limit.
    pub attempt_deadline: u64,
}

/// How far the response is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Phase {
    /// No final head yet.
    Head,
    /// The head was sent on; this is left of the body.
    Body(Body, Recode),
}

impl Exchange {
    pub fn head_sent(&self) -> bool {
        matches!(self.response, Phase::Body(..))
    }
}
