//! Deadlines of 3.5: what each of them ends, with which words, and what it counts.

use heddle_proxy::Token;
use stats::Limit;

use crate::stage::{SECOND, Stage};

const GET: &str = "GET /a HTTP/1.1\r\nhost: x\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const UPLOAD: &str = "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 900000\r\n\r\n";

/// A client, and the connection upstream that its request went to.
fn asking(stage: &mut Stage, request: &str) -> (Token, Token) {
    let client = stage.accept();
    stage.says(client, request);
    (client, stage.connected())
}

/// The same with a body of which the first part is there.
fn uploading(stage: &mut Stage) -> (Token, Token) {
    let client = stage.accept();
    stage.says(client, UPLOAD);
    stage.says(client, &"x".repeat(4096));
    (client, stage.connected())
}

#[test]
fn a_head_that_trickles_in_is_refused_after_ten_seconds() {
    let mut stage = Stage::new(1);
    let client = stage.accept();
    stage.says(client, "GET /");
    for _ in 0..9 {
        stage.passes(SECOND);
        stage.says(client, "x");
    }
    stage.passes(2 * SECOND);
    let answer = stage.heard(client);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains(r#"details="head_timeout""#), "{answer}");
    assert_eq!(stage.reached(Limit::Head), 1);
}

#[test]
fn a_body_that_trickles_in_is_refused_when_its_grace_is_used_up() {
    let mut stage = Stage::with("", r#""requestMs":0"#);
    let (client, upstream) = uploading(&mut stage);
    for _ in 0..10 {
        stage.passes(SECOND);
        stage.says(client, "x");
    }
    stage.passes(SECOND);
    let answer = stage.heard(client);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains(r#"details="body_timeout""#), "{answer}");
    assert_eq!(stage.closed(upstream), Some(true));
    assert_eq!(stage.reached(Limit::BodyRate), 1);
}

#[test]
fn a_body_at_its_rate_is_taken_for_as_long_as_it_lasts() {
    let mut stage = Stage::with("", r#""requestMs":0"#);
    let (client, upstream) = uploading(&mut stage);
    for _ in 0..120 {
        stage.passes(SECOND);
        stage.says(client, &"x".repeat(1100));
    }
    assert_eq!(stage.reached(Limit::BodyRate), 0);
    assert!(stage.heard(upstream).ends_with("xxx"));
}

#[test]
fn a_fast_beginning_earns_a_body_no_more_than_its_grace() {
    let mut stage = Stage::with("", r#""requestMs":0"#);
    let (client, _) = uploading(&mut stage);
    for _ in 0..20 {
        stage.says(client, &"x".repeat(8000));
    }
    stage.passes(11 * SECOND);
    assert_eq!(stage.reached(Limit::BodyRate), 1);
}

#[test]
fn a_client_is_not_to_blame_while_the_endpoint_does_not_take_its_body() {
    let mut stage = Stage::with("", r#""requestMs":0"#);
    let (client, upstream) = uploading(&mut stage);
    while stage.receives(client, &"x".repeat(8000)) {}
    stage.passes_unwritten(30 * SECOND);
    assert_eq!(stage.reached(Limit::BodyRate), 0);
    assert_eq!(stage.closed(upstream), None);
}

#[test]
fn a_rate_of_zero_asks_nothing_of_a_body() {
    let mut stage = Stage::with(r#""bodyBytesPerSecond":0"#, r#""requestMs":0"#);
    let (client, _) = uploading(&mut stage);
    stage.passes(200 * SECOND);
    assert_eq!(stage.closed(client), None);
}

#[test]
fn a_stream_in_which_nothing_moves_is_given_up_after_five_minutes() {
    let mut stage = Stage::with("", r#""requestMs":0"#);
    let (client, upstream) = asking(&mut stage, GET);
    stage.passes(299 * SECOND);
    assert_eq!(stage.heard(client), "");
    stage.passes(2 * SECOND);
    let answer = stage.heard(client);
    assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
    assert!(answer.contains(r#"details="stream_idle""#), "{answer}");
    assert_eq!(stage.closed(upstream), Some(true));
    assert_eq!(stage.reached(Limit::StreamIdle), 1);
}

#[test]
fn a_stream_that_moves_now_and_then_lives_on() {
    let mut stage = Stage::with("", r#""requestMs":0"#);
    let (client, upstream) = asking(&mut stage, GET);
    stage.says(upstream, "HTTP/1.1 200 OK\r\n\r\n");
    for _ in 0..5 {
        stage.passes(290 * SECOND);
        stage.says(upstream, "event");
    }
    assert_eq!(stage.heard(client).matches("event").count(), 5);
    stage.passes(302 * SECOND);
    assert_eq!(
        stage.closed(client),
        Some(true),
        "a body cut short is no clean end"
    );
}

#[test]
fn an_endpoint_that_takes_a_body_slowly_moves() {
    let mut stage = Stage::with("", r#""requestMs":0"#);
    let (client, upstream) = uploading(&mut stage);
    while stage.receives(client, &"x".repeat(8000)) {}
    for _ in 0..5 {
        stage.passes_unwritten(290 * SECOND);
        stage.writes(upstream, 1);
    }
    assert_eq!(stage.reached(Limit::StreamIdle), 0);
}

#[test]
fn a_services_own_stream_idle_time_counts() {
    let mut stage = Stage::with("", r#""requestMs":0,"streamIdleMs":2000"#);
    let (client, _) = asking(&mut stage, GET);
    stage.passes(3 * SECOND);
    assert!(stage.heard(client).starts_with("HTTP/1.1 504 "));
}

#[test]
fn a_connection_that_is_old_is_told_with_its_next_response() {
    let mut stage = Stage::with(r#""ageMs":10000"#, r#""requestMs":0"#);
    let (client, upstream) = asking(&mut stage, GET);
    stage.says(upstream, OK);
    stage.passes(8 * SECOND);
    stage.says(client, GET);
    stage.says(upstream, OK);
    assert!(!stage.heard(client).contains("connection: close"));
    stage.passes(4 * SECOND);
    stage.says(client, GET);
    stage.says(upstream, OK);
    assert!(stage.heard(client).contains("connection: close\r\n"));
    assert_eq!(stage.reached(Limit::ConnectionAge), 1);
}

#[test]
fn connections_that_began_together_do_not_grow_old_together() {
    let mut stage = Stage::with(r#""ageMs":10000"#, r#""requestMs":0"#);
    let clients: Vec<Token> = (0..20).map(|_| stage.accept()).collect();
    stage.passes(10 * SECOND);
    for &client in &clients {
        stage.says(client, GET);
        let upstream = stage.connected();
        let close = "HTTP/1.1 204 OK\r\nconnection: close\r\n\r\n";
        stage.says(upstream, close);
    }
    let told = stage.reached(Limit::ConnectionAge);
    assert!((1..20).contains(&told), "{told}");
}

#[test]
fn an_old_connection_upstream_is_not_kept() {
    let mut stage = Stage::with("", r#""requestMs":0,"streamIdleMs":0"#);
    let (_, upstream) = asking(&mut stage, GET);
    stage.passes(4000 * SECOND);
    stage.says(upstream, OK);
    assert!(stage.closed(upstream).is_some());
    assert_eq!(stage.usage().idle_upstreams, 0);
}

#[test]
fn an_unused_connection_upstream_is_closed_before_the_endpoint_says_it_would() {
    for (announced, kept_s) in [
        ("", 55),
        ("keep-alive: timeout=5\r\n", 4),
        ("keep-alive: max=9, timeout=100\r\n", 55),
    ] {
        let mut stage = Stage::new(1);
        let (_, upstream) = asking(&mut stage, GET);
        stage.says(
            upstream,
            &OK.replace("content", &format!("{announced}content")),
        );
        stage.passes((kept_s - 1) * SECOND);
        assert_eq!(stage.closed(upstream), None, "{announced}");
        stage.passes(2 * SECOND);
        assert_eq!(stage.closed(upstream), Some(false), "{announced}");
        assert_eq!(stage.reached(Limit::UpstreamIdle), 1);
    }
}

#[test]
fn a_peer_that_does_not_take_the_last_answer_is_reset() {
    let mut stage = Stage::new(1);
    let client = stage.accept();
    assert!(stage.receives(client, "GET / HTTP/9\r\n\r\n"));
    stage.passes_unwritten(31 * SECOND);
    assert_eq!(stage.closed(client), Some(true));
    assert_eq!(stage.reached(Limit::Flush), 1);
}

#[test]
fn a_peer_that_neither_closes_nor_stops_after_the_last_answer_is_reset() {
    let mut stage = Stage::new(1);
    let (quiet, noisy) = (stage.accept(), stage.accept());
    stage.says(quiet, "GET / HTTP/9\r\n\r\n");
    stage.says(noisy, "GET / HTTP/9\r\n\r\n");
    for _ in 0..33 {
        stage.says(noisy, &"x".repeat(8000));
    }
    assert_eq!(stage.closed(noisy), Some(true));
    stage.passes(3 * SECOND);
    assert_eq!(stage.closed(quiet), Some(true));
    assert_eq!(stage.reached(Limit::Linger), 2);
}
