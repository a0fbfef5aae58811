//! HTTP clients: well-behaved ones that keep connections, pipeline and half-close, and the other kind.

use std::collections::VecDeque;

use crate::agenda::{Event, MS, SECOND};
use crate::invariant::{Received, i10_local_answer_has_a_reason, response_is_the_one_given};
use crate::ledger::{Outcome, Verdict, require};
use crate::message::{Body, Framing, Head, read_body, read_head};
use crate::network::{Arrival, Peer};
use crate::world::World;

pub(crate) struct Client {
    pub listener: usize,
    /// Requests that are still to be sent.
    pub plan: VecDeque<usize>,
    /// Requests that may be under way at once.
    pub depth: usize,
    pub habit: Habit,
    connection: Option<usize>,
    buffer: Vec<u8>,
    waiting: VecDeque<usize>,
    /// Body of the request that waits for `100 Continue`, and until when.
    held: Option<(usize, Vec<u8>, u64)>,
    /// Nothing more is sent on this connection.
    last: bool,
    give_up_at: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Habit {
    Plain,
    /// Sends FIN behind its last request.
    HalfCloses,
    /// Does not read for so long.
    ReadsLate(u64),
    /// Stops in the middle of its first request.
    Stalls(u64),
    /// Goes away with a reset.
    Resets(u64),
    /// Sends bytes that are no request.
    Malformed(Vec<u8>),
}

impl Client {
    pub fn new(listener: usize, plan: VecDeque<usize>, (depth, habit): (usize, Habit)) -> Self {
        Self {
            listener,
            plan,
            depth,
            habit,
            connection: None,
            buffer: Vec::new(),
            waiting: VecDeque::new(),
            held: None,
            last: false,
            give_up_at: u64::MAX,
        }
    }
}

impl World {
    /// Connects, sends what may be sent, gives up: whatever is due.
    pub(crate) fn client_acts(&mut self, index: usize) -> Verdict {
        let now = self.network.agenda.now;
        if self.clients[index].give_up_at <= now {
            return self.client_gives_up(index);
        }
        let idle = self.clients[index].plan.is_empty() && self.clients[index].held.is_none();
        let malformed = matches!(self.clients[index].habit, Habit::Malformed(_));
        if self.clients[index].connection.is_none() {
            if idle && !malformed {
                return Ok(());
            }
            self.client_connects(index);
        }
        let client = &mut self.clients[index];
        let Some(connection) = client.connection else {
            return Ok(());
        };
        if client
            .held
            .as_ref()
            .is_some_and(|(_, _, until)| *until <= now)
        {
            self.client_releases_body(index, connection);
        }
        self.client_sends(index, connection);
        Ok(())
    }

    /// Something arrived on a client's connection.
    pub(crate) fn client_reads(&mut self, index: usize, connection: usize) -> Verdict {
        loop {
            let arrival = self.network.peer_reads(connection);
            if self.clients[index].connection != Some(connection) {
                return Ok(());
            }
            match arrival {
                Arrival::Nothing => return Ok(()),
                Arrival::Bytes(bytes) => {
                    self.clients[index].buffer.extend(bytes);
                    self.client_understands(index, false)?;
                }
                Arrival::End => {
                    self.client_understands(index, true)?;
                    return self.client_lost(index, connection, false);
                }
                Arrival::Reset => return self.client_lost(index, connection, true),
            }
        }
    }

    fn client_connects(&mut self, index: usize) {
        let shard = self.chance.between(0, self.hosts.len() as u64 - 1) as usize;
        let client = &mut self.clients[index];
        let id = self
            .network
            .open(Peer::Client(index), shard, client.listener);
        client.connection = Some(id);
        client.last = false;
        client.buffer.clear();
        let now = self.network.agenda.now;
        match client.habit {
            Habit::ReadsLate(late) => {
                self.network.connections[id].peer_reads_at = now + late;
                self.network.agenda.after(late, Event::PeerReads(id));
            }
            Habit::Stalls(late) | Habit::Resets(late) => {
                client.give_up_at = now + late;
                self.network.agenda.after(late, Event::Client(index));
            }
            _ => {}
        }
        let delay = self.network.delay(id);
        self.network.agenda.after(delay, Event::Accept(id));
    }

