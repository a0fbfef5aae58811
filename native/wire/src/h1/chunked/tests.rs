//! Chunk sizes, extensions and ends with valid neighbours. Every input is also fed in small steps.

use super::super::{TRAILER_BYTES_MAX, TRAILER_FIELDS_MAX};
use super::*;

#[test]
fn h1_04_chunks_give_their_data_and_end_at_the_last_chunk() {
    assert_eq!(
        decoded("5\r\nhello\r\n2;x\r\n, \r\n0\r\n\r\n"),
        Ok(Some(b"hello, ".to_vec()))
    );
    assert_eq!(decoded("0\r\n\r\n"), Ok(Some(vec![])));
    assert_eq!(decoded("0000\r\n\r\n"), Ok(Some(vec![])));
    assert_eq!(decoded("5\r\nhello\r\n"), Ok(None));
    assert_eq!(decoded("5\r\nhello\r\n0\r\n"), Ok(None));
    assert_eq!(decoded(""), Ok(None));
}

#[test]
fn h1_04_bytes_after_the_last_chunk_are_left_alone() {
    let bytes = b"0\r\n\r\nGET";
    let piece = Decoder::default().next(bytes, &mut Fields::default());
    assert_eq!(piece, Ok(Piece::Last { line: 3, total: 5 }));
}

#[test]
fn h1_04_a_size_is_at_most_sixteen_hexadecimal_digits_without_overflow() {
    assert_eq!(
        decoded("a\r\n0123456789\r\n0\r\n\r\n"),
        Ok(Some(b"0123456789".to_vec()))
    );
    assert_eq!(
        decoded("A\r\n0123456789\r\n0\r\n\r\n"),
        Ok(Some(b"0123456789".to_vec()))
    );
    assert_eq!(
        decoded("0000000000000001\r\na\r\n0\r\n\r\n"),
        Ok(Some(b"a".to_vec()))
    );
    assert_eq!(
        decoded("00000000000000001\r\na\r\n0\r\n\r\n"),
        Err(Error::ChunkSize)
    );
    assert_eq!(decoded("7fffffffffffffff\r\na"), Ok(None));
    assert_eq!(decoded("8000000000000000\r\na"), Err(Error::ChunkSize));
    assert_eq!(decoded("ffffffffffffffff\r\na"), Err(Error::ChunkSize));
    assert_eq!(decoded("10000000000000001\r\na"), Err(Error::ChunkSize));
}

#[test]
fn h1_04_a_size_line_is_digits_and_crlf_and_nothing_else() {
    assert_eq!(decoded("0x5\r\nhello\r\n"), Err(Error::ChunkSize));
    assert_eq!(decoded("1_0\r\n"), Err(Error::ChunkSize));
    assert_eq!(decoded("+5\r\nhello\r\n"), Err(Error::ChunkSize));
    assert_eq!(decoded("-5\r\nhello\r\n"), Err(Error::ChunkSize));
    assert_eq!(decoded(" 5\r\nhello\r\n"), Err(Error::ChunkSize));
    assert_eq!(decoded("5 \r\nhello\r\n"), Err(Error::ChunkSize));
    assert_eq!(decoded("5\t\r\nhello\r\n"), Err(Error::ChunkSize));
    assert_eq!(decoded("g\r\n"), Err(Error::ChunkSize));
    assert_eq!(decoded("\r\n"), Err(Error::ChunkSize));
    assert_eq!(decoded(";a\r\n"), Err(Error::ChunkSize));
    assert_eq!(decoded("5\nhello\r\n"), Err(Error::ChunkSize));
    assert_eq!(decoded("5\rhello\r\n"), Err(Error::ChunkSize));
    assert_eq!(decoded("5\0\r\nhello\r\n"), Err(Error::ChunkSize));
}

#[test]
fn h1_04_chunk_data_is_followed_by_crlf() {
    assert_eq!(decoded("5\r\nhello\n0\r\n\r\n"), Err(Error::ChunkEnd));
    assert_eq!(decoded("5\r\nhello\r0\r\n\r\n"), Err(Error::ChunkEnd));
    assert_eq!(decoded("5\r\nhello!\r\n0\r\n\r\n"), Err(Error::ChunkEnd));
    assert_eq!(decoded("5\r\nhell\r\n0\r\n\r\n"), Err(Error::ChunkEnd));
    assert_eq!(decoded("5\r\nhello0\r\n\r\n"), Err(Error::ChunkEnd));
}

