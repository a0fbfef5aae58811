//! Each rule of a request head with a valid neighbour. Every input is also fed prefix by prefix.

use super::super::{CONNECTION_NAMES_MAX, FIELD_BYTES_MAX};
use super::*;

#[test]
fn h1_01_transfer_encoding_with_content_length_is_refused_in_either_order() {
    assert_eq!(
        accepted(post("Content-Length: 5\r\n")).framing,
        Framing::Length(5)
    );
    assert_eq!(
        accepted(post("Transfer-Encoding: chunked\r\n")).framing,
        Framing::Chunked
    );
    let both = "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n";
    assert_eq!(refused(post(both)), Error::FramingConflict);
    let swapped = "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n";
    assert_eq!(refused(post(swapped)), Error::FramingConflict);
}

#[test]
fn h1_02_transfer_encoding_is_exactly_one_chunked_in_any_case() {
    assert_eq!(
        accepted(post("transfer-encoding:\t cHuNkEd \r\n")).framing,
        Framing::Chunked
    );
    assert_eq!(coding(",chunked"), Error::TransferEncoding);
    assert_eq!(coding("chunked,"), Error::TransferEncoding);
    assert_eq!(coding("chunked, chunked"), Error::TransferEncoding);
    assert_eq!(coding("gzip, chunked"), Error::TransferEncoding);
    assert_eq!(coding("chunked, gzip"), Error::TransferEncoding);
    assert_eq!(coding("chunked;q=1"), Error::TransferEncoding);
    assert_eq!(coding("\"chunked\""), Error::TransferEncoding);
    assert_eq!(coding(""), Error::TransferEncoding);
    assert_eq!(coding("chunked\u{a0}"), Error::TransferEncoding);
    assert_eq!(coding("\x0bchunked"), Error::FieldValue);
    assert_eq!(coding("chunked\x0c"), Error::FieldValue);
    assert_eq!(coding("chunked\0"), Error::FieldValue);
    let twice = "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n";
    assert_eq!(refused(post(twice)), Error::TransferEncoding);
}

#[test]
fn h1_02_a_lone_unknown_coding_is_answered_with_501() {
    assert_eq!(coding("gzip"), Error::TransferCodingUnknown);
    assert_eq!(coding("identity"), Error::TransferCodingUnknown);
    assert_eq!(coding("xchunked"), Error::TransferCodingUnknown);
    assert_eq!(Error::TransferCodingUnknown.status(), 501);
}

#[test]
fn h1_02_transfer_encoding_in_http_1_0_is_refused() {
    let request = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(refused(request), Error::TransferEncoding);
}

#[test]
fn h1_03_content_length_is_digits_up_to_the_largest_signed_number() {
    assert_eq!(accepted(post("Content-Length: 0\r\n")).length, Some(0));
    assert_eq!(
        accepted(post("Content-Length: 0\r\n")).framing,
        Framing::None
    );
    assert_eq!(
        accepted(post("Content-Length: \t007 \r\n")).framing,
        Framing::Length(7)
    );
    let largest = accepted(post("Content-Length: 9223372036854775807\r\n"));
    assert_eq!(largest.framing, Framing::Length(i64::MAX as u64));
    assert_eq!(length("9223372036854775808"), Error::ContentLength);
    assert_eq!(length("18446744073709551617"), Error::ContentLength);
    assert_eq!(length("00000000000000000005"), Error::ContentLength);
    assert_eq!(length("+5"), Error::ContentLength);
    assert_eq!(length("-0"), Error::ContentLength);
    assert_eq!(length("0x5"), Error::ContentLength);
    assert_eq!(length("1_0"), Error::ContentLength);
    assert_eq!(length("1 0"), Error::ContentLength);
    assert_eq!(length("5.0"), Error::ContentLength);
    assert_eq!(length(""), Error::ContentLength);
    assert_eq!(length("5,5"), Error::ContentLength);
    assert_eq!(length("\u{665}"), Error::ContentLength);
    assert_eq!(length("5\r\nContent-Length: 5"), Error::ContentLength);
}

