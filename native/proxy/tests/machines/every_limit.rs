//! Every limit of 3.4 and 3.5 that HTTP/1.x has acts, is counted under its own name, and tells the peer: one row each.

use heddle_proxy::limits::{ENDPOINT_CONNECTIONS_MAX, HOPS_MAX, INFORMATIONAL_MAX};
use heddle_proxy::{ConnectFailure, Token};
use stats::Limit;

use crate::stage::{SECOND, Stage};

const GET: &str = "GET /a HTTP/1.1\r\nhost: x\r\n\r\n";
const CHUNKED: &str = "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const UPGRADE: &str =
    "GET /a HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
const SWITCHED: &str =
    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";

/// What a peer sees of a limit.
enum Seen {
    /// A status, and the reason in details.
    Answer(&'static str, &'static str),
    /// Its connection is reset.
    Reset,
    /// Its connection ends in peace.
    Closed,
    /// `Connection: close` on what is else an answer like any other.
    LastAnswer,
    /// Nothing: others are spared.
    Nothing,
}
use Seen::{Answer, Closed, LastAnswer, Nothing, Reset};

struct Row {
    limit: Limit,
    seen: Seen,
    /// Reaches the limit, and names the connection of the peer that has to see it.
    reach: fn(&mut Stage) -> Token,
}

const ROWS: &[Row] = &[
    row(Limit::HeadSize, Answer("431", "head_too_large"), |stage| {
        let field = |index: usize| format!("x-{index}: y\r\n");
        let fields: String = (0..129).map(field).collect();
        saying(
            stage,
            &GET.replace("\r\n\r\n", &format!("\r\n{fields}\r\n")),
        )
    }),
    row(
        Limit::TargetSize,
        Answer("414", "target_too_long"),
        |stage| {
            let client = stage.accept();
            // It is refused before it is all there.
            stage.receives(client, &format!("GET /{}", "a".repeat(9000)));
            stage.settle();
            client
        },
    ),
    row(Limit::Hops, Answer("508", "loop_detected"), |stage| {
        let via = "via: 1.1 heddle\r\n".repeat(usize::from(HOPS_MAX) + 1);
        saying(stage, &GET.replace("host", &format!("{via}host")))
    }),
    row(
        Limit::Informational,
        Answer("502", "upstream_protocol_error"),
        |stage| {
            let (client, upstream) = asking(stage, GET);
            for _ in 0..=INFORMATIONAL_MAX {
                stage.says(upstream, "HTTP/1.1 103 Early Hints\r\n\r\n");
            }
            client
        },
    ),
    row(
        Limit::EndpointConnections,
        Answer("503", "pool_overflow"),
        |stage| {
            for _ in 0..ENDPOINT_CONNECTIONS_MAX {
                asking(stage, GET);
            }
            saying(stage, GET)
        },
    ),
    row(Limit::MadeRoom, Answer("408", "client_too_slow"), |stage| {
        let (slow, _) = asking(stage, CHUNKED);
        for _ in 1..ENDPOINT_CONNECTIONS_MAX {
            asking(stage, GET);
        }
        stage.passes(2 * SECOND);
        saying(stage, GET);
        slow
    }),
    row(
        Limit::Connect,
        Answer("504", "connection_timeout"),
        |stage| {
            let client = saying(stage, GET);
            let (first, _) = stage.dialled();
            stage.passes(2 * SECOND);
            assert_eq!(stage.closed(first), Some(true));
            client
        },
    ),
    row(Limit::Head, Answer("408", "head_timeout"), |stage| {
        let client = saying(stage, "GET /");
        stage.passes(11 * SECOND);
        client
    }),
    row(Limit::BodyRate, Answer("408", "body_timeout"), |stage| {
        let (client, _) = asking(stage, CHUNKED);
        stage.passes(11 * SECOND);
        client
    }),
    row(Limit::Request, Answer("504", "response_timeout"), |stage| {
        let (client, _) = asking(stage, GET);
        stage.passes(16 * SECOND);
        client
    }),
    row(
        Limit::BackendRequest,
        Answer("504", "attempt_timeout"),
        |stage| {
            let (client, _) = asking(stage, GET);
            stage.passes(3 * SECOND);
            client
        },
    ),
    row(Limit::ProxyHeader, Reset, |stage| {
        let client = saying(stage, "PROXY TCP4 ");
        stage.passes(6 * SECOND);
        client
    }),
    row(Limit::StreamIdle, Answer("504", "stream_idle"), |stage| {
        let (client, _) = asking(stage, GET);
        stage.passes(12 * SECOND);
        client
    }),
    row(Limit::DownstreamIdle, Closed, |stage| {
        let client = stage.accept();
        stage.passes(61 * SECOND);
        stage.ends(client);
        client
    }),
    row(Limit::UpstreamIdle, Closed, |stage| {
        let (_, upstream) = asking(stage, GET);
        stage.says(upstream, OK);
        stage.passes(56 * SECOND);
        upstream
    }),
    row(Limit::ConnectionAge, LastAnswer, |stage| {
        let (client, upstream) = asking(stage, GET);
        stage.passes(14 * SECOND);
        stage.says(upstream, OK);
        client
    }),
    row(Limit::Flush, Reset, |stage| {
        let client = stage.accept();
        assert!(stage.receives(client, "GET / HTTP/9\r\n\r\n"));
        stage.passes_unwritten(31 * SECOND);
        client
    }),
    row(Limit::Linger, Reset, |stage| {
        let client = saying(stage, "GET / HTTP/9\r\n\r\n");
        stage.passes(3 * SECOND);
        client
    }),
    row(Limit::HalfOpen, Reset, |stage| {
        let (client, upstream) = asking(stage, UPGRADE);
        stage.says(upstream, SWITCHED);
        stage.ends(client);
        stage.passes(61 * SECOND);
        client
    }),
    row(Limit::TunnelIdle, Reset, |stage| {
        let (client, upstream) = asking(stage, UPGRADE);
        stage.says(upstream, SWITCHED);
        stage.passes(301 * SECOND);
        client
    }),
    row(Limit::Drain, Reset, |stage| {
        let (client, _) = asking(stage, GET);
        stage.drains(SECOND);
        stage.passes(2 * SECOND);
        client
    }),
    row(Limit::MemoryShrink, Closed, |stage| {
        let (first, second) = (asking(stage, GET).1, asking(stage, GET).1);
        stage.says(first, OK);
        stage.says(second, OK);
        squeezed(stage, 81);
        first
    }),
    row(Limit::MemoryHurry, Closed, |stage| {
        squeezed(stage, 86);
        let client = stage.accept();
        stage.passes(55 * SECOND);
        stage.ends(client);
        client
    }),
    row(Limit::MemoryLast, LastAnswer, |stage| {
        squeezed(stage, 91);
        let (client, upstream) = asking(stage, GET);
        stage.says(upstream, OK);
        client
    }),
    row(Limit::MemoryRefuse, Nothing, |stage| {
        let client = stage.accept();
        squeezed(stage, 96);
        assert!(!stage.shard.accepts());
        client
    }),
    row(Limit::MemoryShed, Reset, |stage| {
        let client = saying(stage, "GET / HT");
        squeezed(stage, 98);
        client
    }),
    row(Limit::MemoryReset, Answer("503", "overloaded"), |stage| {
        let client = saying(stage, GET);
        squeezed(stage, 98);
        client
    }),
];

