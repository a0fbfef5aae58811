//! One thread's share of the proxy: its connections and the calls by which its owner drives it.
//!
//! Polling order: any of the `handle_*` inputs, then [`Shard::handle_pipelined`], then write every connection that was
//! named to [`Io::flush`] (with [`Shard::queue`] and [`Shard::written`]), then [`Shard::next_timeout`].

use std::collections::VecDeque;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use decide::rand::Rng;
use snapshot::Protocol;
use stats::{Limit, Reason, ShardStats};
use wire::h1::{RequestHead, ResponseHead};

use crate::access::Records;
use crate::body::Framed;
use crate::bounds::expiry;
use crate::buffer::{Buffer, Pool};
use crate::cors::OriginTexts;
use crate::downstream::{Begun, Downstream, State};
use crate::endpoints::EndpointTable;
use crate::introduction::admits;
use crate::io::{ConnectFailure, Io, Side, Token};
use crate::limits::{DRAIN_IDLE_NS, PROXY_HEADER_NS_MAX};
use crate::memory::{Memory, Pressure};
use crate::peer::PeerText;
use crate::queue::Queue;
use crate::request_id::RequestIds;
use crate::slab::Slab;
use crate::timer::Timers;
use crate::upstream::Upstream;
use crate::view::{ListenerView, Publication, View};

/// Everything that one thread forwards with.
pub struct Shard {
    pub(crate) view: Option<Rc<View>>,
    pub(crate) downstreams: Slab<Downstream>,
    pub(crate) upstreams: Slab<Upstream>,
    pub(crate) endpoints: EndpointTable,
    pub(crate) timers: Timers,
    pub(crate) pool: Pool,
    pub(crate) memory: Memory,
    pub(crate) stats: Arc<ShardStats>,
    pub(crate) rng: Rng,
    pub(crate) ids: RequestIds,
    pub(crate) origins: OriginTexts,
    pub(crate) records: Records,
    pub(crate) lifecycle: Lifecycle,
    /// Downstream connections with a pipelined request to look at.
    pub(crate) pipelined: VecDeque<Token>,
    pub(crate) request_head: RequestHead,
    pub(crate) response_head: ResponseHead,
    pub(crate) framed: Framed,
    /// What the present call, or the last one, is about: the connection that pays for a panic (`recover`).
    pub(crate) handling: Option<Token>,
}

/// What a shard is made with.
pub struct ShardOptions {
    /// Seed of its random picks.
    pub seed: u64,
    /// Its counters.
    pub stats: Arc<ShardStats>,
    /// Monotonic time in nanoseconds.
    pub now: u64,
}

/// Whether new work is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    /// Everything is.
    Serving,
    /// What runs is finished, connections are closed when they fall idle, and all is over at the deadline (ns).
    Draining {
        /// Monotonic time in nanoseconds.
        deadline: u64,
    },
}

impl Lifecycle {
    /// True after [`Shard::drain`].
    pub fn is_draining(self) -> bool {
        matches!(self, Self::Draining { .. })
    }
}

/// Time and effects of the call that is being handled.
pub(crate) struct Cx<'a, I> {
    pub now: u64,
    pub io: &'a mut I,
}

impl Shard {
    /// A shard without configuration: it closes whatever connects.
    pub fn new(options: ShardOptions) -> Self {
        Self {
            view: None,
            downstreams: Slab::new(Side::Downstream),
            upstreams: Slab::new(Side::Upstream),
            endpoints: EndpointTable::default(),
            timers: Timers::new(options.now),
            pool: Pool::default(),
            memory: Memory::unbounded(),
            stats: options.stats,
            rng: Rng::new(options.seed),
            ids: RequestIds::default(),
            origins: OriginTexts::default(),
            records: Records::default(),
            lifecycle: Lifecycle::Serving,
            pipelined: VecDeque::new(),
            request_head: RequestHead::default(),
            response_head: ResponseHead::default(),
            framed: Framed::default(),
            handling: None,
        }
    }

