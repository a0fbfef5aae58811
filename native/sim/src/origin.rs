//! HTTP origins: one exchange at a time on each connection, answered well, late, early, in part, or not at all.

use std::collections::VecDeque;
use std::net::SocketAddr;

use crate::agenda::{Event, MS};
use crate::answer::{Ending, Script};
use crate::invariant::{
    i1_request_is_the_one_sent, i2_repeated_only_when_safe, i4_request_body_is_whole,
    i11_request_headers,
};
use crate::ledger;
use crate::ledger::{Verdict, require};
use crate::message::{Body, Framing, Head, read_body, read_head};
use crate::network::Arrival;
use crate::world::{Sabotage, World};

/// One connection of an origin.
pub(crate) struct OriginConnection {
    pub address: SocketAddr,
    buffer: Vec<u8>,
    exchange: Option<Exchange>,
    /// Requests that came on it.
    request_count: usize,
    /// What is still to be done, each at its time.
    steps: VecDeque<(u64, Step)>,
}

struct Exchange {
    tag: usize,
    /// Which arrival of the request it is.
    arrival: usize,
    head: Head,
    body_read: bool,
    /// The answer does not wait for the body.
    early: bool,
    answered: bool,
}

enum Step {
    Send(Vec<u8>),
    End(Ending),
    /// The exchange is over.
    Done,
}

impl OriginConnection {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            buffer: Vec::new(),
            exchange: None,
            request_count: 0,
            steps: VecDeque::new(),
        }
    }

    /// Takes what has come and was not understood yet.
    pub fn take_buffer(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }
}

impl World {
    pub(crate) fn origin_reads(&mut self, id: usize) -> Verdict {
        loop {
            let arrival = self.network.peer_reads(id);
            let Some(origin) = self.origins.get_mut(&id) else {
                return Ok(());
            };
            match arrival {
                Arrival::Nothing => return Ok(()),
                Arrival::Bytes(bytes) => {
                    origin.buffer.extend(bytes);
                    self.origin_understands(id)?;
                }
                Arrival::End | Arrival::Reset => {
                    self.origins.remove(&id);
                    self.network.peer_closes(id, arrival == Arrival::Reset);
                    return Ok(());
                }
            }
        }
    }

    /// Does the steps that are due.
    pub(crate) fn origin_acts(&mut self, id: usize) -> Verdict {
        loop {
            let now = self.network.agenda.now;
            let Some(origin) = self.origins.get_mut(&id) else {
                return Ok(());
            };
            if origin.steps.front().is_none_or(|(at, _)| *at > now) {
                return Ok(());
            }
            let Some((_, step)) = origin.steps.pop_front() else {
                return Ok(());
            };
            match step {
                Step::Send(bytes) => self.network.peer_sends(id, &bytes),
                Step::End(Ending::Fin) => {
                    self.origins.remove(&id);
                    self.network.peer_closes(id, false);
                }
                Step::End(Ending::Reset) => {
                    self.origins.remove(&id);
                    self.network.peer_closes(id, true);
                }
                Step::Done => {
                    if let Some(exchange) = &mut origin.exchange {
                        exchange.answered = true;
                    }
                    self.origin_understands(id)?;
                }
            }
        }
    }

    fn origin_understands(&mut self, id: usize) -> Verdict {
        loop {
            let Some(origin) = self.origins.get_mut(&id) else {
                return Ok(());
            };
            let Some(exchange) = &mut origin.exchange else {
                if !self.origin_begins(id)? {
                    return Ok(());
                }
                continue;
            };
            if !exchange.body_read {
                let framing = exchange.head.framing(Framing::None);
                let body = read_body(&exchange.head, framing, &origin.buffer, false);
                match body {
                    Ok(Body::Whole {
                        content,
                        trailers,
                        length,
                    }) => {
                        origin.buffer.drain(..length);
                        exchange.body_read = true;
                        let (tag, early) = (exchange.tag, exchange.early);
                        let request = &self.ledger.requests[tag].request;
                        i4_request_body_is_whole(request, (&content, &trailers))?;
                        if !early {
                            self.origin_answers(id, tag);
                        }
                        continue;
                    }
                    Ok(Body::Partial) => return Ok(()),
                    Err(found) => {
                        return require("I4 truncated is never complete", false, || found);
                    }
                }
            }
            if !exchange.answered {
                let silent = origin.buffer.is_empty();
                return require("never pipeline", silent, || {
                    format!("request {} is followed before it is answered", exchange.tag)
                });
            }
            origin.exchange = None;
        }
    }

