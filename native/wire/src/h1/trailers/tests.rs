//! Which trailer sections are taken, and which of their fields travel on.

use super::super::write_trailers;
use super::*;

#[test]
fn h1_16_a_trailer_section_ends_at_its_empty_line() {
    assert_eq!(parsed("\r\n"), Ok(Some(2)));
    assert_eq!(parsed("a: b\r\nc:\r\n\r\nGET"), Ok(Some(12)));
    assert_eq!(parsed("a: b\r\n"), Ok(None));
    assert_eq!(parsed(""), Ok(None));
}

#[test]
fn h1_16_trailer_fields_follow_the_rules_of_header_fields() {
    assert_eq!(parsed("a : b\r\n\r\n"), Err(Error::Trailer));
    assert_eq!(parsed(": b\r\n\r\n"), Err(Error::Trailer));
    assert_eq!(parsed("a\r\n\r\n"), Err(Error::Trailer));
    assert_eq!(parsed(" a: b\r\n\r\n"), Err(Error::Trailer));
    assert_eq!(parsed("a: b\r\n c\r\n\r\n"), Err(Error::Trailer));
    assert_eq!(parsed("a: b\n\r\n"), Err(Error::Trailer));
    assert_eq!(parsed("a: b\rc\r\n\r\n"), Err(Error::Trailer));
    assert_eq!(parsed("a: \0\r\n\r\n"), Err(Error::Trailer));
    assert_eq!(parsed("GET / HTTP/1.1\r\n\r\n"), Err(Error::Trailer));
}

#[test]
fn h1_16_end_to_end_trailers_travel_on_in_their_order() {
    let trailers = "Grpc-Status:0\r\ngrpc-message: \tok \r\nX:\r\nServer-Timing: a\r\n\r\n";
    let expected = "0\r\nGrpc-Status: 0\r\ngrpc-message: ok\r\nX: \r\nServer-Timing: a\r\n\r\n";
    assert_eq!(forwarded(trailers), expected);
}

#[test]
fn h1_16_trailers_that_frame_or_route_are_dropped() {
    assert_eq!(forwarded("Content-Length: 5\r\n\r\n"), NOTHING);
    assert_eq!(forwarded("Transfer-Encoding: chunked\r\n\r\n"), NOTHING);
    assert_eq!(forwarded("HOST: a\r\n\r\n"), NOTHING);
    assert_eq!(forwarded("Connection: close\r\n\r\n"), NOTHING);
    assert_eq!(
        forwarded("Upgrade: h2c\r\nTE: trailers\r\nTrailer: a\r\n\r\n"),
        NOTHING
    );
    assert_eq!(
        forwarded("Expect: 100-continue\r\nVia: 1.1 a\r\nMax-Forwards: 1\r\n\r\n"),
        NOTHING
    );
    assert_eq!(
        forwarded("Forwarded: for=a\r\nX-Forwarded-For: a\r\n\r\n"),
        NOTHING
    );
    assert_eq!(
        forwarded("X-Forwarded-Host: a\r\nX-Forwarded-Proto: a\r\n\r\n"),
        NOTHING
    );
}

#[test]
fn h1_16_trailers_that_authenticate_identify_or_describe_content_are_dropped() {
    assert_eq!(
        forwarded("Authorization: a\r\nWWW-Authenticate: a\r\n\r\n"),
        NOTHING
    );
    assert_eq!(
        forwarded("Authentication-Info: a\r\nProxy-Authorization: a\r\n\r\n"),
        NOTHING
    );
    assert_eq!(forwarded("Cookie: a\r\nSet-Cookie: a\r\n\r\n"), NOTHING);
    assert_eq!(
        forwarded("X-Forwarded-Client-Cert: a\r\nX-Heddle-Attempt: 1\r\n\r\n"),
        NOTHING
    );
    assert_eq!(
        forwarded("Content-Type: a\r\ncontent-encoding: a\r\n\r\n"),
        NOTHING
    );
    assert_eq!(forwarded("Cache-Control: a\r\nRange: a\r\n\r\n"), NOTHING);
}

#[test]
fn h1_25_underscores_do_not_disguise_a_protected_trailer() {
    assert_eq!(parsed("content_length: 5\r\n\r\n"), Err(Error::Trailer));
}

const NOTHING: &str = "0\r\n\r\n";

fn parsed(bytes: &str) -> Result<Option<usize>, Error> {
    parse_trailers(bytes.as_bytes(), &mut Fields::default())
}

fn forwarded(bytes: &str) -> String {
    let (mut fields, mut out) = (Fields::default(), vec![]);
    assert_eq!(
        parse_trailers(bytes.as_bytes(), &mut fields),
        Ok(Some(bytes.len()))
    );
    write_trailers(bytes.as_bytes(), &fields, &mut out);
    String::from_utf8(out).expect("text")
}
