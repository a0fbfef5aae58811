//! RFC 9112 through a whole shard: what becomes of a message that keeps each rule, of its neighbour that does not, and of
//! both connections.

mod support;

use stats::Reason;
use support::{End, Mesh};

#[test]
fn h1_01_a_response_with_two_framings_is_502_and_its_connection_closes() {
    assert_answer("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", 200);
    let both =
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_bad_gateway(both);
}

#[test]
fn h1_02_a_response_with_an_unknown_coding_is_502_and_a_request_with_one_501() {
    let response =
        |coding: &str| format!("HTTP/1.1 200 OK\r\ntransfer-encoding: {coding}\r\n\r\n0\r\n\r\n");
    assert_answer(&response("chunked"), 200);
    assert_bad_gateway(&response("gzip, chunked"));
    assert_bad_gateway(&response("gzip"));
    assert_refused(&post("transfer-encoding: gzip\r\n"), 501);
    assert_refused(&post("transfer-encoding: gzip, chunked\r\n"), 400);
}

#[test]
fn h1_03_a_length_that_is_no_number_is_400_and_502() {
    assert_forwarded(&post("content-length: 0\r\n"));
    assert_refused(&post("content-length: +0\r\n"), 400);
    assert_bad_gateway("HTTP/1.1 200 OK\r\ncontent-length: 0, 0\r\n\r\n");
}

#[test]
fn h1_04_a_broken_chunk_of_a_request_in_its_first_read_reaches_nobody() {
    assert_forwarded(&format!("{}0\r\n\r\n", post(CHUNKED)));
    assert_refused(&format!("{}0x3\r\nabc\r\n", post(CHUNKED)), 400);
}

#[test]
fn h1_04_a_broken_chunk_in_the_middle_of_a_request_resets_the_upstream_and_never_ends_its_body() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(format!("{}3\r\nabc\r\n", post(CHUNKED)));
    let upstream = mesh.upstream();
    assert!(mesh.received(upstream).ends_with("3\r\nabc\r\n"));
    mesh.send(client, "zz\r\n");
    assert!(mesh.received(client).starts_with("HTTP/1.1 400 "));
    assert_eq!(mesh.received(upstream), "");
    assert_eq!(mesh.end_of(upstream), End::Reset);
    assert_eq!(mesh.end_of(client), End::Finished);
}

#[test]
fn h1_04_a_broken_chunk_in_the_middle_of_a_response_resets_the_client_and_never_ends_its_body() {
    let (mut mesh, client, upstream) = exchange();
    mesh.send(
        upstream,
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
    );
    mesh.send(upstream, "3\r\nabcd\r\n0\r\n\r\n");
    assert!(!mesh.received(client).contains("0\r\n\r\n"));
    assert_eq!(
        (mesh.end_of(client), mesh.end_of(upstream)),
        (End::Reset, End::Reset)
    );
}