/// Reached by what the machines do not have: descriptors (`tests/descriptors.rs` of the driver).
const ELSEWHERE: [Limit; 1] = [Limit::Connections];

#[test]
fn every_limit_acts_is_counted_and_says_its_reason() {
    for row in ROWS {
        let name = row.limit.name();
        let mut stage = stage_for(row.limit);
        let peer = (row.reach)(&mut stage);
        assert!(stage.reached(row.limit) >= 1, "{name} is not counted");
        let (heard, closed) = (stage.heard(peer), stage.closed(peer));
        let shown = match row.seen {
            Answer(status, reason) => {
                heard.contains(&format!("HTTP/1.1 {status} "))
                    && heard.contains(&format!("details=\"{reason}\""))
            }
            Reset => closed == Some(true),
            Closed => closed == Some(false),
            LastAnswer => heard.contains("HTTP/1.1 200 ") && heard.contains("connection: close"),
            Nothing => closed.is_none(),
        };
        assert!(shown, "{name}: closed {closed:?}, heard {heard}");
    }
}

#[test]
fn no_limit_is_without_a_test() {
    let tested = ROWS.iter().map(|row| row.limit);
    let all: Vec<Limit> = tested.chain(ELSEWHERE).collect();
    let untested: Vec<&str> = Limit::ALL
        .iter()
        .filter(|limit| !all.contains(limit))
        .map(|limit| limit.name())
        .collect();
    assert_eq!(untested, [""; 0]);
}

/// Where a longer limit would hide a shorter one, the shorter is set.
fn stage_for(limit: Limit) -> Stage {
    match limit {
        Limit::BackendRequest => Stage::with_rule(r#""backendRequestMs":2000"#),
        Limit::ProxyHeader => Stage::behind(r#""127.0.0.1""#),
        Limit::StreamIdle => Stage::with("", r#""requestMs":0,"streamIdleMs":10000"#),
        Limit::ConnectionAge => Stage::with(r#""ageMs":10000"#, r#""requestMs":15000"#),
        Limit::MadeRoom => Stage::with("", r#""requestMs":0"#),
        _ => Stage::new(1),
    }
}

fn saying(stage: &mut Stage, text: &str) -> Token {
    let client = stage.accept();
    stage.says(client, text);
    client
}

fn asking(stage: &mut Stage, request: &str) -> (Token, Token) {
    let client = saying(stage, request);
    let (upstream, _) = stage.dialled();
    stage.connects(upstream, Ok::<(), ConnectFailure>(()));
    (client, upstream)
}

/// A budget of 100 MB, of which so many percent are held by something else.
fn squeezed(stage: &mut Stage, percent: u64) {
    stage.set_budget(100_000_000);
    stage.set_base(percent * 1_000_000);
    stage.passes(SECOND / 4);
}

const fn row(limit: Limit, seen: Seen, reach: fn(&mut Stage) -> Token) -> Row {
    Row { limit, seen, reach }
}
