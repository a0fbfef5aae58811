//! Message bodies on their way from one connection to the other: where they end and how their framing changes.

use wire::h1::{Decoder, Error, Fields, Framing, Piece, write_trailers};

use crate::buffer::{Buffer, Pool};
use crate::queue::Queue;

/// What is still to come of a body.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Body {
    #[default]
    Done,
    Length(u64),
    Chunked(Decoder),
    UntilClose,
}

impl Body {
    pub fn new(framing: Framing) -> Self {
        match framing {
            Framing::None => Self::Done,
            Framing::Length(length) => Self::Length(length),
            Framing::Chunked => Self::Chunked(Decoder::default()),
            Framing::UntilClose => Self::UntilClose,
        }
    }

    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }
}

/// How the framing differs between the two connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Recode {
    /// The same on both.
    #[default]
    Keep,
    /// Chunked arrives, bare data leaves (to an HTTP/1.0 client).
    Bare,
    /// Data until the end of the connection arrives, chunks leave.
    Chunk,
}

/// What [`take`] found: `from..forward_end` goes on, `rest_start..` was not used yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub forward_end: usize,
    pub rest_start: usize,
    /// Bytes of content, without framing.
    pub content_bytes: usize,
}

/// Bytes that do not come from the read buffer: `lead` stands before the forwarded bytes, `tail` behind them.
#[derive(Debug, Default)]
pub(crate) struct Framed {
    pub lead: Vec<u8>,
    pub tail: Vec<u8>,
    pub fields: Fields,
    /// Trailer fields go on; else only the end of the body does.
    pub with_trailers: bool,
}

/// Takes as much of a body as stands in `buffer` from offset `from` on. Sets `body` to `Done` at its end.
pub(crate) fn take(
    body: &mut Body,
    recode: Recode,
    (buffer, from): (&mut Buffer, usize),
    framed: &mut Framed,
) -> Result<Taken, Error> {
    let available = buffer.len() - from;
    let taken = match body {
        Body::Done => Taken {
            forward_end: from,
            rest_start: from,
            content_bytes: 0,
        },
        Body::Length(left) => {
            let count = (*left).min(available as u64);
            *left -= count;
            let done = *left == 0;
            if done {
                *body = Body::Done;
            }
            let end = from + count as usize;
            Taken {
                forward_end: end,
                rest_start: end,
                content_bytes: count as usize,
            }
        }
        Body::UntilClose => {
            if recode == Recode::Chunk && available > 0 {
                write_size(available, &mut framed.lead);
                framed.tail.extend_from_slice(b"\r\n");
            }
            Taken {
                forward_end: buffer.len(),
                rest_start: buffer.len(),
                content_bytes: available,
            }
        }
        Body::Chunked(decoder) => {
            let (taken, done) = take_chunked(decoder, recode, (buffer, from), framed)?;
            if done {
                *body = Body::Done;
            }
            taken
        }
    };
    Ok(taken)
}

/// Walks over whole pieces. As long as nothing is dropped they stay where they are; behind a dropped chunk extension,
/// or without framing, what follows in this buffer moves down.
fn take_chunked(
    decoder: &mut Decoder,
    recode: Recode,
    (buffer, from): (&mut Buffer, usize),
    framed: &mut Framed,
) -> Result<(Taken, bool), Error> {
    let bytes = buffer.bytes_mut();
    let bare = recode == Recode::Bare;
    let (mut read, mut write, mut content_bytes) = (from, from, 0);
    let done = loop {
        let piece = decoder.next(&bytes[read..], &mut framed.fields)?;
        let (kept, dropped) = match piece {
            Piece::Partial => break false,
            Piece::Data(count) => {
                content_bytes += count;
                (count, 0)
            }
            Piece::Size { line, .. } if bare => (0, line),
            Piece::DataEnd if bare => (0, 2),
            Piece::Size { digits, line } if line == digits + 2 => (line, 0),
            Piece::Size { digits, line } => {
                bytes.copy_within(read + line - 2..read + line, read + digits);
                (digits + 2, line - digits - 2)
            }
            Piece::DataEnd => (2, 0),
            Piece::Last { line, total } => {
                if !bare && framed.with_trailers {
                    write_trailers(&bytes[read + line..], &framed.fields, &mut framed.tail);
                } else if !bare {
                    framed.tail.extend_from_slice(LAST_CHUNK);
                }
                read += total;
                break true;
            }
        };
        if read != write {
            bytes.copy_within(read..read + kept, write);
        }
        write += kept;
        read += kept + dropped;
    };
    Ok((
        Taken {
            forward_end: write,
            rest_start: read,
            content_bytes,
        },
        done,
    ))
}

/// Ends a chunked body whose source ended by closing.
pub(crate) fn last_chunk(pool: &mut Pool, queue: &mut Queue) {
    queue.push(pool.copy(LAST_CHUNK), pool);
}

/// Queues `framed.lead`, the taken part of `buffer` and `framed.tail`, in one buffer where it fits, and returns what
/// of `buffer` was not used. Content is not copied; a rest behind content is.
pub(crate) fn emit(
    queue: &mut Queue,
    pool: &mut Pool,
    (mut buffer, from): (Buffer, usize),
    taken: Taken,
    framed: &mut Framed,
) -> Option<Buffer> {
    let has_content = taken.forward_end > from;
    let has_rest = taken.rest_start < buffer.len();
    let rest = if has_rest && !has_content {
        let mut front = pool.copy(&framed.lead);
        framed.lead.clear();
        buffer.skip(taken.rest_start);
        std::mem::swap(&mut front, &mut buffer);
        Some(front)
    } else {
        let rest = has_rest.then(|| pool.copy(&buffer.bytes()[taken.rest_start..]));
        buffer.truncate(taken.forward_end);
        buffer.skip(from);
        rest
    };
    if !framed.lead.is_empty() && !buffer.prepend(&framed.lead) {
        queue.push(pool.copy(&framed.lead), pool);
    }
    if framed.tail.is_empty() || buffer.append(&framed.tail) {
        queue.push(buffer, pool);
    } else {
        queue.push(buffer, pool);
        queue.push(pool.copy(&framed.tail), pool);
    }
    framed.lead.clear();
    framed.tail.clear();
    rest
}

const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

fn write_size(size: usize, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let length = (usize::BITS - size.leading_zeros()).div_ceil(4);
    for place in (0..length).rev() {
        out.push(DIGITS[size >> (4 * place) & 15]);
    }
    out.extend_from_slice(b"\r\n");
}