#[test]
fn h1_05_a_chunk_extension_is_dropped_and_a_broken_one_refused_in_both_directions() {
    let mut mesh = Mesh::new();
    mesh.client_with(format!("{}3;a=\"b\"\r\nabc\r\n0;c\r\n\r\n", post(CHUNKED)));
    let upstream = mesh.upstream();
    assert!(
        mesh.received(upstream)
            .ends_with("\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    );
    assert_refused(&format!("{}3;a\rb\r\nabc\r\n0\r\n\r\n", post(CHUNKED)), 400);
    let response = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    assert_answer(&format!("{response}0;a=b\r\n\r\n"), 200);
    assert_bad_gateway(&format!("{response}0;=\r\n\r\n"));
}

#[test]
fn h1_06_a_bare_line_feed_is_400_and_502() {
    assert_forwarded("\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_refused("GET / HTTP/1.1\nhost: a\n\n", 400);
    assert_bad_gateway("HTTP/1.1 200 OK\ncontent-length: 0\n\n");
}

#[test]
fn h1_07_a_space_before_the_colon_and_a_folded_line_are_400_and_502() {
    assert_forwarded(&get("x: a\r\n"));
    assert_refused(&get("x : a\r\n"), 400);
    assert_refused(&get("x: a\r\n b\r\n"), 400);
    assert_bad_gateway("HTTP/1.1 200 OK\r\nx : a\r\ncontent-length: 0\r\n\r\n");
    assert_bad_gateway("HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 0\r\n\r\n");
}

#[test]
fn h1_08_a_control_character_in_a_value_is_400_and_502() {
    assert_forwarded(&get("x: a\tb\r\n"));
    assert_refused(&get("x: a\0b\r\n"), 400);
    assert_bad_gateway("HTTP/1.1 200 OK\r\nx: a\x01\r\ncontent-length: 0\r\n\r\n");
}

#[test]
fn h1_09_another_version_is_505_and_502_and_a_malformed_line_400() {
    assert_forwarded("GET / HTTP/1.0\r\n\r\n");
    assert_refused("GET / HTTP/2.0\r\nhost: a\r\n\r\n", 505);
    assert_refused("GET /\r\n", 400);
    assert_refused("G(T / HTTP/1.1\r\nhost: a\r\n\r\n", 400);
    assert_bad_gateway("HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n");
}

#[test]
fn h1_10_a_target_of_another_form_than_its_method_allows_is_400() {
    assert_forwarded("GET http://a/ HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_forwarded("OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_refused("GET * HTTP/1.1\r\nhost: a\r\n\r\n", 400);
    assert_refused("GET /#a HTTP/1.1\r\nhost: a\r\n\r\n", 400);
    assert_refused("GET http://b/ HTTP/1.1\r\nhost: a\r\n\r\n", 400);
}

#[test]
fn h1_11_host_has_to_be_there_once_and_be_one() {
    assert_forwarded("GET / HTTP/1.1\r\nhost: a:80\r\n\r\n");
    assert_refused("GET / HTTP/1.1\r\n\r\n", 400);
    assert_refused(&get("host: a\r\n"), 400);
    assert_refused("GET / HTTP/1.1\r\nhost: a,b\r\n\r\n", 400);
}

#[test]
fn h1_12_a_body_of_get_is_forwarded_when_framed_and_refused_in_http_1_0() {
    let mut mesh = Mesh::new();
    mesh.client_with(get("content-length: 2\r\n") + "hi");
    let upstream = mesh.upstream();
    assert!(mesh.received(upstream).ends_with("\r\n\r\nhi"));
    assert_refused("GET / HTTP/1.0\r\ncontent-length: 2\r\n\r\nhi", 400);
    assert_refused("TRACE / HTTP/1.1\r\nhost: a\r\n\r\n", 405);
}

#[test]
fn h1_13_bytes_behind_a_request_without_framing_are_the_next_request() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(post("") + &get("x-second: 1\r\n"));
    let upstream = mesh.upstream();
    assert!(!mesh.received(upstream).contains("x-second"));
    mesh.send(upstream, OK);
    assert!(mesh.received(upstream).contains("x-second: 1\r\n"));
    assert_eq!(mesh.end_of(client), End::Open);
}

#[test]
fn h1_14_an_answer_to_head_and_304_end_with_their_head() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with("HEAD / HTTP/1.1\r\nhost: a\r\n\r\n".to_owned() + &get(""));
    let upstream = mesh.upstream();
    mesh.send(upstream, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
    mesh.send(
        upstream,
        "HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n",
    );
    let answers = mesh.received(client);
    assert!(
        answers.contains("content-length: 9\r\n\r\nHTTP/1.1 304 "),
        "{answers}"
    );
    assert!(answers.ends_with("content-length: 7\r\n\r\n"));
    assert_eq!(mesh.end_of(upstream), End::Open);
}

#[test]
fn h1_14_a_response_cut_short_is_never_given_a_clean_end() {
    for whole in [
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ] {
        assert_answer(whole, 200);
        let (mut mesh, client, upstream) = exchange();
        mesh.send(upstream, &whole[..whole.len() - 1]);
        mesh.finish(upstream);
        assert_eq!(mesh.end_of(client), End::Reset);
    }
}

#[test]
fn h1_14_a_body_until_close_becomes_chunks_or_closes_for_http_1_0() {
    let until_close = "HTTP/1.1 200 OK\r\n\r\nabc";
    let (mut mesh, client, upstream) = exchange();
    mesh.send(upstream, until_close);
    mesh.finish(upstream);
    assert!(
        mesh.received(client)
            .ends_with("chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    );
    assert_eq!(mesh.end_of(client), End::Open);
    let mut mesh = Mesh::new();
    let client = mesh.client_with("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
    let upstream = mesh.upstream();
    mesh.send(upstream, until_close);
    mesh.finish(upstream);
    assert!(mesh.received(client).ends_with("\r\n\r\nabc"));
    assert_eq!(mesh.end_of(client), End::Finished);
}

#[test]
fn h1_15_hop_by_hop_fields_stay_on_their_hop_in_both_directions() {
    let mut mesh = Mesh::new();
    let hop = "connection: x-hop\r\nx-hop: 1\r\nkeep-alive: 5\r\nx-end: 2\r\n";
    let client = mesh.client_with(get(hop));
    let upstream = mesh.upstream();
    let forwarded = mesh.received(upstream);
    assert!(forwarded.contains("x-end: 2\r\n") && !forwarded.contains("x-hop"));
    mesh.send(
        upstream,
        format!("HTTP/1.1 200 OK\r\n{hop}content-length: 0\r\n\r\n"),
    );
    let answer = mesh.received(client);
    assert!(answer.contains("x-end: 2\r\n") && !answer.contains("x-hop"));
    assert_refused(&get("connection: host\r\n"), 400);
    assert_bad_gateway(
        "HTTP/1.1 200 OK\r\nconnection: content-length\r\ncontent-length: 0\r\n\r\n",
    );
}

#[test]
fn h1_16_trailers_reach_a_client_that_takes_them_and_broken_ones_break_the_message() {
    let response = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\ngrpc-status: 0\r\nhost: b\r\n\r\n";
    let mut mesh = Mesh::new();
    let client = mesh.client_with(get("te: trailers\r\nconnection: te\r\n"));
    let upstream = mesh.upstream();
    mesh.send(upstream, response);
    assert!(
        mesh.received(client)
            .ends_with("0\r\ngrpc-status: 0\r\n\r\n")
    );
    let (mut mesh, client, upstream) = exchange();
    mesh.send(upstream, response);
    assert!(
        mesh.received(client).ends_with("\r\n\r\n0\r\n\r\n"),
        "not asked for"
    );
    assert_bad_gateway("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nbad : 0\r\n\r\n");
    assert_refused(&(post(CHUNKED) + "0\r\nbad : 0\r\n\r\n"), 400);
}

#[test]
fn h1_17_an_expectation_is_forwarded_and_answered_here_after_a_second() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(post("expect: 100-continue\r\ncontent-length: 2\r\n"));
    let upstream = mesh.upstream();
    assert!(mesh.received(upstream).contains("expect: 100-continue\r\n"));
    mesh.wait_ms(900);
    assert_eq!(mesh.received(client), "");
    mesh.wait_ms(200);
    assert_eq!(mesh.received(client), "HTTP/1.1 100 Continue\r\n\r\n");
    mesh.send(client, "hi");
    assert_eq!(mesh.received(upstream), "hi");
    assert_refused(&post("expect: more\r\ncontent-length: 2\r\n"), 417);
}

#[test]
fn h1_17_a_final_status_before_the_body_is_forwarded_and_neither_connection_used_again() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(post("expect: 100-continue\r\ncontent-length: 2\r\n"));
    let upstream = mesh.upstream();
    mesh.send(upstream, "HTTP/1.1 413 No\r\ncontent-length: 0\r\n\r\n");
    assert!(mesh.received(client).contains("connection: close\r\n"));
    assert_eq!(
        (mesh.end_of(client), mesh.end_of(upstream)),
        (End::Finished, End::Closed)
    );
    mesh.send(client, get(""));
    assert_eq!(mesh.try_upstream(), None, "a body that nobody waited for");
}

#[test]
fn h1_18_informational_responses_reach_http_1_1_up_to_eight() {
    let hint = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    let (mut mesh, client, upstream) = exchange();
    mesh.send(upstream, hint.repeat(8) + OK);
    let answer = mesh.received(client);
    assert_eq!(answer.matches("HTTP/1.1 103 ").count(), 8);
    assert!(answer.contains("HTTP/1.1 200 "));
    let (mut mesh, client, upstream) = exchange();
    mesh.send(upstream, hint.repeat(9) + OK);
    assert!(mesh.received(client).contains("HTTP/1.1 502 "));
    assert_eq!(mesh.end_of(upstream), End::Reset);
    let mut mesh = Mesh::new();
    let client = mesh.client_with("GET / HTTP/1.0\r\n\r\n");
    let upstream = mesh.upstream();
    mesh.send(upstream, hint.to_owned() + OK);
    assert!(
        mesh.received(client).starts_with("HTTP/1.1 200 "),
        "never to 1.0"
    );
}

#[test]
fn h1_20_a_body_that_an_early_answer_does_not_wait_for_is_read_no_further_than_64_kib() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(post("content-length: 1000000\r\n") + &"x".repeat(4096));
    let upstream = mesh.upstream();
    mesh.deafen(upstream);
    mesh.send(upstream, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nha");
    let taken = 4096 + mesh.send(client, vec![b'x'; 900_000]);
    assert!((64 * 1024..128 * 1024).contains(&taken), "{taken} bytes");
    mesh.send(upstream, "lf");
    let answer = mesh.received(client);
    assert!(answer.contains("connection: close\r\n") && answer.ends_with("half"));
    assert_eq!(mesh.end_of(client), End::Finished);
    assert_eq!(mesh.end_of(upstream), End::Closed);
}

#[test]
fn h1_20_an_upstream_that_answers_while_it_takes_the_body_gets_all_of_it() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(post("content-length: 504096\r\n") + &"x".repeat(4096));
    let upstream = mesh.upstream();
    mesh.received(upstream);
    mesh.send(upstream, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nha");
    assert_eq!(mesh.send(client, vec![b'x'; 500_000]), 500_000);
    assert_eq!(mesh.received(upstream).len(), 500_000);
    mesh.send(upstream, "lf");
    assert!(mesh.received(client).ends_with("half"));
}

#[test]
fn h1_21_a_client_that_ended_its_side_is_still_answered() {
    let (mut mesh, client, upstream) = exchange();
    mesh.finish(client);
    mesh.send(upstream, OK);
    assert!(mesh.received(client).starts_with("HTTP/1.1 200 "));
    mesh.finish(client);
    assert_eq!(mesh.end_of(client), End::Closed);
}

#[test]
fn h1_21_a_client_that_ends_in_the_middle_of_its_request_aborts_the_upstream() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(post("content-length: 5000\r\n") + &"x".repeat(4999));
    let upstream = mesh.upstream();
    mesh.finish(client);
    assert_eq!(mesh.end_of(upstream), End::Reset);
    assert_eq!(mesh.end_of(client), End::Reset);
}

#[test]
fn h1_22_pipelined_requests_go_upstream_one_at_a_time_and_no_more_are_read_meanwhile() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(
        (0..16)
            .map(|n| get(&format!("x-n: {n}\r\n")))
            .collect::<String>(),
    );
    let upstream = mesh.upstream();
    assert_eq!(
        mesh.send(client, get("")),
        0,
        "nothing is read while one is answered"
    );
    for n in 0..16 {
        let forwarded = mesh.received(upstream);
        assert_eq!(forwarded.matches("GET ").count(), 1);
        assert!(forwarded.contains(&format!("x-n: {n}\r\n")));
        mesh.send(
            upstream,
            format!("HTTP/1.1 200 {n}\r\ncontent-length: 0\r\n\r\n"),
        );
        assert!(
            mesh.received(client)
                .starts_with(&format!("HTTP/1.1 200 {n}\r\n"))
        );
    }
    assert!(mesh.send(client, get("")) > 0);
}

#[test]
fn h1_23_connect_is_405_with_the_methods_that_are_not() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with("CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\nearly");
    let answer = mesh.received(client);
    assert!(answer.starts_with("HTTP/1.1 405 "));
    assert!(answer.contains("\r\nallow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n"));
    assert_eq!(mesh.try_upstream(), None);
}

#[test]
fn h1_24_bytes_that_an_upstream_sends_outside_an_exchange_close_it_and_are_counted() {
    let (mut mesh, client, upstream) = exchange();
    mesh.send(upstream, OK);
    assert_eq!(mesh.end_of(upstream), End::Open);
    mesh.send(upstream, OK);
    assert_eq!(mesh.end_of(upstream), End::Reset);
    assert_eq!(mesh.received(client).matches("HTTP/1.1 ").count(), 1);
    assert_eq!(mesh.shard.stats().failures(Reason::UpstreamUnsolicited), 1);
}

#[test]
fn h1_25_a_lookalike_of_a_protected_name_is_400_and_502() {
    assert_forwarded(&get("x_request_id: a\r\n"));
    assert_refused(&get("x_forwarded_client_cert: a\r\n"), 400);
    assert_bad_gateway("HTTP/1.1 200 OK\r\ncontent_length: 0\r\ncontent-length: 0\r\n\r\n");
}

#[test]
fn d2_the_one_framing_that_was_read_is_the_one_written_in_both_directions() {
    for (framing, body) in [
        ("content-length: 2\r\n", "hi"),
        (CHUNKED, "2\r\nhi\r\n0\r\n\r\n"),
    ] {
        let mut mesh = Mesh::new();
        let client = mesh.client_with(post(framing) + body);
        let upstream = mesh.upstream();
        let forwarded = mesh.received(upstream);
        assert_eq!(framings(&forwarded), [framing.trim_end()]);
        assert!(forwarded.ends_with(&format!("\r\n\r\n{body}")));
        mesh.send(upstream, format!("HTTP/1.1 200 OK\r\n{framing}\r\n{body}"));
        let answer = mesh.received(client);
        assert_eq!(framings(&answer), [framing.trim_end()]);
        assert!(answer.ends_with(&format!("\r\n\r\n{body}")));
    }
}

#[test]
fn d5_a_connection_that_broke_a_rule_is_not_used_again() {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(get("x : a\r\n") + &get(""));
    assert_eq!(mesh.received(client).matches("HTTP/1.1 ").count(), 1);
    assert_eq!(mesh.end_of(client), End::Finished);
    assert_eq!(mesh.try_upstream(), None);
}

#[test]
fn d7_an_upstream_is_used_again_after_a_clean_exchange() {
    let (mut mesh, client, upstream) = exchange();
    mesh.send(upstream, OK);
    mesh.send(client, get("x-second: 1\r\n"));
    assert!(mesh.received(upstream).contains("x-second: 1\r\n"));
}

#[test]
fn d7_an_upstream_that_closes_or_sends_a_surplus_byte_is_not_used_again() {
    for last in [
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nx",
        "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n",
    ] {
        let (mut mesh, client, upstream) = exchange();
        mesh.send(upstream, last);
        assert_eq!(mesh.end_of(upstream), End::Closed, "{last}");
        mesh.send(client, get(""));
        assert!(mesh.try_upstream().is_some());
    }
}

/// A client whose request an upstream has.
fn exchange() -> (Mesh, heddle_proxy::Token, heddle_proxy::Token) {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(get(""));
    let upstream = mesh.upstream();
    mesh.received(upstream);
    (mesh, client, upstream)
}

fn assert_forwarded(request: &str) {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(request);
    assert!(mesh.try_upstream().is_some(), "{}", mesh.received(client));
}

/// Refused before anything goes upstream, and the connection closes.
fn assert_refused(request: &str, status: u16) {
    let mut mesh = Mesh::new();
    let client = mesh.client_with(request);
    let answer = mesh.received(client);
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{request:?}: {answer}"
    );
    assert!(answer.contains("\r\nconnection: close\r\n"));
    assert_eq!(mesh.end_of(client), End::Finished);
    assert_eq!(mesh.try_upstream(), None);
}

