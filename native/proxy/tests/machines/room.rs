//! Slow clients and the connections of an endpoint: a body that trickles takes none, and who holds one up makes room.

use heddle_proxy::Token;
use heddle_proxy::limits::{ENDPOINT_CONNECTIONS_MAX, ENDPOINT_UNFINISHED_MAX};
use stats::Limit;

use crate::stage::{SECOND, Stage};

const GET: &str = "GET /a HTTP/1.1\r\nhost: x\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const CHUNKED: &str = "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";

/// The head of a request with a body of this length.
fn upload(length: usize) -> String {
    format!("POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n")
}

/// As many requests as the endpoint takes, each with an answer that has not come; the first so many have unfinished bodies.
fn full(stage: &mut Stage, unfinished: u32) -> Vec<(Token, Token)> {
    let most = 0..ENDPOINT_CONNECTIONS_MAX;
    most.map(|number| {
        let request = if number < unfinished { CHUNKED } else { GET };
        let client = stage.accept();
        stage.says(client, request);
        (client, stage.connected())
    })
    .collect()
}

#[test]
fn a_body_takes_a_connection_upstream_when_its_first_4_kib_are_there() {
    let mut stage = Stage::new(1);
    let client = stage.accept();
    stage.says(client, &upload(1_000_000));
    stage.says(client, &"x".repeat(4095));
    assert!(stage.dials_nothing());
    stage.says(client, "xy");
    let upstream = stage.connected();
    assert!(stage.heard(upstream).ends_with("xxxy"));
}

#[test]
fn a_small_body_takes_one_when_it_is_whole_and_is_sent_on_once() {
    let mut stage = Stage::new(1);
    let client = stage.accept();
    stage.says(client, &upload(6).replace("/a", "/./b/../%61"));
    stage.says(client, "abc");
    assert!(stage.dials_nothing());
    stage.says(client, &format!("def{GET}"));
    let upstream = stage.connected();
    let heard = stage.heard(upstream);
    assert!(heard.starts_with("POST /a HTTP/1.1\r\n"), "{heard}");
    assert!(heard.ends_with("\r\n\r\nabcdef"), "{heard}");
    stage.says(upstream, OK);
    assert!(stage.heard(upstream).starts_with("GET /a "));
}

#[test]
fn a_chunked_body_may_be_a_conversation_and_takes_one_at_once() {
    let mut stage = Stage::new(1);
    let client = stage.accept();
    stage.says(client, CHUNKED);
    let upstream = stage.connected();
    assert!(stage.heard(upstream).contains("transfer-encoding: chunked"));
}

#[test]
fn a_client_that_waits_for_100_continue_is_not_waited_for() {
    let mut stage = Stage::new(1);
    let client = stage.accept();
    let expecting = upload(9).replace("host", "expect: 100-continue\r\nhost");
    stage.says(client, &expecting);
    stage.connected();
}

#[test]
fn a_head_that_leaves_no_room_for_4_kib_in_a_buffer_goes_on_at_once() {
    let mut stage = Stage::new(1);
    let client = stage.accept();
    let field = |index: usize| format!("x-{index}: {}\r\n", "v".repeat(7300));
    let fields: String = (0..4).map(field).collect();
    let head = upload(9000).replace("\r\n\r\n", &format!("\r\n{fields}\r\n"));
    stage.says(client, &head);
    let upstream = stage.connected();
    stage.says(client, &"x".repeat(5000));
    assert!(stage.heard(upstream).ends_with("xxx"));
}