#[test]
fn h1_06_lines_end_with_crlf_and_nothing_else() {
    assert_eq!(
        refused("GET / HTTP/1.1\nhost: a\r\n\r\n"),
        Error::LineEnding
    );
    assert_eq!(
        refused("GET / HTTP/1.1\rhost: a\r\n\r\n"),
        Error::LineEnding
    );
    assert_eq!(
        refused("GET / HTTP/1.1\r\nhost: a\n\r\n"),
        Error::LineEnding
    );
    assert_eq!(
        refused("GET / HTTP/1.1\r\nhost: a\r\n\n"),
        Error::LineEnding
    );
    assert_eq!(
        refused("GET / HTTP/1.1\r\nhost: a\r\n\rX"),
        Error::LineEnding
    );
    assert_eq!(refused(post("X: a\rb\r\n")), Error::LineEnding);
    assert_eq!(refused(post("X: a\nb: c\r\n")), Error::LineEnding);
    assert_eq!(refused(post("X: a\r\r\n")), Error::LineEnding);
}

#[test]
fn h1_06_one_empty_line_before_the_request_is_skipped_and_a_second_is_refused() {
    let request = b"\r\nGET /a HTTP/1.1\r\nhost: b\r\n\r\n";
    let head = accepted(request);
    assert_eq!(
        (head.method.of(request), head.path.of(request)),
        (&b"GET"[..], &b"/a"[..])
    );
    assert_eq!(head.authority.of(request), b"b");
    assert_eq!(
        refused("\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n"),
        Error::LineEnding
    );
    assert_eq!(
        refused("\nGET / HTTP/1.1\r\nhost: a\r\n\r\n"),
        Error::LineEnding
    );
    assert_eq!(
        refused("\r\rGET / HTTP/1.1\r\nhost: a\r\n\r\n"),
        Error::LineEnding
    );
}

#[test]
fn h1_07_a_field_name_is_a_token_directly_before_the_colon() {
    assert_eq!(
        accepted(post("!#$%&'*+-.^_`|~0aZ: x\r\n"))
            .fields
            .as_slice()
            .len(),
        2
    );
    assert_eq!(refused(post("X : a\r\n")), Error::FieldName);
    assert_eq!(refused(post("X\t: a\r\n")), Error::FieldName);
    assert_eq!(refused(post(": a\r\n")), Error::FieldName);
    assert_eq!(refused(post("X\r\n")), Error::FieldName);
    assert_eq!(refused(post("X Y: a\r\n")), Error::FieldName);
    assert_eq!(refused(post("X\0: a\r\n")), Error::FieldName);
    assert_eq!(refused(post("\u{e4}: a\r\n")), Error::FieldName);
    assert_eq!(refused(post("(a): b\r\n")), Error::FieldName);
}

#[test]
fn h1_07_a_folded_line_is_refused_everywhere_and_on_the_first_line_too() {
    assert_eq!(refused(post("X: a\r\n b\r\n")), Error::FieldName);
    assert_eq!(refused(post("X: a\r\n\tb: c\r\n")), Error::FieldName);
    assert_eq!(
        refused("GET / HTTP/1.1\r\n host: a\r\n\r\n"),
        Error::FieldName
    );
    assert_eq!(
        refused("GET / HTTP/1.1\r\n \r\nhost: a\r\n\r\n"),
        Error::FieldName
    );
}

#[test]
fn h1_08_a_field_value_holds_no_control_character_but_tab() {
    let request = post(b"X: \xff\ta\x80 \r\n");
    let head = accepted(&request);
    assert_eq!(head.fields.as_slice()[1].value.of(&request), b"\xff\ta\x80");
    assert_eq!(refused(post("X: a\0b\r\n")), Error::FieldValue);
    assert_eq!(refused(post("X: a\x1fb\r\n")), Error::FieldValue);
    assert_eq!(refused(post("X: a\x7fb\r\n")), Error::FieldValue);
    assert_eq!(
        refused(post("X: a long value before \x08\r\n")),
        Error::FieldValue
    );
}

#[test]
fn h1_08_bytes_beyond_ascii_are_refused_in_framing_and_host() {
    assert_eq!(
        refused(post(b"Content-Length: \xb25\r\n")),
        Error::ContentLength
    );
    assert_eq!(
        refused(post(b"Transfer-Encoding: chunked\xa0\r\n")),
        Error::TransferEncoding
    );
    assert_eq!(
        refused(b"GET / HTTP/1.1\r\nhost: \xe4\r\n\r\n"),
        Error::Host
    );
    assert_eq!(refused(post(b"Connection: \xe4\r\n")), Error::Connection);
}