    /// A peer connected to the listener in this slot, from an IP address if it has one. The connection is named before
    /// it may do anything; `None` when it is not wanted.
    pub fn handle_accept<I: Io>(
        &mut self,
        (listener, peer): (u32, Option<IpAddr>),
        now: u64,
        io: &mut I,
    ) -> Option<Token> {
        let view = self.view.as_ref()?;
        let view = Rc::clone(view);
        let settings = view.listener(listener)?;
        if !admits(&settings.proxies, peer) {
            self.stats.record_failure(Reason::PolicyDenied);
            return None;
        }
        let cell = view.connection_cell(listener);
        if let Some(cell) = &cell {
            cell.record_connection_opened();
        }
        self.handling = Some(self.downstreams.next_token());
        let timer = self.timers.add(self.downstreams.next_token());
        let token = self.downstreams.insert(Downstream {
            listener,
            cell,
            peer: PeerText::new(peer),
            client: None,
            timer,
            state: State::Head,
            queue: Queue::default(),
            rest: None,
            bulk: false,
            begun: Begun::Nothing,
            ended: false,
            expires: expiry(settings.bounds.age_ns, &mut self.rng, now),
            idle_since: now,
        });
        self.stats.downstream_connections.increment();
        if settings.proxies.is_empty() {
            self.begin_speaking(token, (&view, settings), &mut Cx { now, io });
        } else if let Some(downstream) = self.downstreams.get_mut(token) {
            downstream.state = State::Introduction;
            self.timers.arm(timer, now + PROXY_HEADER_NS_MAX);
        }
        self.downstreams.get(token).map(|_| token)
    }

    /// The connection is known from its beginning on: a request may come, or the endpoint is connected to.
    pub(crate) fn begin_speaking<I: Io>(
        &mut self,
        token: Token,
        (view, listener): (&View, &ListenerView),
        cx: &mut Cx<'_, I>,
    ) {
        match listener.protocol {
            Protocol::Http => {
                let idle_ns = self.memory.idle_ns(listener.bounds.idle_ns);
                if let Some(downstream) = self.downstreams.get(token) {
                    self.timers.arm(downstream.timer, cx.now + idle_ns);
                }
            }
            Protocol::Tcp => self.begin_relay(token, view, cx),
        }
    }

    /// What the owner does next is about this connection: it pays for a panic until another one is attended to. The calls
    /// below say so themselves.
    #[inline]
    pub fn attend(&mut self, token: Token) {
        self.handling = Some(token);
    }

    /// A buffer to read into, or `None` while the connection is not to be read.
    pub fn read_target(&mut self, token: Token) -> Option<Buffer> {
        self.handling = Some(token);
        let (rest, bulk) = match token.side() {
            Side::Downstream if self.downstream_wants_read(token) => {
                let downstream = self.downstreams.get_mut(token)?;
                (downstream.rest.take(), downstream.bulk)
            }
            Side::Upstream if self.upstream_wants_read(token) => {
                let upstream = self.upstreams.get_mut(token)?;
                (upstream.rest.take(), upstream.bulk)
            }
            _ => return None,
        };
        let Some(mut rest) = rest else {
            let bulk = bulk && self.memory.pressure() < Pressure::Shrink;
            return Some(self.pool.take(bulk));
        };
        if rest.spare().is_empty() {
            let mut larger = self.pool.take(true);
            let copied = larger.append(rest.bytes());
            debug_assert!(
                copied,
                "an unfinished head or chunk line fits into a large buffer"
            );
            self.pool.put(std::mem::replace(&mut rest, larger));
        }
        Some(rest)
    }

    /// Gives back a buffer that nothing was read into.
    pub fn return_buffer(&mut self, token: Token, buffer: Buffer) {
        if buffer.is_empty() {
            return self.pool.put(buffer);
        }
        let rest = match token.side() {
            Side::Downstream => self
                .downstreams
                .get_mut(token)
                .map(|downstream| &mut downstream.rest),
            Side::Upstream => self
                .upstreams
                .get_mut(token)
                .map(|upstream| &mut upstream.rest),
        };
        match rest {
            Some(rest) => *rest = Some(buffer),
            None => self.pool.put(buffer),
        }
    }

