//! From the bytes of a request head to the endpoint that gets it.

use std::rc::Rc;

use decide::route::RequestView;
use snapshot::RequestIds;
use stats::{Limit, Reason};
use wire::h1::{
    Error, FieldKind, Framing, Peer, RequestHead, RequestLine, parse_request, write_request,
};

use crate::access::recorded;
use crate::body::{Body, Recode, Taken, emit, take};
use crate::bounds::{NEVER, expiry};
use crate::buffer::{BUFFER_BYTES_MAX, Buffer};
use crate::downstream::{Begun, State};
use crate::exchange::{Exchange, NO_RULE, Phase, body_until};
use crate::io::{Io, Token};
use crate::limits::{BODY_BYTES_FIRST, CONNECTION_AGE_NS_MAX, CONTINUE_NS_MAX, HOPS_MAX};
use crate::memory::Pressure;
use crate::queue::Queue;
use crate::redirect::{Place, changed};
use crate::request_id::RequestId;
use crate::retry;
use crate::shard::{Cx, Shard};
use crate::upstream::{Reach, State as UpstreamState, Upstream};
use crate::view::{Choice, Instead, ServiceView, bounds};

impl Shard {
    /// Answers the requests in `buffer` one after the other, as long as each is over at once.
    pub(crate) fn read_requests<I: Io>(
        &mut self,
        token: Token,
        buffer: Buffer,
        cx: &mut Cx<'_, I>,
    ) {
        let mut input = Some(buffer);
        while let Some(mut buffer) = input.take() {
            let Some(downstream) = self.downstreams.get_mut(token) else {
                return self.pool.put(buffer);
            };
            match downstream.state {
                State::Head if !downstream.queue.is_full() => {}
                State::Head | State::Exchange(_) => {
                    downstream.rest = Some(buffer);
                    return;
                }
                _ => return self.pool.put(buffer),
            }
            match self.read_head(&mut buffer) {
                Ok(Arrived::Enough { length }) => {
                    input = self.begin_exchange(token, (buffer, length), cx);
                }
                Ok(Arrived::Head { body_bytes }) => {
                    return self.await_body(token, (buffer, body_bytes), cx);
                }
                Ok(Arrived::PartOfHead) => return self.await_head(token, buffer, cx),
                Err(error) => {
                    self.pool.put(buffer);
                    return self.refuse_request(token, error, cx);
                }
            }
        }
    }

    /// The head at the front. When there is enough to begin with, its path gets the normal form: routing sees what is
    /// forwarded.
    #[inline]
    fn read_head(&mut self, buffer: &mut Buffer) -> Result<Arrived, Error> {
        let Some(length) = parse_request(buffer.bytes(), &mut self.request_head)? else {
            return Ok(Arrived::PartOfHead);
        };
        let body_bytes = buffer.len() - length;
        if body_bytes < self.body_bytes_first(length) {
            return Ok(Arrived::Head { body_bytes });
        }
        self.request_head.normalize_path(buffer.bytes_mut())?;
        Ok(Arrived::Enough { length })
    }

    /// How much of the body has to be there before the request takes a connection of an endpoint. A client that trickles
    /// then holds nothing but its own connection. A chunked body may be a conversation, and who waits for
    /// `100 Continue` sends nothing before it: those go on at once.
    #[inline]
    fn body_bytes_first(&self, head_bytes: usize) -> usize {
        let Framing::Length(whole) = self.request_head.framing else {
            return 0;
        };
        let first = whole.min(BODY_BYTES_FIRST) as usize;
        let fits = head_bytes + first <= BUFFER_BYTES_MAX;
        if fits && !self.request_head.expects_continue {
            first
        } else {
            0
        }
    }