#[test]
fn h1_09_the_method_is_a_token_in_its_own_case_and_of_limited_length() {
    assert_eq!(accepted(line("get / HTTP/1.1")).method, Span::new(0, 3));
    assert_eq!(
        accepted(line("M-SEARCH / HTTP/1.1")).method,
        Span::new(0, 8)
    );
    let longest = "A".repeat(METHOD_BYTES_MAX);
    assert_eq!(
        accepted(line(&format!("{longest} / HTTP/1.1"))).method,
        Span::new(0, 32)
    );
    assert_eq!(
        refused(line(&format!("A{longest} / HTTP/1.1"))),
        Error::Method
    );
    assert_eq!(refused(line(" / HTTP/1.1")), Error::Method);
    assert_eq!(refused(line("G(T / HTTP/1.1")), Error::Method);
    assert_eq!(refused(line("GET\t/ HTTP/1.1")), Error::Method);
    assert_eq!(refused(b"\x16\x03\x01\x02\x00\x01\x00"), Error::Method);
}

#[test]
fn h1_09_the_version_is_1_0_or_1_1_after_one_space() {
    assert_eq!(accepted(line("GET / HTTP/1.1")).minor, 1);
    assert_eq!(accepted(line("GET / HTTP/1.0")).minor, 0);
    assert_eq!(refused(line("GET / HTTP/2.0")), Error::VersionUnsupported);
    assert_eq!(refused(line("GET / HTTP/1.2")), Error::VersionUnsupported);
    assert_eq!(
        refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Error::VersionUnsupported
    );
    assert_eq!(Error::VersionUnsupported.status(), 505);
    assert_eq!(refused(line("GET / http/1.1")), Error::Version);
    assert_eq!(refused(line("GET / HTTP/1.10")), Error::Version);
    assert_eq!(refused(line("GET / HTTP/01.1")), Error::Version);
    assert_eq!(refused(line("GET / HTTP/1,1")), Error::Version);
    assert_eq!(refused(line("GET / HTTP/1.1 ")), Error::Version);
    assert_eq!(refused(line("GET /  HTTP/1.1")), Error::Version);
    assert_eq!(refused(line("GET /a b HTTP/1.1")), Error::Version);
    assert_eq!(refused(line("GET  / HTTP/1.1")), Error::Version);
}

#[test]
fn h1_09_a_request_line_without_a_version_is_refused() {
    assert_eq!(refused("GET /\r\n"), Error::Target);
    assert_eq!(refused("GET / \r\n"), Error::Version);
    assert_eq!(refused("GET\r\n"), Error::Method);
}

#[test]
fn h1_10_the_target_is_visible_ascii_without_fragment() {
    let request = line("GET //a;b/../%2F?c=d?/e HTTP/1.1");
    let head = accepted(&request);
    assert_eq!(head.path.of(&request), b"//a;b/../%2F");
    assert_eq!(head.path_and_query.of(&request), b"//a;b/../%2F?c=d?/e");
    assert_eq!(refused(line("GET /a#b HTTP/1.1")), Error::Target);
    assert_eq!(refused(line("GET /a?b#c HTTP/1.1")), Error::Target);
    assert_eq!(refused(line("GET /\u{e4} HTTP/1.1")), Error::Target);
    assert_eq!(refused(line("GET /\x7f HTTP/1.1")), Error::Target);
    assert_eq!(refused(line("GET /\0 HTTP/1.1")), Error::Target);
    assert_eq!(refused(line("GET a HTTP/1.1")), Error::Target);
    assert_eq!(refused(line("GET ?a HTTP/1.1")), Error::Target);
}

#[test]
fn p1_the_path_is_made_normal_and_the_query_moves_up_behind_it_unchanged() {
    assert_eq!(
        normal("GET /a/../%62?x=%41/../\\ HTTP/1.1"),
        Ok(("/b".into(), "/b?x=%41/../\\".into()))
    );
    assert_eq!(
        normal("GET http://a/%2e/b HTTP/1.1"),
        Ok(("/b".into(), "/b".into()))
    );
    assert_eq!(
        normal("GET http://a HTTP/1.1"),
        Ok((String::new(), String::new()))
    );
    assert_eq!(normal("OPTIONS * HTTP/1.1"), Ok(("*".into(), "*".into())));
    assert_eq!(
        normal("GET //b/%2F HTTP/1.1"),
        Ok(("//b/%2F".into(), "//b/%2F".into()))
    );
}

