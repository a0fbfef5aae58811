//! Answers that heddle makes itself: a status and a short text that a person can use, with `Proxy-Status` (RFC 9209)
//! where the listener lets its callers know the inside of the mesh.

use std::io::Write;

use snapshot::{Address, Errors};
use stats::{Limit, Outcome, Reason};

use crate::body::{Body, Recode};
use crate::cors::OriginText;
use crate::downstream::State;
use crate::exchange::Phase;
use crate::io::{Io, Token};
use crate::limits::FLUSH_NS_MAX;
use crate::request_id::RequestId;
use crate::shard::{Cx, Shard};

/// What an answer says.
struct Reply<'a> {
    status: u16,
    reason: Reason,
    /// The rule or limit, where the reason has several.
    rule: Option<&'a str>,
    /// The request was sent a second time.
    is_retried: bool,
    next_hop: Option<Address>,
    errors: Errors,
    request_id: &'a [u8],
    close: bool,
    keep_alive: bool,
    to_head: bool,
    /// Further lines of its head.
    lines: &'a [u8],
}

impl Shard {
    /// Ends the exchange with an answer of our own, or, when a response has begun, by breaking the connection.
    pub(crate) fn fail<I: Io>(&mut self, token: Token, reason: Reason, cx: &mut Cx<'_, I>) {
        match self
            .downstreams
            .get(token)
            .map(|downstream| &downstream.state)
        {
            Some(State::Exchange(exchange)) if exchange.head_sent() => {
                self.record(token, 0, Some(reason), cx);
                self.release_upstream(token, cx);
                self.close_downstream(token, true, cx);
            }
            Some(State::Exchange(_)) => self.answer(token, reason, cx),
            Some(State::Relay(_)) => {
                self.stats.record_failure(reason);
                self.relay_broken(token, reason, cx);
            }
            _ => {}
        }
    }

    /// Answers the exchange, whose response has not begun.
    pub(crate) fn answer<I: Io>(&mut self, token: Token, reason: Reason, cx: &mut Cx<'_, I>) {
        let last = self.ends_connections();
        let next_hop = self.next_hop(token);
        self.release_upstream(token, cx);
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        let State::Exchange(exchange) = &mut downstream.state else {
            return;
        };
        exchange.keep_alive &= !last && exchange.request.is_done();
        if exchange.ends_old(downstream.expires, cx.now) {
            self.stats.record_limit(Limit::ConnectionAge);
        }
        exchange.status = reason.status();
        exchange.response = Phase::Body(Body::Done, Recode::Keep);
        // A page that may read the response may read why there is none.
        self.framed.tail.clear();
        if let Some(cors) = exchange.view.cors(exchange.rule) {
            let origin = exchange.origin.as_deref().map(OriginText::bytes);
            cors.write_shared(origin, &mut self.framed.tail);
        }
        let reply = Reply {
            status: exchange.status,
            reason,
            rule: None,
            is_retried: exchange.retried,
            next_hop,
            errors: exchange.view.errors(downstream.listener),
            request_id: exchange.id.bytes(),
            close: !exchange.keep_alive,
            keep_alive: exchange.keep_alive && exchange.minor == 0,
            to_head: exchange.to_head,
            lines: &self.framed.tail,
        };
        write_reply(&reply, &mut self.framed.lead);
        self.framed.tail.clear();
        self.send_own_answer(token, Some(reason), cx);
    }

