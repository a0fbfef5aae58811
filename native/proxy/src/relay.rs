//! Opaque TCP, and what an upgraded connection becomes: whole buffers move from one connection to the other, and each FIN is passed on by itself.

use std::sync::Arc;

use stats::{Cell, Limit, Reason};

use crate::buffer::Buffer;
use crate::downstream::State;
use crate::io::{Io, Side, Token};
use crate::limits::{HALF_OPEN_NS_MAX, TUNNEL_IDLE_NS_MAX};
use crate::shard::{Cx, Shard};
use crate::upstream::Reach;
use crate::view::View;

pub(crate) struct Relay {
    pub upstream: Token,
    pub connected: bool,
    /// Counts its bytes.
    cell: Option<Arc<Cell>>,
    /// Longest time without a byte in either direction; 0 for no limit.
    idle_ns_max: u64,
    /// FIN was sent to the downstream peer, to the upstream peer.
    shut: [bool; 2],
}

impl Relay {
    /// Of opaque TCP; silence has no limit.
    fn new(upstream: Token, cell: Option<Arc<Cell>>) -> Self {
        Self {
            upstream,
            connected: false,
            cell,
            idle_ns_max: 0,
            shut: [false; 2],
        }
    }

    /// Which limit a long silence means.
    pub fn silence_limit(&self) -> Limit {
        if self.shut.contains(&true) {
            Limit::HalfOpen
        } else {
            Limit::TunnelIdle
        }
    }

    /// Between connections that spoke HTTP before.
    pub fn tunnel(upstream: Token, cell: Option<Arc<Cell>>) -> Self {
        Self {
            connected: true,
            idle_ns_max: TUNNEL_IDLE_NS_MAX,
            ..Self::new(upstream, cell)
        }
    }
}

impl Shard {
    /// Picks an endpoint for a fresh downstream connection.
    pub(crate) fn begin_relay<I: Io>(&mut self, token: Token, view: &View, cx: &mut Cx<'_, I>) {
        let Some(downstream) = self.downstreams.get(token) else {
            return;
        };
        let Some(listener) = view.listener(downstream.listener) else {
            return;
        };
        let service = view.service(listener.service);
        let Some(endpoint) = self.endpoints.pick(service, &mut self.rng, cx.now) else {
            self.stats.record_failure(Reason::NoHealthyEndpoint);
            return self.close_downstream(token, true, cx);
        };
        match self.open((endpoint, Reach::of(service)), token, cx) {
            Ok(upstream) => {
                if let Some(downstream) = self.downstreams.get_mut(token) {
                    let cell = downstream.cell.clone();
                    downstream.state = State::Relay(Relay::new(upstream, cell));
                }
            }
            Err(reason) => {
                self.stats.record_failure(reason);
                self.close_downstream(token, true, cx);
            }
        }
    }

    pub(crate) fn relay_connected<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        let State::Relay(relay) = &mut downstream.state else {
            return;
        };
        relay.connected = true;
        cx.io.read(token);
        cx.io.read(relay.upstream);
    }

    /// Bytes from either side go to the other.
    pub(crate) fn relay_bytes<I: Io>(&mut self, from: Token, buffer: Buffer, cx: &mut Cx<'_, I>) {
        let Some((down, up)) = self.relay_pair(from) else {
            return self.pool.put(buffer);
        };
        let (Some(downstream), Some(upstream)) =
            (self.downstreams.get_mut(down), self.upstreams.get_mut(up))
        else {
            return self.pool.put(buffer);
        };
        let bytes = buffer.len() as u64;
        let half_open = downstream.ended || upstream.ended;
        let State::Relay(relay) = &downstream.state else {
            return self.pool.put(buffer);
        };
        if let Some(cell) = &relay.cell {
            match from.side() {
                Side::Downstream => cell.record_received(bytes),
                Side::Upstream => cell.record_sent(bytes),
            }
        }
        let (queue, to) = match from.side() {
            Side::Downstream => (&mut upstream.queue, up),
            Side::Upstream => (&mut downstream.queue, down),
        };
        queue.push(buffer, &mut self.pool);
        cx.io.flush(to);
        let silence_ns_max = if half_open {
            HALF_OPEN_NS_MAX
        } else {
            relay.idle_ns_max
        };
        if silence_ns_max > 0 {
            self.timers.arm(downstream.timer, cx.now + silence_ns_max);
        }
    }

    /// A side sent FIN: the other gets it behind the bytes that still wait.
    pub(crate) fn relay_ended<I: Io>(&mut self, from: Token, cx: &mut Cx<'_, I>) {
        let Some((down, up)) = self.relay_pair(from) else {
            return;
        };
        if let Some(downstream) = self.downstreams.get(down) {
            self.timers.arm(downstream.timer, cx.now + HALF_OPEN_NS_MAX);
        }
        let to = if from.side() == Side::Downstream {
            up
        } else {
            down
        };
        self.relay_written(to, cx);
    }

    /// Bytes left the queue of `to`: its source may send more, or its FIN is due.
    pub(crate) fn relay_written<I: Io>(&mut self, to: Token, cx: &mut Cx<'_, I>) {
        let Some((down, up)) = self.relay_pair(to) else {
            return;
        };
        let (Some(downstream), Some(upstream)) =
            (self.downstreams.get_mut(down), self.upstreams.get(up))
        else {
            return;
        };
        let State::Relay(relay) = &mut downstream.state else {
            return;
        };
        let (queue, source, source_ended, place) = match to.side() {
            Side::Downstream => (&downstream.queue, up, upstream.ended, 0),
            Side::Upstream => (&upstream.queue, down, downstream.ended, 1),
        };
        if !queue.is_empty() || !source_ended {
            if !queue.is_full() {
                cx.io.read(source);
            }
            return;
        }
        if !relay.shut[place] && relay.connected {
            relay.shut[place] = true;
            cx.io.shutdown(to);
        }
        if relay.shut == [true, true] {
            self.close_upstream(up, false, cx);
            self.close_downstream(down, false, cx);
        }
    }

    /// One side is gone: the other sees it as a reset.
    pub(crate) fn relay_broken<I: Io>(&mut self, from: Token, cx: &mut Cx<'_, I>) {
        let Some((down, up)) = self.relay_pair(from) else {
            return;
        };
        self.close_upstream(up, true, cx);
        self.close_downstream(down, true, cx);
    }

    fn relay_pair(&self, token: Token) -> Option<(Token, Token)> {
        let down = match token.side() {
            Side::Downstream => token,
            Side::Upstream => self.upstreams.get(token)?.downstream()?,
        };
        match &self.downstreams.get(down)?.state {
            State::Relay(relay) => Some((down, relay.upstream)),
            _ => None,
        }
    }
}
