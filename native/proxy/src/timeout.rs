//! What happens when a deadline passes. Nothing waits without one.

use stats::Reason;

use crate::downstream::State;
use crate::io::{Io, Side, Token};
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
            State::Head if downstream.head_started => {
                self.refuse(token, 408, Some("head_timeout"), cx);
            }
            State::Head => {
                downstream.state = State::Flush;
                self.timers
                    .arm(downstream.timer, cx.now + crate::limits::LINGER_NS_MAX);
                cx.io.flush(token);
            }
            State::Exchange(exchange)
                if exchange.continue_at != 0 && exchange.continue_at <= cx.now =>
            {
                exchange.continue_at = 0;
                self.timers.arm(downstream.timer, exchange.timer_at());
                self.send_continue(token, cx);
            }
            State::Exchange(exchange) => {
                let reason = if exchange.deadline != 0 && exchange.deadline <= cx.now {
                    Reason::ResponseTimeout
                } else {
                    Reason::AttemptTimeout
                };
                self.fail(token, reason, cx);
            }
            State::Relay(_) => self.relay_broken(token, cx),
            State::Flush | State::Linger(_) => self.close_downstream(token, true, cx),
        }
    }

    fn expire_upstream<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(upstream) = self.upstreams.get(token) else {
            return;
        };
        match upstream.state {
            UpstreamState::Connecting(downstream) => {
                self.not_connected(token, downstream, Reason::ConnectionTimeout, cx);
            }
            UpstreamState::Idle => self.close_upstream(token, false, cx),
            UpstreamState::Busy(_) => {}
        }
    }
}
