//! Each rule of a response head with a valid neighbour. Every input is also fed prefix by prefix.

use super::super::{FIELD_BYTES_MAX, FieldKind};
use super::*;

#[test]
fn h1_01_transfer_encoding_with_content_length_is_refused_even_where_there_is_no_body() {
    assert_eq!(
        accepted(ok("Content-Length: 5\r\n")).framing,
        Framing::Length(5)
    );
    assert_eq!(
        accepted(ok("Transfer-Encoding: Chunked\r\n")).framing,
        Framing::Chunked
    );
    let both = "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n";
    assert_eq!(refused(ok(both)), Error::FramingConflict);
    assert_eq!(
        refused(format!("HTTP/1.1 304 \r\n{both}\r\n")),
        Error::FramingConflict
    );
}

#[test]
fn h1_02_transfer_encoding_is_exactly_one_chunked_and_never_in_http_1_0() {
    assert_eq!(
        refused(ok("Transfer-Encoding: gzip\r\n")),
        Error::TransferCodingUnknown
    );
    assert_eq!(
        refused(ok("Transfer-Encoding: gzip, chunked\r\n")),
        Error::TransferEncoding
    );
    assert_eq!(
        refused(ok("Transfer-Encoding: ,chunked\r\n")),
        Error::TransferEncoding
    );
    assert_eq!(
        refused(ok("Transfer-Encoding:\r\n")),
        Error::TransferEncoding
    );
    let twice = "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n";
    assert_eq!(refused(ok(twice)), Error::TransferEncoding);
    let old = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(refused(old), Error::TransferEncoding);
}

#[test]
fn h1_03_content_length_is_one_plain_number() {
    assert_eq!(accepted(ok("Content-Length: 0\r\n")).framing, Framing::None);
    assert_eq!(
        refused(ok("Content-Length: 5, 5\r\n")),
        Error::ContentLength
    );
    assert_eq!(refused(ok("Content-Length: -0\r\n")), Error::ContentLength);
    assert_eq!(
        refused(ok("Content-Length: 5\r\nContent-Length: 5\r\n")),
        Error::ContentLength
    );
    assert_eq!(
        refused(ok("Content-Length: 9223372036854775808\r\n")),
        Error::ContentLength
    );
}

#[test]
fn h1_06_lines_end_with_crlf_and_no_empty_line_stands_before_the_status_line() {
    assert_eq!(refused("HTTP/1.1 200 OK\n\r\n"), Error::LineEnding);
    assert_eq!(refused("HTTP/1.1 200 O\rK\r\n\r\n"), Error::LineEnding);
    assert_eq!(refused("HTTP/1.1 200 OK\r\n\n"), Error::LineEnding);
    assert_eq!(
        refused(ok("X: a\nContent-Length: 0\r\n")),
        Error::LineEnding
    );
    assert_eq!(
        refused(ok("X: a\rContent-Length: 0\r\n")),
        Error::LineEnding
    );
    assert_eq!(refused("\r\nHTTP/1.1 200 OK\r\n\r\n"), Error::Version);
}

#[test]
fn h1_07_a_field_name_is_a_token_directly_before_the_colon() {
    assert_eq!(refused(ok("Content-Length : 5\r\n")), Error::FieldName);
    assert_eq!(refused(ok("X: a\r\n folded\r\n")), Error::FieldName);
    assert_eq!(refused(ok(" X: a\r\n")), Error::FieldName);
    assert_eq!(refused(ok(": a\r\n")), Error::FieldName);
    assert_eq!(refused(ok("HTTP/1.1 200 OK\r\n")), Error::FieldName);
}

#[test]
fn h1_08_a_field_value_holds_no_control_character_but_tab() {
    assert_eq!(accepted(ok(b"X: \xe4\tb\r\n")).fields.as_slice().len(), 1);
    assert_eq!(refused(ok("X: a\0\r\n")), Error::FieldValue);
    assert_eq!(refused(ok("X: a\x7f\r\n")), Error::FieldValue);
}

#[test]
fn h1_09_the_version_is_1_0_or_1_1() {
    assert_eq!(accepted("HTTP/1.0 200 OK\r\n\r\n").minor, 0);
    assert_eq!(accepted("HTTP/1.1 200 OK\r\n\r\n").minor, 1);
    assert_eq!(
        refused("HTTP/2.0 200 OK\r\n\r\n"),
        Error::VersionUnsupported
    );
    assert_eq!(refused("http/1.1 200 OK\r\n\r\n"), Error::Version);
    assert_eq!(refused("HTTP/1.1200 OK\r\n\r\n"), Error::Status);
    assert_eq!(refused("hello"), Error::Version);
}

