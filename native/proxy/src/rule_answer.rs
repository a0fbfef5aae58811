//! What a rule answers itself: a response of its own, where else to go, and who may ask from another origin.

use std::io::Write;

use decide::route::RequestView;

use crate::body::{Body, Recode};
use crate::cors::Preflight;
use crate::downstream::State;
use crate::exchange::Phase;
use crate::io::{Io, Token};
use crate::redirect::write_location;
use crate::reply::phrase;
use crate::request::{Request, place};
use crate::shard::{Cx, Shard};
use crate::view::{RuleAnswer, View};

impl Shard {
    /// Answers the exchange as its rule says; `bytes` is its request.
    pub(crate) fn answer_by_rule<I: Io>(
        &mut self,
        token: Token,
        (answer, bytes, view): (RuleAnswer, &[u8], &View),
        cx: &mut Cx<'_, I>,
    ) {
        self.framed.tail.clear();
        let last = self.ends_connections();
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        let State::Exchange(exchange) = &mut downstream.state else {
            return;
        };
        exchange.keep_alive &= !last && exchange.request.is_done();
        exchange.response = Phase::Body(Body::Done, Recode::Keep);
        let out = &mut self.framed.lead;
        let mut body: &[u8] = b"";
        match answer {
            RuleAnswer::Direct => {
                let Some(direct) = view.direct(exchange.rule) else {
                    return;
                };
                exchange.status = direct.status;
                write_status(direct.status, out);
                out.extend_from_slice(&direct.lines);
                if let Some(edit) = view.response_edit(exchange.rule) {
                    edit.append_for(exchange.origin.as_deref(), out);
                }
                if !exchange.to_head {
                    body = &direct.body;
                }
            }
            RuleAnswer::Redirect => {
                let Some(redirect) = view.redirect(exchange.rule) else {
                    return;
                };
                let mut place = place(&self.request_head, bytes);
                if place.authority.is_empty() {
                    place.authority = view.host_default(downstream.listener);
                }
                exchange.status = redirect.status;
                write_status(redirect.status, out);
                out.extend_from_slice(b"location: ");
                write_location(redirect, place, out);
                out.extend_from_slice(b"\r\ncontent-length: 0\r\n");
                if let Some(edit) = view.response_edit(exchange.rule) {
                    edit.append_for(exchange.origin.as_deref(), out);
                }
            }
            RuleAnswer::Preflight => {
                let Some(cors) = view.cors(exchange.rule) else {
                    return;
                };
                let request = Request::trusted(&self.request_head, bytes);
                exchange.status = 204;
                write_status(204, out);
                cors.write_preflight(
                    Preflight {
                        origin: request.value(ORIGIN),
                        method: request.value(REQUEST_METHOD),
                        headers: request.value(REQUEST_HEADERS),
                    },
                    out,
                );
            }
        }
        out.extend_from_slice(b"x-request-id: ");
        out.extend_from_slice(exchange.id.bytes());
        out.extend_from_slice(b"\r\n");
        if !exchange.keep_alive {
            out.extend_from_slice(b"connection: close\r\n");
        } else if exchange.minor == 0 {
            out.extend_from_slice(b"connection: keep-alive\r\n");
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(body);
        exchange.response_bytes = body.len() as u64;
        self.send_own_answer(token, None, cx);
    }
}

/// Whether a request asks for leave to send another one (Fetch standard, "CORS-preflight request").
pub(crate) fn is_preflight(request: &Request<'_>) -> bool {
    request.method() == b"OPTIONS"
        && !request.value(ORIGIN).is_empty()
        && !request.value(REQUEST_METHOD).is_empty()
}

fn write_status(status: u16, out: &mut Vec<u8>) {
    // Writing into a Vec never fails.
    let _ = write!(out, "HTTP/1.1 {status} {}\r\n", phrase(status));
}

pub(crate) const ORIGIN: &[u8] = b"origin";
const REQUEST_METHOD: &[u8] = b"access-control-request-method";
const REQUEST_HEADERS: &[u8] = b"access-control-request-headers";