    /// Bytes were read into the buffer of [`Shard::read_target`]; `filled` when they filled it.
    pub fn handle_bytes<I: Io>(
        &mut self,
        token: Token,
        (buffer, filled): (Buffer, bool),
        now: u64,
        io: &mut I,
    ) {
        self.handling = Some(token);
        let cx = &mut Cx { now, io };
        if self.is_outgrown() {
            self.weigh(cx);
        }
        match token.side() {
            Side::Downstream => {
                if let Some(downstream) = self.downstreams.get_mut(token) {
                    downstream.bulk = filled;
                }
                self.downstream_bytes(token, buffer, cx);
            }
            Side::Upstream => {
                if let Some(upstream) = self.upstreams.get_mut(token) {
                    upstream.bulk = filled;
                }
                self.upstream_bytes(token, buffer, cx);
            }
        }
    }

    /// So many bytes of `from` went the way that [`Io::splice`] asked for.
    pub fn handle_spliced<I: Io>(&mut self, from: Token, count: usize, now: u64, io: &mut I) {
        self.relay_moved(from, count as u64, &mut Cx { now, io });
    }

    /// The peer sent FIN and everything before it was read.
    pub fn handle_end<I: Io>(&mut self, token: Token, now: u64, io: &mut I) {
        self.handling = Some(token);
        match token.side() {
            Side::Downstream => self.downstream_ended(token, &mut Cx { now, io }),
            Side::Upstream => self.upstream_ended(token, &mut Cx { now, io }),
        }
    }

    /// The connection broke.
    pub fn handle_broken<I: Io>(&mut self, token: Token, now: u64, io: &mut I) {
        self.handling = Some(token);
        match token.side() {
            Side::Downstream => self.downstream_gone(token, &mut Cx { now, io }),
            Side::Upstream => self.upstream_gone(token, &mut Cx { now, io }),
        }
    }

    /// Result of [`Io::connect`].
    pub fn handle_connected<I: Io>(
        &mut self,
        token: Token,
        result: Result<(), ConnectFailure>,
        now: u64,
        io: &mut I,
    ) {
        self.handling = Some(token);
        self.upstream_connected(token, result, &mut Cx { now, io });
    }

    /// A deadline may have passed.
    pub fn handle_timeouts<I: Io>(&mut self, now: u64, io: &mut I) {
        self.handling = None;
        let cx = &mut Cx { now, io };
        while let Some(token) = self.timers.expired(now) {
            self.handling = Some(token);
            self.expire(token, cx);
        }
        if matches!(self.lifecycle, Lifecycle::Draining { deadline } if deadline <= now) {
            self.handling = None;
            for _ in 0..self.downstreams.len() {
                self.stats.record_limit(Limit::Drain);
            }
            self.close_all(cx);
        }
        self.handling = None;
        self.weigh(cx);
    }

    /// Answers requests that arrived behind others. One request per connection and call keeps a turn bounded.
    pub fn handle_pipelined<I: Io>(&mut self, now: u64, io: &mut I) {
        let cx = &mut Cx { now, io };
        for _ in 0..self.pipelined.len() {
            let Some(token) = self.pipelined.pop_front() else {
                return;
            };
            self.handling = Some(token);
            let Some(rest) = self
                .downstreams
                .get_mut(token)
                .and_then(|downstream| downstream.rest.take())
            else {
                continue;
            };
            self.read_requests(token, rest, cx);
        }
    }

    /// Takes over a configuration. Requests that run keep the one they began with.
    pub fn publish<I: Io>(&mut self, publication: Publication, now: u64, io: &mut I) {
        self.handling = None;
        let view = View::new(publication, &mut self.endpoints, &mut self.rng, now);
        self.view = Some(Rc::new(view));
        let cx = &mut Cx { now, io };
        while let Some(token) = self.endpoints.pop_orphan() {
            self.close_upstream(token, false, cx);
        }
        self.retire_idle(now, |view, downstream| {
            view.is_none_or(|view| view.listener(downstream.listener).is_none())
        });
    }

