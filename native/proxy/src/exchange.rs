//! One request and its response, as the downstream connection that it came on remembers it.

use std::rc::Rc;

use stats::access::AccessRecord;

use crate::body::{Body, Recode};
use crate::bounds::NEVER;
use crate::cors::OriginText;
use crate::io::Token;
use crate::limits::BODY_GRACE_NS;
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
    /// Origin of the page that may read the response; absent where no CORS filter names it.
    pub origin: Option<Box<OriginText>>,
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
    /// The request body has used up its grace by then, unless more of it comes; [`NEVER`] when none is to come.
    pub body_until: u64,
    /// When something moved last, in either direction.
    pub active: u64,
    /// How long nothing may.
    pub idle_ns: u64,
}

/// What a passed deadline of an exchange means.
pub(crate) enum Due {
    /// Nothing yet; the next one is at this time.
    Later(u64),
    /// The client waits for `100 Continue`.
    Continue,
    /// The exchange takes too long.
    Deadline,
    /// The attempt takes too long.
    Attempt,
    /// The request body comes too slowly.
    Body,
    /// Nothing moves.
    Quiet,
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
    /// The connection that was opened for the attempt is there.
    pub fn connected(&mut self, now: u64) {
        if let Some(record) = &mut self.record {
            record.connect_ns = now - self.attempted;
        }
    }

    pub fn head_sent(&self) -> bool {
        matches!(self.response, Phase::Body(..))
    }

    /// Makes this the last exchange of a connection that is old; true when it was not to be that before.
    pub fn ends_old(&mut self, expires: u64, now: u64) -> bool {
        let ends = self.keep_alive && expires <= now;
        self.keep_alive &= !ends;
        ends
    }

    /// So many bytes of the request body are there, which was awaited since then; one that waits for `100 Continue`
    /// begins when it got that.
    pub fn body_begins(&mut self, bytes: usize, byte_ns: u64, (since, now): (u64, u64)) {
        self.request_bytes = bytes as u64;
        self.body_until = self.continue_at.max(since) + BODY_GRACE_NS;
        self.body_came(bytes, byte_ns, now);
    }

    /// So many bytes of the request body came, each of which earns `byte_ns`.
    #[inline]
    pub fn body_came(&mut self, bytes: usize, byte_ns: u64, now: u64) {
        self.active = now;
        if self.request.is_done() || byte_ns == NEVER {
            self.body_until = NEVER;
        } else {
            let since = self.body_until - BODY_GRACE_NS;
            self.body_until = body_until(since, bytes as u64 * byte_ns, now);
        }
    }

    /// How long its client holds it up by now: with a body that is behind its rate, or by not taking the response.
    pub fn held_up_ns(&self, (takes_body, is_taken): (bool, bool), now: u64) -> u64 {
        let quiet_ns = now.saturating_sub(self.active);
        let behind_ns = if self.request.is_done() || !takes_body {
            0
        } else if self.body_until == NEVER {
            quiet_ns
        } else {
            (now + BODY_GRACE_NS).saturating_sub(self.body_until)
        };
        behind_ns.max(if is_taken { 0 } else { quiet_ns })
    }

    /// When the timer of the connection has to fire for this exchange.
    pub fn timer_at(&self) -> u64 {
        let quiet_at = self.active.saturating_add(self.idle_ns).min(NEVER);
        [self.continue_at, self.deadline, self.attempt_deadline]
            .into_iter()
            .filter(|&at| at != 0)
            .fold(self.body_until.min(quiet_at), u64::min)
    }

    /// What the passing of time means for it.
    pub fn due(&self, now: u64) -> Due {
        let at = self.timer_at();
        if at > now {
            Due::Later(at)
        } else if self.continue_at != 0 && self.continue_at <= now {
            Due::Continue
        } else if self.deadline != 0 && self.deadline <= now {
            Due::Deadline
        } else if self.attempt_deadline != 0 && self.attempt_deadline <= now {
            Due::Attempt
        } else if self.body_until <= now {
            Due::Body
        } else {
            Due::Quiet
        }
    }
}

/// When a body that had its grace since then, and has earned so much time, will have used up both. A fast beginning earns
/// no more than the grace.
pub(crate) fn body_until(since: u64, earned_ns: u64, now: u64) -> u64 {
    let until = since
        .saturating_add(BODY_GRACE_NS)
        .saturating_add(earned_ns);
    until.min(now + BODY_GRACE_NS)
}