#[test]
fn p1_a_path_without_a_normal_form_is_answered_with_400() {
    assert_eq!(normal("GET /a/../../b HTTP/1.1"), Err(Error::Path));
    assert_eq!(normal("GET /a%zz?b HTTP/1.1"), Err(Error::Path));
    assert_eq!(normal("GET http://a/..\\b HTTP/1.1"), Err(Error::Path));
    assert_eq!(Error::Path.status(), 400);
}

#[test]
fn h1_10_the_authority_of_an_absolute_form_overrides_host_and_must_equal_it() {
    let request = b"GET HTTP://A.test:80/p?q HTTP/1.1\r\nhost: a.TEST:80\r\n\r\n";
    let head = accepted(request);
    assert_eq!(head.authority.of(request), b"A.test:80");
    assert_eq!(head.path_and_query.of(request), b"/p?q");
    assert!(
        accepted(line("GET https://a HTTP/1.1"))
            .path_and_query
            .is_empty()
    );
    assert_eq!(refused(line("GET http://b/ HTTP/1.1")), Error::Host);
    assert_eq!(refused(line("GET http://a:80/ HTTP/1.1")), Error::Host);
    assert_eq!(refused("GET http://a/ HTTP/1.1\r\n\r\n"), Error::Host);
    assert_eq!(refused(line("GET http://u@a/ HTTP/1.1")), Error::Target);
    assert_eq!(refused(line("GET http:///p HTTP/1.1")), Error::Target);
    assert_eq!(refused(line("GET http://a?q HTTP/1.1")), Error::Target);
    assert_eq!(refused(line("GET http://a\\b/ HTTP/1.1")), Error::Target);
    assert_eq!(refused(line("GET ftp://a/ HTTP/1.1")), Error::Target);
    assert_eq!(refused(line("GET http:a HTTP/1.1")), Error::Target);
}

#[test]
fn h1_10_the_asterisk_is_for_options_alone() {
    let request = line("OPTIONS * HTTP/1.1");
    assert_eq!(accepted(&request).path.of(&request), b"*");
    assert_eq!(refused(line("GET * HTTP/1.1")), Error::Target);
    assert_eq!(refused(line("options * HTTP/1.1")), Error::Target);
    assert_eq!(refused(line("OPTIONS *a HTTP/1.1")), Error::Target);
}

#[test]
fn h1_10_the_authority_form_is_not_for_other_methods_and_connect_is_refused_with_405() {
    assert_eq!(refused(line("GET a:443 HTTP/1.1")), Error::Target);
    assert_eq!(
        refused(line("CONNECT a:443 HTTP/1.1")),
        Error::MethodRefused
    );
    assert_eq!(refused(line("CONNECT / HTTP/1.1")), Error::MethodRefused);
    assert_eq!(Error::MethodRefused.status(), 405);
}

#[test]
fn h1_11_host_is_there_once_in_http_1_1() {
    assert_eq!(refused("GET / HTTP/1.1\r\n\r\n"), Error::Host);
    assert_eq!(refused(post("Host: a\r\n")), Error::Host);
    assert_eq!(refused("GET / HTTP/1.1\r\nHost:\r\n\r\n"), Error::Host);
    assert!(accepted("GET / HTTP/1.0\r\n\r\n").authority.is_empty());
    assert_eq!(refused("GET / HTTP/1.0\r\nHost:\r\n\r\n"), Error::Host);
    assert_eq!(
        refused("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"),
        Error::Host
    );
}

#[test]
fn h1_11_host_is_a_name_or_address_with_an_optional_port() {
    let request = b"GET / HTTP/1.1\r\nHost:  [::1]:8080 \r\n\r\n";
    assert_eq!(accepted(request).authority.of(request), b"[::1]:8080");
    assert_eq!(host("a,b"), Error::Host);
    assert_eq!(host("a b"), Error::Host);
    assert_eq!(host("a/b"), Error::Host);
    assert_eq!(host("u@a"), Error::Host);
    assert_eq!(host("a:65536"), Error::Host);
    assert_eq!(host("http://a"), Error::Host);
}

