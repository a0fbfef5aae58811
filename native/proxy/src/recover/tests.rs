//! A panic at every place where the machines ask for an effect, which is in the middle of their work: whatever they were
//! about to do, one connection ends and everything else goes on.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use snapshot::Address;
use stats::{Cell, Registry, ShardStats};

use crate::{Compiled, ConnectFailure, Io, Publication, Shard, ShardOptions, Side, Token, Usage};

const SECOND: u64 = 1_000_000_000;
const HTTP: u32 = 0;
const TCP: u32 = 1;
const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const POST: &str = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhello";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[test]
fn a_panic_in_the_middle_of_any_step_ends_one_connection_and_the_tables_agree() {
    let effects = Bench::run(None).io.count;
    assert!(effects > 40, "the story has few effects: {effects}");
    for place in 1..=effects {
        let mut bench = Bench::run(Some(place));
        assert_eq!(bench.stats.panics.get(), 1, "at effect {place}");
        bench.serves_another(place);
        bench.shard.close(bench.now, &mut bench.io);
        assert_eq!(
            bench.shard.audit(),
            Ok(Usage::default()),
            "at effect {place}"
        );
    }
}

#[test]
fn the_neighbours_of_a_connection_that_panicked_notice_nothing() {
    let mut bench = Bench::new(None);
    let [first, second] = [bench.accept(HTTP), bench.accept(HTTP)];
    bench.bytes(first, GET);
    bench.bytes(second, GET);
    let [one, other] = [bench.io.connected[0], bench.io.connected[1]];
    bench.connect(one);
    bench.connect(other);
    bench.flush_all();

    bench.io.panic_at = Some(bench.io.count + 1);
    bench.bytes(one, OK);
    bench.bytes(other, OK);

    assert_eq!(bench.io.closed, [one, first], "the coupled pair is closed");
    assert!(bench.answer(second).ends_with("\r\n\r\nok"));
    assert_eq!(bench.stats.failures(stats::Reason::InternalError), 1);
}

#[test]
fn a_deadline_survives_the_panic_of_another_connection() {
    let mut bench = Bench::new(None);
    let [slow, other] = [bench.accept(HTTP), bench.accept(HTTP)];
    bench.bytes(slow, "GET /");
    bench.io.panic_at = Some(bench.io.count + 1);
    bench.bytes(other, GET);
    bench.now += 11 * SECOND;
    bench.step(|shard, io, now| shard.handle_timeouts(now, io));
    assert!(bench.answer(slow).starts_with("HTTP/1.1 408 "));
}

#[test]
fn a_panic_that_is_about_no_connection_is_not_repaired() {
    let mut bench = Bench::new(None);
    bench.accept(HTTP);
    bench.publish();
    assert!(!bench.shard.recover(bench.now, &mut bench.io));
}

/// A shard, its effects counted, and the place at which they panic.
struct Bench {
    shard: Shard,
    stats: Arc<ShardStats>,
    now: u64,
    io: Effects,
}

#[derive(Default)]
struct Effects {
    count: u32,
    panic_at: Option<u32>,
    /// Upstream connections that are open or being opened.
    connected: Vec<Token>,
    closed: Vec<Token>,
    flushed: Vec<Token>,
}

impl Bench {
    fn new(panic_at: Option<u32>) -> Self {
        let stats = Registry::new(1).shard(0);
        let options = ShardOptions {
            seed: 1,
            stats: Arc::clone(&stats),
            now: SECOND,
        };
        let mut bench = Self {
            shard: Shard::new(options),
            stats,
            now: SECOND,
            io: Effects::default(),
        };
        bench.publish();
        bench.io.panic_at = panic_at;
        bench
    }

    /// A bit of everything: requests with and without bodies, pipelined ones, a refused one, a failed connect, deadlines,
    /// and opaque bytes.
    fn run(panic_at: Option<u32>) -> Self {
        let mut bench = Self::new(panic_at);
        let client = bench.accept(HTTP);
        bench.bytes(client, GET);
        bench.answer_all();
        bench.bytes(client, &format!("{GET}{GET}"));
        bench.answer_all();
        bench.step(|shard, io, now| shard.handle_pipelined(now, io));
        bench.answer_all();
        let body = bench.accept(HTTP);
        bench.bytes(body, POST);
        bench.bytes(body, "world");
        bench.answer_all();
        let wrong = bench.accept(HTTP);
        bench.bytes(wrong, "GET  / HTTP/1.1\r\n\r\n");
        bench.flush_all();
        let unlucky = bench.accept(HTTP);
        bench.bytes(unlucky, POST);
        bench.refuse_last();
        let gone = bench.accept(HTTP);
        bench.bytes(gone, GET);
        bench.step(move |shard, io, now| shard.handle_broken(gone, now, io));
        let opaque = bench.accept(TCP);
        bench.answer_all();
        bench.bytes(opaque, "hello");
        bench.flush_all();
        bench.step(move |shard, io, now| shard.handle_end(opaque, now, io));
        bench.flush_all();
        let slow = bench.accept(HTTP);
        bench.bytes(slow, "GET");
        let late = bench.accept(HTTP);
        bench.bytes(late, GET);
        for _ in 0..12 {
            bench.now += 6 * SECOND;
            bench.step(|shard, io, now| shard.handle_timeouts(now, io));
            bench.flush_all();
        }
        bench
    }

