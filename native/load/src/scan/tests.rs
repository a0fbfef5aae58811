//! Streams cut at every place give the same messages as whole ones.

use super::{HeadEnds, Malformed, Response, ResponseScanner};

const REQUESTS: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\nGET /b HTTP/1.1\r\nhost: a\r\n\r\n";
const RESPONSES: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx: y\r\n\r\nhelloHTTP/1.1 503 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

fn responses_of(pieces: &[&[u8]]) -> Result<Vec<Response>, Malformed> {
    let mut scanner = ResponseScanner::default();
    let mut found = Vec::new();
    for piece in pieces {
        let mut rest = *piece;
        while !rest.is_empty() {
            let (used, response) = scanner.feed(rest)?;
            found.extend(response);
            rest = &rest[used..];
        }
    }
    assert!(!scanner.is_inside());
    Ok(found)
}

#[test]
fn requests_cut_in_three_at_any_two_places_are_counted_once_each() {
    for first in 0..=REQUESTS.len() {
        for second in first..=REQUESTS.len() {
            let mut ends = HeadEnds::default();
            let total = ends.count(&REQUESTS[..first])
                + ends.count(&REQUESTS[first..second])
                + ends.count(&REQUESTS[second..]);
            assert_eq!(total, 2, "cut at {first} and {second}");
        }
    }
}

#[test]
fn requests_arriving_byte_by_byte_are_counted() {
    let mut ends = HeadEnds::default();
    let total: usize = REQUESTS.chunks(1).map(|byte| ends.count(byte)).sum();
    assert_eq!(total, 2);
}

#[test]
fn responses_cut_at_any_place_are_found() {
    let expected = [
        Response {
            status: 200,
            close: false,
        },
        Response {
            status: 503,
            close: true,
        },
    ];
    for cut in 0..=RESPONSES.len() {
        let found = responses_of(&[&RESPONSES[..cut], &RESPONSES[cut..]]);
        assert_eq!(found.as_deref(), Ok(&expected[..]), "cut at {cut}");
    }
}

#[test]
fn responses_arriving_byte_by_byte_are_found() {
    let pieces: Vec<&[u8]> = RESPONSES.chunks(1).collect();
    assert_eq!(responses_of(&pieces).map(|found| found.len()), Ok(2));
}

#[test]
fn a_response_without_a_length_is_malformed() {
    assert_eq!(responses_of(&[b"HTTP/1.1 200 OK\r\n\r\n"]), Err(Malformed));
}

#[test]
fn an_endless_head_is_malformed() {
    let endless = vec![b'a'; super::HEAD_BYTES_MAX + 1];
    assert_eq!(ResponseScanner::default().feed(&endless), Err(Malformed));
}
