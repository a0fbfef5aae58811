//! One operation of the data path, repeated: bytes in, bytes out, no socket and no clock. Run it under callgrind with two
//! repeat counts; the difference is the cost of the repeats alone.
//!
//! Usage: `instructions OPERATION COUNT`, where OPERATION is parse, route, serialize or exchange.

#![allow(clippy::expect_used)] // a measurement that cannot be set up has no result

use snapshot::Address;
use std::hint::black_box;
use std::sync::Arc;

use decide::route::{RequestView, RouteTable};
use heddle_proxy::{Compiled, Io, Publication, Shard, ShardOptions, Token};
use snapshot::Snapshot;
use stats::{Cell, ShardStats};
use wire::h1::{RequestHead, RequestLine, parse_request, write_request};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let operation = arguments.next().unwrap_or_default();
    let count: usize = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .expect("a count");
    match operation.as_str() {
        "parse" => parse(count),
        "route" => route(count),
        "serialize" => serialize(count),
        "exchange" => exchange(count),
        other => panic!("no operation `{other}`: parse, route, serialize or exchange"),
    }
}

const REQUEST: &[u8] = b"GET /shop/items/42?size=10 HTTP/1.1\r\nhost: shop.example:8080\r\n\
    user-agent: curl/8.5.0\r\naccept: application/json\r\nx-request-id: 5f3a9c1e7b2d4860\r\n\
    accept-encoding: gzip, deflate\r\n\r\n";

const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
    date: Mon, 23 Nov 2026 10:00:00 GMT\r\ncontent-length: 100\r\n\r\n\
    0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";

/// Routes of the measured table.
const ROUTES: usize = 1000;

fn parse(count: usize) {
    let mut head = RequestHead::default();
    for _ in 0..count {
        let length = parse_request(black_box(REQUEST), &mut head);
        assert!(length.is_ok_and(|length| length == Some(REQUEST.len())));
    }
}

fn route(count: usize) {
    let table = RouteTable::build(&snapshot(ROUTES), 0);
    let scratch = table.scratch();
    for _ in 0..count {
        let rule = black_box(&table).route(black_box(&Item), &scratch);
        assert!(rule.is_some());
    }
}

fn serialize(count: usize) {
    let mut head = RequestHead::default();
    parse_request(REQUEST, &mut head).expect("a valid request");
    let line = RequestLine {
        request_id: b"0123456789ab",
        ..RequestLine::default()
    };
    let mut out = Vec::with_capacity(1024);
    for _ in 0..count {
        out.clear();
        write_request(black_box(REQUEST), &head, line, None, &mut out);
        assert!(!black_box(&out).is_empty());
    }
}

/// A whole exchange on warm connections: request in, request out, response in, response out.
fn exchange(count: usize) {
    let mut io = Recorded::default();
    let mut shard = Shard::new(ShardOptions {
        seed: 1,
        stats: Arc::new(ShardStats::new()),
        now: 1,
    });
    shard.publish(publication(), 1, &mut io);
    let client = shard
        .handle_accept((0, None), 1, &mut io)
        .expect("a connection that is wanted");
    for turn in 0..count as u64 {
        let now = 2 + turn;
        feed(&mut shard, (client, REQUEST), now, &mut io);
        if let Some(upstream) = io.connecting.take() {
            shard.handle_connected(upstream, Ok(()), now, &mut io);
            io.upstream = Some(upstream);
        }
        drain(&mut shard, now, &mut io);
        let upstream = io.upstream.expect("a connection to the endpoint");
        feed(&mut shard, (upstream, RESPONSE), now, &mut io);
        assert!(
            drain(&mut shard, now, &mut io) > RESPONSE.len() / 2,
            "no response came back"
        );
    }
}

fn feed(shard: &mut Shard, (token, bytes): (Token, &[u8]), now: u64, io: &mut Recorded) {
    let mut buffer = shard.read_target(token).expect("a connection that is read");
    buffer.spare()[..bytes.len()].copy_from_slice(bytes);
    buffer.grow(bytes.len());
    shard.handle_bytes(token, (buffer, false), now, io);
}

/// Takes what waits as a socket would, and returns how many bytes it was.
fn drain(shard: &mut Shard, now: u64, io: &mut Recorded) -> usize {
    let mut total = 0;
    while let Some(token) = io.dirty.pop() {
        let count = shard.queue(token).map_or(0, heddle_proxy::Queue::len);
        total += count;
        shard.written(token, count, now, io);
    }
    total
}

#[derive(Default)]
struct Recorded {
    connecting: Option<Token>,
    upstream: Option<Token>,
    dirty: Vec<Token>,
}

impl Io for Recorded {
    fn connect(&mut self, token: Token, _: &Address) {
        self.connecting = Some(token);
    }

    fn flush(&mut self, token: Token) {
        self.dirty.push(token);
    }

    fn read(&mut self, _: Token) {}

    fn shutdown(&mut self, _: Token) {}

    fn close(&mut self, _: Token, _: bool) {}
}

struct Item;

impl RequestView for Item {
    fn path(&self) -> &[u8] {
        b"/shop/r500/42"
    }

    fn query(&self) -> &[u8] {
        b""
    }

    fn method(&self) -> &[u8] {
        b"GET"
    }

    fn header(&self, _: &[u8], _: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        false
    }
}

fn publication() -> Publication {
    let snapshot = snapshot(0);
    let endpoints = Arc::new(snapshot.endpoints.clone());
    Publication {
        compiled: Arc::new(Compiled::new(snapshot).expect("addresses that parse")),
        endpoints,
        listener_slots: vec![0],
        cells: vec![vec![Arc::new(Cell::new())]],
        verdicts: Vec::new(),
    }
}

fn snapshot(routes: usize) -> Snapshot {
    let rule = |index: usize| {
        format!(
            r#"{{"route":"default/r","matches":[{{"path":{{"kind":"prefix","value":"/shop/r{index}"}},"headers":[]}}],
            "requestHeaders":{{"set":[],"add":[],"remove":[]}},"responseHeaders":{{"set":[],"add":[],"remove":[]}},
            "backends":[{{"weight":1,"target":{{"kind":"service","service":0}}}}],"origin":0}}"#
        )
    };
    let rules: Vec<String> = (0..routes).map(rule).collect();
    let indexes: Vec<String> = (0..routes).map(|index| index.to_string()).collect();
    let text = format!(
        r#"{{"version":1,"mesh":"m","listeners":[{{"name":"edge","address":"127.0.0.1:1","protocol":"http","service":0,"origin":0}}],
        "services":[{{"name":"web","namespace":"default","protocol":"http","balancer":"peakEwma",
        "timeouts":{{"connectMs":1000,"requestMs":15000}},"rules":[{}],"origin":0}}],"rules":[{}],
        "endpoints":{{"version":1,"services":[[{{"address":"127.0.0.1:2"}}]]}},
        "origins":[{{"file":"mesh.yaml","line":1,"resource":"Mesh/m"}}]}}"#,
        indexes.join(","),
        rules.join(",")
    );
    snapshot::decode(text.as_bytes()).expect("a snapshot that decodes")
}
