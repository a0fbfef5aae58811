//! A connection that a peer opened to us.

use std::net::SocketAddr;
use std::sync::Arc;

use stats::{Cell, Limit, Reason};

use crate::body::{Body, Recode, emit, take};
use crate::buffer::Buffer;
use crate::exchange::Exchange;
use crate::io::{Io, Token};
use crate::limits::{
    DRAIN_IDLE_NS, EARLY_BODY_BYTES_MAX, FLUSH_NS_MAX, LINGER_BYTES_MAX, LINGER_NS_MAX,
};
use crate::peer::PeerText;
use crate::queue::Queue;
use crate::relay::Relay;
use crate::shard::{Cx, Shard};
use crate::timer::TimerId;
use crate::view::bounds;

pub(crate) struct Downstream {
    /// Slot of the listener that accepted it.
    pub listener: u32,
    /// Counts the connection; kept, because the listener may be gone when the connection ends.
    pub cell: Option<Arc<Cell>>,
    /// The address of its peer, or of the client that the peer passes on.
    pub peer: PeerText,
    /// Whole address of that client.
    pub client: Option<Box<SocketAddr>>,
    pub timer: TimerId,
    pub state: State,
    pub queue: Queue,
    /// Bytes that were read and not used: part of a head, or pipelined requests.
    pub rest: Option<Buffer>,
    /// The last read filled its buffer.
    pub bulk: bool,
    /// How much of its next request is there.
    pub begun: Begun,
    /// The peer sent FIN.
    pub ended: bool,
    /// From then on the next response ends it.
    pub expires: u64,
    /// When it came, or its last request was over.
    pub idle_since: u64,
}

pub(crate) enum State {
    /// Waits for the PROXY header of a balancer in front.
    Introduction,
    /// Waits for a request head.
    Head,
    /// A request is being answered.
    Exchange(Exchange),
    /// Bytes are relayed.
    Relay(Relay),
    /// The last answer is being written; then FIN.
    Flush,
    /// FIN was sent; what still arrives is counted and dropped.
    Linger(u64),
}

/// How much of a request that was not sent on is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Nothing of it.
    Nothing,
    /// Part of its head, whose time is running.
    Head,
    /// Its head since then, but too little of its body to take a connection of an endpoint for it.
    Body { since: u64 },
}

impl Begun {
    /// Since when the body is awaited, which begins now if it was not before.
    pub fn body_since(self, now: u64) -> u64 {
        match self {
            Self::Body { since } => since,
            Self::Nothing | Self::Head => now,
        }
    }
}

impl Downstream {
    fn wants_read(&self, upstream_full: bool) -> bool {
        match &self.state {
            State::Head => !self.queue.is_full() && !self.has_unparsed(),
            State::Introduction | State::Linger(_) => true,
            State::Exchange(exchange) => !exchange.request.is_done() && !upstream_full,
            State::Relay(relay) => relay.connected && !upstream_full,
            State::Flush => false,
        }
    }

    /// Requests wait in `rest` that nobody has looked at.
    pub fn has_unparsed(&self) -> bool {
        self.rest.is_some() && self.begun == Begun::Nothing
    }

    /// It has no request, nor part of one.
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Head) && self.begun == Begun::Nothing
    }

    /// Connection upstream that belongs to it now.
    pub fn upstream(&self) -> Option<Token> {
        match &self.state {
            State::Exchange(exchange) => exchange.upstream,
            State::Relay(relay) => Some(relay.upstream),
            _ => None,
        }
    }
}

impl Shard {
    pub(crate) fn downstream_wants_read(&self, token: Token) -> bool {
        let Some(downstream) = self.downstreams.get(token) else {
            return false;
        };
        if downstream.ended {
            return false;
        }
        let early = matches!(&downstream.state, State::Exchange(exchange) if exchange.head_sent());
        let upstream_full = downstream
            .upstream()
            .and_then(|upstream| self.upstreams.get(upstream))
            .is_some_and(|upstream| {
                upstream.queue.is_full() || early && upstream.queue.len() >= EARLY_BODY_BYTES_MAX
            });
        downstream.wants_read(upstream_full)
    }