#[test]
fn h1_04_chunk_data_may_be_any_bytes() {
    assert_eq!(
        decoded(b"4\r\n\r\n\0\xff\r\n0\r\n\r\n"),
        Ok(Some(b"\r\n\0\xff".to_vec()))
    );
}

#[test]
fn h1_05_extensions_follow_their_grammar() {
    assert_eq!(decoded("1;a\r\nx\r\n0;b\r\n\r\n"), Ok(Some(b"x".to_vec())));
    assert_eq!(
        decoded(b"1;a=b;c;d=\"e;\\\"\\\\\xe4\t\"\r\nx\r\n"),
        Ok(None)
    );
    assert_eq!(decoded("1;a=\"\"\r\nx\r\n"), Ok(None));
    assert_eq!(decoded("1;\r\nx\r\n"), Err(Error::ChunkExtension));
    assert_eq!(decoded("1;;a\r\nx\r\n"), Err(Error::ChunkExtension));
    assert_eq!(decoded("1;a=\r\nx\r\n"), Err(Error::ChunkExtension));
    assert_eq!(decoded("1;=a\r\nx\r\n"), Err(Error::ChunkExtension));
    assert_eq!(decoded("1; a\r\nx\r\n"), Err(Error::ChunkExtension));
    assert_eq!(decoded("1;a =b\r\nx\r\n"), Err(Error::ChunkExtension));
    assert_eq!(decoded("1;a=\"b\"c\r\nx\r\n"), Err(Error::ChunkExtension));
    assert_eq!(decoded("1;a=\"b\r\nx\r\n"), Err(Error::ChunkExtension));
    assert_eq!(
        decoded("1;a=\"\\\r\n\"\r\nx\r\n"),
        Err(Error::ChunkExtension)
    );
}

#[test]
fn h1_05_extensions_hold_no_control_character_and_no_bare_cr_or_lf() {
    assert_eq!(decoded("1;a\nx\r\n"), Err(Error::ChunkExtension));
    assert_eq!(decoded("1;a\rx\r\n"), Err(Error::ChunkExtension));
    assert_eq!(decoded("1;a\0\r\nx\r\n"), Err(Error::ChunkExtension));
    assert_eq!(decoded("1;a=\"\x7f\"\r\nx\r\n"), Err(Error::ChunkExtension));
    assert_eq!(
        decoded("0;a\nGET / HTTP/1.1\r\n\r\n"),
        Err(Error::ChunkExtension)
    );
}

#[test]
fn h1_05_the_extension_of_a_chunk_has_at_most_256_bytes() {
    let token = |length: usize| format!("1;{}\r\nx\r\n0\r\n\r\n", "a".repeat(length));
    assert_eq!(decoded(token(255)), Ok(Some(b"x".to_vec())));
    assert_eq!(decoded(token(256)), Err(Error::ChunkExtension));
    let value = |length: usize| format!("1;a={}\r\nx\r\n0\r\n\r\n", "b".repeat(length));
    assert_eq!(decoded(value(253)), Ok(Some(b"x".to_vec())));
    assert_eq!(decoded(value(254)), Err(Error::ChunkExtension));
    let quoted = |length: usize| format!("1;a=\"{}\"\r\nx\r\n0\r\n\r\n", "b".repeat(length));
    assert_eq!(decoded(quoted(251)), Ok(Some(b"x".to_vec())));
    assert_eq!(decoded(quoted(252)), Err(Error::ChunkExtension));
    assert_eq!(
        decoded(format!("1;{}\r\nx\r\n", ";a".repeat(200))),
        Err(Error::ChunkExtension)
    );
}

#[test]
fn h1_05_an_endless_extension_is_refused_before_its_line_ends() {
    assert_eq!(
        decoded(format!("1;{}", "a".repeat(300))),
        Err(Error::ChunkExtension)
    );
    assert_eq!(
        decoded(format!("1;a=\"{}", "\\a".repeat(200))),
        Err(Error::ChunkExtension)
    );
    assert_eq!(
        decoded(format!("1{}", ";a".repeat(200))),
        Err(Error::ChunkExtension)
    );
}

#[test]
fn h1_05_the_extensions_of_a_message_have_at_most_4_kib_with_the_last_chunk() {
    let chunks = format!("1;{}\r\nx\r\n", "a".repeat(255)).repeat(16);
    assert_eq!(
        decoded(format!("{chunks}0\r\n\r\n")),
        Ok(Some(vec![b'x'; 16]))
    );
    assert_eq!(
        decoded(format!("{chunks}1;a\r\nx\r\n0\r\n\r\n")),
        Err(Error::ChunkExtension)
    );
    assert_eq!(
        decoded(format!("{chunks}0;a\r\n\r\n")),
        Err(Error::ChunkExtension)
    );
}

