//! What the clients of a run do, and when.

use std::collections::VecDeque;

use crate::agenda::{Event, MS, Phase, SECOND};
use crate::chance::{Chance, content};
use crate::client::{Client, Habit};
use crate::ledger::{Entry, Relayed, Request};
use crate::mesh::{DIRECT, OPAQUE, ROUTED};
use crate::message::{Framing, Message};
use crate::world::{DRAIN_NS, LAST_NS, LIVENESS_NS, SETTLE_NS, STORM_NS, World};

impl World {
    /// Plans the whole run.
    pub(crate) fn plan(&mut self) {
        self.change(false);
        let changes = self.chance.between(3, 8);
        for _ in 0..changes {
            let at = self.chance.between(10 * MS, STORM_NS);
            self.network.agenda.after(at, Event::Change);
        }
        for _ in 0..self.chance.between(4, 12) {
            let at = self.chance.between(20 * MS, STORM_NS - SECOND);
            self.plan_client(at, false);
        }
        for _ in 0..self.chance.between(1, 4) {
            let at = self.chance.between(20 * MS, STORM_NS - SECOND);
            self.plan_relay(at, false);
        }
        let mut at = STORM_NS;
        self.network.agenda.after(at, Event::Phase(Phase::Calm));
        at += SETTLE_NS;
        self.network.agenda.after(at, Event::Phase(Phase::Liveness));
        at += LIVENESS_NS;
        self.network
            .agenda
            .after(at, Event::Phase(Phase::LastRequests));
        at += LAST_NS;
        self.network.agenda.after(at, Event::Phase(Phase::Drain));
        at += DRAIN_NS + SECOND;
        self.network.agenda.after(at, Event::Phase(Phase::End));
    }

    /// Requests that have to succeed before the drain begins.
    pub(crate) fn plan_liveness(&mut self) {
        for _ in 0..4 {
            self.plan_client(0, true);
        }
        self.plan_relay(0, true);
    }

    /// One request for each client, sent before the drain begins: it has to be answered all the same.
    pub(crate) fn plan_last_requests(&mut self) {
        for listener in [ROUTED, DIRECT, ROUTED] {
            let tag = self.plan_request(listener, true);
            let client = Client::new(listener, VecDeque::from([tag]), (1, Habit::Plain));
            self.plan_start(client, 0);
        }
        self.plan_relay(0, true);
    }

    fn plan_client(&mut self, at: u64, must_succeed: bool) {
        let listener = self.chance.pick(&[ROUTED, ROUTED, DIRECT]);
        let count = if must_succeed {
            3
        } else {
            self.chance.between(1, 8)
        };
        let plan = (0..count)
            .map(|_| self.plan_request(listener, must_succeed))
            .collect();
        let depth = self.chance.pick(&[1, 1, 2, 5]);
        let bad = self.network.faulty && !must_succeed;
        let habit = habit(&mut self.chance, bad);
        self.plan_start(Client::new(listener, plan, (depth, habit)), at);
    }

    fn plan_start(&mut self, client: Client, at: u64) {
        self.clients.push(client);
        let index = self.clients.len() - 1;
        self.network.agenda.after(at, Event::Client(index));
    }

    fn plan_relay(&mut self, at: u64, must_succeed: bool) {
        let must_succeed = must_succeed && !self.network.faulty;
        let listener = self.chance.pick(&[OPAQUE, OPAQUE, ROUTED, DIRECT]);
        self.ledger.relays.push(Relayed {
            listener,
            must_succeed,
            ..Relayed::default()
        });
        let index = self.ledger.relays.len() - 1;
        self.network.agenda.after(at, Event::Relay(index));
    }

    fn plan_request(&mut self, listener: usize, must_succeed: bool) -> usize {
        let tag = self.ledger.requests.len();
        let request = request(&mut self.chance, (tag, listener, must_succeed));
        self.ledger.requests.push(Entry {
            request,
            sent_at: None,
            arrivals: Vec::new(),
            outcome: None,
        });
        tag
    }
}