    /// Keeps the beginning of a head, whose time runs from the first byte on.
    fn await_head<I: Io>(&mut self, token: Token, buffer: Buffer, cx: &mut Cx<'_, I>) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return self.pool.put(buffer);
        };
        if downstream.begun == Begun::Nothing {
            let head_ns = bounds(self.view.as_deref(), downstream.listener).head_ns;
            downstream.begun = Begun::Head;
            self.timers.arm(downstream.timer, cx.now + head_ns);
        }
        downstream.rest = Some(buffer);
        cx.io.read(token);
    }

    /// Keeps a head with too little of its body. The rate of the body counts from here on; where there is none, it has the
    /// time of an idle connection for its next byte.
    fn await_body<I: Io>(
        &mut self,
        token: Token,
        (buffer, body_bytes): (Buffer, usize),
        cx: &mut Cx<'_, I>,
    ) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return self.pool.put(buffer);
        };
        let since = downstream.begun.body_since(cx.now);
        let bounds = bounds(self.view.as_deref(), downstream.listener);
        let until = match bounds.body_byte_ns {
            NEVER => cx.now.saturating_add(bounds.idle_ns),
            byte_ns => body_until(since, body_bytes as u64 * byte_ns, cx.now),
        };
        downstream.begun = Begun::Body { since };
        self.timers.arm(downstream.timer, until);
        downstream.rest = Some(buffer);
        cx.io.read(token);
    }

    /// Decides about the request whose head is the first `length` bytes, and sends it on. Returns what follows it.
    fn begin_exchange<I: Io>(
        &mut self,
        token: Token,
        (mut buffer, length): (Buffer, usize),
        cx: &mut Cx<'_, I>,
    ) -> Option<Buffer> {
        let downstream = self.downstreams.get_mut(token)?;
        let body_since = downstream.begun.body_since(cx.now);
        downstream.begun = Begun::Nothing;
        let view = self
            .view
            .as_ref()
            .filter(|view| view.listener(downstream.listener).is_some());
        let Some(view) = view.map(Rc::clone) else {
            self.pool.put(buffer);
            self.refuse(token, 503, None, cx);
            return None;
        };
        let listener = view.listener(downstream.listener)?;
        let request = Request {
            head: &self.request_head,
            bytes: buffer.bytes(),
            is_edge: listener.is_edge,
        };
        let choice = if self.request_head.hops > HOPS_MAX {
            self.stats.record_limit(Limit::Hops);
            Err(Instead::Fail(Reason::LoopDetected))
        } else {
            view.choose(listener, &request, &mut self.rng)
        };
        let (rule, cell, service) = match &choice {
            Ok(Choice {
                rule,
                cell,
                service,
            }) => (*rule, *cell, *service),
            Err(Instead::Answer(rule, _)) => (*rule, 0, listener.service),
            Err(Instead::Fail(_)) => (NO_RULE, 0, listener.service),
        };
        let timeouts = view.timeouts(rule, service);
        let mut exchange = Exchange::new(
            Rc::clone(&view),
            (&self.request_head, request.method() == b"HEAD"),
            cx.now,
        );
        let given = match listener.request_id {
            RequestIds::Keep => self
                .ids
                .given(self.request_head.request_id.of(buffer.bytes())),
            RequestIds::Replace => None,
        };
        let head = (&self.request_head, buffer.bytes());
        exchange.record = self.records.begin(view.access_log(), head, downstream);
        exchange.id = given.unwrap_or_else(|| RequestId::made(self.rng.next_u64()));
        exchange.rule = rule;
        exchange.origin = self.origins.of(view.cors(rule), &request);
        exchange.cell = cell;
        exchange.deadline = deadline(timeouts.request_ms.unwrap_or(0), cx.now);
        exchange.attempt_deadline = deadline(timeouts.backend_request_ms, cx.now);
        self.framed.with_trailers = true;
        let taken = match take(
            &mut exchange.request,
            Recode::Keep,
            (&mut buffer, length),
            &mut self.framed,
        ) {
            Ok(taken) => taken,
            Err(error) => {
                self.pool.put(buffer);
                self.refuse_request(token, error, cx);
                return None;
            }
        };
        exchange.idle_ns = view.service(service).stream_idle_ns;
        let byte_ns = listener.bounds.body_byte_ns;
        exchange.body_begins(taken.content_bytes, byte_ns, (body_since, cx.now));
        let timer_at = exchange.timer_at();
        self.timers.arm(downstream.timer, timer_at);
        downstream.state = State::Exchange(exchange);
        if self.request_head.max_forwards == Some(0)
            && choice != Err(Instead::Fail(Reason::LoopDetected))
        {
            self.framed.tail.clear();
            let rest = keep_rest(self, buffer, taken);
            self.answer_options(token, cx);
            return rest;
        }
        let upstream = match choice {
            Ok(Choice { service, .. }) => self.reach(view.service(service), token, cx),
            Err(Instead::Answer(_, answer)) => {
                self.answer_by_rule(token, (answer, buffer.bytes(), &*view), cx);
                return keep_rest(self, buffer, taken);
            }
            Err(Instead::Fail(reason)) => Err(reason),
        };
        match upstream {
            Ok(upstream) => {
                self.send_request((token, upstream), (buffer, length), taken, &view, cx)
            }
            Err(reason) => {
                self.framed.tail.clear();
                let rest = keep_rest(self, buffer, taken);
                self.answer(token, reason, cx);
                rest
            }
        }
    }

    fn send_request<I: Io>(
        &mut self,
        (token, upstream_token): (Token, Token),
        (buffer, length): (Buffer, usize),
        taken: Taken,
        view: &crate::view::View,
        cx: &mut Cx<'_, I>,
    ) -> Option<Buffer> {
        let downstream = self.downstreams.get_mut(token)?;
        let State::Exchange(exchange) = &mut downstream.state else {
            return None;
        };
        let upstream = self.upstreams.get_mut(upstream_token)?;
        exchange.upstream = Some(upstream_token);
        if let Some(record) = &mut exchange.record {
            record.attempts = 1;
            record.upstream = Some(recorded(self.endpoints.address(upstream.endpoint)));
        }
        let edit = view.request_edit(exchange.rule);
        let is_edge = view
            .listener(downstream.listener)
            .is_none_or(|listener| listener.is_edge);
        let mut line = RequestLine {
            host_default: view.host_default(downstream.listener),
            request_id: exchange.id.bytes(),
            peer: if is_edge {
                Peer::Outside {
                    address: downstream.peer.as_bytes(),
                }
            } else {
                Peer::Trusted
            },
            host: None,
            target: None,
        };
        if let Some(rewrite) = view.rewrite(exchange.rule) {
            line.host = rewrite.hostname.as_ref().map(String::as_bytes);
            let place = place(&self.request_head, buffer.bytes());
            line.target = rewrite.path.as_ref().map(|change| changed(change, place));
        }
        let shrinks = self.memory.pressure() >= Pressure::Shrink;
        let is_idempotent = retry::is_idempotent(self.request_head.method.of(buffer.bytes()));
        write_request(
            &buffer.bytes()[..length],
            &self.request_head,
            line,
            edit,
            &mut self.framed.lead,
        );
        let rest = emit(
            &mut upstream.queue,
            &mut self.pool,
            (buffer, length),
            taken,
            &mut self.framed,
        );
        if upstream.state == UpstreamState::Busy(token) {
            if is_idempotent && exchange.request.is_done() && !shrinks {
                upstream.keep_replay();
            }
            cx.io.flush(upstream_token);
        }
        if !exchange.request.is_done() {
            cx.io.read(token);
        }
        rest
    }

    /// An upstream connection for this downstream one: idle from the pool, or being opened.
    pub(crate) fn reach<I: Io>(
        &mut self,
        service: &ServiceView,
        downstream: Token,
        cx: &mut Cx<'_, I>,
    ) -> Result<Token, Reason> {
        let endpoint = self
            .endpoints
            .pick(service, &mut self.rng, cx.now)
            .ok_or(Reason::NoHealthyEndpoint)?;
        while let Some(token) = self.endpoints.pop_idle(endpoint) {
            let Some(upstream) = self.upstreams.get_mut(token) else {
                continue;
            };
            upstream.state = UpstreamState::Busy(downstream);
            upstream.sent = false;
            self.timers.disarm(upstream.timer);
            self.endpoints.started(endpoint);
            return Ok(token);
        }
        self.open((endpoint, Reach::of(service)), downstream, cx)
    }

    /// Opens a connection to the endpoint.
    pub(crate) fn open<I: Io>(
        &mut self,
        (endpoint, reach): (u32, Reach),
        downstream: Token,
        cx: &mut Cx<'_, I>,
    ) -> Result<Token, Reason> {
        let most = self.connections_max(downstream);
        if self.endpoints.is_full(endpoint, most) {
            self.make_room(endpoint, cx);
        }
        if self.endpoints.opened(endpoint, most).is_none() {
            self.stats.record_limit(Limit::EndpointConnections);
            return Err(Reason::PoolOverflow);
        }
        self.endpoints.started(endpoint);
        let timer = self.timers.add(self.upstreams.next_token());
        let token = self.upstreams.insert(Upstream {
            endpoint,
            timer,
            state: UpstreamState::Connecting(downstream),
            queue: Queue::default(),
            rest: None,
            bulk: false,
            ended: false,
            reused: false,
            sent: false,
            replay_bytes: 0,
            replay: None,
            idle_ns: reach.idle_ns,
            expires: expiry(CONNECTION_AGE_NS_MAX, &mut self.rng, cx.now),
        });
        if reach.connect_ms > 0 {
            self.timers
                .arm(timer, cx.now + u64::from(reach.connect_ms) * 1_000_000);
        }
        self.stats.upstream_connections.increment();
        cx.io.connect(token, self.endpoints.address(endpoint));
        Ok(token)
    }

    /// A request head that breaks a rule: answer, then close.
    fn refuse_request<I: Io>(&mut self, token: Token, error: Error, cx: &mut Cx<'_, I>) {
        match error {
            Error::HeadTooLarge => self.stats.record_limit(Limit::HeadSize),
            Error::TargetTooLong => self.stats.record_limit(Limit::TargetSize),
            _ => {}
        }
        self.framed.tail.clear();
        self.refuse(token, error.status(), Some(error.name()), cx);
    }

    /// A request body that breaks a rule: what was sent on is never completed.
    pub(crate) fn refuse_request_body<I: Io>(
        &mut self,
        token: Token,
        error: Error,
        cx: &mut Cx<'_, I>,
    ) {
        self.framed.tail.clear();
        let reason = Reason::DownstreamProtocolError;
        self.give_up_request((token, reason), (error.status(), error.name()), cx);
    }

    /// The rest of the request is not waited for: an answer and the end, or, when a response has begun, a reset.
    pub(crate) fn give_up_request<I: Io>(
        &mut self,
        (token, reason): (Token, Reason),
        (status, details): (u16, &str),
        cx: &mut Cx<'_, I>,
    ) {
        let head_sent = match self
            .downstreams
            .get(token)
            .map(|downstream| &downstream.state)
        {
            Some(State::Exchange(exchange)) => exchange.head_sent(),
            _ => return,
        };
        self.release_upstream(token, cx);
        if head_sent {
            self.record(token, 0, Some(reason), cx);
            self.close_downstream(token, true, cx);
        } else {
            self.refuse(token, status, Some(details), cx);
        }
    }
}