#[test]
fn h1_12_a_body_without_meaning_is_taken_framed_in_http_1_1_and_refused_in_http_1_0() {
    let body = "host: a\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(
        accepted(format!("GET / HTTP/1.1\r\n{body}")).framing,
        Framing::Length(5)
    );
    assert_eq!(
        accepted(format!("POST / HTTP/1.0\r\n{body}")).framing,
        Framing::Length(5)
    );
    assert_eq!(
        refused(format!("GET / HTTP/1.0\r\n{body}")),
        Error::BodyRefused
    );
    assert_eq!(
        refused(format!("HEAD / HTTP/1.0\r\n{body}")),
        Error::BodyRefused
    );
    assert_eq!(
        refused(format!("DELETE / HTTP/1.0\r\n{body}")),
        Error::BodyRefused
    );
    assert_eq!(
        refused(format!("OPTIONS / HTTP/1.0\r\n{body}")),
        Error::BodyRefused
    );
    let empty = "GET / HTTP/1.0\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(accepted(empty).framing, Framing::None);
}

#[test]
fn h1_12_trace_is_refused_with_405() {
    assert_eq!(refused(line("TRACE / HTTP/1.1")).status(), 405);
    assert_eq!(refused(line("TRACE http://a/ HTTP/1.1")).status(), 405);
}

#[test]
fn h1_13_a_request_without_framing_fields_ends_with_its_head() {
    let first = post("");
    let both = [&first[..], &first[..]].concat();
    let mut head = RequestHead::default();
    assert_eq!(parse_request(&both, &mut head), Ok(Some(first.len())));
    assert_eq!((head.framing, head.length), (Framing::None, None));
}

#[test]
fn h1_15_hop_by_hop_fields_and_those_that_connection_names_are_marked() {
    let request = post("X-A: 1\r\nConnection: x-A, , X-b\r\nX-B: 2\r\nUpgrade: h2c\r\nX-C: 3\r\n");
    assert_eq!(end_to_end(&request), ["X-C"]);
    let known = "Keep-Alive: 5\r\nProxy-Connection: a\r\nProxy-Authenticate: b\r\n\
        Proxy-Authorization: c\r\nProxy-Authentication-Info: d\r\nTE: gzip\r\nTrailer: e\r\n\
        HTTP2-Settings: f\r\nX-D: 4\r\n";
    assert_eq!(end_to_end(&post(known)), ["X-D"]);
}

#[test]
fn h1_15_connection_may_not_name_end_to_end_fields_that_others_rely_on() {
    assert_eq!(connection("close, host"), Error::Connection);
    assert_eq!(connection("Content-Length"), Error::Connection);
    assert_eq!(connection("authorization"), Error::Connection);
    assert_eq!(connection("cookie"), Error::Connection);
    assert_eq!(connection("X-Forwarded-For"), Error::Connection);
    assert_eq!(connection("x-forwarded-client-cert"), Error::Connection);
    assert_eq!(connection(":path"), Error::Connection);
    assert_eq!(connection("a b"), Error::Connection);
}

#[test]
fn h1_15_connection_names_a_limited_number_of_fields() {
    let names = vec!["x"; CONNECTION_NAMES_MAX].join(",");
    assert!(!accepted(post(format!("Connection: close, {names}\r\n"))).keep_alive);
    assert_eq!(connection(&format!("{names},x")), Error::Connection);
    assert_eq!(
        connection(&format!("{names}\r\nConnection: x")),
        Error::Connection
    );
}

#[test]
fn h1_15_naming_a_framing_field_in_connection_does_not_hide_it() {
    let head = accepted(post(
        "Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n",
    ));
    assert_eq!(head.framing, Framing::Chunked);
}

#[test]
fn h1_15_te_keeps_trailers_alone_and_only_of_an_http_1_1_client() {
    assert!(accepted(post("TE: gzip;q=0.5, Trailers\r\n")).accepts_trailers);
    assert!(!accepted(post("TE: gzip\r\n")).accepts_trailers);
    assert!(!accepted("GET / HTTP/1.0\r\nTE: trailers\r\n\r\n").accepts_trailers);
}

