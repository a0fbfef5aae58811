//! The retry that is always safe: at most one, without a policy, and only for a request that surely had no effect or
//! whose repetition has none (RFC 9110 section 9.2.2).
//!
//! Two failures qualify. A connection that was not established has got no byte: the request still stands in its write
//! queue, which moves. An idle connection that is taken from the pool may be closed by its peer at that moment: a
//! request on it is sent again when its method is idempotent, it was whole, and not a byte of a response has come.

use stats::Reason;

use crate::downstream::State as DownstreamState;
use crate::exchange::Exchange;
use crate::io::{Io, Token};
use crate::queue::Queue;
use crate::shard::{Cx, Shard};
use crate::upstream::{Reach, State, Upstream};

impl Shard {
    /// The connection for the exchange or relay of `downstream` was not established.
    pub(crate) fn not_connected<I: Io>(
        &mut self,
        upstream: Token,
        downstream: Token,
        reason: Reason,
        cx: &mut Cx<'_, I>,
    ) {
        // Without a descriptor or port of our own the next attempt would fail too.
        if reason == Reason::Overloaded || !self.retry((upstream, downstream), cx) {
            self.fail(downstream, reason, cx);
        }
    }

    /// The connection ended before the response did.
    pub(crate) fn lost<I: Io>(&mut self, upstream: Token, downstream: Token, cx: &mut Cx<'_, I>) {
        if !self.retry((upstream, downstream), cx) {
            self.fail(downstream, Reason::ConnectionTerminated, cx);
        }
    }

    /// Sends the request again on a new connection, if that is safe; false, and nothing done, when it is not.
    fn retry<I: Io>(&mut self, (failed, downstream): (Token, Token), cx: &mut Cx<'_, I>) -> bool {
        let Some(second) = self.second_endpoint((failed, downstream), cx.now) else {
            return false;
        };
        // A new connection: another one from the pool may have been closed by the same restart.
        let Ok(next) = self.open(second, downstream, cx) else {
            return false;
        };
        if let Some(upstream) = self.upstreams.get_mut(failed) {
            let queue = upstream.take_request();
            if let Some(next) = self.upstreams.get_mut(next) {
                next.queue = queue;
            }
        }
        if let Some(exchange) = self.exchange_mut(downstream) {
            exchange.upstream = Some(next);
            exchange.retried = true;
            if exchange.attempt_deadline != 0 {
                exchange.attempt_deadline += cx.now - exchange.attempted;
            }
            exchange.attempted = cx.now;
            let timer_at = exchange.timer_at();
            if let Some(downstream) = self.downstreams.get(downstream) {
                self.timers.arm(downstream.timer, timer_at);
            }
        }
        self.stats.retries.add(1);
        self.close_upstream(failed, true, cx);
        true
    }

    /// Where the request may be sent again.
    fn second_endpoint(
        &mut self,
        (failed, downstream): (Token, Token),
        now: u64,
    ) -> Option<(u32, Reach)> {
        let listener = self.downstreams.get(downstream)?.listener;
        let upstream = self.upstreams.get(failed)?;
        let (endpoint, is_connecting) = (
            upstream.endpoint,
            matches!(upstream.state, State::Connecting(_)),
        );
        if !is_connecting && upstream.replay_bytes == 0 {
            return None;
        }
        let DownstreamState::Exchange(exchange) = &self.downstreams.get(downstream)?.state else {
            return None;
        };
        if exchange.retried || exchange.head_sent() {
            return None;
        }
        // Endpoints are those of now: the failed one may just have been taken out.
        let view = self.view.as_ref()?;
        let begun_with = exchange.view.destination(listener, exchange.cell)?;
        let service = view.service(view.same_service(&exchange.view, begun_with)?);
        let draw = (&mut self.rng, now);
        let other = self.endpoints.pick_other(service, endpoint, draw)?;
        // The same endpoint that just refused would refuse again.
        (!is_connecting || other != endpoint).then_some((other, Reach::of(service)))
    }

    fn exchange_mut(&mut self, downstream: Token) -> Option<&mut Exchange> {
        match &mut self.downstreams.get_mut(downstream)?.state {
            DownstreamState::Exchange(exchange) => Some(exchange),
            _ => None,
        }
    }
}

impl Upstream {
    /// The request on it is whole and idempotent: keeps it until its response begins. One that needs several buffers is
    /// not kept, nor one on a fresh connection, which is not closed for having been idle.
    pub fn keep_replay(&mut self) {
        if self.reused && self.queue.single().is_some() {
            self.replay_bytes = self.queue.len() as u32;
        }
    }

    /// The whole request, as it was to be written first.
    fn take_request(&mut self) -> Queue {
        if self.replay_bytes == 0 {
            return std::mem::take(&mut self.queue);
        }
        let buffer = self.replay.take().or_else(|| self.queue.take_single());
        buffer.map_or_else(Queue::default, |mut buffer| {
            buffer.rewind(self.replay_bytes as usize);
            Queue::of(buffer)
        })
    }
}

/// RFC 9110 section 9.2.2; TRACE is refused before it gets here.
pub(crate) fn is_idempotent(method: &[u8]) -> bool {
    matches!(method, b"GET" | b"HEAD" | b"PUT" | b"DELETE" | b"OPTIONS")
}
