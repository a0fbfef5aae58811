//! After a panic: the connection that was being handled ends, with the one it is coupled to, and the tables agree again.
//!
//! Why that is enough. A connection is put into its table, and taken out, as a whole; a call works on the connection it
//! is about and on the one coupled to it, so whatever a panic left half done lies in those two. They are taken out
//! without a look at their state, and so is a connection whose coupling is not mutual. Everything else that a shard
//! keeps about connections (timers, load, pools, gauges, the queue of pipelined requests) says nothing that the tables do
//! not say, and is made anew from them. What is shared by all connections and cannot be made anew, the configuration in
//! force, is read-only. Buffers that were under way are freed by unwinding.

use stats::Reason;

use crate::body::Framed;
use crate::downstream::{Downstream, State};
use crate::io::{Io, Side, Token};
use crate::shard::{Cx, Shard};
use crate::timer::Timers;
use crate::upstream::{State as UpstreamState, Upstream};

impl Shard {
    /// Repairs what a panic in one of the other calls may have left behind, at the cost of the connection that the call
    /// was about. False when it was about none, or the repair of it has failed before: then the shard is not to be used.
    ///
    /// Effects that were asked for in that call may be lost: the owner has to read and flush every connection again, and
    /// to close what [`Shard::queue`] does not know.
    pub fn recover<I: Io>(&mut self, now: u64, io: &mut I) -> bool {
        let Some(token) = self.handling.take() else {
            return false;
        };
        self.stats.panics.add(1);
        self.stats.record_failure(Reason::InternalError);
        self.cut_off(token, now, io);
        self.cut_off_uncoupled(now, io);
        self.rebuild(now);
        debug_assert_eq!(self.audit().err(), None);
        true
    }

    /// Takes out a connection and the one it is coupled to.
    fn cut_off<I: Io>(&mut self, token: Token, now: u64, io: &mut I) {
        let other = match token.side() {
            Side::Downstream => self.downstreams.get(token).and_then(Downstream::upstream),
            Side::Upstream => self.upstreams.get(token).and_then(Upstream::downstream),
        };
        for token in [Some(token), other].into_iter().flatten() {
            self.take_out(token, now, io);
        }
    }

    fn take_out<I: Io>(&mut self, token: Token, now: u64, io: &mut I) {
        match token.side() {
            Side::Downstream => {
                let cx = &mut Cx { now, io };
                self.record(token, 0, Some(Reason::InternalError), cx);
                self.log_connection(token, Some(Reason::InternalError), cx);
                if let Some(cell) = self.downstreams.remove(token).and_then(|d| d.cell) {
                    cell.record_connection_closed();
                }
            }
            Side::Upstream => drop(self.upstreams.remove(token)),
        }
        io.close(token, true);
    }

    fn cut_off_uncoupled<I: Io>(&mut self, now: u64, io: &mut I) {
        for token in self.downstreams.tokens() {
            let named = self.downstreams.get(token).and_then(Downstream::upstream);
            if named.is_some_and(|upstream| self.user(upstream) != Some(token)) {
                self.take_out(token, now, io);
            }
        }
        for token in self.upstreams.tokens() {
            let whole = self.upstreams.get(token).is_some_and(|upstream| {
                let user = upstream.downstream().and_then(|d| self.downstreams.get(d));
                match upstream.state {
                    UpstreamState::Idle => upstream.is_clean(),
                    _ => user.is_some_and(|user| user.upstream() == Some(token)),
                }
            });
            if !whole {
                self.take_out(token, now, io);
            }
        }
    }

    fn user(&self, upstream: Token) -> Option<Token> {
        self.upstreams.get(upstream)?.downstream()
    }

    /// Makes anew what follows from the tables.
    fn rebuild(&mut self, now: u64) {
        let old = std::mem::replace(&mut self.timers, Timers::new(now));
        self.pipelined.clear();
        self.endpoints.forget_connections();
        for token in self.downstreams.tokens() {
            let Some(downstream) = self.downstreams.get_mut(token) else {
                continue;
            };
            downstream.timer = self.timers.take_over(token, downstream.timer, &old);
            if matches!(downstream.state, State::Head) && downstream.has_unparsed() {
                self.pipelined.push_back(token);
            }
        }
        for token in self.upstreams.tokens() {
            let Some(upstream) = self.upstreams.get_mut(token) else {
                continue;
            };
            upstream.timer = self.timers.take_over(token, upstream.timer, &old);
            let idle = upstream.state == UpstreamState::Idle;
            self.endpoints.remember(upstream.endpoint, token, idle);
        }
        self.endpoints.retire_unused();
        let gauges = [
            &self.stats.downstream_connections,
            &self.stats.upstream_connections,
        ];
        gauges[0].set(self.downstreams.len() as u64);
        gauges[1].set(self.upstreams.len() as u64);
        self.pool.recount(self.used_block_bytes());
        self.request_head = wire::h1::RequestHead::default();
        self.response_head = wire::h1::ResponseHead::default();
        self.framed = Framed::default();
    }
}

#[cfg(test)]
mod tests;
