//! Room at an endpoint that has its most connections: the client that holds an exchange up longest makes it, so that slow
//! clients, however many, take nothing from those who do not keep an endpoint waiting.

use stats::{Limit, Reason};

use crate::downstream::State;
use crate::io::{Io, Token};
use crate::limits::{ENDPOINT_CONNECTIONS_MAX, ENDPOINT_UNFINISHED_MAX, HELD_UP_NS_MIN};
use crate::shard::{Cx, Shard};

impl Shard {
    /// Connections that the endpoint may have, this one's included: fewer for a request whose body is still to come.
    pub(crate) fn connections_max(&self, downstream: Token) -> u32 {
        match self.downstreams.get(downstream).map(|d| &d.state) {
            Some(State::Exchange(exchange)) if !exchange.request.is_done() => {
                ENDPOINT_UNFINISHED_MAX
            }
            _ => ENDPOINT_CONNECTIONS_MAX,
        }
    }

    /// Gives up the exchange on this endpoint that its client holds up longest, if one is held up. It looks at every
    /// connection, which only a request pays that would else be refused.
    pub(crate) fn make_room<I: Io>(&mut self, endpoint: u32, cx: &mut Cx<'_, I>) {
        let upstreams = self.upstreams.tokens().into_iter();
        let slowest = upstreams
            .filter_map(|token| self.held_up(token, endpoint, cx.now))
            .filter(|(held_up_ns, _)| *held_up_ns >= HELD_UP_NS_MIN)
            .max_by_key(|(held_up_ns, _)| *held_up_ns);
        let Some((_, token)) = slowest else {
            return;
        };
        self.stats.record_limit(Limit::MadeRoom);
        // The request that needs the room is between being read and being sent.
        let framed = std::mem::take(&mut self.framed);
        self.fail(token, Reason::ClientTooSlow, cx);
        self.framed = framed;
    }

    /// How long the client of this connection's exchange holds it up, and who that is.
    fn held_up(&self, upstream: Token, endpoint: u32, now: u64) -> Option<(u64, Token)> {
        let upstream = self.upstreams.get(upstream)?;
        let token = upstream.downstream()?;
        let downstream = self.downstreams.get(token)?;
        let State::Exchange(exchange) = &downstream.state else {
            return None;
        };
        if upstream.endpoint != endpoint {
            return None;
        }
        let moves = (!upstream.queue.is_full(), downstream.queue.is_empty());
        Some((exchange.held_up_ns(moves, now), token))
    }
}