#[test]
fn h1_17_expect_is_100_continue_or_417() {
    let body = "Content-Length: 5\r\n";
    assert!(accepted(post(format!("Expect: 100-Continue\r\n{body}"))).expects_continue);
    assert!(!accepted(post("Expect: 100-continue\r\n")).expects_continue);
    let old = format!("POST / HTTP/1.0\r\nExpect: 100-continue\r\n{body}\r\n");
    assert!(!accepted(old).expects_continue);
    assert_eq!(
        refused(post(format!("Expect: magic\r\n{body}"))),
        Error::Expect
    );
    assert_eq!(
        refused(post("Expect: 100-continue\r\nExpect: 100-continue\r\n")),
        Error::Expect
    );
    assert_eq!(Error::Expect.status(), 417);
}

#[test]
fn h1_19_an_upgrade_to_websocket_is_asked_for_by_get_in_http_1_1_without_a_body() {
    let asked = "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n";
    assert!(upgrade(&format!(
        "GET / HTTP/1.1\r\nhost: a\r\n{asked}\r\n"
    )));
    assert!(!upgrade(&format!(
        "GET / HTTP/1.0\r\nhost: a\r\n{asked}\r\n"
    )));
    assert!(!upgrade(&format!(
        "POST / HTTP/1.1\r\nhost: a\r\n{asked}\r\n"
    )));
    assert!(!upgrade(&format!(
        "GET / HTTP/1.1\r\nhost: a\r\n{asked}Content-Length: 1\r\n\r\n"
    )));
    assert!(!upgrade(
        "GET / HTTP/1.1\r\nhost: a\r\nUpgrade: websocket\r\n\r\n"
    ));
}

#[test]
fn h1_19_an_upgrade_to_anything_but_websocket_alone_is_dropped() {
    let asking = |upgrade: &str| {
        format!("GET / HTTP/1.1\r\nhost: a\r\nConnection: upgrade\r\nUpgrade: {upgrade}\r\n\r\n")
    };
    assert!(upgrade(&asking("websocket")));
    assert!(!upgrade(&asking("h2c")));
    assert!(!upgrade(&asking("websocket, h2c")));
    assert!(!upgrade(&asking("websocket/13")));
    assert!(!upgrade(&asking("websocket\r\nUpgrade: websocket")));
    assert!(!upgrade(&asking("h2c\r\nUpgrade: websocket")));
    assert!(end_to_end(asking("websocket").as_bytes()).is_empty());
}

#[test]
fn h1_15_connection_names_no_field_that_tells_of_the_client() {
    assert_eq!(connection("x-heddle-attempt"), Error::Connection);
    assert_eq!(connection("X-Envoy-Max-Retries"), Error::Connection);
    assert_eq!(connection("l5d-dst-override"), Error::Connection);
    assert_eq!(connection("forwarded"), Error::Connection);
    assert_eq!(connection("via"), Error::Connection);
    assert!(!accepted(post("Connection: close, x-other\r\n")).keep_alive);
}

#[test]
fn p6_the_hops_of_this_kind_of_proxy_are_counted_in_via() {
    assert_eq!(accepted(post("")).hops, 0);
    assert_eq!(accepted(post("Via: 1.1 heddle\r\n")).hops, 1);
    let several = "Via: 1.0 fred, 1.1 HEDDLE (a),HTTP/1.1 heddle\r\nvia: 1.1\theddle\r\n";
    assert_eq!(accepted(post(several)).hops, 3);
    assert_eq!(accepted(post("Via: heddle, 1.1 heddle2, 1.1\r\n")).hops, 0);
    let many = "Via: 1.1 heddle,1.1 heddle,1.1 heddle,1.1 heddle\r\n".repeat(100);
    assert_eq!(accepted(post(many)).hops, 255);
}

