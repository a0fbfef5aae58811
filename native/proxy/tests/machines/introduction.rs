//! Connections that a balancer passes on, and says whose they are.

use stats::Reason;

use crate::stage::{SECOND, Stage};

const HEADER: &str = "PROXY TCP4 203.0.113.9 10.0.0.1 4711 80\r\n";
const GET: &str = "GET /a HTTP/1.1\r\nhost: x\r\n\r\n";

#[test]
fn the_client_that_a_trusted_peer_names_is_forwarded() {
    let mut stage = behind();
    let client = stage.accept_from("10.1.2.3").unwrap();
    stage.says(client, &format!("{HEADER}{GET}"));
    let upstream = stage.connected();
    let request = stage.heard(upstream);
    assert!(
        request.contains("x-forwarded-for: 203.0.113.9\r\n"),
        "{request}"
    );
}

#[test]
fn a_header_may_come_byte_by_byte_and_stands_once_in_a_connection() {
    let mut stage = behind();
    let client = stage.accept_from("10.1.2.3").unwrap();
    for byte in HEADER.split_inclusive(|_| true) {
        stage.says(client, byte);
    }
    assert!(stage.dials_nothing());
    stage.says(client, &format!("{HEADER}{GET}"));
    assert!(stage.heard(client).starts_with("HTTP/1.1 400 "));
}

#[test]
fn a_balancer_that_speaks_for_itself_is_the_client() {
    let mut stage = behind();
    let client = stage.accept_from("10.1.2.3").unwrap();
    stage.says(client, &format!("PROXY UNKNOWN\r\n{GET}"));
    let upstream = stage.connected();
    let request = stage.heard(upstream);
    assert!(
        request.contains("x-forwarded-for: 10.1.2.3\r\n"),
        "{request}"
    );
}

#[test]
fn who_is_not_trusted_may_not_connect() {
    let mut stage = behind();
    assert_eq!(stage.accept_from("192.0.2.1"), None);
    assert_eq!(stage.failures(Reason::PolicyDenied), 1);
}

#[test]
fn a_connection_without_its_header_is_reset() {
    let mut stage = behind();
    let client = stage.accept_from("10.1.2.3").unwrap();
    stage.receives(client, GET);
    assert_eq!(stage.closed(client), Some(true));
    assert_eq!(stage.failures(Reason::DownstreamProtocolError), 1);
}

#[test]
fn a_connection_that_was_introduced_has_the_time_of_any_other() {
    let mut stage = behind();
    let client = stage.accept_from("10.1.2.3").unwrap();
    stage.says(client, HEADER);
    stage.passes(6 * SECOND);
    assert_eq!(stage.closed(client), None);
    stage.passes(56 * SECOND);
    stage.passes(3 * SECOND);
    assert!(stage.closed(client).is_some());
}

fn behind() -> Stage {
    Stage::behind(r#""10.0.0.0/8""#)
}