fn assert_answer(response: &str, status: u16) {
    let (mut mesh, client, upstream) = exchange();
    mesh.send(upstream, response);
    let answer = mesh.received(client);
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{response:?}: {answer}"
    );
    assert_eq!(mesh.end_of(upstream), End::Open);
}

/// 502, the upstream connection is gone, and the client's goes on.
fn assert_bad_gateway(response: &str) {
    let (mut mesh, client, upstream) = exchange();
    mesh.send(upstream, response);
    let answer = mesh.received(client);
    assert!(
        answer.starts_with("HTTP/1.1 502 "),
        "{response:?}: {answer}"
    );
    assert_eq!(mesh.end_of(upstream), End::Reset);
    assert_eq!(mesh.end_of(client), End::Open);
}

/// Lines of a message that frame its body.
fn framings(message: &str) -> Vec<&str> {
    let frames =
        |line: &&str| line.starts_with("content-length:") || line.starts_with("transfer-encoding:");
    message.split("\r\n").filter(frames).collect()
}

fn get(lines: &str) -> String {
    format!("GET / HTTP/1.1\r\nhost: a\r\n{lines}\r\n")
}

fn post(lines: &str) -> String {
    format!("POST / HTTP/1.1\r\nhost: a\r\n{lines}\r\n")
}

const CHUNKED: &str = "transfer-encoding: chunked\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