#[test]
fn p6_max_forwards_of_options_is_one_plain_number() {
    let options = |lines: &str| format!("OPTIONS / HTTP/1.1\r\nhost: a\r\n{lines}\r\n");
    assert_eq!(accepted(options("")).max_forwards, None);
    assert_eq!(
        accepted(options("Max-Forwards: 0\r\n")).max_forwards,
        Some(0)
    );
    let huge = "Max-Forwards: 99999999999999999999\r\n";
    assert_eq!(accepted(options(huge)).max_forwards, Some(u32::MAX));
    assert_eq!(accepted(post("Max-Forwards: -1\r\n")).max_forwards, None);
    assert_eq!(refused(options("Max-Forwards: -1\r\n")), Error::MaxForwards);
    assert_eq!(refused(options("Max-Forwards:\r\n")), Error::MaxForwards);
    let twice = "Max-Forwards: 1\r\nMax-Forwards: 1\r\n";
    assert_eq!(refused(options(twice)), Error::MaxForwards);
}

#[test]
fn h1_25_underscores_do_not_disguise_a_protected_name() {
    assert_eq!(
        accepted(post("x_request_id: a\r\ncontent_type: b\r\n"))
            .fields
            .as_slice()
            .len(),
        3
    );
    assert_eq!(
        refused(post("x_forwarded_for: a\r\n")),
        Error::FieldLookalike
    );
    assert_eq!(
        refused(post("Content_Length: 5\r\n")),
        Error::FieldLookalike
    );
    assert_eq!(
        refused(post("transfer_encoding: chunked\r\n")),
        Error::FieldLookalike
    );
    assert_eq!(
        refused(post("X_Forwarded_Client_Cert: a\r\n")),
        Error::FieldLookalike
    );
    assert_eq!(
        refused(post("x-forwarded_client-cert: a\r\n")),
        Error::FieldLookalike
    );
}

