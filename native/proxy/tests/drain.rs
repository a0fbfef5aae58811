//! A drain loses no request that a client sent before it could know.

mod support;

use heddle_proxy::Token;
use support::{End, Mesh};

#[test]
fn a_connection_that_was_idle_for_long_still_takes_the_request_that_is_on_its_way() {
    let (mut mesh, client, upstream) = idle_for_long();
    mesh.drain();
    assert_eq!(mesh.end_of(client), End::Open);
    mesh.send(client, GET);
    mesh.send(upstream, OK);
    let answer = mesh.received(client);
    assert!(answer.contains("connection: close\r\n"), "{answer}");
}

#[test]
fn an_idle_connection_that_says_nothing_more_is_closed_a_second_after_the_drain_began() {
    let (mut mesh, client, _) = idle_for_long();
    mesh.drain();
    mesh.wait_ms(900);
    assert_eq!(mesh.end_of(client), End::Open);
    mesh.wait_ms(200);
    assert_ne!(mesh.end_of(client), End::Open);
}

/// After one exchange.
fn idle_for_long() -> (Mesh, Token, Token) {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(GET);
    let upstream = mesh.upstream();
    mesh.send(upstream, OK);
    mesh.received(client);
    mesh.wait_ms(5_000);
    (mesh, client, upstream)
}

const GET: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