    pub(crate) fn downstream_bytes<I: Io>(
        &mut self,
        token: Token,
        buffer: Buffer,
        cx: &mut Cx<'_, I>,
    ) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return self.pool.put(buffer);
        };
        match &mut downstream.state {
            State::Introduction => self.read_introduction(token, buffer, cx),
            State::Head => self.read_requests(token, buffer, cx),
            State::Exchange(_) => self.forward_request_body(token, buffer, cx),
            State::Relay(_) => self.relay_bytes(token, buffer, cx),
            State::Flush => self.pool.put(buffer),
            State::Linger(dropped) => {
                *dropped += buffer.len() as u64;
                let over = *dropped > LINGER_BYTES_MAX;
                self.pool.put(buffer);
                if over {
                    self.stats.record_limit(Limit::Linger);
                    self.close_downstream(token, true, cx);
                }
            }
        }
    }

    pub(crate) fn downstream_ended<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        downstream.ended = true;
        match &downstream.state {
            State::Head if !downstream.queue.is_empty() => {
                downstream.state = State::Flush;
                self.timers.arm(downstream.timer, cx.now + FLUSH_NS_MAX);
                cx.io.flush(token);
            }
            State::Introduction | State::Head | State::Linger(_) => {
                self.close_downstream(token, false, cx);
            }
            State::Exchange(exchange) if exchange.request.is_done() => {}
            State::Exchange(_) => self.downstream_gone(token, cx),
            State::Relay(_) => self.relay_ended(token, cx),
            State::Flush => {}
        }
    }

    /// The peer is gone without a proper end.
    pub(crate) fn downstream_gone<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(downstream) = self.downstreams.get(token) else {
            return;
        };
        match downstream.state {
            State::Exchange(_) => {
                self.record(token, 499, Some(Reason::DownstreamGone), cx);
                self.release_upstream(token, cx);
                self.close_downstream(token, true, cx);
            }
            State::Relay(_) => self.relay_broken(token, Reason::DownstreamGone, cx),
            _ => self.close_downstream(token, false, cx),
        }
    }

    /// After bytes left the queue.
    pub(crate) fn downstream_written<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        let has_unparsed = downstream.has_unparsed();
        match &mut downstream.state {
            State::Flush if downstream.queue.is_empty() => {
                if downstream.ended {
                    return self.close_downstream(token, false, cx);
                }
                downstream.state = State::Linger(0);
                self.timers.arm(downstream.timer, cx.now + LINGER_NS_MAX);
                cx.io.shutdown(token);
                cx.io.read(token);
            }
            State::Exchange(exchange) => {
                exchange.active = cx.now;
                if let Some(upstream) = exchange.upstream.filter(|_| !downstream.queue.is_full()) {
                    cx.io.read(upstream);
                }
            }
            State::Relay(_) => self.relay_written(token, cx),
            // Nothing was parsed or read while the queue was full.
            State::Head if has_unparsed => self.pipelined.push_back(token),
            State::Head => cx.io.read(token),
            _ => {}
        }
    }

    /// The answer is complete: the connection waits for the next request, or closes.
    pub(crate) fn finish_exchange<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        let State::Exchange(exchange) = &downstream.state else {
            return;
        };
        let keep = exchange.keep_alive && exchange.request.is_done();
        if !keep {
            downstream.state = State::Flush;
            if let Some(rest) = downstream.rest.take() {
                self.pool.put(rest);
            }
            self.timers.arm(downstream.timer, cx.now + FLUSH_NS_MAX);
            cx.io.flush(token);
            return;
        }
        downstream.state = State::Head;
        downstream.idle_since = cx.now;
        let idle = if self.lifecycle.is_draining() {
            DRAIN_IDLE_NS
        } else {
            let whole_ns = bounds(self.view.as_deref(), downstream.listener).idle_ns;
            self.memory.idle_ns(whole_ns)
        };
        self.timers.arm(downstream.timer, cx.now + idle);
        if downstream.rest.is_some() {
            self.pipelined.push_back(token);
        } else if downstream.ended {
            downstream.state = State::Flush;
            cx.io.flush(token);
        } else {
            cx.io.read(token);
        }
    }

    pub(crate) fn close_downstream<I: Io>(
        &mut self,
        token: Token,
        reset: bool,
        cx: &mut Cx<'_, I>,
    ) {
        let Some(mut downstream) = self.downstreams.remove(token) else {
            return;
        };
        self.timers.remove(downstream.timer);
        downstream.queue.clear(&mut self.pool);
        if let Some(rest) = downstream.rest.take() {
            self.pool.put(rest);
        }
        self.stats.downstream_connections.decrement();
        if let Some(cell) = downstream.cell {
            cell.record_connection_closed();
        }
        cx.io.close(token, reset);
    }

    fn forward_request_body<I: Io>(
        &mut self,
        token: Token,
        mut buffer: Buffer,
        cx: &mut Cx<'_, I>,
    ) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return self.pool.put(buffer);
        };
        let State::Exchange(exchange) = &mut downstream.state else {
            return self.pool.put(buffer);
        };
        let Some(upstream) = exchange
            .upstream
            .and_then(|upstream| self.upstreams.get_mut(upstream))
        else {
            return self.pool.put(buffer);
        };
        self.framed.with_trailers = true;
        let taken = match take(
            &mut exchange.request,
            Recode::Keep,
            (&mut buffer, 0),
            &mut self.framed,
        ) {
            Ok(taken) => taken,
            Err(error) => {
                self.pool.put(buffer);
                return self.refuse_request_body(token, error, cx);
            }
        };
        exchange.request_bytes += taken.content_bytes as u64;
        let byte_ns = bounds(Some(&exchange.view), downstream.listener).body_byte_ns;
        exchange.body_came(taken.content_bytes, byte_ns, cx.now);
        downstream.rest = emit(
            &mut upstream.queue,
            &mut self.pool,
            (buffer, 0),
            taken,
            &mut self.framed,
        );
        if let Some(upstream) = exchange.upstream {
            cx.io.flush(upstream);
        }
        if !matches!(exchange.request, Body::Done) {
            cx.io.read(token);
        }
    }
}
