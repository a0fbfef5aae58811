//! From an exchange to a tunnel: 101 ends HTTP on both connections (RFC 9110 section 7.8).
//!
//! What a client sends behind its request waits in its connection until then, because only 101 makes it part of the new
//! protocol: an upstream that goes on with HTTP would take it for a request that nobody has checked.

use std::sync::Arc;

use stats::Reason;
use wire::h1::{Edit, Framing, ResponseLine, write_response};

use crate::buffer::Buffer;
use crate::downstream::State;
use crate::io::{Io, Token};
use crate::relay::Relay;
use crate::shard::{Cx, Shard};

impl Shard {
    /// The head at the front of `buffer` is 101. Unasked for, or for another protocol, it is a failure of the upstream.
    pub(crate) fn switch_protocols<I: Io>(
        &mut self,
        (upstream_token, token): (Token, Token),
        (mut buffer, length): (Buffer, usize),
        cx: &mut Cx<'_, I>,
    ) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return self.pool.put(buffer);
        };
        let State::Exchange(exchange) = &mut downstream.state else {
            return self.pool.put(buffer);
        };
        if !exchange.upgrade || !self.response_head.upgrade {
            self.pool.put(buffer);
            return self.fail(token, Reason::UpstreamProtocolError, cx);
        }
        if let Some(upstream) = self.upstreams.get(upstream_token) {
            let latency = cx.now.saturating_sub(exchange.attempted);
            self.endpoints.answered(upstream.endpoint, latency, cx.now);
        }
        exchange.status = self.response_head.status;
        let line = ResponseLine {
            framing: Framing::None,
            close: false,
            keep_alive: false,
            request_id: exchange.id.bytes(),
        };
        let edit = exchange.view.response_edit(exchange.rule);
        let edit = edit.map(|change| change.of_response(exchange.origin.as_deref()));
        write_response(
            &buffer.bytes()[..length],
            &self.response_head,
            line,
            edit.as_ref().map(|edit| edit as &dyn Edit),
            &mut self.framed.lead,
        );
        let cell = exchange.view.cell(downstream.listener, exchange.cell);
        let relay = Relay::tunnel(upstream_token, cell.map(Arc::clone), exchange.idle_ns);
        self.record(token, 0, None, cx);
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return self.pool.put(buffer);
        };
        downstream.state = State::Relay(relay);
        downstream
            .queue
            .push(self.pool.copy(&self.framed.lead), &mut self.pool);
        self.framed.lead.clear();
        let held = downstream.rest.take();
        buffer.skip(length);
        self.relay_bytes(upstream_token, buffer, cx);
        if let Some(held) = held {
            self.relay_bytes(token, held, cx);
        }
        // Either side may have sent more, or its FIN.
        self.relay_written(token, cx);
        self.relay_written(upstream_token, cx);
    }
}
