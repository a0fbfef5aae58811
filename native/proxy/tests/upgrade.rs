//! H1-19: an exchange becomes a tunnel at the upstream's 101, and at nothing else.

mod support;

use heddle_proxy::Token;
use stats::RequestCount;
use support::{End, Mesh};

#[test]
fn h1_19_what_a_client_sends_behind_its_request_is_held_until_101_and_then_sent_on() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(format!("{ASKS}early"));
    let upstream = mesh.upstream();
    assert_eq!(mesh.received(upstream), ASKED);
    assert_eq!(mesh.send(client, "later"), 0, "not even read");
    mesh.send(upstream, format!("{SWITCHES}hello"));
    assert_eq!(mesh.received(client), format!("{SWITCHED}hello"));
    assert_eq!(mesh.received(upstream), "early");
    mesh.send(client, "later");
    assert_eq!(mesh.received(upstream), "later");
}

#[test]
fn h1_19_a_tunnel_passes_any_bytes_and_each_end_by_itself() {
    let (mut mesh, client, upstream) = tunnel();
    let bytes: Vec<u8> = (0..=255).collect();
    mesh.send(client, &bytes);
    mesh.send(upstream, b"\r\n\r\nGET / HTTP/1.1\0");
    assert_eq!(mesh.received(upstream).chars().count(), 256);
    assert_eq!(mesh.received(client), "\r\n\r\nGET / HTTP/1.1\0");
    mesh.finish(client);
    assert_eq!(mesh.end_of(upstream), End::Finished);
    mesh.send(upstream, "last");
    assert_eq!(mesh.received(client), "last");
    mesh.finish(upstream);
    assert_eq!(
        (mesh.end_of(client), mesh.end_of(upstream)),
        (End::Closed, End::Closed)
    );
}

#[test]
fn h1_19_the_end_of_a_client_that_came_before_101_reaches_the_upstream() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(format!("{ASKS}early"));
    let upstream = mesh.upstream();
    mesh.finish(client);
    mesh.send(upstream, SWITCHES);
    mesh.finish(client);
    assert!(mesh.received(upstream).ends_with("early"));
    assert_eq!(mesh.end_of(upstream), End::Finished);
}

#[test]
fn h1_19_a_tunnel_stops_reading_a_side_whose_peer_takes_nothing() {
    let (mut mesh, client, upstream) = tunnel();
    mesh.deafen(upstream);
    let taken = mesh.send(client, vec![b'x'; 4_000_000]);
    assert!(taken < 400_000, "{taken} bytes waited");
    mesh.listen(upstream);
    assert_eq!(mesh.received(upstream).len(), taken);
    assert!(mesh.send(client, "more") > 0);
}

#[test]
fn h1_19_a_tunnel_without_a_byte_for_five_minutes_is_closed_and_one_with_some_is_not() {
    let (mut mesh, client, upstream) = tunnel();
    for _ in 0..3 {
        mesh.wait_ms(200_000);
        mesh.send(upstream, "ping");
    }
    assert_eq!(mesh.end_of(client), End::Open);
    mesh.wait_ms(301_000);
    assert_eq!(
        (mesh.end_of(client), mesh.end_of(upstream)),
        (End::Reset, End::Reset)
    );
}

#[test]
fn h1_19_a_refused_upgrade_is_an_answer_and_the_held_bytes_are_the_next_request() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(format!("{ASKS}GET /next HTTP/1.1\r\nhost: a\r\n\r\n"));
    let upstream = mesh.upstream();
    mesh.received(upstream);
    mesh.send(upstream, "HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno");
    assert!(mesh.received(client).starts_with("HTTP/1.1 403 No\r\n"));
    assert!(
        mesh.received(upstream)
            .starts_with("GET /next HTTP/1.1\r\n")
    );
}

#[test]
fn h1_19_after_a_refusal_that_closes_the_held_bytes_go_nowhere() {
    let mut mesh = Mesh::new();
    let ask = ASKS.replace("Upgrade\r\n", "Upgrade, close\r\n");
    let client = mesh.client_with(format!("{ask}GET /next HTTP/1.1\r\nhost: a\r\n\r\n"));
    let upstream = mesh.upstream();
    mesh.received(upstream);
    mesh.send(upstream, "HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno");
    assert!(mesh.received(client).contains("connection: close\r\n"));
    assert_eq!(mesh.received(upstream), "");
    assert_eq!(mesh.end_of(client), End::Finished);
    assert_eq!(mesh.try_upstream(), None);
}

#[test]
fn h1_19_an_upgrade_to_h2c_is_stripped_and_the_request_goes_on() {
    let mut mesh = Mesh::new();
    mesh.client_with(
        "GET /a HTTP/1.1\r\nhost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
         HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    );
    let upstream = mesh.upstream();
    assert_eq!(
        mesh.received(upstream),
        "GET /a HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 192.0.2.7\r\nx-forwarded-host: a\r\n\
         x-forwarded-proto: http\r\nvia: 1.1 heddle\r\n\r\n"
    );
}

#[test]
fn h1_18_101_that_nobody_asked_for_is_502_and_closes_the_upstream() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    let upstream = mesh.upstream();
    mesh.send(upstream, SWITCHES);
    assert!(mesh.received(client).starts_with("HTTP/1.1 502 "));
    assert_eq!(mesh.end_of(upstream), End::Reset);
}

#[test]
fn h1_19_101_for_another_protocol_is_502_and_closes_the_upstream() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(ASKS);
    let upstream = mesh.upstream();
    mesh.send(upstream, SWITCHES.replace("websocket", "h2c"));
    assert!(mesh.received(client).starts_with("HTTP/1.1 502 "));
    assert_eq!(mesh.end_of(upstream), End::Reset);
}

#[test]
fn h1_19_an_upgrade_counts_as_one_request_with_status_101_and_its_bytes_to_the_service() {
    let (mut mesh, client, upstream) = tunnel();
    mesh.send(client, "12345");
    mesh.send(upstream, "123");
    mesh.break_off(client);
    let stats = mesh.stats();
    let cell = stats.cells.first();
    let cell = cell.map(|cell| (&cell.requests[..], cell.received_bytes, cell.sent_bytes));
    let counted = RequestCount {
        status: 101,
        error: None,
        count: 1,
    };
    assert_eq!(cell, Some((&[counted][..], 5, 3)));
}

/// A mesh with a tunnel from a client to an upstream.
fn tunnel() -> (Mesh, Token, Token) {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(ASKS);
    let upstream = mesh.upstream();
    mesh.send(upstream, SWITCHES);
    mesh.received(upstream);
    assert_eq!(mesh.received(client), SWITCHED);
    (mesh, client, upstream)
}

const ASKS: &str = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Key: k\r\n\r\n";
const ASKED: &str = "GET /chat HTTP/1.1\r\nhost: a\r\nSec-WebSocket-Key: k\r\nx-forwarded-for: 192.0.2.7\r\n\
    x-forwarded-host: a\r\nx-forwarded-proto: http\r\nupgrade: websocket\r\nconnection: upgrade\r\nvia: 1.1 heddle\r\n\r\n";
const SWITCHES: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s\r\n\r\n";
const SWITCHED: &str = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s\r\n\
    upgrade: websocket\r\nconnection: upgrade\r\n\r\n";
