//! Connections between shards and their peers: bytes in order, in any pieces, with any delay, until something breaks.
//!
//! It behaves as TCP on Linux does where that matters: a bounded window, FIN behind the data, a reset that may overtake
//! data, and a reset as the answer to data for a closed end.

use std::collections::VecDeque;

use proxy::Token;

use crate::agenda::{Agenda, Event, MS, Way};
use crate::chance::Chance;

/// Who is at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// An HTTP client, by index.
    Client(usize),
    /// A client of the relay, by index.
    Relay(usize),
    /// An origin's side of a connection from a shard.
    Origin,
}

pub(crate) struct Connection {
    pub peer: Peer,
    pub shard: usize,
    /// Address index of the origin, or slot of the listener.
    pub place: usize,
    pub token: Option<Token>,
    pub peer_closed: bool,
    pub shard_closed: bool,
    /// The peer does not read before then.
    pub peer_reads_at: u64,
    pipes: [Pipe; 2],
    delay_ns: u64,
    segment_max: usize,
    /// Both ends are reset when so many more bytes have passed.
    cut_after: Option<u64>,
    /// Black hole: nothing arrives before then.
    held_until: u64,
    /// The shard waits for room.
    blocked: bool,
}

#[derive(Default)]
struct Pipe {
    /// Written by a peer beyond the window.
    outbox: VecDeque<u8>,
    outbox_fin: bool,
    flying: VecDeque<(u64, Segment)>,
    arrived: VecDeque<u8>,
    in_window: usize,
    fin: bool,
    reset: bool,
    /// A reset is on its way: nothing follows it.
    dead: bool,
    /// Arrival of the last segment: later ones do not overtake it.
    last_at: u64,
}

enum Segment {
    Bytes(Vec<u8>),
    Fin,
    Reset,
}

/// What a read finds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    Bytes(Vec<u8>),
    Nothing,
    End,
    Reset,
}

/// Result of a shard's write.
pub(crate) enum Written {
    Count(usize),
    WouldBlock,
    Broken,
}

pub(crate) struct Network {
    pub agenda: Agenda,
    pub chance: Chance,
    /// New connections may be given faults.
    pub faulty: bool,
    pub connections: Vec<Connection>,
}

impl Network {
    /// A connection that both ends may write to at once; the far end learns of it by an event.
    pub fn open(&mut self, peer: Peer, shard: usize, place: usize) -> usize {
        let chance = &mut self.chance;
        let faulty = self.faulty;
        let cut = faulty && chance.one_in(12);
        let held = faulty && chance.one_in(20);
        let now = self.agenda.now;
        let connection = Connection {
            peer,
            shard,
            place,
            token: None,
            peer_closed: false,
            shard_closed: false,
            peer_reads_at: 0,
            pipes: [Pipe::default(), Pipe::default()],
            delay_ns: chance.pick(&[10_000, 50_000, 500_000, 3 * MS]),
            segment_max: chance.pick(&[1, 3, 17, 200, 1_460, 9_000, 65_536]),
            cut_after: cut.then(|| chance.between(0, 20_000)),
            held_until: if held {
                now + chance.between(1, 5_000) * MS
            } else {
                0
            },
            blocked: false,
        };
        self.connections.push(connection);
        self.connections.len() - 1
    }

    /// Time until something sent now arrives.
    pub fn delay(&mut self, id: usize) -> u64 {
        let mean = self.connections[id].delay_ns;
        self.chance.between(mean / 2, mean * 2)
    }

    /// The end of all faults: what was held comes through.
    pub fn heal(&mut self) {
        self.faulty = false;
        for id in 0..self.connections.len() {
            let connection = &mut self.connections[id];
            connection.cut_after = None;
            if connection.held_until <= self.agenda.now {
                continue;
            }
            connection.held_until = 0;
            for way in [Way::ToShard, Way::ToPeer] {
                let pipe = &mut self.connections[id].pipes[way as usize];
                pipe.last_at = self.agenda.now;
                for (at, _) in &mut pipe.flying {
                    *at = self.agenda.now;
                }
                self.agenda.after(0, Event::Deliver(id, way));
            }
        }
    }