    fn client_sends(&mut self, index: usize, connection: usize) {
        if let Habit::Malformed(bytes) = &mut self.clients[index].habit {
            let bytes = std::mem::take(bytes);
            if !bytes.is_empty() {
                self.ledger.malformed += 1;
                self.network.peer_sends(connection, &bytes);
            }
            return;
        }
        loop {
            let client = &mut self.clients[index];
            if client.last || client.held.is_some() || client.waiting.len() >= client.depth {
                return;
            }
            let Some(tag) = client.plan.pop_front() else {
                return;
            };
            client.waiting.push_back(tag);
            let entry = &mut self.ledger.requests[tag];
            let now = self.network.agenda.now;
            entry.sent_at = Some(now);
            let request = &entry.request;
            let (mut head, body) = request.message.encode(&mut self.chance);
            client.last = asks_to_close(request.minor, &request.message.headers);
            let finishes = client.plan.is_empty() && client.habit == Habit::HalfCloses;
            if let Habit::Stalls(_) = client.habit {
                head.extend(body);
                head.truncate(self.chance.between(1, head.len() as u64) as usize);
                client.last = true;
                self.network.peer_sends(connection, &head);
                return;
            }
            if request.expects {
                let until = now + 3 * SECOND;
                client.held = Some((tag, body, until));
                self.network.agenda.at(until, Event::Client(index));
                self.network.peer_sends(connection, &head);
                return;
            }
            head.extend(body);
            self.network.peer_sends(connection, &head);
            if finishes {
                client.last = true;
                self.network.peer_finishes(connection);
            }
        }
    }

    fn client_releases_body(&mut self, index: usize, connection: usize) {
        if let Some((_, body, _)) = self.clients[index].held.take() {
            self.network.peer_sends(connection, &body);
        }
        self.client_sends(index, connection);
    }

    /// Reads answers out of the buffer, in the order of the requests.
    fn client_understands(&mut self, index: usize, ended: bool) -> Verdict {
        if matches!(self.clients[index].habit, Habit::Malformed(_)) {
            return self.client_hears_refusal(index, ended);
        }
        loop {
            let client = &mut self.clients[index];
            let Some(connection) = client.connection else {
                return Ok(());
            };
            if client.buffer.is_empty() && !ended {
                return Ok(());
            }
            let Some(&tag) = client.waiting.front() else {
                let silent = client.buffer.is_empty();
                return require("I12 answers in order", silent, || {
                    format!("client {index}: an answer without a request")
                });
            };
            let head = match read_head(&client.buffer) {
                Ok(Some(head)) => head,
                Ok(None) => return Ok(()),
                Err(found) => {
                    return require("I11 headers are those of the model", false, || found);
                }
            };
            let request = &self.ledger.requests[tag].request;
            if head.status() < 200 {
                require(
                    "I11 headers are those of the model",
                    request.minor == 1,
                    || format!("{} to HTTP/1.0", head.start_line),
                )?;
                client.buffer.drain(..head.length);
                let held = client
                    .held
                    .as_ref()
                    .is_some_and(|(held, _, _)| *held == tag);
                if head.status() == 100 && held {
                    self.client_releases_body(index, connection);
                }
                continue;
            }
            let bodiless = request.method == "HEAD" || matches!(head.status(), 204 | 304);
            let framing = if bodiless {
                Framing::None
            } else {
                head.framing(Framing::UntilClose)
            };
            let body = read_body(&head, framing, &client.buffer[head.length..], ended);
            let (content, trailers, length) = match body {
                Ok(Body::Whole {
                    content,
                    trailers,
                    length,
                }) => (content, trailers, length),
                Ok(Body::Partial) => return Ok(()),
                Err(found) => return require("I4 truncated is never complete", false, || found),
            };
            client.buffer.drain(..head.length + length);
            client.waiting.pop_front();
            let received = Received {
                head: &head,
                content: &content,
                trailers: &trailers,
                chunked: framing == Framing::Chunked,
            };
            self.client_is_answered(tag, &received)?;
            self.client_goes_on((index, connection), tag, &head, framing);
        }
    }