    /// Reads the head of a request; false when there is none.
    fn origin_begins(&mut self, id: usize) -> Result<bool, ledger::Violation> {
        let now = self.network.agenda.now;
        let Some(origin) = self.origins.get_mut(&id) else {
            return Ok(false);
        };
        let head = match read_head(&origin.buffer) {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(false),
            Err(found) => {
                return require("I11 headers are those of the model", false, || found)
                    .map(|()| false);
            }
        };
        origin.buffer.drain(..head.length);
        if head.value("upgrade").is_some() {
            return self.origin_switches(id, &head).map(|()| true);
        }
        let (address, on_reused) = (origin.address, origin.request_count > 0);
        origin.request_count += 1;
        let tag = head
            .value("x-tag")
            .and_then(|tag| tag.parse::<usize>().ok());
        let Some(tag) = tag.filter(|&tag| tag < self.ledger.requests.len()) else {
            return require("I1 no mix-up", false, || {
                format!("no such request: {head:?}")
            })
            .map(|()| false);
        };
        if self.sabotage == Some(Sabotage::Repetition)
            && self.ledger.requests[tag].request.method == "POST"
        {
            self.sabotage = None;
            let (rule, answer) = (None, None);
            self.ledger.requests[tag].arrivals.push(ledger::Arrival {
                on_reused,
                rule,
                answer,
            });
        }
        let entry = &self.ledger.requests[tag];
        i1_request_is_the_one_sent(entry, (tag, &head))?;
        i2_repeated_only_when_safe(entry, (tag, on_reused))?;
        let rule = i11_request_headers(&self.mesh, entry, (&head, (address, now)))?;
        let faulty = self.network.faulty && !entry.request.must_succeed;
        let early = faulty && self.chance.one_in(20);
        let expects = head.value("expect").is_some();
        self.ledger.requests[tag].arrivals.push(ledger::Arrival {
            on_reused,
            rule,
            answer: None,
        });
        let exchange = Exchange {
            tag,
            arrival: self.ledger.requests[tag].arrivals.len() - 1,
            head,
            body_read: false,
            early,
            answered: false,
        };
        if let Some(origin) = self.origins.get_mut(&id) {
            origin.exchange = Some(exchange);
            if expects && !early && self.chance.one_in(2) {
                let at = now + self.chance.between(0, 1_500) * MS;
                let go = b"HTTP/1.1 100 Continue\r\n\r\n".to_vec();
                origin.steps.push_back((at, Step::Send(go)));
                self.network.agenda.at(at, Event::Origin(id));
            }
        }
        if early {
            self.origin_answers(id, tag);
        }
        Ok(true)
    }

    /// Plans the answer and writes it into the ledger.
    fn origin_answers(&mut self, id: usize, tag: usize) {
        let faulty = self.network.faulty && !self.ledger.requests[tag].request.must_succeed;
        let request = &self.ledger.requests[tag].request;
        let mut script = Script::new((request, tag), faulty, &mut self.chance);
        if let Some(answer) = &mut script.answer {
            self.sabotage_answer(tag, answer, &mut script.pieces);
        }
        let Some(origin) = self.origins.get_mut(&id) else {
            return;
        };
        let arrival = origin.exchange.as_ref().map(|exchange| exchange.arrival);
        if let Some(arrival) = arrival {
            self.ledger.requests[tag].arrivals[arrival]
                .answer
                .clone_from(&script.answer);
        }
        let mut at = self
            .network
            .agenda
            .now
            .max(origin.steps.back().map_or(0, |(at, _)| *at));
        for (delay, bytes) in script.pieces {
            at += delay;
            origin.steps.push_back((at, Step::Send(bytes)));
            self.network.agenda.at(at, Event::Origin(id));
        }
        // An origin that never answers keeps the exchange open.
        if script.answer.is_some() {
            origin.steps.push_back((at, Step::Done));
        }
        if let Some((delay, ending)) = script.ending {
            origin.steps.push_back((at + delay, Step::End(ending)));
            self.network.agenda.at(at + delay, Event::Origin(id));
        }
    }

    /// The canaries that an origin plays: answers that the ledger tells otherwise.
    fn sabotage_answer(
        &mut self,
        tag: usize,
        answer: &mut ledger::Answer,
        pieces: &mut Vec<(u64, Vec<u8>)>,
    ) {
        let large = answer.whole.as_ref().is_some_and(|whole| !whole.is_empty());
        match self.sabotage {
            Some(Sabotage::MixUp) if tag > 0 => {
                self.sabotage = None;
                let (mine, other) = (
                    format!("\r\nx-tag: {tag}\r\n"),
                    format!("\r\nx-tag: {}\r\n", tag - 1),
                );
                for (_, piece) in pieces {
                    *piece = replaced(piece, mine.as_bytes(), other.as_bytes());
                }
            }
            Some(Sabotage::Truncation) if large => {
                self.sabotage = None;
                answer.whole = None;
            }
            _ => {}
        }
    }
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let Some(at) = bytes.windows(from.len()).position(|window| window == from) else {
        return bytes.to_vec();
    };
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}
