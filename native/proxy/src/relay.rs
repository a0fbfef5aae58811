//! Opaque TCP, and what an upgraded connection becomes: whole buffers move from one connection to the other, and each
//! FIN is passed on by itself. A direction that carries much is given to [`Io::splice`].

use std::sync::Arc;

use stats::access::AccessRecord;
use stats::{Cell, Limit, Reason};

use crate::access::recorded;
use crate::bounds::NEVER;
use crate::buffer::Buffer;
use crate::downstream::{Downstream, State};
use crate::io::{Io, Side, Token};
use crate::limits::{HALF_OPEN_NS_MAX, SPLICE_AFTER_BYTES};
use crate::shard::{Cx, Shard};
use crate::upstream::Reach;
use crate::view::View;

pub(crate) struct Relay {
    pub upstream: Token,
    pub connected: bool,
    /// Counts its bytes.
    cell: Option<Arc<Cell>>,
    /// What the access log will be told; absent where there is none, and for what was an exchange.
    pub record: Option<Box<AccessRecord>>,
    /// Longest time without a byte in either direction.
    idle_ns: u64,
    /// Towards the downstream peer, towards the upstream peer.
    ways: [Way; 2],
}

/// One direction.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    moved_bytes: u64,
    spliced: bool,
    /// FIN was sent.
    shut: bool,
}

impl Relay {
    /// Of opaque TCP.
    fn new(upstream: Token, cell: Option<Arc<Cell>>, idle_ns: u64) -> Self {
        Self {
            upstream,
            connected: false,
            cell,
            record: None,
            idle_ns,
            ways: [Way::default(); 2],
        }
    }

    /// Bytes that came from the downstream peer, and from the upstream peer.
    pub fn moved_bytes(&self) -> (u64, u64) {
        (self.ways[1].moved_bytes, self.ways[0].moved_bytes)
    }

    /// Between connections that spoke HTTP before.
    pub fn tunnel(upstream: Token, cell: Option<Arc<Cell>>, idle_ns: u64) -> Self {
        Self {
            connected: true,
            ..Self::new(upstream, cell, idle_ns)
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
        let mut record = self.records.begin_connection(view, downstream, cx.now);
        let service = view.service(listener.service);
        let opened = match self.endpoints.pick(service, &mut self.rng, cx.now) {
            Some(endpoint) => {
                if let Some(record) = &mut record {
                    record.attempts = 1;
                    record.upstream = Some(recorded(self.endpoints.address(endpoint)));
                }
                self.open((endpoint, Reach::of(service)), token, cx)
            }
            None => Err(Reason::NoHealthyEndpoint),
        };
        match opened {
            Ok(upstream) => {
                if let Some(downstream) = self.downstreams.get_mut(token) {
                    let cell = downstream.cell.clone();
                    let relay = Relay::new(upstream, cell, service.stream_idle_ns);
                    downstream.state = State::Relay(Relay { record, ..relay });
                }
            }
            Err(reason) => {
                self.stats.record_failure(reason);
                self.log_unconnected((token, record), reason, cx);
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
        if let Some(record) = &mut relay.record {
            record.connect_ns = cx.now - record.started_ns;
            // At the end the peer may be gone, and with it its address.
            record.downstream_remote = record.downstream_remote.or_else(|| cx.io.peer(token));
        }
        cx.io.read(token);
        cx.io.read(relay.upstream);
        self.arm_relay(token, cx);
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
        let (queue, to) = match from.side() {
            Side::Downstream => (&mut upstream.queue, up),
            Side::Upstream => (&mut downstream.queue, down),
        };
        queue.push(buffer, &mut self.pool);
        cx.io.flush(to);
        self.relay_moved(from, bytes, cx);
    }

    /// Counts bytes that came from either side; the connection lives on.
    pub(crate) fn relay_moved<I: Io>(&mut self, from: Token, bytes: u64, cx: &mut Cx<'_, I>) {
        let Some((down, _)) = self.relay_pair(from) else {
            return;
        };
        let Some(downstream) = self.downstreams.get_mut(down) else {
            return;
        };
        let State::Relay(relay) = &mut downstream.state else {
            return;
        };
        let place = match from.side() {
            Side::Downstream => 1,
            Side::Upstream => 0,
        };
        relay.ways[place].moved_bytes += bytes;
        if let Some(cell) = &relay.cell {
            match from.side() {
                Side::Downstream => cell.record_received(bytes),
                Side::Upstream => cell.record_sent(bytes),
            }
        }
        self.arm_relay(down, cx);
    }

    /// Something happened on this downstream connection's relay: the time until it is given up begins anew.
    fn arm_relay<I: Io>(&mut self, down: Token, cx: &mut Cx<'_, I>) {
        let Some(downstream) = self.downstreams.get(down) else {
            return;
        };
        let State::Relay(relay) = &downstream.state else {
            return;
        };
        let life_ns = if self.is_half_open(downstream, relay) {
            relay.idle_ns.min(HALF_OPEN_NS_MAX)
        } else {
            relay.idle_ns
        };
        if life_ns < NEVER {
            self.timers.arm(downstream.timer, cx.now + life_ns);
        }
    }

    /// Nothing moved for too long.
    pub(crate) fn expire_relay<I: Io>(&mut self, down: Token, cx: &mut Cx<'_, I>) {
        let Some(downstream) = self.downstreams.get(down) else {
            return;
        };
        let State::Relay(relay) = &downstream.state else {
            return;
        };
        let limit = if self.is_half_open(downstream, relay) {
            Limit::HalfOpen
        } else {
            Limit::TunnelIdle
        };
        self.stats.record_limit(limit);
        self.fail(down, Reason::StreamIdle, cx);
    }

    fn is_half_open(&self, downstream: &Downstream, relay: &Relay) -> bool {
        let upstream = self.upstreams.get(relay.upstream);
        downstream.ended || upstream.is_some_and(|upstream| upstream.ended)
    }

    /// A side sent FIN: the other gets it behind the bytes that still wait.
    pub(crate) fn relay_ended<I: Io>(&mut self, from: Token, cx: &mut Cx<'_, I>) {
        let Some((down, up)) = self.relay_pair(from) else {
            return;
        };
        self.arm_relay(down, cx);
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
        let way = &mut relay.ways[place];
        if !queue.is_empty() || !source_ended {
            if queue.is_empty() && way.moved_bytes >= SPLICE_AFTER_BYTES && !way.spliced {
                way.spliced = true;
                cx.io.splice(source, to);
            }
            if !queue.is_full() {
                cx.io.read(source);
            }
            return;
        }
        if !way.shut && relay.connected {
            way.shut = true;
            cx.io.shutdown(to);
        }
        if relay.ways.iter().all(|way| way.shut) {
            self.log_connection(down, None, cx);
            self.close_upstream(up, false, cx);
            self.close_downstream(down, false, cx);
        }
    }

    /// One side is gone: the other sees it as a reset.
    pub(crate) fn relay_broken<I: Io>(&mut self, from: Token, reason: Reason, cx: &mut Cx<'_, I>) {
        let Some((down, up)) = self.relay_pair(from) else {
            return;
        };
        self.log_connection(down, Some(reason), cx);
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
