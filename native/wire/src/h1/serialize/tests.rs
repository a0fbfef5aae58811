//! What goes on the wire for a head that was read from it.

use super::super::{parse_request, parse_response};
use super::*;

#[test]
fn d1_a_request_is_written_with_one_host_one_framing_field_and_a_via() {
    let read = "POST /p?q HTTP/1.1\r\nA:1\r\nHost:  a.test \r\nB: 2\r\nContent-Length: 007\r\nC: 3\r\n\r\n";
    let written = "POST /p?q HTTP/1.1\r\nhost: a.test\r\nA:1\r\nB: 2\r\nC: 3\r\ncontent-length: 7\r\n\
        via: 1.1 heddle\r\n\r\n";
    assert_eq!(request(read), written);
}

#[test]
fn h1_15_hop_by_hop_fields_and_those_that_connection_names_are_not_written() {
    let read = "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nConnection: x, close\r\nKeep-Alive: 5\r\nY: 2\r\n\
        Upgrade: h2c\r\nHTTP2-Settings: A\r\nProxy-Authorization: b\r\nTE: gzip, trailers\r\n\r\n";
    let written = "GET / HTTP/1.1\r\nhost: a\r\nY: 2\r\nte: trailers\r\nconnection: te\r\n\
        via: 1.1 heddle\r\n\r\n";
    assert_eq!(request(read), written);
}

#[test]
fn h1_19_an_upgrade_is_written_anew_in_both_directions() {
    let read = "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade, x\r\nUpgrade: WebSocket\r\n\
        X: 1\r\nSec-WebSocket-Key: k\r\n\r\n";
    let written = "GET / HTTP/1.1\r\nhost: a\r\nSec-WebSocket-Key: k\r\nupgrade: websocket\r\n\
        connection: upgrade\r\nvia: 1.1 heddle\r\n\r\n";
    assert_eq!(request(read), written);
    let read = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: s\r\n\r\n";
    let written = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s\r\n\
        upgrade: websocket\r\nconnection: upgrade\r\n\r\n";
    assert_eq!(response(read, false, line(Framing::None)), written);
}

#[test]
fn p4_what_a_peer_outside_says_of_identity_and_to_proxies_is_dropped() {
    let said = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Client-Cert: By=spiffe://a\r\nx-heddle-attempt: 1\r\n\
        X-ENVOY-max-retries: 9\r\nL5d-Dst-Override: b\r\nX-Other: c\r\n\r\n";
    let outside = Peer::Outside { address: b"" };
    let written = "GET / HTTP/1.1\r\nhost: a\r\nX-Other: c\r\nx-forwarded-host: a\r\n\
        x-forwarded-proto: http\r\nvia: 1.1 heddle\r\n\r\n";
    assert_eq!(request_from(outside, said), written);
    assert!(request(said).contains("x-heddle-attempt: 1\r\nX-ENVOY-max-retries: 9\r\n"));
}

#[test]
fn p5_forwarding_fields_of_a_peer_outside_are_replaced_by_what_is_known_of_it() {
    let said = "GET http://A:80/ HTTP/1.1\r\nHost: a:80\r\nX-Forwarded-For: 1.2.3.4\r\nForwarded: for=b\r\n\
        x-forwarded-host: c\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\n\r\n";
    let outside = Peer::Outside {
        address: b"192.0.2.7",
    };
    let written = "GET / HTTP/1.1\r\nhost: A:80\r\nx-forwarded-for: 192.0.2.7\r\n\
        x-forwarded-host: A:80\r\nx-forwarded-proto: http\r\nvia: 1.1 heddle\r\n\r\n";
    assert_eq!(request_from(outside, said), written);
    assert!(request(said).contains("X-Forwarded-For: 1.2.3.4\r\nForwarded: for=b\r\n"));
}

#[test]
fn p6_max_forwards_of_options_counts_down_and_other_methods_leave_it_alone() {
    let written = request("OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 007\r\n\r\n");
    assert!(written.contains("\r\nmax-forwards: 6\r\n"), "{written}");
    let written = request("GET / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 7\r\n\r\n");
    assert!(written.contains("\r\nMax-Forwards: 7\r\n"), "{written}");
}

#[test]
fn h1_17_expect_is_written_for_a_request_with_a_body() {
    let chunked = "Transfer-Encoding: CHUNKED\r\nExpect: 100-Continue\r\n\r\n";
    let written = request(&format!("PUT / HTTP/1.1\r\nHost: a\r\n{chunked}"));
    let framing = "transfer-encoding: chunked\r\nexpect: 100-continue\r\nvia: 1.1 heddle\r\n\r\n";
    assert_eq!(written, format!("PUT / HTTP/1.1\r\nhost: a\r\n{framing}"));
}

