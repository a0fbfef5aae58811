//! R-1: the one retry that needs no policy, and the requests that get none.

use heddle_proxy::{ConnectFailure, Token};

use crate::stage::{SECOND, Stage};

const GET: &str = "GET /a HTTP/1.1\r\nhost: x\r\n\r\n";
const POST: &str = "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A client whose first request was answered, and the connection upstream that is idle now.
fn warm(stage: &mut Stage) -> (Token, Token) {
    let client = stage.accept();
    stage.says(client, GET);
    let upstream = stage.connected();
    stage.heard(upstream);
    stage.says(upstream, OK);
    assert!(stage.heard(client).ends_with("ok"));
    (client, upstream)
}

#[test]
fn a_refused_connection_is_followed_by_one_to_another_endpoint() {
    for failure in [ConnectFailure::Refused, ConnectFailure::TimedOut] {
        let mut stage = Stage::new(2);
        let client = stage.accept();
        stage.says(client, POST);
        let (first, refusing) = stage.dialled();
        stage.connects(first, Err(failure));
        let (second, other) = stage.dialled();
        assert_ne!(refusing, other);
        stage.connects(second, Ok(()));
        assert!(stage.heard(second).ends_with("\r\n\r\nhi"));
        stage.says(second, OK);
        assert!(stage.heard(client).ends_with("ok"));
        assert_eq!(stage.retries(), 1);
        stage.usage();
    }
}

#[test]
fn a_connection_that_takes_too_long_is_followed_by_one_to_another_endpoint() {
    let mut stage = Stage::new(2);
    let client = stage.accept();
    stage.says(client, GET);
    let (_, slow) = stage.dialled();
    stage.passes(2 * SECOND);
    let (second, other) = stage.dialled();
    assert_ne!(slow, other);
    stage.connects(second, Ok(()));
    stage.says(second, OK);
    assert!(stage.heard(client).ends_with("ok"));
}

#[test]
fn there_is_no_third_attempt_and_the_answer_says_that_there_were_two() {
    let mut stage = Stage::new(3);
    let client = stage.accept();
    stage.says(client, GET);
    let (first, _) = stage.dialled();
    stage.connects(first, Err(ConnectFailure::Refused));
    let (second, hop) = stage.dialled();
    stage.connects(second, Err(ConnectFailure::Refused));
    assert!(stage.dials_nothing());
    let answer = stage.heard(client);
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let said = format!(
        r#"error=connection_refused; next-hop="{hop}"; details="connection_refused; attempts=2""#
    );
    assert!(answer.contains(&said), "{answer}");
}

#[test]
fn an_only_endpoint_that_refuses_is_not_asked_again() {
    let mut stage = Stage::new(1);
    let client = stage.accept();
    stage.says(client, GET);
    let (token, _) = stage.dialled();
    stage.connects(token, Err(ConnectFailure::Refused));
    assert!(stage.dials_nothing());
    let answer = stage.heard(client);
    assert!(
        answer.contains(r#"details="connection_refused""#),
        "{answer}"
    );
    assert_eq!(stage.retries(), 0);
}

#[test]
fn a_process_without_descriptors_does_not_try_again() {
    let mut stage = Stage::new(2);
    let client = stage.accept();
    stage.says(client, GET);
    let (token, _) = stage.dialled();
    stage.connects(token, Err(ConnectFailure::LocalLimit));
    assert!(stage.dials_nothing());
    assert!(stage.heard(client).contains("overloaded"));
}

#[test]
fn an_idle_connection_that_closes_under_an_idempotent_request_is_replaced_by_a_new_one() {
    let ending: [fn(&mut Stage, Token); 2] = [Stage::ends, Stage::breaks];
    for end in ending {
        let mut stage = Stage::new(1);
        let (client, idle) = warm(&mut stage);
        stage.says(client, GET);
        let sent = stage.heard(idle);
        assert!(sent.starts_with("GET /a "));
        end(&mut stage, idle);
        let fresh = stage.connected();
        assert_eq!(stage.heard(fresh), sent);
        stage.says(fresh, OK);
        assert!(stage.heard(client).ends_with("ok"));
        assert_eq!(stage.retries(), 1);
        assert_eq!(stage.usage().buffers, 0);
    }
}

#[test]
fn a_request_that_was_written_in_part_is_sent_again_whole() {
    let mut stage = Stage::new(1);
    let (client, first) = warm(&mut stage);
    assert!(stage.receives(client, GET));
    stage.writes(first, 10);
    assert_eq!(stage.heard(first), "GET /a HTT");
    stage.breaks(first);
    let fresh = stage.connected();
    assert!(stage.heard(fresh).starts_with("GET /a HTTP/1.1\r\n"));
}

#[test]
fn a_second_loss_is_a_502() {
    let mut stage = Stage::new(1);
    let (client, idle) = warm(&mut stage);
    stage.says(client, GET);
    stage.ends(idle);
    let fresh = stage.connected();
    stage.ends(fresh);
    assert!(stage.dials_nothing());
    let answer = stage.heard(client);
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    assert!(
        answer.contains(r#"details="connection_terminated; attempts=2""#),
        "{answer}"
    );
}

#[test]
fn a_request_with_effects_is_never_sent_twice() {
    let mut stage = Stage::new(1);
    let (client, idle) = warm(&mut stage);
    stage.says(client, POST);
    stage.ends(idle);
    assert!(stage.dials_nothing());
    assert!(stage.heard(client).starts_with("HTTP/1.1 502 "));
    assert_eq!(stage.retries(), 0);
}

#[test]
fn a_request_is_not_sent_again_once_a_byte_of_its_response_has_come() {
    let mut stage = Stage::new(1);
    let (client, idle) = warm(&mut stage);
    stage.says(client, GET);
    stage.says(idle, "HTTP/1.1");
    stage.ends(idle);
    assert!(stage.dials_nothing());
    assert!(stage.heard(client).starts_with("HTTP/1.1 502 "));
    assert_eq!(stage.usage().buffers, 0);
}

#[test]
fn a_request_on_a_fresh_connection_is_not_sent_again() {
    let mut stage = Stage::new(2);
    let client = stage.accept();
    stage.says(client, GET);
    let upstream = stage.connected();
    stage.ends(upstream);
    assert!(stage.dials_nothing());
    assert!(stage.heard(client).starts_with("HTTP/1.1 502 "));
}

#[test]
fn a_request_that_is_not_whole_yet_is_not_sent_again() {
    let mut stage = Stage::new(1);
    let (client, idle) = warm(&mut stage);
    stage.says(
        client,
        "PUT /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    );
    stage.ends(idle);
    assert!(stage.dials_nothing());
    assert!(stage.heard(client).starts_with("HTTP/1.1 502 "));
}

#[test]
fn a_removed_endpoint_is_not_picked_for_the_second_attempt() {
    let mut stage = Stage::new(2);
    let client = stage.accept();
    stage.says(client, GET);
    let (token, _) = stage.dialled();
    stage.publish(0);
    stage.connects(token, Err(ConnectFailure::Refused));
    assert!(stage.dials_nothing());
    assert!(stage.heard(client).contains("connection_refused"));
    stage.usage();
}
