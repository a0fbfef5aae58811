//! What holds for the chunked decoder whatever the bytes are. Shared by the fuzz target and the corpus replay.

use heddle_wire::h1::{Decoder, Error, FieldKind, Fields, Piece, parse_trailers, write_trailers};

/// Panics when bytes that arrive in steps decode differently from bytes that arrive at once, when data is lost or made
/// up, or when written trailers do not parse again.
pub fn holds(bytes: &[u8]) {
    let whole = decode(bytes, bytes.len().max(1));
    // Trailers are read again with each step, so a long input takes longer ones.
    let shortest = bytes.len() / 128 + 1;
    for step in [shortest, shortest + 2, shortest + 6] {
        assert_eq!(decode(bytes, step), whole, "in steps of {step}");
    }
    assert_eq!(
        whole.data.len() as u64,
        whole.sizes - whole.left,
        "data is what the size lines say"
    );
    if let Some(trailers) = &whole.trailers {
        let mut fields = Fields::default();
        assert_eq!(
            parse_trailers(&trailers[b"0\r\n".len()..], &mut fields),
            Ok(Some(trailers.len() - 3))
        );
        assert!(
            fields
                .as_slice()
                .iter()
                .all(|field| field.kind == FieldKind::Other)
        );
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Body {
    data: Vec<u8>,
    /// Sum of the sizes read from the wire.
    sizes: u64,
    /// Of these, bytes that have not arrived.
    left: u64,
    /// The end of the message as it goes on, once it was reached.
    trailers: Option<Vec<u8>>,
    taken: usize,
    error: Option<Error>,
}

fn decode(bytes: &[u8], step: usize) -> Body {
    let (mut body, mut decoder, mut fields) =
        (Body::default(), Decoder::default(), Fields::default());
    let mut arrived = 0;
    while arrived < bytes.len() {
        arrived = bytes.len().min(arrived + step);
        loop {
            let waiting = &bytes[body.taken..arrived];
            match decoder.next(waiting, &mut fields) {
                Ok(Piece::Partial) => break,
                Ok(Piece::Last { line, total }) => {
                    let mut out = Vec::new();
                    write_trailers(&waiting[line..total], &fields, &mut out);
                    body.trailers = Some(out);
                    body.taken += total;
                    return body;
                }
                Ok(piece) => body.take(piece, waiting),
                Err(error) => {
                    body.error = Some(error);
                    return body;
                }
            }
        }
    }
    body
}

impl Body {
    fn take(&mut self, piece: Piece, waiting: &[u8]) {
        self.taken += match piece {
            Piece::Size { digits, line } => {
                let text = std::str::from_utf8(&waiting[..digits]).expect("digits are ASCII");
                let size = u64::from_str_radix(text, 16).expect("digits are hexadecimal");
                assert!(
                    size > 0 && self.left == 0,
                    "a size in the middle of a chunk"
                );
                self.sizes = self.sizes.saturating_add(size);
                self.left = size;
                line
            }
            Piece::Data(length) => {
                assert!(length > 0, "an empty piece would never end");
                self.data.extend_from_slice(&waiting[..length]);
                self.left -= length as u64;
                length
            }
            Piece::DataEnd => {
                assert_eq!(self.left, 0, "the end of a chunk before its last byte");
                2
            }
            Piece::Partial | Piece::Last { .. } => unreachable!("handled by the caller"),
        };
    }
}