/// Fields that a client outside the mesh has no business to send.
pub(crate) const SPOOFED: [(&str, &str); 5] = [
    ("X-Forwarded-For", "10.0.0.1"),
    ("x-forwarded-host", "internal"),
    ("X-Envoy-Original-Path", "/admin"),
    ("x-heddle-attempt", "1"),
    ("L5d-Client-Id", "root"),
];

fn habit(chance: &mut Chance, bad: bool) -> Habit {
    if !bad {
        return if chance.one_in(4) {
            Habit::HalfCloses
        } else {
            Habit::Plain
        };
    }
    match chance.between(0, 11) {
        0 => Habit::HalfCloses,
        1 => Habit::ReadsLate(chance.between(1, 5_000) * MS),
        2 => Habit::Stalls(chance.between(1, 5_000) * MS),
        3 => Habit::Resets(chance.between(1, 300) * MS),
        4 => Habit::Malformed(malformed(chance)),
        _ => Habit::Plain,
    }
}

fn malformed(chance: &mut Chance) -> Vec<u8> {
    let text: &[u8] = match chance.between(0, 4) {
        0 => return content(chance.number(), 200),
        1 => b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        2 => b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        3 => b"GET / HTTP/2.0\r\n\r\n",
        _ => b"POST /nowhere HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
    };
    text.to_vec()
}

fn request(chance: &mut Chance, (tag, listener, must_succeed): (usize, usize, bool)) -> Request {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let method = chance.pick(&["GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE"]);
    let minor = u8::from(!chance.one_in(8));
    let has_body = matches!(method, "POST" | "PUT");
    let framing = match (has_body, minor) {
        (false, _) => Framing::None,
        (true, 1) => chance.pick(&[Framing::Length, Framing::Chunked]),
        (true, _) => Framing::Length,
    };
    let accepts_trailers = minor == 1 && chance.one_in(3);
    let path = chance.pick(&[
        "/",
        "/a",
        "/a/x",
        "/a/b",
        "/a/b/c?q=1",
        "/c",
        "/ab",
        "/c?x=/a",
    ]);
    let mut headers = vec![("x-tag".to_owned(), tag.to_string()), pair("X-Multi", "1")];
    // Names of every length that is kept.
    let id = format!("{tag:0>width$}", width = 1 + tag * 7 % 128);
    headers.push(("X-Request-Id".to_owned(), id));
    if minor == 1 || chance.one_in(2) {
        headers.insert(0, pair("Host", "sim.example:80"));
    }
    if chance.one_in(2) {
        headers.push(pair("X-Group", chance.pick(&["red", "blue"])));
    }
    if chance.one_in(3) {
        let (name, value) = chance.pick(&SPOOFED);
        headers.push(pair(name, value));
    }
    headers.extend([
        pair("X-Remove-Me", "1"),
        pair("x-multi", "2"),
        pair("X-Set", "client"),
    ]);
    let mut connection = vec!["x-hop"];
    if accepts_trailers {
        headers.push(pair("TE", "trailers"));
        connection.push("te");
    }
    if minor == 0 && chance.one_in(2) {
        connection.push("keep-alive");
    } else if minor == 1 && chance.one_in(10) {
        connection.push("close");
    }
    headers.extend([pair("X-Hop", "1"), pair("Keep-Alive", "timeout=5")]);
    headers.push(("Connection".to_owned(), connection.join(", ")));
    let size = chance.size();
    let size = if framing == Framing::None { 0 } else { size };
    let expects = minor == 1 && size > 0 && chance.one_in(4);
    if expects {
        headers.push(pair("Expect", "100-continue"));
    }
    let trailers = if framing == Framing::Chunked && chance.one_in(2) {
        vec![pair("x-sum", "1")]
    } else {
        Vec::new()
    };
    Request {
        listener,
        method,
        path: path.to_owned(),
        minor,
        message: Message {
            start_line: format!("{method} {path} HTTP/1.{minor}"),
            headers,
            framing,
            body: content(tag as u64 ^ 0xaaaa, size),
            trailers,
        },
        expects,
        accepts_trailers,
        must_succeed,
    }
}
