//! What happens when a deadline passes. Nothing waits without one.

use stats::{Limit, Reason};

use crate::downstream::{Begun, State};
use crate::exchange::Due;
use crate::io::{Io, Side, Token};
use crate::limits::{BODY_GRACE_NS, LINGER_NS_MAX};
use crate::shard::{Cx, Shard};
use crate::upstream::State as UpstreamState;

impl Shard {
    pub(crate) fn expire<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        match token.side() {
            Side::Downstream => self.expire_downstream(token, cx),
            Side::Upstream => self.expire_upstream(token, cx),
        }
    }

    fn expire_downstream<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        match &mut downstream.state {
            State::Introduction => self.expire_introduction(token, cx),
            State::Head => match downstream.begun {
                Begun::Head => {
                    self.stats.record_limit(Limit::Head);
                    self.refuse(token, 408, Some("head_timeout"), cx);
                }
                Begun::Body { .. } => {
                    self.stats.record_limit(Limit::BodyRate);
                    self.refuse(token, 408, Some("body_timeout"), cx);
                }
                Begun::Nothing => {
                    self.stats.record_limit(Limit::DownstreamIdle);
                    downstream.state = State::Flush;
                    self.timers.arm(downstream.timer, cx.now + LINGER_NS_MAX);
                    cx.io.flush(token);
                }
            },
            State::Exchange(exchange) => match exchange.due(cx.now) {
                Due::Later(at) => self.timers.arm(downstream.timer, at),
                Due::Continue => {
                    exchange.continue_at = 0;
                    self.timers.arm(downstream.timer, exchange.timer_at());
                    self.send_continue(token, cx);
                }
                Due::Deadline => {
                    self.stats.record_limit(Limit::Request);
                    self.fail(token, Reason::ResponseTimeout, cx);
                }
                Due::Attempt => {
                    self.stats.record_limit(Limit::BackendRequest);
                    self.fail(token, Reason::AttemptTimeout, cx);
                }
                Due::Body => self.expire_body(token, cx),
                Due::Quiet => {
                    self.stats.record_limit(Limit::StreamIdle);
                    self.fail(token, Reason::StreamIdle, cx);
                }
            },
            State::Relay(_) => self.expire_relay(token, cx),
            State::Flush => {
                self.stats.record_limit(Limit::Flush);
                self.close_downstream(token, true, cx);
            }
            State::Linger(_) => {
                self.stats.record_limit(Limit::Linger);
                self.close_downstream(token, true, cx);
            }
        }
    }

    /// The body of a request is behind its rate. While the endpoint does not take it, that is not the client's fault.
    fn expire_body<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        let State::Exchange(exchange) = &mut downstream.state else {
            return;
        };
        let is_taken = exchange
            .upstream
            .and_then(|upstream| self.upstreams.get(upstream))
            .is_none_or(|upstream| !upstream.queue.is_full());
        if is_taken {
            self.stats.record_limit(Limit::BodyRate);
            let late = (token, Reason::RequestLimit);
            return self.give_up_request(late, (408, "body_timeout"), cx);
        }
        exchange.body_until = cx.now + BODY_GRACE_NS;
        self.timers.arm(downstream.timer, exchange.timer_at());
    }

    fn expire_upstream<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(upstream) = self.upstreams.get(token) else {
            return;
        };
        match upstream.state {
            UpstreamState::Connecting(downstream) => {
                self.stats.record_limit(Limit::Connect);
                self.not_connected(token, downstream, Reason::ConnectionTimeout, cx);
            }
            UpstreamState::Idle => {
                self.stats.record_limit(Limit::UpstreamIdle);
                self.close_upstream(token, false, cx);
            }
            UpstreamState::Busy(_) => {}
        }
    }
}