/// The end of a time that begins now; 0 for no limit.
fn deadline(limit_ms: u32, now: u64) -> u64 {
    match limit_ms {
        0 => 0,
        limit_ms => now + u64::from(limit_ms) * 1_000_000,
    }
}

/// How much of a request there is.
enum Arrived {
    /// Not all of its head.
    PartOfHead,
    /// Its head, and so much of its body, which is too little.
    Head { body_bytes: usize },
    /// Enough to send it on; its head is this long.
    Enough { length: usize },
}

/// Where a request was sent to.
pub(crate) fn place<'a>(head: &RequestHead, bytes: &'a [u8]) -> Place<'a> {
    Place {
        authority: head.authority.of(bytes),
        path: head.path.of(bytes),
        path_and_query: head.path_and_query.of(bytes),
    }
}

/// What follows a request that is answered here: kept only behind a body that is complete.
fn keep_rest(shard: &mut Shard, mut buffer: Buffer, taken: Taken) -> Option<Buffer> {
    if taken.rest_start < buffer.len() {
        buffer.skip(taken.rest_start);
        return Some(buffer);
    }
    shard.pool.put(buffer);
    None
}

impl Exchange {
    fn new(view: Rc<crate::view::View>, (head, is_head): (&RequestHead, bool), now: u64) -> Self {
        Self {
            view,
            upstream: None,
            retried: false,
            id: RequestId::default(),
            origin: None,
            record: None,
            upstream_keep: false,
            cell: 0,
            rule: NO_RULE,
            started: now,
            attempted: now,
            request: Body::new(head.framing),
            response: Phase::Head,
            request_bytes: 0,
            response_bytes: 0,
            status: 0,
            informational: 0,
            to_head: is_head,
            minor: head.minor,
            keep_alive: head.keep_alive,
            upgrade: head.upgrade,
            accepts_trailers: head.accepts_trailers,
            continue_at: if head.expects_continue {
                now + CONTINUE_NS_MAX
            } else {
                0
            },
            deadline: 0,
            attempt_deadline: 0,
            body_until: NEVER,
            active: now,
            idle_ns: NEVER,
        }
    }
}