    /// A peer writes; what the window does not take waits.
    pub fn peer_sends(&mut self, id: usize, bytes: &[u8]) {
        if self.connections[id].peer_closed {
            return;
        }
        self.connections[id].pipes[Way::ToShard as usize]
            .outbox
            .extend(bytes);
        self.pump(id);
    }

    /// A peer ends its direction.
    pub fn peer_finishes(&mut self, id: usize) {
        self.connections[id].pipes[Way::ToShard as usize].outbox_fin = true;
        self.pump(id);
    }

    /// A peer closes: it will not read any more either. Bytes that it has not read turn the end into a reset.
    pub fn peer_closes(&mut self, id: usize, reset: bool) {
        if self.connections[id].peer_closed {
            return;
        }
        let unread = !self.connections[id].pipes[Way::ToPeer as usize]
            .arrived
            .is_empty();
        if reset || unread {
            self.connections[id].pipes[Way::ToShard as usize]
                .outbox
                .clear();
            self.reset(id, Way::ToShard);
        } else {
            self.peer_finishes(id);
        }
        self.connections[id].peer_closed = true;
    }

    /// A peer reads everything that is there.
    pub fn peer_reads(&mut self, id: usize) -> Arrival {
        self.take(id, Way::ToPeer, usize::MAX)
    }

    /// A shard reads at most `most` bytes.
    pub fn shard_reads(&mut self, id: usize, most: usize) -> Arrival {
        let arrival = self.take(id, Way::ToShard, most);
        self.pump(id);
        arrival
    }

    /// A shard writes; now and then less is taken than there is room for.
    pub fn shard_writes(&mut self, id: usize, bytes: &[u8]) -> Written {
        let connection = &mut self.connections[id];
        if connection.pipes[Way::ToShard as usize].reset {
            return Written::Broken;
        }
        let room = WINDOW_BYTES.saturating_sub(connection.pipes[Way::ToPeer as usize].in_window);
        let mut count = room.min(bytes.len());
        if count > 1 && self.chance.one_in(4) {
            count = self.chance.between(1, count as u64) as usize;
        }
        if count < bytes.len() {
            self.connections[id].blocked = true;
            if count < room {
                let delay = self.delay(id);
                self.agenda.after(delay, Event::Writable(id));
            }
        }
        if count == 0 {
            return Written::WouldBlock;
        }
        self.fly(id, Way::ToPeer, bytes[..count].to_vec());
        Written::Count(count)
    }

    pub fn shard_finishes(&mut self, id: usize) {
        self.launch(id, Way::ToPeer, Segment::Fin);
    }

    /// A shard closes. Bytes that it has not read turn the end into a reset.
    pub fn shard_closes(&mut self, id: usize, reset: bool) {
        let unread = !self.connections[id].pipes[Way::ToShard as usize]
            .arrived
            .is_empty();
        if reset || unread {
            self.reset(id, Way::ToPeer);
        } else {
            self.launch(id, Way::ToPeer, Segment::Fin);
        }
        self.connections[id].shard_closed = true;
    }

    /// What has arrived by now becomes readable; false when nothing did.
    pub fn deliver(&mut self, id: usize, way: Way) -> bool {
        let connection = &mut self.connections[id];
        let gone = match way {
            Way::ToShard => connection.shard_closed,
            Way::ToPeer => connection.peer_closed,
        };
        let pipe = &mut connection.pipes[way as usize];
        let mut changed = false;
        let mut unwanted = false;
        while let Some((at, _)) = pipe.flying.front() {
            if *at > self.agenda.now {
                break;
            }
            let Some((_, segment)) = pipe.flying.pop_front() else {
                break;
            };
            changed = true;
            match segment {
                Segment::Bytes(bytes) if gone => {
                    unwanted = true;
                    pipe.in_window -= bytes.len();
                }
                Segment::Bytes(bytes) => pipe.arrived.extend(bytes),
                Segment::Fin => pipe.fin = true,
                Segment::Reset => pipe.reset = true,
            }
        }
        if unwanted {
            self.reset(id, other(way));
        }
        changed && !gone
    }

    /// Takes the wish of a shard to know about room.
    pub fn take_blocked(&mut self, id: usize) -> bool {
        std::mem::take(&mut self.connections[id].blocked)
    }

