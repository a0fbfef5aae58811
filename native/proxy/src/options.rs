//! OPTIONS that may go no further: this proxy is what was asked about (RFC 9110 section 7.6.2).

use crate::body::{Body, Recode};
use crate::downstream::State;
use crate::exchange::Phase;
use crate::io::{Io, Token};
use crate::reply::ALLOW;
use crate::shard::{Cx, Shard};

impl Shard {
    pub(crate) fn answer_options<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        let last = self.ends_connections();
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        let State::Exchange(exchange) = &mut downstream.state else {
            return;
        };
        exchange.keep_alive &= !last && exchange.request.is_done();
        exchange.status = 204;
        exchange.response = Phase::Body(Body::Done, Recode::Keep);
        let connection: &[u8] = match (exchange.keep_alive, exchange.minor) {
            (false, _) => b"connection: close\r\n",
            (true, 0) => b"connection: keep-alive\r\n",
            (true, _) => b"",
        };
        for part in [
            b"HTTP/1.1 204 No Content\r\n",
            ALLOW,
            connection,
            b"x-request-id: ",
            exchange.id.bytes(),
            b"\r\n\r\n",
        ] {
            self.framed.lead.extend_from_slice(part);
        }
        self.send_own_answer(token, None, cx);
    }
}