    fn client_is_answered(&mut self, tag: usize, received: &Received<'_>) -> Verdict {
        let head = received.head;
        if head.value("proxy-status").is_some() {
            let details = i10_local_answer_has_a_reason(head)?;
            return self
                .ledger
                .finish(tag, Outcome::Local(head.status(), details));
        }
        response_is_the_one_given(&self.mesh, (tag, &self.ledger.requests[tag]), received)?;
        self.ledger.finish(tag, Outcome::Answered(head.status()))
    }

    /// After a whole answer: the next request, or the next connection.
    fn client_goes_on(
        &mut self,
        (index, connection): (usize, usize),
        tag: usize,
        head: &Head,
        framing: Framing,
    ) {
        let client = &mut self.clients[index];
        let minor = self.ledger.requests[tag].request.minor;
        let unsent = client.held.take_if(|(held, _, _)| *held == tag).is_some();
        let ends = unsent || framing == Framing::UntilClose || asks_to_close(minor, &head.headers);
        if !ends {
            let think = if self.chance.one_in(3) {
                self.chance.between(0, 20) * MS
            } else {
                0
            };
            self.network.agenda.after(think, Event::Client(index));
            return;
        }
        // What was sent behind it was not looked at, and may be sent again.
        client.held = None;
        while let Some(tag) = client.waiting.pop_back() {
            self.ledger.requests[tag].sent_at = None;
            client.plan.push_front(tag);
        }
        client.connection = None;
        self.network.peer_closes(connection, false);
        self.network.agenda.after(MS, Event::Client(index));
    }

    fn client_hears_refusal(&mut self, index: usize, ended: bool) -> Verdict {
        let client = &self.clients[index];
        if !ended || client.buffer.is_empty() {
            return Ok(());
        }
        let head = match read_head(&client.buffer) {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(()),
            Err(found) => return require("I11 headers are those of the model", false, || found),
        };
        let refused = (400..=505).contains(&head.status());
        require("I10 every error has its reason", refused, || {
            head.start_line.clone()
        })?;
        i10_local_answer_has_a_reason(&head).map(|_| ())
    }

    /// The connection ended.
    fn client_lost(&mut self, index: usize, connection: usize, reset: bool) -> Verdict {
        let client = &mut self.clients[index];
        client.connection = None;
        client.held = None;
        self.network.peer_closes(connection, reset);
        for tag in std::mem::take(&mut client.waiting) {
            self.ledger.finish(tag, Outcome::Broken)?;
        }
        if !matches!(self.clients[index].habit, Habit::Malformed(_)) {
            self.network.agenda.after(MS, Event::Client(index));
        }
        Ok(())
    }

    fn client_gives_up(&mut self, index: usize) -> Verdict {
        let client = &mut self.clients[index];
        client.give_up_at = u64::MAX;
        client.plan.clear();
        client.held = None;
        if let Some(connection) = client.connection.take() {
            self.network.peer_closes(connection, true);
        }
        for tag in std::mem::take(&mut client.waiting) {
            self.ledger.finish(tag, Outcome::Abandoned)?;
        }
        Ok(())
    }
}

fn asks_to_close(minor: u8, headers: &crate::message::Headers) -> bool {
    let says = |option: &str| {
        headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("connection")
                && value
                    .split(',')
                    .any(|part| part.trim().eq_ignore_ascii_case(option))
        })
    };
    says("close") || minor == 0 && !says("keep-alive")
}
