//! From the bytes of an upstream's response to the downstream connection.

use std::rc::Rc;

use stats::{Limit, Outcome, Reason};
use wire::h1::{Edit, Framing, ResponseLine, parse_response, write_response};

use crate::body::{Body, Recode, emit, last_chunk, take};
use crate::buffer::Buffer;
use crate::downstream::State;
use crate::exchange::{Exchange, Phase};
use crate::io::{Io, Token};
use crate::limits::INFORMATIONAL_MAX;
use crate::shard::{Cx, Shard};

impl Shard {
    /// Bytes of the response to the exchange of `downstream` on `upstream`.
    pub(crate) fn read_response<I: Io>(
        &mut self,
        (upstream, downstream): (Token, Token),
        buffer: Buffer,
        cx: &mut Cx<'_, I>,
    ) {
        let mut input = Some(buffer);
        while let Some(buffer) = input.take() {
            let Some(State::Exchange(exchange)) =
                self.downstreams.get_mut(downstream).map(|d| &mut d.state)
            else {
                return self.pool.put(buffer);
            };
            if exchange.head_sent() {
                return self.forward_response_body((upstream, downstream), (buffer, 0), cx);
            }
            match parse_response(buffer.bytes(), exchange.to_head, &mut self.response_head) {
                Ok(Some(length)) if self.response_head.status == 101 => {
                    return self.switch_protocols((upstream, downstream), (buffer, length), cx);
                }
                Ok(Some(length)) if self.response_head.status < 200 => {
                    input =
                        self.forward_informational((upstream, downstream), (buffer, length), cx);
                }
                Ok(Some(length)) => {
                    return self.begin_response((upstream, downstream), (buffer, length), cx);
                }
                Ok(None) => {
                    if let Some(upstream) = self.upstreams.get_mut(upstream) {
                        upstream.rest = Some(buffer);
                    }
                }
                Err(_) => {
                    self.pool.put(buffer);
                    self.fail(downstream, Reason::UpstreamProtocolError, cx);
                }
            }
        }
    }

    /// 1xx heads other than 101 go on to HTTP/1.1 clients.
    fn forward_informational<I: Io>(
        &mut self,
        (_, token): (Token, Token),
        (mut buffer, length): (Buffer, usize),
        cx: &mut Cx<'_, I>,
    ) -> Option<Buffer> {
        let downstream = self.downstreams.get_mut(token)?;
        let State::Exchange(exchange) = &mut downstream.state else {
            return None;
        };
        if exchange.informational >= INFORMATIONAL_MAX {
            self.stats.record_limit(Limit::Informational);
            self.pool.put(buffer);
            self.fail(token, Reason::UpstreamProtocolError, cx);
            return None;
        }
        exchange.informational += 1;
        if self.response_head.status == 100 {
            exchange.continue_at = 0;
            self.timers.arm(downstream.timer, exchange.timer_at());
        }
        if exchange.minor == 1 {
            let line = ResponseLine {
                framing: Framing::None,
                close: false,
                keep_alive: false,
                request_id: b"",
            };
            write_response(
                &buffer.bytes()[..length],
                &self.response_head,
                line,
                None,
                &mut self.framed.lead,
            );
            downstream
                .queue
                .push(self.pool.copy(&self.framed.lead), &mut self.pool);
            self.framed.lead.clear();
            cx.io.flush(token);
        }
        buffer.skip(length);
        if buffer.is_empty() {
            self.pool.put(buffer);
            return None;
        }
        Some(buffer)
    }