#[test]
fn h1_10_an_absolute_form_is_written_in_origin_form_with_its_authority() {
    let read = "GET http://A.test:80/p?q HTTP/1.1\r\nHost: a.test:80\r\n\r\n";
    assert_eq!(
        request(read),
        "GET /p?q HTTP/1.1\r\nhost: A.test:80\r\nvia: 1.1 heddle\r\n\r\n"
    );
    let no_path = "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(
        request(no_path),
        "GET / HTTP/1.1\r\nhost: a\r\nvia: 1.1 heddle\r\n\r\n"
    );
}

#[test]
fn h1_10_options_for_a_whole_server_is_written_with_an_asterisk() {
    let asterisk = "OPTIONS * HTTP/1.1\r\nhost: a\r\nvia: 1.1 heddle\r\n\r\n";
    assert_eq!(request("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), asterisk);
    assert_eq!(
        request("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n"),
        asterisk
    );
    let root = "OPTIONS / HTTP/1.1\r\nhost: a\r\nvia: 1.1 heddle\r\n\r\n";
    assert_eq!(
        request("OPTIONS http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        root
    );
}

#[test]
fn an_http_1_0_request_is_written_in_http_1_1_with_the_default_host() {
    let written = "GET / HTTP/1.1\r\nhost: default.test\r\nvia: 1.0 heddle\r\n\r\n";
    assert_eq!(request("GET / HTTP/1.0\r\n\r\n"), written);
    let named = "GET / HTTP/1.1\r\nhost: a\r\nvia: 1.0 heddle\r\n\r\n";
    assert_eq!(request("GET http://a/ HTTP/1.0\r\n\r\n"), named);
}

#[test]
fn an_edit_drops_lines_of_any_case_and_appends_its_own() {
    let read = b"GET / HTTP/1.1\r\nA: 1\r\nHost: a\r\nDrop: 2\r\nB: 3\r\ndrop: 4\r\nC: 5\r\n\r\n";
    let mut head = RequestHead::default();
    let mut out = vec![];
    assert_eq!(parse_request(read, &mut head), Ok(Some(read.len())));
    write_request(
        read,
        &head,
        RequestLine::default(),
        Some(&DropAndSet),
        &mut out,
    );
    let written = "GET / HTTP/1.1\r\nhost: a\r\nA: 1\r\nB: 3\r\nC: 5\r\nvia: 1.1 heddle\r\n\
        drop: new\r\n\r\n";
    assert_eq!(text(out), written);
}

#[test]
fn an_edit_of_a_response_drops_and_appends_too() {
    let read = b"HTTP/1.1 200 OK\r\nDROP: 1\r\nA: 2\r\nContent-Length: 0\r\n\r\n";
    let mut head = ResponseHead::default();
    let mut out = vec![];
    assert_eq!(parse_response(read, false, &mut head), Ok(Some(read.len())));
    write_response(
        read,
        &head,
        line(Framing::None),
        Some(&DropAndSet),
        &mut out,
    );
    let written = "HTTP/1.1 200 OK\r\nA: 2\r\ncontent-length: 0\r\ndrop: new\r\n\r\n";
    assert_eq!(text(out), written);
}

#[test]
fn d1_a_response_is_written_in_http_1_1_without_the_hop_by_hop_fields_it_came_with() {
    let read = "HTTP/1.0 404 Not here\r\nKeep-Alive: 5\r\nX: 1\r\nConnection: keep-alive\r\n\
        Set-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 05\r\n\r\n";
    let written = "HTTP/1.1 404 Not here\r\nX: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\
        content-length: 5\r\n\r\n";
    assert_eq!(response(read, false, line(Framing::Length(5))), written);
}

#[test]
fn h1_14_a_body_until_close_goes_on_chunked_or_until_close() {
    let read = "HTTP/1.1 200 \r\n\r\n";
    let chunked = "HTTP/1.1 200 \r\ntransfer-encoding: chunked\r\n\r\n";
    assert_eq!(response(read, false, line(Framing::Chunked)), chunked);
    let closing = ResponseLine {
        framing: Framing::UntilClose,
        close: true,
        keep_alive: false,
        request_id: b"",
    };
    assert_eq!(
        response(read, false, closing),
        "HTTP/1.1 200 \r\nconnection: close\r\n\r\n"
    );
}

#[test]
fn h1_14_the_length_stays_on_the_answer_to_head_and_on_304() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
    assert_eq!(response(head, true, line(Framing::None)), head);
    let not_modified = "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n";
    assert_eq!(
        response(not_modified, false, line(Framing::None)),
        not_modified
    );
}

#[test]
fn h1_14_framing_fields_are_stripped_from_1xx_and_204() {
    let with_length = "HTTP/1.1 204 a\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(
        response(with_length, false, line(Framing::None)),
        "HTTP/1.1 204 a\r\n\r\n"
    );
    let chunked = "HTTP/1.1 204 a\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(
        response(chunked, false, line(Framing::None)),
        "HTTP/1.1 204 a\r\n\r\n"
    );
    let hints = "HTTP/1.1 103 a\r\nContent-Length: 5\r\nLink: b\r\n\r\n";
    assert_eq!(
        response(hints, false, line(Framing::None)),
        "HTTP/1.1 103 a\r\nLink: b\r\n\r\n"
    );
}

