//! A connection that we opened to an endpoint.

use stats::{Limit, Reason};

use crate::buffer::{Buffer, Pool};
use crate::downstream::State as DownstreamState;
use crate::io::{ConnectFailure, Io, Token};
use crate::memory::Pressure;
use crate::queue::Queue;
use crate::shard::{Cx, Shard};
use crate::timer::TimerId;
use crate::view::ServiceView;

pub(crate) struct Upstream {
    /// Slot of its endpoint.
    pub endpoint: u32,
    pub timer: TimerId,
    pub state: State,
    pub queue: Queue,
    /// Bytes that were read and not used yet: part of a head, a chunk size or a trailer section.
    pub rest: Option<Buffer>,
    pub bulk: bool,
    pub ended: bool,
    /// Carried an exchange before the present one.
    pub reused: bool,
    /// A byte of the present request was written.
    pub sent: bool,
    /// The present request could be sent again, and these last bytes of its one buffer are all of it; 0 when not.
    pub replay_bytes: u32,
    /// That buffer, once all of it was written.
    pub replay: Option<Buffer>,
    /// Life without an exchange.
    pub idle_ns: u64,
    /// From then on it is not kept.
    pub expires: u64,
}

/// How a connection to an endpoint of a service is opened and kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    /// Until it is established; 0 for no limit.
    pub connect_ms: u32,
    /// Its life without an exchange.
    pub idle_ns: u64,
}

impl Reach {
    pub fn of(service: &ServiceView) -> Self {
        Self {
            connect_ms: service.connect_ms,
            idle_ns: service.idle_ns,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Being opened for this downstream connection.
    Connecting(Token),
    /// In the pool of its endpoint.
    Idle,
    /// Carries an exchange or a relay of this downstream connection.
    Busy(Token),
}

impl Upstream {
    pub fn downstream(&self) -> Option<Token> {
        match self.state {
            State::Connecting(downstream) | State::Busy(downstream) => Some(downstream),
            State::Idle => None,
        }
    }

    /// Nothing of an exchange is left on it, so another may use it.
    pub fn is_clean(&self) -> bool {
        let nothing_kept = self.replay_bytes == 0 && self.replay.is_none();
        self.queue.is_empty() && self.rest.is_none() && nothing_kept && !self.ended
    }

    /// The response has begun, or nobody waits for it any more.
    pub fn forget_replay(&mut self, pool: &mut Pool) {
        self.replay_bytes = 0;
        if let Some(buffer) = self.replay.take() {
            pool.put(buffer);
        }
    }
}

impl Shard {
    pub(crate) fn upstream_wants_read(&self, token: Token) -> bool {
        let Some(upstream) = self.upstreams.get(token) else {
            return false;
        };
        match upstream.state {
            _ if upstream.ended => false,
            State::Connecting(_) => false,
            State::Idle => true,
            State::Busy(downstream) => self
                .downstreams
                .get(downstream)
                .is_some_and(|d| !d.queue.is_full()),
        }
    }

    pub(crate) fn upstream_connected<I: Io>(
        &mut self,
        token: Token,
        result: Result<(), ConnectFailure>,
        cx: &mut Cx<'_, I>,
    ) {
        let Some(upstream) = self.upstreams.get_mut(token) else {
            return;
        };
        let State::Connecting(downstream) = upstream.state else {
            return;
        };
        self.timers.disarm(upstream.timer);
        match result {
            Ok(()) => {
                upstream.state = State::Busy(downstream);
                if !upstream.queue.is_empty() {
                    cx.io.flush(token);
                }
                match self.downstreams.get_mut(downstream).map(|d| &mut d.state) {
                    Some(DownstreamState::Exchange(exchange)) => exchange.connected(cx.now),
                    _ => self.relay_connected(downstream, cx),
                }
            }
            Err(failure) => {
                let reason = match failure {
                    ConnectFailure::Refused => Reason::ConnectionRefused,
                    ConnectFailure::TimedOut => Reason::ConnectionTimeout,
                    ConnectFailure::LocalLimit => Reason::Overloaded,
                };
                self.not_connected(token, downstream, reason, cx);
            }
        }
    }

    pub(crate) fn upstream_bytes<I: Io>(
        &mut self,
        token: Token,
        buffer: Buffer,
        cx: &mut Cx<'_, I>,
    ) {
        let Some(upstream) = self.upstreams.get_mut(token) else {
            return self.pool.put(buffer);
        };
        let State::Busy(downstream) = upstream.state else {
            self.pool.put(buffer);
            self.stats.record_failure(Reason::UpstreamUnsolicited);
            return self.close_upstream(token, true, cx);
        };
        if upstream.reused && !upstream.sent {
            // They came before the request went out, so they answer nothing.
            self.pool.put(buffer);
            self.stats.record_failure(Reason::UpstreamUnsolicited);
            return self.upstream_gone(token, cx);
        }
        if upstream.replay_bytes > 0 {
            upstream.forget_replay(&mut self.pool);
        }
        match self.downstreams.get(downstream).map(|d| &d.state) {
            Some(DownstreamState::Exchange(_)) => {
                self.read_response((token, downstream), buffer, cx);
            }
            Some(DownstreamState::Relay(_)) => self.relay_bytes(token, buffer, cx),
            _ => {
                self.pool.put(buffer);
                self.close_upstream(token, true, cx);
            }
        }
    }

    pub(crate) fn upstream_ended<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(upstream) = self.upstreams.get_mut(token) else {
            return;
        };
        upstream.ended = true;
        let State::Busy(downstream) = upstream.state else {
            return self.close_upstream(token, false, cx);
        };
        match self.downstreams.get(downstream).map(|d| &d.state) {
            Some(DownstreamState::Exchange(_)) => self.response_ended((token, downstream), cx),
            Some(DownstreamState::Relay(_)) => self.relay_ended(token, cx),
            _ => self.close_upstream(token, false, cx),
        }
    }

    /// The endpoint is gone without a proper end.
    pub(crate) fn upstream_gone<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(upstream) = self.upstreams.get(token) else {
            return;
        };
        let Some(downstream) = upstream.downstream() else {
            return self.close_upstream(token, false, cx);
        };
        match self.downstreams.get(downstream).map(|d| &d.state) {
            Some(DownstreamState::Exchange(_)) => self.lost(token, downstream, cx),
            Some(DownstreamState::Relay(_)) => {
                self.relay_broken(downstream, Reason::ConnectionTerminated, cx);
            }
            _ => self.close_upstream(token, false, cx),
        }
    }