#[test]
fn h1_05_waiting_for_trailers_does_not_count_the_last_extension_again() {
    let name = "a".repeat(255);
    let chunks = format!("1;{name}\r\nx\r\n").repeat(15);
    let bytes = format!("{chunks}0;{name}\r\n{}\r\n", "x: y\r\n".repeat(20));
    assert_eq!(decoded(bytes), Ok(Some(vec![b'x'; 15])));
}

#[test]
fn h1_06_the_end_of_the_message_is_crlf() {
    assert_eq!(decoded("0\n\r\n"), Err(Error::ChunkSize));
    assert_eq!(decoded("0\r\n\n"), Err(Error::Trailer));
    assert_eq!(decoded("0\r\n\rX"), Err(Error::Trailer));
}

#[test]
fn h1_16_trailers_are_part_of_the_last_piece_and_limited() {
    assert_eq!(decoded("0\r\nx: y\r\n\r\n"), Ok(Some(vec![])));
    let many = |count: usize| format!("0\r\n{}\r\n", "x: y\r\n".repeat(count));
    assert_eq!(decoded(many(TRAILER_FIELDS_MAX)), Ok(Some(vec![])));
    assert_eq!(decoded(many(TRAILER_FIELDS_MAX + 1)), Err(Error::Trailer));
    let long = |length: usize| format!("0\r\nx: {}\r\n\r\n", "y".repeat(length));
    assert_eq!(
        decoded(long(TRAILER_BYTES_MAX - "x: \r\n\r\n".len())),
        Ok(Some(vec![]))
    );
    assert_eq!(
        decoded(long(TRAILER_BYTES_MAX - "x: \r\n".len())),
        Err(Error::Trailer)
    );
}

#[test]
fn the_pieces_say_how_many_bytes_they_are() {
    let (mut decoder, mut fields) = (Decoder::default(), Fields::default());
    let mut next = |bytes: &[u8]| decoder.next(bytes, &mut fields);
    assert_eq!(next(b"00a;x\r"), Ok(Piece::Partial));
    assert_eq!(next(b"00a;x\r\n01"), Ok(Piece::Size { digits: 3, line: 7 }));
    assert_eq!(next(b""), Ok(Piece::Partial));
    assert_eq!(next(b"01"), Ok(Piece::Data(2)));
    assert_eq!(next(b"23456789\r"), Ok(Piece::Data(8)));
    assert_eq!(next(b"\r"), Ok(Piece::Partial));
    assert_eq!(next(b"\r\n0"), Ok(Piece::DataEnd));
    assert_eq!(next(b"0;y\r\na: b\r\n"), Ok(Piece::Partial));
    assert_eq!(
        next(b"0;y\r\na: b\r\n\r\n0"),
        Ok(Piece::Last { line: 5, total: 13 })
    );
    assert_eq!(fields.as_slice()[0].value.of(b"a: b\r\n"), b"b");
}

/// The data of a message, `None` while it is not over; checked to be the same however the bytes arrive.
fn decoded(bytes: impl AsRef<[u8]>) -> Result<Option<Vec<u8>>, Error> {
    let bytes = bytes.as_ref();
    let whole = decoded_in_steps(bytes, bytes.len().max(1));
    let step = bytes.len() / 512 + 1;
    assert_eq!(decoded_in_steps(bytes, step), whole, "in steps of {step}");
    assert_eq!(
        decoded_in_steps(bytes, step + 2),
        whole,
        "in steps of {}",
        step + 2
    );
    whole
}

fn decoded_in_steps(bytes: &[u8], step: usize) -> Result<Option<Vec<u8>>, Error> {
    let (mut decoder, mut fields, mut data) = (Decoder::default(), Fields::default(), vec![]);
    let mut at = 0;
    for arrived in (step..bytes.len() + step).step_by(step) {
        let arrived = &bytes[..arrived.min(bytes.len())];
        loop {
            match decoder.next(&arrived[at..], &mut fields)? {
                Piece::Partial => break,
                Piece::Size { line, .. } => at += line,
                Piece::Data(length) => {
                    data.extend_from_slice(&arrived[at..at + length]);
                    at += length;
                }
                Piece::DataEnd => at += 2,
                Piece::Last { .. } => return Ok(Some(data)),
            }
        }
    }
    Ok(None)
}