#[test]
fn a_connection_persists_by_default_in_http_1_1_and_on_demand_in_http_1_0() {
    assert!(accepted(post("")).keep_alive);
    assert!(!accepted(post("Connection: keep-alive, Close\r\n")).keep_alive);
    assert!(!accepted("GET / HTTP/1.0\r\n\r\n").keep_alive);
    assert!(accepted("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

#[test]
fn a_target_of_8_kib_is_accepted_and_a_longer_one_answered_with_414() {
    let longest = format!("/{}", "a".repeat(TARGET_BYTES_MAX - 1));
    assert_eq!(
        accepted(line(&format!("GET {longest} HTTP/1.1"))).path,
        Span::new(4, 8196)
    );
    assert_eq!(
        refused(line(&format!("GET {longest}a HTTP/1.1"))),
        Error::TargetTooLong
    );
    assert_eq!(Error::TargetTooLong.status(), 414);
}

#[test]
fn a_field_line_of_16_kib_is_accepted_and_a_longer_one_answered_with_431() {
    let longest = format!("X: {}", "a".repeat(FIELD_BYTES_MAX - 3));
    assert_eq!(
        accepted(post(format!("{longest}\r\n")))
            .fields
            .as_slice()
            .len(),
        2
    );
    assert_eq!(
        refused(post(format!("{longest}a\r\n"))),
        Error::HeadTooLarge
    );
    assert_eq!(Error::HeadTooLarge.status(), 431);
}

#[test]
fn a_field_name_beyond_the_limit_gives_the_same_refusal_wherever_it_was_split() {
    let name = "a".repeat(FIELD_BYTES_MAX + 1);
    assert_eq!(refused(post(format!("{name}: b\r\n"))), Error::HeadTooLarge);
    assert_eq!(
        refused(post(format!("{name} : b\r\n"))),
        Error::HeadTooLarge
    );
}

#[test]
fn a_head_of_32_kib_is_accepted_and_a_longer_one_answered_with_431() {
    let lines = |last: usize| {
        let first = format!("X: {}\r\n", "a".repeat(FIELD_BYTES_MAX - 3));
        post(format!("{first}Y: {}\r\n", "b".repeat(last)))
    };
    let spare = HEAD_BYTES_MAX - lines(0).len();
    assert_eq!(lines(spare).len(), HEAD_BYTES_MAX);
    assert_eq!(accepted(lines(spare)).fields.as_slice().len(), 3);
    assert_eq!(refused(lines(spare + 1)), Error::HeadTooLarge);
}

#[test]
fn a_head_of_128_fields_is_accepted_and_one_more_answered_with_431() {
    assert_eq!(
        accepted(post("x: y\r\n".repeat(FIELDS_MAX - 1)))
            .fields
            .as_slice()
            .len(),
        128
    );
    assert_eq!(
        refused(post("x: y\r\n".repeat(FIELDS_MAX))),
        Error::HeadTooLarge
    );
}

#[test]
fn fields_keep_their_order_and_lose_the_white_space_around_their_values() {
    let request = post("B:2\r\na: \t 1 \t\r\nB:\r\n");
    let head = accepted(&request);
    let of = |index: usize| {
        let field = head.fields.as_slice()[index];
        (field.name.of(&request), field.value.of(&request))
    };
    assert_eq!(of(1), (&b"B"[..], &b"2"[..]));
    assert_eq!(of(2), (&b"a"[..], &b"1"[..]));
    assert_eq!(of(3), (&b"B"[..], &b""[..]));
}

#[test]
fn a_head_that_was_used_before_keeps_nothing_of_the_last_message() {
    let mut head = RequestHead::default();
    let first = "POST http://b/x HTTP/1.1\r\nhost: b\r\nTE: trailers\r\nExpect: 100-continue\r\n\
        Content-Length: 5\r\nConnection: close\r\n\r\n";
    assert!(parse_request(first.as_bytes(), &mut head).is_ok());
    let second = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    assert_eq!(parse_request(second, &mut head), Ok(Some(second.len())));
    let fresh = accepted(second);
    assert_eq!(head.fields.as_slice().len(), fresh.fields.as_slice().len());
    assert_eq!(
        (head.authority, head.framing, head.length),
        (fresh.authority, fresh.framing, None)
    );
    assert!(head.keep_alive && !head.accepts_trailers && !head.expects_continue);
}

/// Accepted whole, and asked for more at every prefix.
fn accepted(bytes: impl AsRef<[u8]>) -> RequestHead {
    let bytes = bytes.as_ref();
    check_prefixes(bytes, Ok(Some(bytes.len())));
    let mut head = RequestHead::default();
    assert_eq!(parse_request(bytes, &mut head), Ok(Some(bytes.len())));
    head
}

/// Refused whole, and never judged otherwise at a prefix.
fn refused(bytes: impl AsRef<[u8]>) -> Error {
    let bytes = bytes.as_ref();
    let error = parse_request(bytes, &mut RequestHead::default()).expect_err("a refusal");
    check_prefixes(bytes, Err(error));
    error
}

fn check_prefixes(bytes: &[u8], whole: Result<Option<usize>, Error>) {
    let mut head = RequestHead::default();
    for end in (0..bytes.len()).step_by(bytes.len() / 256 + 1) {
        let prefix = parse_request(&bytes[..end], &mut head);
        assert!(
            prefix == Ok(None) || prefix == whole,
            "{prefix:?} after {end} bytes, not {whole:?}"
        );
    }
}

fn post(lines: impl AsRef<[u8]>) -> Vec<u8> {
    [b"POST / HTTP/1.1\r\nhost: a\r\n", lines.as_ref(), b"\r\n"].concat()
}

fn line(line: &str) -> Vec<u8> {
    format!("{line}\r\nhost: a\r\n\r\n").into_bytes()
}

/// Path, and path with query, of the first line after normalization.
fn normal(first_line: &str) -> Result<(String, String), Error> {
    let mut bytes = line(first_line);
    let mut head = accepted(&bytes);
    head.normalize_path(&mut bytes)?;
    let text = |span: Span| String::from_utf8(span.of(&bytes).to_vec()).expect("ASCII");
    Ok((text(head.path), text(head.path_and_query)))
}

fn upgrade(request: &str) -> bool {
    accepted(request).upgrade
}

fn coding(value: &str) -> Error {
    refused(post(format!("Transfer-Encoding: {value}\r\n")))
}

fn length(value: &str) -> Error {
    refused(post(format!("Content-Length: {value}\r\n")))
}

fn host(value: &str) -> Error {
    refused(format!("GET / HTTP/1.1\r\nHost: {value}\r\n\r\n"))
}

fn connection(value: &str) -> Error {
    refused(post(format!("Connection: {value}\r\n")))
}

/// Names of the fields that travel on.
fn end_to_end(request: &[u8]) -> Vec<String> {
    let head = accepted(request);
    let others = head
        .fields
        .as_slice()
        .iter()
        .filter(|field| field.kind == FieldKind::Other);
    others
        .map(|field| field.name.of(request).escape_ascii().to_string())
        .collect()
}