#[test]
fn an_http_1_0_client_is_told_that_the_connection_persists() {
    let read = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let told = ResponseLine {
        framing: Framing::None,
        close: false,
        keep_alive: true,
        request_id: b"",
    };
    let written = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n";
    assert_eq!(response(read, false, told), written);
    let closing = ResponseLine {
        close: true,
        ..told
    };
    let written = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    assert_eq!(response(read, false, closing), written);
}

struct DropAndSet;

impl Edit for DropAndSet {
    fn drops(&self, name: &[u8]) -> bool {
        name.eq_ignore_ascii_case(b"drop")
    }

    fn append(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"drop: new\r\n");
    }
}

#[test]
fn the_request_id_is_the_one_of_this_hop_unless_a_filter_has_the_last_word() {
    let read = b"GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: theirs\r\nB: 2\r\n\r\n";
    let mut head = RequestHead::default();
    parse_request(read, &mut head).unwrap();
    assert_eq!(head.request_id.of(read), b"theirs");
    let told = RequestLine {
        request_id: b"ours",
        ..RequestLine::default()
    };
    let mut out = vec![];
    write_request(read, &head, told, None, &mut out);
    let start = "GET / HTTP/1.1\r\nhost: a\r\nB: 2\r\nvia: 1.1 heddle\r\n";
    assert_eq!(text(out), format!("{start}x-request-id: ours\r\n\r\n"));
    let mut out = vec![];
    write_request(read, &head, told, Some(&Own), &mut out);
    assert_eq!(text(out), format!("{start}X-Request-ID: set\r\n\r\n"));

    let answered = ResponseLine {
        request_id: b"ours",
        ..line(Framing::Length(0))
    };
    let written = response(
        "HTTP/1.1 200 OK\r\nx-request-id: echo\r\nContent-Length: 0\r\n\r\n",
        false,
        answered,
    );
    assert_eq!(
        written,
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-request-id: ours\r\n\r\n"
    );
}

#[test]
fn a_repeated_request_id_is_none() {
    let read = b"GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: a\r\nX-Request-ID: b\r\n\r\n";
    let mut head = RequestHead::default();
    parse_request(read, &mut head).unwrap();
    assert!(head.request_id.is_empty());
}

/// A filter that sets the request id.
struct Own;

impl Edit for Own {
    fn drops(&self, name: &[u8]) -> bool {
        name.eq_ignore_ascii_case(b"x-request-id")
    }

    fn append(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"X-Request-ID: set\r\n");
    }
}

#[test]
fn another_host_and_target_take_the_place_of_those_of_the_request() {
    let read = b"GET http://a/old?q HTTP/1.1\r\nhost: a\r\nx: y\r\n\r\n";
    let (mut head, mut out) = (RequestHead::default(), vec![]);
    assert_eq!(parse_request(read, &mut head), Ok(Some(read.len())));
    let line = RequestLine {
        host: Some(b"b.example"),
        target: Some((b"/new", b"?q")),
        ..RequestLine::default()
    };
    write_request(read, &head, line, None, &mut out);
    let expected = "GET /new?q HTTP/1.1\r\nhost: b.example\r\nx: y\r\n";
    assert!(text(out).starts_with(expected));
}

fn request(read: &str) -> String {
    request_from(Peer::Trusted, read)
}

fn request_from(peer: Peer<'_>, read: &str) -> String {
    let (mut head, mut out) = (RequestHead::default(), vec![]);
    assert_eq!(
        parse_request(read.as_bytes(), &mut head),
        Ok(Some(read.len()))
    );
    let line = RequestLine {
        host_default: b"default.test",
        peer,
        ..RequestLine::default()
    };
    write_request(read.as_bytes(), &head, line, None, &mut out);
    assert_eq!(parse_request(&out, &mut head), Ok(Some(out.len())));
    text(out)
}

fn response(read: &str, to_head: bool, line: ResponseLine<'_>) -> String {
    let (mut head, mut out) = (ResponseHead::default(), vec![]);
    assert_eq!(
        parse_response(read.as_bytes(), to_head, &mut head),
        Ok(Some(read.len()))
    );
    write_response(read.as_bytes(), &head, line, None, &mut out);
    assert_eq!(
        parse_response(&out, to_head, &mut head),
        Ok(Some(out.len()))
    );
    text(out)
}

fn line(framing: Framing) -> ResponseLine<'static> {
    ResponseLine {
        framing,
        close: false,
        keep_alive: false,
        request_id: b"",
    }
}

fn text(out: Vec<u8>) -> String {
    String::from_utf8(out).expect("text")
}