    /// After bytes left the queue: the client may send more.
    pub(crate) fn upstream_written<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(upstream) = self.upstreams.get(token) else {
            return;
        };
        let Some(downstream) = upstream.downstream() else {
            return;
        };
        match self.downstreams.get_mut(downstream).map(|d| &mut d.state) {
            Some(DownstreamState::Exchange(exchange)) => {
                exchange.active = cx.now;
                if !exchange.request.is_done() && !upstream.queue.is_full() {
                    cx.io.read(downstream);
                }
            }
            Some(DownstreamState::Relay(_)) => self.relay_written(token, cx),
            _ => {}
        }
    }

    /// Gives a connection back to the pool of its endpoint after a clean exchange.
    pub(crate) fn park_upstream<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(upstream) = self.upstreams.get_mut(token) else {
            return;
        };
        if upstream.ended || !self.endpoints.accepts_idle(upstream.endpoint) {
            return self.close_upstream(token, false, cx);
        }
        if upstream.expires <= cx.now {
            self.stats.record_limit(Limit::ConnectionAge);
            return self.close_upstream(token, false, cx);
        }
        let shrinks = self.memory.pressure() >= Pressure::Shrink;
        if shrinks && self.endpoints.idle_count(upstream.endpoint) > 0 {
            return self.close_upstream(token, false, cx);
        }
        upstream.state = State::Idle;
        upstream.reused = true;
        self.endpoints.ended(upstream.endpoint);
        self.endpoints.push_idle(upstream.endpoint, token);
        self.timers.arm(upstream.timer, cx.now + upstream.idle_ns);
        cx.io.read(token);
    }

    /// Takes the exchange's upstream connection away and closes it.
    pub(crate) fn release_upstream<I: Io>(&mut self, downstream: Token, cx: &mut Cx<'_, I>) {
        let Some(DownstreamState::Exchange(exchange)) =
            self.downstreams.get_mut(downstream).map(|d| &mut d.state)
        else {
            return;
        };
        if let Some(upstream) = exchange.upstream.take() {
            self.close_upstream(upstream, true, cx);
        }
    }

    pub(crate) fn close_upstream<I: Io>(&mut self, token: Token, reset: bool, cx: &mut Cx<'_, I>) {
        let Some(mut upstream) = self.upstreams.remove(token) else {
            return;
        };
        self.timers.remove(upstream.timer);
        upstream.queue.clear(&mut self.pool);
        upstream.forget_replay(&mut self.pool);
        if let Some(rest) = upstream.rest.take() {
            self.pool.put(rest);
        }
        if upstream.state == State::Idle {
            self.endpoints.remove_idle(upstream.endpoint, token);
        } else {
            self.endpoints.ended(upstream.endpoint);
        }
        self.endpoints.closed(upstream.endpoint);
        self.stats.upstream_connections.decrement();
        cx.io.close(token, reset);
    }
}
