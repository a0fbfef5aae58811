//! What an origin answers: the pieces it sends, when, how it ends, and what of it may be taken for whole.

use crate::agenda::MS;
use crate::chance::{Chance, content};
use crate::ledger::{Answer, Request};
use crate::message::{Framing, Headers, Message};

/// How an origin's connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Fin,
    Reset,
}

pub(crate) struct Script {
    /// `None` for an origin that says nothing, or nothing that makes sense.
    pub answer: Option<Answer>,
    /// Pauses and bytes.
    pub pieces: Vec<(u64, Vec<u8>)>,
    pub ending: Option<(u64, Ending)>,
}

impl Script {
    pub fn new((request, tag): (&Request, usize), faulty: bool, chance: &mut Chance) -> Self {
        if faulty && chance.one_in(20) {
            return Self::nonsense(request.method == "HEAD", chance);
        }
        let status = chance.pick(&[200, 200, 200, 200, 201, 204, 304, 404, 500, 503]);
        let bodiless = request.method == "HEAD" || status == 204 || status == 304;
        let minor = u8::from(!chance.one_in(10));
        let framing = match chance.between(0, 9) {
            0..=4 => Framing::Length,
            5..=8 if minor == 1 => Framing::Chunked,
            _ => Framing::UntilClose,
        };
        let size = chance.size();
        let closes = framing == Framing::UntilClose && !bodiless || minor == 0 || chance.one_in(15);
        let body = content(tag as u64, size);
        let head_message = message(tag, (status, minor, framing), (body.clone(), closes));
        let (head, wire) = if bodiless {
            let framing = if status == 204 {
                Framing::None
            } else {
                framing
            };
            let (head, _) = Message {
                framing,
                ..head_message.clone()
            }
            .encode(chance);
            (head, Vec::new())
        } else {
            head_message.encode(chance)
        };
        let mut bytes = informational(faulty, chance);
        let too_many = bytes.len() / INFORMATIONAL.len() > 8;
        let head_length = bytes.len() + head.len();
        bytes.extend(head);
        bytes.extend(wire);
        let mut surplus = false;
        let mut ending = closes.then_some((0, Ending::Fin));
        let mut whole = Some(if bodiless { Vec::new() } else { body });
        if faulty && chance.one_in(8) {
            let at = chance.between(0, bytes.len() as u64) as usize;
            let how = chance.pick(&[Ending::Fin, Ending::Reset]);
            whole = cut_whole(
                whole,
                (at, bytes.len()),
                (head_length, framing, bodiless, how),
            );
            bytes.truncate(at);
            ending = Some((0, how));
        } else if faulty && chance.one_in(25) && framing != Framing::UntilClose {
            surplus = true;
        } else if faulty && chance.one_in(25) {
            ending = Some((chance.between(0, 500) * MS, Ending::Fin));
        }
        if too_many {
            whole = None;
        }
        let answer = Answer {
            status,
            headers: head_message.headers,
            trailers: if framing == Framing::Chunked && !bodiless {
                head_message.trailers
            } else {
                Headers::new()
            },
            whole,
        };
        let mut pieces = pieces(bytes, faulty, chance);
        if let Some((_, last)) = pieces.last_mut().filter(|_| surplus) {
            last.extend_from_slice(b"surplus");
        }
        Self {
            answer: Some(answer),
            pieces,
            ending,
        }
    }

    /// Silence, garbage or a broken chunk.
    fn nonsense(to_head: bool, chance: &mut Chance) -> Self {
        // To HEAD the broken chunk is no part of the answer.
        let bytes = match chance.between(0, if to_head { 2 } else { 3 }) {
            0 => Vec::new(),
            1 => content(chance.number(), 300),
            2 => b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc".to_vec(),
            _ => {
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n".to_vec()
            }
        };
        let closes = chance
            .one_in(2)
            .then(|| (chance.between(0, 100) * MS, Ending::Fin));
        Self {
            answer: None,
            pieces: vec![(0, bytes)],
            ending: closes,
        }
    }
}

fn message(
    tag: usize,
    (status, minor, framing): (u16, u8, Framing),
    (body, closes): (Vec<u8>, bool),
) -> Message {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers = vec![
        pair("Server", "sim"),
        ("x-tag".to_owned(), tag.to_string()),
        pair("x-multi", "1"),
        pair("X-Remove-Me", "1"),
        pair("x-multi", "2"),
        pair("X-Set", "origin"),
    ];
    if closes && minor == 1 {
        headers.push(pair("Connection", "close, x-hop"));
        headers.push(pair("x-hop", "1"));
    }
    Message {
        start_line: format!("HTTP/1.{minor} {status} Some Reason"),
        headers,
        framing,
        body,
        trailers: vec![pair("x-checksum", "abc")],
    }
}

fn informational(faulty: bool, chance: &mut Chance) -> Vec<u8> {
    if !chance.one_in(6) {
        return Vec::new();
    }
    let count = if faulty && chance.one_in(4) {
        12
    } else {
        chance.between(1, 4) as usize
    };
    INFORMATIONAL.repeat(count)
}

const INFORMATIONAL: &[u8] = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";

/// What is left to be taken for whole when only `at` of `total` bytes are sent.
fn cut_whole(
    whole: Option<Vec<u8>>,
    (at, total): (usize, usize),
    (head_length, framing, bodiless, how): (usize, Framing, bool, Ending),
) -> Option<Vec<u8>> {
    let until_close = framing == Framing::UntilClose && !bodiless;
    match whole {
        Some(whole) if until_close && at >= head_length && how == Ending::Fin => {
            Some(whole[..at - head_length].to_vec())
        }
        Some(whole) if at == total && !until_close => Some(whole),
        _ => None,
    }
}

/// At once, or with pauses.
fn pieces(bytes: Vec<u8>, faulty: bool, chance: &mut Chance) -> Vec<(u64, Vec<u8>)> {
    let first = chance.between(0, 20) * MS;
    if !chance.one_in(4) || bytes.len() < 2 {
        return vec![(first, bytes)];
    }
    let at = chance.between(1, bytes.len() as u64 - 1) as usize;
    let pause = if faulty && chance.one_in(4) {
        5_000
    } else {
        60
    };
    vec![
        (first, bytes[..at].to_vec()),
        (chance.between(0, pause) * MS, bytes[at..].to_vec()),
    ]
}