/// What routing may look at.
pub(crate) struct Request<'a> {
    head: &'a RequestHead,
    bytes: &'a [u8],
    is_edge: bool,
}

impl<'a> Request<'a> {
    /// As it is forwarded, by whoever it was sent.
    pub fn trusted(head: &'a RequestHead, bytes: &'a [u8]) -> Self {
        Self {
            head,
            bytes,
            is_edge: false,
        }
    }

    /// First value of a field that ends here or anywhere; empty when there is none.
    pub fn value(&self, name: &[u8]) -> &'a [u8] {
        let lines = self.head.fields.as_slice();
        lines
            .iter()
            .find(|line| line.name.of(self.bytes).eq_ignore_ascii_case(name))
            .map_or(b"", |line| line.value.of(self.bytes))
    }
}

impl RequestView for Request<'_> {
    #[inline]
    fn path(&self) -> &[u8] {
        // An absolute form without a path is forwarded as `*` for OPTIONS, else as `/`.
        match self.head.path.of(self.bytes) {
            [] if self.method() == b"OPTIONS" => b"*",
            [] => b"/",
            path => path,
        }
    }

    fn query(&self) -> &[u8] {
        let target = self.head.path_and_query.of(self.bytes);
        let path_length = self.head.path.of(self.bytes).len();
        target.get(path_length + 1..).unwrap_or_default()
    }

    #[inline]
    fn method(&self) -> &[u8] {
        self.head.method.of(self.bytes)
    }

    /// A field that is not forwarded is not there.
    #[inline]
    fn header(&self, name: &[u8], f: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        let lines = self.head.fields.as_slice();
        let is_dropped = |kind: FieldKind| match kind {
            FieldKind::HopByHop => true,
            FieldKind::Trusted => self.is_edge,
            _ => false,
        };
        lines.iter().any(|line| {
            !is_dropped(line.kind)
                && line.name.of(self.bytes).eq_ignore_ascii_case(name)
                && f(line.value.of(self.bytes))
        })
    }
}
