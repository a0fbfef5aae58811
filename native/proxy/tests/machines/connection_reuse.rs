//! When a connection to an endpoint carries another request (D7), and what becomes of one that talks out of turn (H1-24).

use heddle_proxy::Token;
use stats::Reason;

use crate::stage::Stage;

const GET: &str = "GET /a HTTP/1.1\r\nhost: x\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A client's request, the connection upstream that it went to, and the answer on it.
fn answered(stage: &mut Stage, request: &str, answer: &str) -> (Token, Token) {
    let client = stage.accept();
    stage.says(client, request);
    let upstream = stage.connected();
    stage.says(upstream, answer);
    (client, upstream)
}

#[test]
fn d7_a_clean_exchange_leaves_its_connection_for_the_next_request() {
    let mut stage = Stage::new(1);
    let (_, upstream) = answered(&mut stage, GET, OK);
    stage.heard(upstream);
    let next = stage.accept();
    stage.says(next, GET);
    assert!(stage.dials_nothing());
    assert!(stage.heard(upstream).starts_with("GET /a "));
}

#[test]
fn d7_a_second_request_waits_for_no_response_of_the_first() {
    let mut stage = Stage::new(1);
    let first = stage.accept();
    stage.says(first, GET);
    let busy = stage.connected();
    let second = stage.accept();
    stage.says(second, GET);
    let other = stage.connected();
    assert_ne!(busy, other);
}

#[test]
fn d7_pipelined_requests_go_upstream_one_at_a_time() {
    let mut stage = Stage::new(1);
    let client = stage.accept();
    stage.says(client, &GET.repeat(2));
    let upstream = stage.connected();
    assert_eq!(stage.heard(upstream).matches("GET ").count(), 1);
    stage.says(upstream, OK);
    assert_eq!(stage.heard(upstream).matches("GET ").count(), 1);
    stage.says(upstream, OK);
    assert_eq!(stage.heard(client).matches("HTTP/1.1 200 ").count(), 2);
}

#[test]
fn d7_a_response_that_says_close_ends_its_connection() {
    let mut stage = Stage::new(1);
    let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";
    let (client, upstream) = answered(&mut stage, GET, answer);
    assert!(stage.heard(client).ends_with("ok"));
    assert!(stage.closed(upstream).is_some());
}

#[test]
fn d7_an_early_response_ends_the_connection_that_the_request_is_still_sent_on() {
    let mut stage = Stage::new(1);
    let request = "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n";
    let (_, upstream) = answered(&mut stage, request, OK);
    assert!(stage.closed(upstream).is_some());
}

#[test]
fn h1_24_bytes_behind_a_response_are_dropped_counted_and_end_the_connection() {
    let mut stage = Stage::new(1);
    let (client, upstream) = answered(&mut stage, GET, &format!("{OK}{OK}"));
    assert_eq!(stage.heard(client).matches("HTTP/1.1 200 ").count(), 1);
    assert!(stage.closed(upstream).is_some());
    assert_eq!(stage.failures(Reason::UpstreamUnsolicited), 1);
}

#[test]
fn h1_24_bytes_on_an_idle_connection_are_dropped_counted_and_end_it() {
    let mut stage = Stage::new(1);
    let (_, upstream) = answered(&mut stage, GET, OK);
    stage.says(upstream, OK);
    assert_eq!(stage.closed(upstream), Some(true));
    assert_eq!(stage.failures(Reason::UpstreamUnsolicited), 1);
    assert_eq!(stage.usage().upstreams, 0);
}

#[test]
fn h1_24_bytes_that_came_before_the_next_request_went_out_are_no_answer_to_it() {
    let mut stage = Stage::new(1);
    let (_, upstream) = answered(&mut stage, GET, OK);
    stage.heard(upstream);
    let next = stage.accept();
    assert!(stage.receives(next, GET));
    assert!(stage.receives(upstream, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"));
    stage.settle();
    assert!(stage.closed(upstream).is_some());
    assert_eq!(stage.failures(Reason::UpstreamUnsolicited), 1);
    let fresh = stage.connected();
    stage.says(fresh, OK);
    assert!(stage.heard(next).ends_with("ok"));
}