#[test]
fn h1_09_the_status_line_has_three_digits_between_single_spaces() {
    assert_eq!(accepted("HTTP/1.1 599 \r\n\r\n").status, 599);
    assert_eq!(accepted("HTTP/1.1 100 Continue\r\n\r\n").status, 100);
    assert_eq!(refused("HTTP/1.1 600 Odd\r\n\r\n"), Error::Status);
    assert_eq!(refused("HTTP/1.1 099 Odd\r\n\r\n"), Error::Status);
    assert_eq!(refused("HTTP/1.1 20 OK\r\n\r\n"), Error::Status);
    assert_eq!(refused("HTTP/1.1 2000 OK\r\n\r\n"), Error::Status);
    assert_eq!(refused("HTTP/1.1 2x0 OK\r\n\r\n"), Error::Status);
    assert_eq!(refused("HTTP/1.1  200 OK\r\n\r\n"), Error::Status);
    assert_eq!(refused("HTTP/1.1\t200 OK\r\n\r\n"), Error::Status);
    assert_eq!(refused("HTTP/1.1 200\r\nX: a\r\n\r\n"), Error::Status);
    assert_eq!(refused("HTTP/1.1 +20 OK\r\n\r\n"), Error::Status);
}

#[test]
fn h1_09_the_reason_may_be_empty_or_hold_any_text_without_control_characters() {
    let response = b"HTTP/1.1 404 nicht \xe4hnlich\t \r\n\r\n";
    assert_eq!(
        accepted(response).reason.of(response),
        b"nicht \xe4hnlich\t "
    );
    assert!(accepted("HTTP/1.1 404 \r\n\r\n").reason.is_empty());
    assert_eq!(refused("HTTP/1.1 404 a\0\r\n\r\n"), Error::Status);
    assert_eq!(refused("HTTP/1.1 404 a\x1b[m\r\n\r\n"), Error::Status);
}

#[test]
fn h1_14_no_body_follows_1xx_204_304_and_the_answer_to_head() {
    assert_eq!(framing_of(200, "Content-Length: 5\r\n"), Framing::Length(5));
    assert_eq!(framing_of(103, "Content-Length: 5\r\n"), Framing::None);
    assert_eq!(framing_of(204, "Content-Length: 5\r\n"), Framing::None);
    assert_eq!(framing_of(304, "Content-Length: 5\r\n"), Framing::None);
    assert_eq!(
        framing_of(101, "Transfer-Encoding: chunked\r\n"),
        Framing::None
    );
    assert_eq!(
        framing_of(204, "Transfer-Encoding: chunked\r\n"),
        Framing::None
    );
    assert_eq!(framing_of(304, ""), Framing::None);
    let head = parsed(&ok("Content-Length: 5\r\n"), true);
    assert_eq!((head.framing, head.length), (Framing::None, Some(5)));
    assert_eq!(
        parsed(&ok("Transfer-Encoding: chunked\r\n"), true).framing,
        Framing::None
    );
    assert!(parsed(&ok(""), true).keep_alive);
}

#[test]
fn h1_14_a_body_without_framing_lasts_until_the_peer_closes() {
    let head = accepted(ok("Connection: keep-alive\r\n"));
    assert_eq!((head.framing, head.length), (Framing::UntilClose, None));
    assert!(!head.keep_alive);
    assert_eq!(framing_of(500, ""), Framing::UntilClose);
}

#[test]
fn h1_15_hop_by_hop_fields_are_marked_and_connection_names_no_field_others_rely_on() {
    let response = ok("X-A: 1\r\nConnection: x-a\r\nKeep-Alive: timeout=5\r\nServer: b\r\n");
    let head = accepted(&response);
    let others = head
        .fields
        .as_slice()
        .iter()
        .filter(|field| field.kind == FieldKind::Other);
    assert_eq!(
        others
            .map(|field| field.name.of(&response))
            .collect::<Vec<_>>(),
        [b"Server"]
    );
    assert_eq!(
        refused(ok("Connection: Content-Length\r\n")),
        Error::Connection
    );
    assert_eq!(refused(ok("Connection: date\r\n")), Error::Connection);
}