    /// What a shard's event queue would say: bytes, end, error.
    pub fn state(&self, id: usize) -> (bool, bool, bool) {
        let pipe = &self.connections[id].pipes[Way::ToShard as usize];
        (!pipe.arrived.is_empty(), pipe.fin, pipe.reset)
    }

    /// Changes one byte that waits for the peer; for the canary.
    pub fn corrupt(&mut self, id: usize) -> bool {
        let pipe = &mut self.connections[id].pipes[Way::ToPeer as usize];
        let byte = pipe.arrived.back_mut();
        byte.map(|byte| *byte ^= 1).is_some()
    }

    fn take(&mut self, id: usize, way: Way, most: usize) -> Arrival {
        let pipe = &mut self.connections[id].pipes[way as usize];
        if !pipe.arrived.is_empty() {
            let count = pipe.arrived.len().min(most);
            pipe.in_window -= count;
            let bytes = pipe.arrived.drain(..count).collect();
            if way == Way::ToPeer && self.connections[id].blocked {
                let delay = self.delay(id);
                self.agenda.after(delay, Event::Writable(id));
            }
            return Arrival::Bytes(bytes);
        }
        if pipe.reset {
            return Arrival::Reset;
        }
        if pipe.fin {
            Arrival::End
        } else {
            Arrival::Nothing
        }
    }

    /// Moves what a peer has written into the window.
    fn pump(&mut self, id: usize) {
        let pipe = &mut self.connections[id].pipes[Way::ToShard as usize];
        let room = WINDOW_BYTES.saturating_sub(pipe.in_window);
        let count = room.min(pipe.outbox.len());
        let bytes: Vec<u8> = pipe.outbox.drain(..count).collect();
        let finished = pipe.outbox_fin && pipe.outbox.is_empty();
        if !bytes.is_empty() {
            self.fly(id, Way::ToShard, bytes);
        }
        if finished {
            self.connections[id].pipes[Way::ToShard as usize].outbox_fin = false;
            self.launch(id, Way::ToShard, Segment::Fin);
        }
    }

    /// Sends bytes in pieces.
    fn fly(&mut self, id: usize, way: Way, mut bytes: Vec<u8>) {
        let connection = &mut self.connections[id];
        let mut cut = false;
        if let Some(left) = &mut connection.cut_after {
            cut = *left < bytes.len() as u64;
            bytes.truncate(*left as usize);
            *left -= bytes.len() as u64;
        }
        connection.pipes[way as usize].in_window += bytes.len();
        let piece_max = connection.segment_max.max(bytes.len() / SEGMENTS_MAX);
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let count = self.chance.between(1, piece_max as u64) as usize;
            let (piece, after) = rest.split_at(count.max(piece_max / 2).min(rest.len()));
            self.launch(id, way, Segment::Bytes(piece.to_vec()));
            rest = after;
        }
        if cut {
            self.connections[id].cut_after = None;
            self.reset(id, Way::ToShard);
            self.reset(id, Way::ToPeer);
        }
    }

    /// A reset that may overtake data on its way.
    fn reset(&mut self, id: usize, way: Way) {
        if self.connections[id].pipes[way as usize].dead {
            return;
        }
        if self.chance.one_in(2) {
            let pipe = &mut self.connections[id].pipes[way as usize];
            pipe.flying.clear();
            pipe.in_window = pipe.arrived.len();
        }
        self.launch(id, way, Segment::Reset);
    }

    fn launch(&mut self, id: usize, way: Way, segment: Segment) {
        let delay = self.delay(id);
        let connection = &mut self.connections[id];
        let held_until = connection.held_until;
        let pipe = &mut connection.pipes[way as usize];
        if pipe.dead {
            return;
        }
        pipe.dead = matches!(segment, Segment::Reset);
        let at = (self.agenda.now + delay).max(pipe.last_at).max(held_until);
        pipe.last_at = at;
        pipe.flying.push_back((at, segment));
        self.agenda.at(at, Event::Deliver(id, way));
    }
}

fn other(way: Way) -> Way {
    match way {
        Way::ToShard => Way::ToPeer,
        Way::ToPeer => Way::ToShard,
    }
}

/// Bytes that one direction holds between its ends.
const WINDOW_BYTES: usize = 48 * 1024;
/// Pieces into which one write is cut at most, so that a run stays short.
const SEGMENTS_MAX: usize = 48;