    fn serves_another(&mut self, place: u32) {
        let client = self.accept(HTTP);
        self.bytes(client, GET);
        self.answer_all();
        assert!(
            self.io.closed.iter().all(|&token| token != client),
            "at effect {place}"
        );
        self.bytes(client, GET);
        self.flush_all();
        assert!(self.shard.audit().is_ok());
    }

    fn publish(&mut self) {
        let snapshot = snapshot::decode(SNAPSHOT.as_bytes()).expect("a snapshot");
        let endpoints = Arc::new(snapshot.endpoints.clone());
        let compiled = Arc::new(Compiled::new(snapshot).expect("addresses"));
        let cells = (0..2)
            .map(|listener| {
                let destinations = compiled.destinations(listener).iter();
                destinations.map(|_| Arc::new(Cell::new())).collect()
            })
            .collect();
        let publication = Publication {
            compiled,
            endpoints,
            listener_slots: vec![HTTP, TCP],
            cells,
            verdicts: Vec::new(),
        };
        self.shard.publish(publication, self.now, &mut self.io);
    }

    fn accept(&mut self, listener: u32) -> Token {
        // A panic in here closes a connection that its owner never knew; any name will do for it.
        let mut accepted = None;
        let unnamed = self.shard.downstreams.next_token();
        self.step(|shard, io, now| accepted = shard.handle_accept((listener, None), now, io));
        accepted.unwrap_or(unnamed)
    }

    fn connect(&mut self, token: Token) {
        self.step(move |shard, io, now| shard.handle_connected(token, Ok(()), now, io));
    }

    fn refuse_last(&mut self) {
        let Some(&token) = self.io.connected.last() else {
            return;
        };
        self.step(move |shard, io, now| {
            shard.handle_connected(token, Err(ConnectFailure::Refused), now, io);
        });
        self.flush_all();
    }

    fn bytes(&mut self, token: Token, text: &str) {
        self.step(|shard, io, now| {
            let Some(mut buffer) = shard.read_target(token) else {
                return;
            };
            buffer.spare()[..text.len()].copy_from_slice(text.as_bytes());
            buffer.grow(text.len());
            shard.handle_bytes(token, (buffer, false), now, io);
        });
    }

    /// Every upstream connection connects, gets what waits for it and answers.
    fn answer_all(&mut self) {
        for token in self.io.connected.clone() {
            self.connect(token);
        }
        self.flush_all();
        for token in self.io.connected.clone() {
            let busy = self.shard.upstreams.get(token);
            if busy.is_some_and(|upstream| upstream.downstream().is_some()) {
                self.bytes(token, OK);
            }
        }
        self.flush_all();
    }

    fn flush_all(&mut self) {
        for token in std::mem::take(&mut self.io.flushed) {
            self.step(move |shard, io, now| {
                if let Some(count) = shard.queue(token).map(crate::Queue::len) {
                    shard.written(token, count, now, io);
                }
            });
        }
    }

    /// What waits to be written to a peer.
    fn answer(&self, token: Token) -> String {
        let queue = self.shard.queue(token).expect("an open connection");
        String::from_utf8_lossy(queue.single().expect("one answer")).into_owned()
    }

    /// One call of the shard, repaired when it panics.
    fn step(&mut self, call: impl FnOnce(&mut Shard, &mut Effects, u64)) {
        let Self { shard, now, io, .. } = self;
        let result = catch_unwind(AssertUnwindSafe(|| call(shard, io, *now)));
        if result.is_err() {
            assert!(shard.recover(*now, io));
        }
        assert_eq!(self.shard.audit().err(), None);
    }
}

impl Effects {
    fn point(&mut self) {
        self.count += 1;
        if Some(self.count) == self.panic_at {
            // Unlike `panic!` it writes nothing.
            resume_unwind(Box::new("a fault"));
        }
    }
}

impl Io for Effects {
    fn connect(&mut self, token: Token, _address: &Address) {
        self.point();
        self.connected.push(token);
    }

    fn flush(&mut self, token: Token) {
        self.point();
        self.flushed.push(token);
    }

    fn read(&mut self, _token: Token) {
        self.point();
    }

    fn shutdown(&mut self, _token: Token) {
        self.point();
    }

    fn close(&mut self, token: Token, _reset: bool) {
        self.point();
        self.closed.push(token);
        if token.side() == Side::Upstream {
            self.connected.retain(|&other| other != token);
        }
    }
}

const SNAPSHOT: &str = r#"{"version":1,"mesh":"m",
  "listeners":[{"name":"edge","address":"127.0.0.1:1","protocol":"http","service":0,"origin":0},
    {"name":"raw","address":"127.0.0.1:2","protocol":"tcp","service":0,"origin":0}],
  "services":[{"name":"web","namespace":"default","protocol":"http","balancer":"peakEwma",
    "timeouts":{"connectMs":1000,"requestMs":15000},"rules":[],"origin":0}],
  "rules":[],"endpoints":{"version":1,"services":[[{"address":"127.0.0.1:3"}]]},
  "origins":[{"file":"mesh.yaml","line":1,"resource":"Mesh/m"}]}"#;