    /// Sends the answer that stands in `framed.lead`, and ends the exchange with it.
    pub(crate) fn send_own_answer<I: Io>(
        &mut self,
        token: Token,
        reason: Option<Reason>,
        cx: &mut Cx<'_, I>,
    ) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        downstream
            .queue
            .push(self.pool.copy(&self.framed.lead), &mut self.pool);
        self.framed.lead.clear();
        self.record(token, 0, reason, cx);
        cx.io.flush(token);
        self.finish_exchange(token, cx);
    }

    /// Answers a request that broke a rule, and closes.
    pub(crate) fn refuse<I: Io>(
        &mut self,
        token: Token,
        status: u16,
        rule: Option<&str>,
        cx: &mut Cx<'_, I>,
    ) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        let reason = match status {
            408 | 414 | 431 => Reason::RequestLimit,
            503 => Reason::NotConfigured,
            _ => Reason::DownstreamProtocolError,
        };
        let outcome = Outcome {
            status,
            reason: Some(reason),
            duration_ns: 0,
            request_bytes: 0,
            response_bytes: 0,
        };
        if let Some(cell) = &downstream.cell {
            cell.record_request(&outcome);
        }
        let id = match &mut downstream.state {
            State::Exchange(exchange) => std::mem::take(&mut exchange.id),
            _ => RequestId::made(self.rng.next_u64()),
        };
        let view = self.view.as_ref();
        if let Some(view) = view {
            let log = (&mut self.records, &**view);
            let refused = (token, &*downstream, id.bytes());
            Self::log_refused(log, refused, (&outcome, cx.now), cx.io);
        }
        let reply = Reply {
            status,
            reason,
            rule,
            is_retried: false,
            next_hop: None,
            errors: view.map_or(Errors::Brief, |view| view.errors(downstream.listener)),
            request_id: id.bytes(),
            close: true,
            keep_alive: false,
            to_head: false,
            lines: b"",
        };
        write_reply(&reply, &mut self.framed.lead);
        downstream
            .queue
            .push(self.pool.copy(&self.framed.lead), &mut self.pool);
        self.framed.lead.clear();
        self.ids.put(id);
        if let Some(rest) = downstream.rest.take() {
            self.pool.put(rest);
        }
        downstream.state = State::Flush;
        self.timers.arm(downstream.timer, cx.now + FLUSH_NS_MAX);
        cx.io.flush(token);
    }

    /// Tells a waiting client to send its body, because the upstream did not.
    pub(crate) fn send_continue<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        downstream.queue.push(
            self.pool.copy(b"HTTP/1.1 100 Continue\r\n\r\n"),
            &mut self.pool,
        );
        cx.io.flush(token);
    }

    fn next_hop(&self, token: Token) -> Option<Address> {
        let upstream = self.downstreams.get(token)?.upstream()?;
        Some(
            self.endpoints
                .address(self.upstreams.get(upstream)?.endpoint)
                .clone(),
        )
    }
}

fn write_reply(reply: &Reply<'_>, out: &mut Vec<u8>) {
    let phrase = phrase(reply.status);
    let body: &[&str] = match (reply.errors, reply.reason.spelling(), reply.rule) {
        (Errors::Brief, ..) => &["heddle: ", phrase, "\nrequest "],
        (Errors::Full, row, None) => &[
            "heddle: ",
            row.means,
            "\n",
            row.name,
            " (",
            row.code,
            ")\nrequest ",
        ],
        (Errors::Full, row, Some(rule)) => &[
            "heddle: ",
            row.means,
            "\n",
            row.name,
            ": ",
            rule,
            " (",
            row.code,
            ")\nrequest ",
        ],
    };
    // Writing into a Vec never fails.
    let _ = write!(
        out,
        "HTTP/1.1 {} {phrase}\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nx-request-id: ",
        reply.status,
        body.iter().map(|part| part.len()).sum::<usize>() + reply.request_id.len() + "\n".len(),
    );
    out.extend_from_slice(reply.request_id);
    out.extend_from_slice(b"\r\n");
    if reply.errors == Errors::Full {
        write_proxy_status(reply, out);
    }
    if reply.close {
        out.extend_from_slice(b"connection: close\r\n");
    } else if reply.keep_alive {
        out.extend_from_slice(b"connection: keep-alive\r\n");
    }
    if reply.status == 405 {
        out.extend_from_slice(ALLOW);
    }
    out.extend_from_slice(reply.lines);
    out.extend_from_slice(b"\r\n");
    if !reply.to_head {
        for part in body {
            out.extend_from_slice(part.as_bytes());
        }
        out.extend_from_slice(reply.request_id);
        out.push(b'\n');
    }
}

fn write_proxy_status(reply: &Reply<'_>, out: &mut Vec<u8>) {
    let row = reply.reason.spelling();
    let token = row.proxy_status.unwrap_or("proxy_internal_response");
    let _ = write!(out, "proxy-status: heddle; error={token}");
    if let Some(address) = &reply.next_hop {
        let _ = write!(out, "; next-hop=\"{address}\"");
    }
    let details = reply.rule.unwrap_or(row.name);
    let attempts = if reply.is_retried { "; attempts=2" } else { "" };
    let _ = write!(out, "; details=\"{details}{attempts}\"\r\n");
}

/// Methods that are forwarded, as far as there is a list of them: every token but CONNECT and TRACE is.
pub(crate) const ALLOW: &[u8] = b"allow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n";

/// Reason phrases of RFC 9110 section 15 for the statuses that heddle itself gives; a rule may give others, without one.
pub(crate) fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        410 => "Gone",
        413 => "Content Too Large",
        414 => "URI Too Long",
        417 => "Expectation Failed",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        508 => "Loop Detected",
        _ => "",
    }
}
