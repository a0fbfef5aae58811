//! The bare relay: the floor under every proxy. One upstream connection for each downstream
//! connection, bytes copied both ways, ends of messages found by the fixed form, nothing validated.

use std::hint::black_box;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};

use crate::events::{Events, Readiness};
use crate::scan::{HeadEnds, ResponseScanner};
use crate::slots::Slots;

/// What passes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1 of the fixed form: both directions are scanned for message ends.
    Http,
    /// Bytes.
    Tcp,
}

/// Relays connections of `listener` to `upstream` until an I/O error of the listener or of epoll.
pub fn relay(listener: &TcpListener, upstream: SocketAddr, protocol: Protocol) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut relay = Relay {
        events: Events::new()?,
        pairs: Slots::new(),
        buffer: vec![0; READ_BYTES],
        upstream,
        protocol,
    };
    relay.events.add(listener, LISTENER)?;
    loop {
        let count = relay.events.wait(None)?;
        for at in 0..count {
            let Some(ready) = relay.events.get(at) else {
                break;
            };
            if ready.token == LISTENER {
                relay.accept(listener)?;
            } else {
                relay.advance(ready);
            }
        }
    }
}

struct Relay {
    events: Events,
    pairs: Slots<Pair>,
    buffer: Vec<u8>,
    upstream: SocketAddr,
    protocol: Protocol,
}

struct Pair {
    downstream: TcpStream,
    upstream: TcpStream,
    requests: Direction,
    responses: Direction,
}

/// One direction of a pair. While `unsent` holds bytes, its source is not read.
struct Direction {
    unsent: Vec<u8>,
    ended: bool,
    messages: Messages,
}

enum Messages {
    Requests(HeadEnds),
    Responses(ResponseScanner),
    Unscanned,
}

impl Relay {
    fn accept(&mut self, listener: &TcpListener) -> io::Result<()> {
        loop {
            match listener.accept() {
                Ok((downstream, _)) => self.pair(downstream)?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn pair(&mut self, downstream: TcpStream) -> io::Result<()> {
        let upstream = TcpStream::connect(self.upstream)?;
        let token = self.pairs.next_index() as u64 * 2;
        for (stream, side) in [(&downstream, DOWNSTREAM), (&upstream, UPSTREAM)] {
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            self.events.add(stream, token | side)?;
        }
        let (requests, responses) = match self.protocol {
            Protocol::Http => (
                Messages::Requests(HeadEnds::default()),
                Messages::Responses(ResponseScanner::default()),
            ),
            Protocol::Tcp => (Messages::Unscanned, Messages::Unscanned),
        };
        self.pairs.insert(Pair {
            downstream,
            upstream,
            requests: Direction::new(requests),
            responses: Direction::new(responses),
        });
        Ok(())
    }

    fn advance(&mut self, ready: Readiness) {
        let index = (ready.token >> 1) as usize;
        let Some(pair) = self.pairs.get_mut(index) else {
            return;
        };
        let (down, up) = (&mut pair.downstream, &mut pair.upstream);
        let buffer = &mut self.buffer;
        let (read, written) = if ready.token & 1 == UPSTREAM {
            let read = pair.responses.pump(up, down, buffer, ready.ended);
            (read, pair.requests.resume(down, up, buffer))
        } else {
            let read = pair.requests.pump(down, up, buffer, ready.ended);
            (read, pair.responses.resume(up, down, buffer))
        };
        let done = pair.requests.ended && pair.responses.ended;
        if done || read.is_err() || written.is_err() {
            self.pairs.remove(index);
        }
    }
}

impl Direction {
    fn new(messages: Messages) -> Self {
        Self {
            unsent: Vec::new(),
            ended: false,
            messages,
        }
    }

    /// Goes on after the target has room again.
    fn resume(
        &mut self,
        from: &mut TcpStream,
        to: &mut TcpStream,
        buffer: &mut [u8],
    ) -> io::Result<()> {
        if self.unsent.is_empty() {
            return Ok(());
        }
        match to.write(&self.unsent) {
            Ok(length) => self.unsent.drain(..length),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        // The source may have ended meanwhile, which only reading shows.
        self.pump(from, to, buffer, true)
    }

    /// Copies until the source is empty or the target full. An ended source is read to its end.
    fn pump(
        &mut self,
        from: &mut TcpStream,
        to: &mut TcpStream,
        buffer: &mut [u8],
        ended: bool,
    ) -> io::Result<()> {
        while self.unsent.is_empty() && !self.ended {
            let length = match from.read(buffer) {
                Ok(0) => {
                    self.ended = true;
                    return to.shutdown(Shutdown::Write);
                }
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            black_box(self.messages.count(&buffer[..length])?);
            let sent = match to.write(&buffer[..length]) {
                Ok(sent) => sent,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                Err(error) => return Err(error),
            };
            self.unsent.extend_from_slice(&buffer[sent..length]);
            if length < buffer.len() && !ended {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Messages {
    fn count(&mut self, bytes: &[u8]) -> io::Result<u64> {
        match self {
            Self::Requests(ends) => Ok(ends.count(bytes) as u64),
            Self::Responses(scanner) => {
                let mut count = 0;
                let mut rest = bytes;
                while !rest.is_empty() {
                    let step = scanner.feed(rest);
                    let (used, response) = step.map_err(|_| io::ErrorKind::InvalidData)?;
                    count += u64::from(response.is_some());
                    rest = &rest[used..];
                }
                Ok(count)
            }
            Self::Unscanned => Ok(0),
        }
    }
}

const LISTENER: u64 = u64::MAX;
const DOWNSTREAM: u64 = 0;
const UPSTREAM: u64 = 1;
/// One read carries a small message whole, and a large body in few steps.
const READ_BYTES: usize = 65_536;
