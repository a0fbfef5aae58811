//! Deterministic work for instruction counts: `instructions OPERATION ITERATIONS` repeats one step of
//! the request path over fixed bytes. Two runs with different counts under callgrind give the cost of
//! one repetition. Without arguments it lists its operations.
#![forbid(unsafe_code)]

use std::hint::black_box;
use std::io::{self, Write};
use std::process::ExitCode;

use decide::route::{RequestView, RouteTable};
use snapshot::{
    Balancer, Endpoints, HeaderEdit, Match, PathMatch, Protocol, Rule, Service, Snapshot, Timeouts,
};
use wire::h1::{
    Framing, RequestHead, RequestLine, ResponseHead, ResponseLine, parse_request, parse_response,
    write_request, write_response,
};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [name, iterations] = words.as_slice() else {
        return list();
    };
    let operation = OPERATIONS.iter().find(|(known, _)| known == name);
    let (Some((_, run)), Ok(iterations)) = (operation, iterations.parse()) else {
        eprintln!("usage: instructions OPERATION ITERATIONS");
        return ExitCode::from(2);
    };
    run(iterations);
    ExitCode::SUCCESS
}

fn list() -> ExitCode {
    let mut out = io::stdout().lock();
    let written = OPERATIONS
        .iter()
        .try_for_each(|(name, _)| writeln!(out, "{name}"));
    ExitCode::from(u8::from(written.is_err()))
}

type Operation = fn(u32);

const OPERATIONS: &[(&str, Operation)] = &[
    ("parse-request", |iterations| {
        let mut head = RequestHead::default();
        for _ in 0..iterations {
            let _ = black_box(parse_request(black_box(REQUEST), &mut head));
        }
    }),
    ("parse-response", |iterations| {
        let mut head = ResponseHead::default();
        for _ in 0..iterations {
            let _ = black_box(parse_response(black_box(RESPONSE), false, &mut head));
        }
    }),
    ("route-1", |iterations| route(1, iterations)),
    ("route-10000", |iterations| route(10_000, iterations)),
    ("serialize-request", |iterations| {
        let mut head = RequestHead::default();
        let _ = parse_request(REQUEST, &mut head);
        let line = RequestLine {
            host_default: b"api",
        };
        let mut out = Vec::with_capacity(OUT_BYTES);
        for _ in 0..iterations {
            out.clear();
            write_request(black_box(REQUEST), black_box(&head), line, None, &mut out);
            black_box(&out);
        }
    }),
    ("serialize-response", |iterations| {
        let mut head = ResponseHead::default();
        let _ = parse_response(RESPONSE, false, &mut head);
        let line = ResponseLine {
            framing: Framing::Length(100),
            close: false,
            keep_alive: false,
        };
        let mut out = Vec::with_capacity(OUT_BYTES);
        for _ in 0..iterations {
            out.clear();
            write_response(black_box(RESPONSE), black_box(&head), line, None, &mut out);
            black_box(&out);
        }
    }),
];

/// Looks one parsed request up among `rule_count` path prefixes; the one that matches is the last.
fn route(rule_count: usize, iterations: u32) {
    let mut head = RequestHead::default();
    let _ = parse_request(REQUEST, &mut head);
    let request = Parsed {
        bytes: REQUEST,
        head: &head,
    };
    let table = RouteTable::build(&snapshot_of(rule_count), 0);
    for _ in 0..iterations {
        black_box(table.route(black_box(&request)));
    }
}

struct Parsed<'a> {
    bytes: &'a [u8],
    head: &'a RequestHead,
}

impl RequestView for Parsed<'_> {
    fn path(&self) -> &[u8] {
        self.head.path.of(self.bytes)
    }

    fn method(&self) -> &[u8] {
        self.head.method.of(self.bytes)
    }

    fn header(&self, name: &[u8], test: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        let mut lines = self.head.fields.as_slice().iter();
        lines.any(|line| {
            line.name.of(self.bytes).eq_ignore_ascii_case(name) && test(line.value.of(self.bytes))
        })
    }
}

fn snapshot_of(rule_count: usize) -> Snapshot {
    let rules = (1..=rule_count).rev().map(|number| Rule {
        route: format!("default/item-{number}"),
        matches: vec![Match {
            path: PathMatch::Prefix {
                value: format!("/shop/item-{number:05}"),
            },
            method: None,
            headers: Vec::new(),
        }],
        request_headers: HeaderEdit::default(),
        response_headers: HeaderEdit::default(),
        backends: Vec::new(),
        origin: 0,
    });
    Snapshot {
        version: 1,
        mesh: "bench".into(),
        listeners: Vec::new(),
        services: vec![Service {
            name: "shop".into(),
            namespace: "default".into(),
            protocol: Protocol::Http,
            balancer: Balancer::PeakEwma,
            timeouts: Timeouts {
                connect_ms: 0,
                request_ms: 0,
            },
            rules: (0..rule_count as u32).collect(),
            origin: 0,
        }],
        rules: rules.collect(),
        endpoints: Endpoints {
            version: 1,
            services: vec![Vec::new()],
        },
        origins: Vec::new(),
    }
}

/// The request that the load generator sends, with the path of the last rule.
const REQUEST: &[u8] = b"GET /shop/item-00001/price?currency=eur HTTP/1.1\r\n\
host: api.bench.internal:8080\r\nuser-agent: heddle-load/1\r\naccept: application/json\r\n\
x-request-id: 6f2a1f0e-8f3b-4b4e-9d0b-0f8a5a3f6c11\r\naccept-encoding: gzip, deflate\r\n\r\n";
const RESPONSE: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\n";
/// Room for either head, so that nothing grows while it is measured.
const OUT_BYTES: usize = 1024;