    fn begin_response<I: Io>(
        &mut self,
        (upstream_token, token): (Token, Token),
        (buffer, length): (Buffer, usize),
        cx: &mut Cx<'_, I>,
    ) {
        let last = self.ends_connections();
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return self.pool.put(buffer);
        };
        let State::Exchange(exchange) = &mut downstream.state else {
            return self.pool.put(buffer);
        };
        if let Some(upstream) = self.upstreams.get_mut(upstream_token) {
            if let Some(seconds) = self.response_head.idle_s {
                upstream.idle_ns = upstream.idle_ns.min(announced_idle_ns(seconds));
            }
            let latency = cx.now.saturating_sub(exchange.attempted);
            self.endpoints.answered(upstream.endpoint, latency, cx.now);
        }
        let head = &self.response_head;
        let (framing, recode) = reframe(head.framing, exchange.minor);
        exchange.status = head.status;
        if let Some(record) = &mut exchange.record {
            record.ttfb_ns = cx.now.saturating_sub(exchange.started);
        }
        exchange.upstream_keep = head.keep_alive;
        if exchange.continue_at != 0 {
            exchange.continue_at = 0;
            self.timers.arm(downstream.timer, exchange.timer_at());
        }
        exchange.keep_alive &=
            !last && exchange.request.is_done() && framing != Framing::UntilClose;
        if exchange.ends_old(downstream.expires, cx.now) {
            self.stats.record_limit(Limit::ConnectionAge);
        }
        let line = ResponseLine {
            framing,
            close: !exchange.keep_alive,
            keep_alive: exchange.keep_alive && exchange.minor == 0,
            request_id: exchange.id.bytes(),
        };
        let edit = exchange.view.response_edit(exchange.rule);
        let edit = edit.map(|change| change.of_response(exchange.origin.as_deref()));
        write_response(
            &buffer.bytes()[..length],
            head,
            line,
            edit.as_ref().map(|edit| edit as &dyn Edit),
            &mut self.framed.lead,
        );
        exchange.response = Phase::Body(Body::new(head.framing), recode);
        self.forward_response_body((upstream_token, token), (buffer, length), cx);
    }

    fn forward_response_body<I: Io>(
        &mut self,
        (upstream_token, token): (Token, Token),
        (mut buffer, from): (Buffer, usize),
        cx: &mut Cx<'_, I>,
    ) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return self.pool.put(buffer);
        };
        let State::Exchange(Exchange {
            response: Phase::Body(body, recode),
            response_bytes,
            active,
            accepts_trailers,
            ..
        }) = &mut downstream.state
        else {
            return self.pool.put(buffer);
        };
        self.framed.with_trailers = *accepts_trailers;
        let Ok(taken) = take(body, *recode, (&mut buffer, from), &mut self.framed) else {
            self.pool.put(buffer);
            self.framed.lead.clear();
            self.framed.tail.clear();
            if from > 0
                && let State::Exchange(exchange) = &mut downstream.state
            {
                // The head is in the same buffer and was not sent.
                exchange.response = Phase::Head;
            }
            return self.fail(token, Reason::UpstreamProtocolError, cx);
        };
        *response_bytes += taken.content_bytes as u64;
        *active = cx.now;
        let done = body.is_done();
        let rest = emit(
            &mut downstream.queue,
            &mut self.pool,
            (buffer, from),
            taken,
            &mut self.framed,
        );
        cx.io.flush(token);
        if !done {
            if let Some(upstream) = self.upstreams.get_mut(upstream_token) {
                upstream.rest = rest;
            }
            return;
        }
        if let Some(surplus) = rest {
            self.pool.put(surplus);
            self.stats.record_failure(Reason::UpstreamUnsolicited);
            if let State::Exchange(exchange) = &mut downstream.state {
                exchange.upstream_keep = false;
            }
        }
        self.complete(token, cx);
    }

    /// The upstream closed: the end of a body without length, and of anything else a failure.
    pub(crate) fn response_ended<I: Io>(
        &mut self,
        (upstream, token): (Token, Token),
        cx: &mut Cx<'_, I>,
    ) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        let State::Exchange(exchange) = &mut downstream.state else {
            return;
        };
        match exchange.response {
            Phase::Body(Body::UntilClose, recode) => {
                if recode == Recode::Chunk {
                    last_chunk(&mut self.pool, &mut downstream.queue);
                }
                exchange.upstream_keep = false;
                cx.io.flush(token);
                self.complete(token, cx);
            }
            _ => self.lost(upstream, token, cx),
        }
    }

    /// Request and response are over: count, give the upstream connection back, go on with the downstream one.
    fn complete<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        self.record(token, 0, None, cx);
        let Some(State::Exchange(exchange)) = self.downstreams.get_mut(token).map(|d| &mut d.state)
        else {
            return;
        };
        let reusable = exchange.upstream_keep && exchange.request.is_done();
        if let Some(upstream) = exchange.upstream.take() {
            let sent = self
                .upstreams
                .get(upstream)
                .is_some_and(|u| u.queue.is_empty());
            if reusable && sent {
                self.park_upstream(upstream, cx);
            } else {
                self.close_upstream(upstream, false, cx);
            }
        }
        self.finish_exchange(token, cx);
    }

    /// Counts the exchange once; `status` 0 stands for the one that was sent, or else for that of the reason.
    pub(crate) fn record<I: Io>(
        &mut self,
        token: Token,
        status: u16,
        reason: Option<Reason>,
        cx: &mut Cx<'_, I>,
    ) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        let State::Exchange(exchange) = &mut downstream.state else {
            return;
        };
        let Some(cell) = exchange.view.cell(downstream.listener, exchange.cell) else {
            return;
        };
        let known = [status, exchange.status]
            .into_iter()
            .find(|&status| status != 0);
        let status = known.unwrap_or_else(|| reason.map_or(0, Reason::status));
        let outcome = Outcome {
            status,
            reason,
            duration_ns: cx.now.saturating_sub(exchange.started),
            request_bytes: exchange.request_bytes,
            response_bytes: exchange.response_bytes,
        };
        cell.record_request(&outcome);
        cell.record_received(exchange.request_bytes);
        cell.record_sent(exchange.response_bytes);
        if exchange.record.is_some() {
            let view = Rc::clone(&exchange.view);
            let over = (token, downstream.listener, &mut *exchange);
            Self::log_exchange((&mut self.records, &view), over, &outcome, cx.io);
        }
        self.ids.put(std::mem::take(&mut exchange.id));
        if let Some(origin) = exchange.origin.take() {
            self.origins.put(origin);
        }
    }
}

/// Four fifths of what an endpoint announces: it has been counting since before we read that.
fn announced_idle_ns(seconds: u32) -> u64 {
    u64::from(seconds) * 800_000_000
}

/// Framing downstream for a framing upstream: an HTTP/1.0 client knows no chunks.
fn reframe(framing: Framing, minor: u8) -> (Framing, Recode) {
    match (framing, minor) {
        (Framing::Chunked, 0) => (Framing::UntilClose, Recode::Bare),
        (Framing::UntilClose, 1) => (Framing::Chunked, Recode::Chunk),
        _ => (framing, Recode::Keep),
    }
}