#[test]
fn h1_19_a_connection_is_upgraded_by_101_that_names_the_protocol() {
    let named = "Connection: Upgrade\r\nUpgrade: WebSocket\r\n";
    assert!(accepted(format!("HTTP/1.1 101 a\r\n{named}\r\n")).upgrade);
    assert!(!accepted(format!("HTTP/1.1 200 a\r\n{named}\r\n")).upgrade);
    assert!(!accepted("HTTP/1.1 101 a\r\nUpgrade: websocket\r\n\r\n").upgrade);
    assert!(!accepted("HTTP/1.1 101 a\r\nConnection: upgrade\r\n\r\n").upgrade);
    let other = "HTTP/1.1 101 a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n";
    assert!(!accepted(other).upgrade);
}

#[test]
fn h1_25_underscores_do_not_disguise_a_protected_name() {
    assert_eq!(refused(ok("content_length: 5\r\n")), Error::FieldLookalike);
    assert_eq!(
        refused(ok("Transfer_Encoding: chunked\r\n")),
        Error::FieldLookalike
    );
}

#[test]
fn a_connection_persists_by_default_in_http_1_1_and_on_demand_in_http_1_0() {
    assert!(accepted(ok("Content-Length: 0\r\n")).keep_alive);
    assert!(!accepted(ok("Content-Length: 0\r\nConnection: close\r\n")).keep_alive);
    let old = "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n";
    assert!(!accepted(format!("{old}\r\n")).keep_alive);
    assert!(accepted(format!("{old}Connection: keep-alive\r\n\r\n")).keep_alive);
}

#[test]
fn heads_and_fields_and_their_number_are_limited() {
    assert_eq!(
        accepted(ok("x: y\r\n".repeat(FIELDS_MAX)))
            .fields
            .as_slice()
            .len(),
        128
    );
    assert_eq!(
        refused(ok("x: y\r\n".repeat(FIELDS_MAX + 1))),
        Error::HeadTooLarge
    );
    let field = format!("X: {}", "a".repeat(FIELD_BYTES_MAX - 3));
    assert_eq!(
        accepted(ok(format!("{field}\r\n"))).fields.as_slice().len(),
        1
    );
    assert_eq!(refused(ok(format!("{field}a\r\n"))), Error::HeadTooLarge);
    let reason = |length: usize| format!("HTTP/1.1 200 {}\r\n\r\n", "a".repeat(length));
    let spare = HEAD_BYTES_MAX - reason(0).len();
    assert_eq!(accepted(reason(spare)).status, 200);
    assert_eq!(refused(reason(spare + 1)), Error::HeadTooLarge);
}

fn accepted(bytes: impl AsRef<[u8]>) -> ResponseHead {
    parsed(bytes.as_ref(), false)
}

/// Accepted whole, and asked for more at every prefix.
fn parsed(bytes: &[u8], to_head: bool) -> ResponseHead {
    let mut head = ResponseHead::default();
    for end in (0..bytes.len()).step_by(bytes.len() / 256 + 1) {
        assert_eq!(
            parse_response(&bytes[..end], to_head, &mut head),
            Ok(None),
            "{end} bytes"
        );
    }
    assert_eq!(
        parse_response(bytes, to_head, &mut head),
        Ok(Some(bytes.len()))
    );
    head
}

/// Refused whole, and never judged otherwise at a prefix.
fn refused(bytes: impl AsRef<[u8]>) -> Error {
    let bytes = bytes.as_ref();
    let mut head = ResponseHead::default();
    let error = parse_response(bytes, false, &mut head).expect_err("a refusal");
    for end in (0..bytes.len()).step_by(bytes.len() / 256 + 1) {
        let prefix = parse_response(&bytes[..end], false, &mut head);
        assert!(
            prefix == Ok(None) || prefix == Err(error),
            "{prefix:?} after {end}, not {error:?}"
        );
    }
    error
}

fn ok(lines: impl AsRef<[u8]>) -> Vec<u8> {
    [b"HTTP/1.1 200 OK\r\n", lines.as_ref(), b"\r\n"].concat()
}

fn framing_of(status: u16, lines: &str) -> Framing {
    accepted(format!("HTTP/1.1 {status} a\r\n{lines}\r\n")).framing
}