    /// Finishes what runs and takes nothing new.
    pub fn drain<I: Io>(&mut self, deadline: u64, now: u64, io: &mut I) {
        self.handling = None;
        self.lifecycle = Lifecycle::Draining { deadline };
        self.retire_idle(now, |_, _| true);
        self.handle_timeouts(now, io);
    }

    /// Closes everything.
    pub fn close<I: Io>(&mut self, now: u64, io: &mut I) {
        self.close_all(&mut Cx { now, io });
    }

    /// Bytes that wait to be written on this connection.
    pub fn queue(&self, token: Token) -> Option<&Queue> {
        match token.side() {
            Side::Downstream => self
                .downstreams
                .get(token)
                .map(|downstream| &downstream.queue),
            Side::Upstream => self.upstreams.get(token).map(|upstream| &upstream.queue),
        }
    }

    /// `count` bytes of the queue were written; also called with 0 for an empty queue that was named to flush.
    pub fn written<I: Io>(&mut self, token: Token, count: usize, now: u64, io: &mut I) {
        self.handling = Some(token);
        match token.side() {
            Side::Downstream => {
                if let Some(downstream) = self.downstreams.get_mut(token) {
                    downstream.queue.written(count, &mut self.pool);
                    self.downstream_written(token, &mut Cx { now, io });
                }
            }
            Side::Upstream => {
                if let Some(upstream) = self.upstreams.get_mut(token) {
                    upstream.sent |= count > 0;
                    if upstream.replay_bytes == 0 {
                        upstream.queue.written(count, &mut self.pool);
                    } else if count > 0 {
                        upstream.replay = upstream.queue.written_kept(count);
                    }
                    self.upstream_written(token, &mut Cx { now, io });
                }
            }
        }
    }

    /// When [`Shard::handle_timeouts`] wants to be called next.
    pub fn next_timeout(&self) -> Option<u64> {
        let timer = [self.timers.next(), self.memory.recheck_at()];
        let timer = timer.into_iter().flatten().min();
        match self.lifecycle {
            Lifecycle::Draining { deadline } => Some(timer.map_or(deadline, |at| at.min(deadline))),
            Lifecycle::Serving => timer,
        }
    }

    /// True when requests wait for [`Shard::handle_pipelined`].
    pub fn has_pipelined(&self) -> bool {
        !self.pipelined.is_empty()
    }

    /// Whether it takes new work.
    pub fn lifecycle(&self) -> Lifecycle {
        self.lifecycle
    }

    /// Downstream connections that are open.
    pub fn downstream_count(&self) -> usize {
        self.downstreams.len()
    }

    /// Counters of this shard.
    pub fn stats(&self) -> &ShardStats {
        &self.stats
    }

    /// Gives idle connections a last short time for a request that is already on its way, however long they were idle.
    fn retire_idle(&mut self, now: u64, is_retired: impl Fn(Option<&View>, &Downstream) -> bool) {
        for token in self.downstreams.tokens() {
            let Some(downstream) = self.downstreams.get(token) else {
                continue;
            };
            if downstream.is_idle() && is_retired(self.view.as_deref(), downstream) {
                self.timers.arm(downstream.timer, now + DRAIN_IDLE_NS);
            }
        }
    }

    fn close_all<I: Io>(&mut self, cx: &mut Cx<'_, I>) {
        for token in self.upstreams.tokens() {
            self.close_upstream(token, true, cx);
        }
        for token in self.downstreams.tokens() {
            self.record(token, 0, Some(Reason::DeadlineExceeded), cx);
            self.log_connection(token, Some(Reason::DeadlineExceeded), cx);
            self.close_downstream(token, true, cx);
        }
    }
}