#[test]
fn a_body_that_trickles_ends_by_its_rate_without_an_endpoint_knowing() {
    let mut stage = Stage::new(1);
    let client = stage.accept();
    stage.says(client, &upload(1_000_000));
    for _ in 0..10 {
        stage.passes(SECOND);
        stage.says(client, "x");
    }
    stage.passes(SECOND);
    let answer = stage.heard(client);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains(r#"details="body_timeout""#), "{answer}");
    assert!(stage.dials_nothing());
    assert_eq!(stage.reached(Limit::BodyRate), 1);
}

#[test]
fn the_time_before_a_body_was_sent_on_counts_for_its_rate() {
    let mut stage = Stage::new(1);
    let client = stage.accept();
    stage.says(client, &upload(1_000_000));
    stage.passes(9 * SECOND);
    stage.says(client, &"x".repeat(4096));
    stage.connected();
    stage.passes(6 * SECOND);
    assert_eq!(stage.reached(Limit::BodyRate), 1, "13 s for 4 KiB");
}

#[test]
fn without_a_rate_a_body_that_stops_has_the_time_of_an_idle_connection() {
    let mut stage = Stage::with(r#""bodyBytesPerSecond":0"#, "\"requestMs\":0");
    let client = stage.accept();
    stage.says(client, &upload(1_000_000));
    for _ in 0..3 {
        stage.passes(50 * SECOND);
        stage.says(client, "x");
    }
    stage.passes(61 * SECOND);
    assert!(stage.heard(client).starts_with("HTTP/1.1 408 "));
}

#[test]
fn at_a_full_endpoint_the_body_that_is_furthest_behind_makes_room() {
    let mut stage = Stage::with("", r#""requestMs":0"#);
    let uploads = full(&mut stage, ENDPOINT_UNFINISHED_MAX);
    stage.passes(3 * SECOND);
    for &(client, _) in &uploads[1..ENDPOINT_UNFINISHED_MAX as usize] {
        stage.says(client, "1000\r\n");
        stage.says(client, &"x".repeat(4096));
        stage.says(client, "\r\n");
    }
    let good = stage.accept();
    stage.says(good, GET);
    let (slow, its_upstream) = uploads[0];
    let answer = stage.heard(slow);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains(r#"details="client_too_slow""#), "{answer}");
    assert_eq!(stage.closed(its_upstream), Some(true));
    let upstream = stage.connected();
    assert!(stage.heard(upstream).starts_with("GET /a "));
    stage.says(upstream, OK);
    assert!(stage.heard(good).starts_with("HTTP/1.1 200 "));
    assert_eq!(stage.reached(Limit::MadeRoom), 1);
}

#[test]
fn at_a_full_endpoint_a_client_that_does_not_read_makes_room() {
    let mut stage = Stage::with("", r#""requestMs":0"#);
    let downloads = full(&mut stage, 0);
    let (deaf, its_upstream) = downloads[7];
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n";
    assert!(stage.receives(its_upstream, head));
    stage.passes_unwritten(2 * SECOND);
    let good = stage.accept();
    assert!(stage.receives(good, GET));
    assert_eq!(stage.closed(deaf), Some(true));
    assert_eq!(stage.reached(Limit::MadeRoom), 1);
}

#[test]
fn nobody_makes_room_whose_endpoint_is_what_is_slow() {
    let mut stage = Stage::with("", r#""requestMs":0"#);
    full(&mut stage, 0);
    stage.passes(5 * SECOND);
    let good = stage.accept();
    stage.says(good, GET);
    let answer = stage.heard(good);
    assert!(answer.contains(r#"details="pool_overflow""#), "{answer}");
    assert_eq!(stage.reached(Limit::MadeRoom), 0);
}

#[test]
fn nobody_makes_room_for_a_moment_of_hesitation() {
    let mut stage = Stage::with("", r#""requestMs":0"#);
    full(&mut stage, ENDPOINT_UNFINISHED_MAX);
    stage.passes(SECOND / 2);
    let good = stage.accept();
    stage.says(good, GET);
    assert!(stage.heard(good).starts_with("HTTP/1.1 503 "));
}

#[test]
fn a_quarter_of_the_connections_is_for_requests_that_are_whole() {
    let mut stage = Stage::with("", r#""requestMs":0"#);
    for _ in 0..ENDPOINT_UNFINISHED_MAX {
        let client = stage.accept();
        stage.says(client, CHUNKED);
        stage.connected();
    }
    let (late, good) = (stage.accept(), stage.accept());
    stage.says(late, CHUNKED);
    assert!(stage.heard(late).starts_with("HTTP/1.1 503 "));
    stage.says(good, GET);
    let upstream = stage.connected();
    stage.says(upstream, OK);
    assert!(stage.heard(good).starts_with("HTTP/1.1 200 "));
}
