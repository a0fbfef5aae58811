//! A shard with simulated sockets: the loop of `driver`, with its edge-triggered readiness, on a simulated network.

use std::collections::{HashMap, VecDeque};
use std::io::IoSlice;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use proxy::{ConnectFailure, Io, Publication, Shard, Token, Usage};
use snapshot::Address;

use crate::agenda::{Event, SECOND};
use crate::network::{Arrival, Network, Written};

/// Events taken in one turn.
const EVENTS_MAX: usize = 32;
/// Rounds of reading and writing in one turn.
const ROUNDS_MAX: usize = 4;

pub(crate) struct Host {
    pub shard: Shard,
    index: usize,
    sockets: Sockets,
    /// Connections with something to tell, in order.
    pending: VecDeque<Token>,
    turn_at: u64,
    pub over: bool,
}

#[derive(Default)]
struct Sockets {
    table: HashMap<Token, Socket>,
    dirty: Vec<Token>,
    ready: VecDeque<Token>,
    orders: Vec<Order>,
}

#[derive(Default)]
struct Socket {
    /// Known once the connection is under way.
    connection: Option<usize>,
    connecting: bool,
    readable: bool,
    hung_up: bool,
    queued_read: bool,
    queued_flush: bool,
    news: News,
}

/// What happened since the shard looked last.
#[derive(Default, Clone, Copy)]
struct News {
    pending: bool,
    writable: bool,
    readable: bool,
    failed: bool,
    connected: Option<Result<(), ConnectFailure>>,
}

/// What a shard asked for and the world carries out behind the turn.
pub(crate) enum Order {
    Connect(Token, SocketAddr),
    Shutdown(usize),
    Close(usize, bool),
}

impl Host {
    pub fn new(index: usize, shard: Shard) -> Self {
        Self {
            shard,
            index,
            sockets: Sockets::default(),
            pending: VecDeque::new(),
            turn_at: u64::MAX,
            over: false,
        }
    }

    /// A peer's connection is there.
    pub fn accept(&mut self, id: usize, network: &mut Network) -> Option<Token> {
        let slot = network.connections[id].place as u32;
        let token = self.shard.handle_accept(
            (slot, Some(CLIENT)),
            network.agenda.now,
            &mut self.sockets,
        )?;
        let socket = Socket {
            connection: Some(id),
            ..Socket::default()
        };
        self.sockets.table.insert(token, socket);
        self.note(token, network, |news| {
            news.readable = true;
            news.writable = true;
        });
        Some(token)
    }

    /// Ties a connection to the socket that was to be opened; false when the shard no longer wants it.
    pub fn attach(&mut self, token: Token, id: usize) -> bool {
        let socket = self.sockets.table.get_mut(&token);
        socket.map(|socket| socket.connection = Some(id)).is_some()
    }

    pub fn readable(&mut self, token: Token, failed: bool, network: &mut Network) {
        self.note(token, network, |news| {
            news.readable = true;
            news.failed |= failed;
        });
    }

    pub fn writable(&mut self, token: Token, network: &mut Network) {
        self.note(token, network, |news| news.writable = true);
    }

    pub fn connected(
        &mut self,
        token: Token,
        result: Result<(), ConnectFailure>,
        network: &mut Network,
    ) {
        self.note(token, network, |news| {
            news.connected = Some(result);
            news.writable = true;
        });
    }

    /// A new configuration comes out of the mailbox.
    pub fn publish(&mut self, publication: Publication, network: &mut Network) {
        let now = network.agenda.now;
        self.shard.publish(publication, now, &mut self.sockets);
        self.plan(network, 0);
    }

    /// The order to drain comes out of the mailbox.
    pub fn drain(&mut self, deadline: u64, network: &mut Network) {
        self.shard
            .drain(deadline, network.agenda.now, &mut self.sockets);
        self.plan(network, 0);
    }

    /// One turn, then what the shard holds.
    pub fn turn(&mut self, network: &mut Network) -> Result<Usage, &'static str> {
        let now = network.agenda.now;
        if self.over || now < self.turn_at {
            return self.shard.audit();
        }
        self.turn_at = u64::MAX;
        for _ in 0..EVENTS_MAX {
            let Some(token) = self.pending.pop_front() else {
                break;
            };
            self.handle_connection(token, network);
        }
        self.shard.handle_timeouts(now, &mut self.sockets);
        let more = self.settle(network) || !self.pending.is_empty();
        let usage = self.shard.audit();
        if more {
            self.plan(network, 0);
        } else if let Some(at) = self.shard.next_timeout() {
            self.plan(network, at.saturating_sub(now));
        }
        if self.shard.lifecycle().is_draining() && self.shard.downstream_count() == 0 {
            self.stop(now);
        }
        usage
    }

    /// Ends the shard.
    pub fn stop(&mut self, now: u64) {
        self.shard.close(now, &mut self.sockets);
        self.over = true;
    }

    pub fn take_orders(&mut self) -> Vec<Order> {
        std::mem::take(&mut self.sockets.orders)
    }

    fn note(&mut self, token: Token, network: &mut Network, change: impl FnOnce(&mut News)) {
        let Some(socket) = self.sockets.table.get_mut(&token) else {
            return;
        };
        change(&mut socket.news);
        if !std::mem::replace(&mut socket.news.pending, true) {
            self.pending.push_back(token);
        }
        let delay = network.chance.between(0, 20_000);
        self.plan(network, delay);
    }

    fn plan(&mut self, network: &mut Network, delay: u64) {
        let at = network.agenda.now + delay.min(100 * SECOND);
        if at < self.turn_at && !self.over {
            self.turn_at = at;
            network.agenda.at(at, Event::Turn(self.index));
        }
    }

    fn handle_connection(&mut self, token: Token, network: &mut Network) {
        let now = network.agenda.now;
        let Some(socket) = self.sockets.table.get_mut(&token) else {
            return;
        };
        let news = std::mem::take(&mut socket.news);
        if socket.connecting {
            let Some(result) = news.connected else { return };
            socket.connecting = false;
            self.shard
                .handle_connected(token, result, now, &mut self.sockets);
        } else if news.writable {
            self.sockets.flush(token);
        }
        let Some(socket) = self.sockets.table.get_mut(&token) else {
            return;
        };
        let ended = socket.connection.is_some_and(|id| {
            let (_, fin, reset) = network.state(id);
            fin || reset
        });
        socket.hung_up |= ended;
        socket.readable |= news.readable;
        let mut more = self.read(token, network);
        while news.failed && more {
            more = self.read(token, network);
        }
        let unread = self
            .sockets
            .table
            .get(&token)
            .is_some_and(|socket| socket.readable);
        if news.failed && unread {
            self.shard.handle_broken(token, now, &mut self.sockets);
        }
    }

    fn read(&mut self, token: Token, network: &mut Network) -> bool {
        let filled = self.read_once(token, network);
        if filled == Some(true) {
            self.flush_all(network);
        }
        if filled.is_some() {
            self.sockets.read(token);
        }
        filled.is_some()
    }

    fn read_once(&mut self, token: Token, network: &mut Network) -> Option<bool> {
        let now = network.agenda.now;
        let socket = self
            .sockets
            .table
            .get_mut(&token)
            .filter(|socket| socket.readable)?;
        let id = socket.connection?;
        let mut buffer = self.shard.read_target(token)?;
        let room = buffer.spare().len();
        assert!(room > 0, "an empty read would look like an end");
        match network.shard_reads(id, room) {
            Arrival::Bytes(bytes) => {
                if bytes.len() < room && !socket.hung_up {
                    socket.readable = false;
                }
                buffer.spare()[..bytes.len()].copy_from_slice(&bytes);
                buffer.grow(bytes.len());
                let filled = bytes.len() == room;
                self.shard
                    .handle_bytes(token, (buffer, filled), now, &mut self.sockets);
                Some(filled)
            }
            arrival => {
                socket.readable = false;
                self.shard.return_buffer(token, buffer);
                match arrival {
                    Arrival::End => self.shard.handle_end(token, now, &mut self.sockets),
                    Arrival::Reset => self.shard.handle_broken(token, now, &mut self.sockets),
                    Arrival::Nothing | Arrival::Bytes(_) => {}
                }
                None
            }
        }
    }

    fn settle(&mut self, network: &mut Network) -> bool {
        for _ in 0..ROUNDS_MAX {
            for _ in 0..self.sockets.ready.len() {
                if let Some(token) = self.sockets.ready.pop_front() {
                    if let Some(socket) = self.sockets.table.get_mut(&token) {
                        socket.queued_read = false;
                    }
                    self.read(token, network);
                }
            }
            if self.shard.has_pipelined() {
                self.shard
                    .handle_pipelined(network.agenda.now, &mut self.sockets);
            }
            self.flush_all(network);
            if self.sockets.ready.is_empty() && !self.shard.has_pipelined() {
                return false;
            }
        }
        true
    }

    fn flush_all(&mut self, network: &mut Network) {
        while let Some(token) = self.sockets.dirty.pop() {
            if let Some(socket) = self.sockets.table.get_mut(&token) {
                socket.queued_flush = false;
            }
            self.flush(token, network);
        }
    }

    fn flush(&mut self, token: Token, network: &mut Network) {
        let now = network.agenda.now;
        let Some(socket) = self
            .sockets
            .table
            .get(&token)
            .filter(|socket| !socket.connecting)
        else {
            return;
        };
        let Some(id) = socket.connection else { return };
        let Some(queue) = self.shard.queue(token) else {
            return;
        };
        let bytes = gather(queue);
        let written = if bytes.is_empty() {
            Written::Count(0)
        } else {
            network.shard_writes(id, &bytes)
        };
        match written {
            Written::Count(count) => {
                self.shard.written(token, count, now, &mut self.sockets);
                let more = self
                    .shard
                    .queue(token)
                    .is_some_and(|queue| !queue.is_empty());
                if count == bytes.len() && more {
                    self.sockets.flush(token);
                }
            }
            Written::WouldBlock => {}
            Written::Broken => {
                if let Some(socket) = self.sockets.table.get_mut(&token) {
                    socket.readable = true;
                    socket.hung_up = true;
                }
                while self.read_once(token, network).is_some() {}
                self.shard.handle_broken(token, now, &mut self.sockets);
            }
        }
    }
}

impl Io for Sockets {
    fn connect(&mut self, token: Token, address: &Address) {
        let Address::Ip(address) = *address else {
            unreachable!("simulated origins have IP addresses");
        };
        let socket = Socket {
            connecting: true,
            ..Socket::default()
        };
        self.table.insert(token, socket);
        self.orders.push(Order::Connect(token, address));
    }

    fn flush(&mut self, token: Token) {
        let Some(socket) = self.table.get_mut(&token) else {
            return;
        };
        if !std::mem::replace(&mut socket.queued_flush, true) {
            self.dirty.push(token);
        }
    }

    fn read(&mut self, token: Token) {
        let Some(socket) = self.table.get_mut(&token).filter(|socket| socket.readable) else {
            return;
        };
        if !std::mem::replace(&mut socket.queued_read, true) {
            self.ready.push_back(token);
        }
    }

    fn shutdown(&mut self, token: Token) {
        let socket = self.table.get(&token);
        self.orders.extend(
            socket
                .and_then(|socket| socket.connection)
                .map(Order::Shutdown),
        );
    }

    fn close(&mut self, token: Token, reset: bool) {
        let socket = self.table.remove(&token);
        let id = socket.and_then(|socket| socket.connection);
        self.orders.extend(id.map(|id| Order::Close(id, reset)));
    }
}

/// The bytes that one system call would write.
fn gather(queue: &proxy::Queue) -> Vec<u8> {
    let mut slices = [IoSlice::new(&[]); SLICES_MAX];
    queue
        .slices(&mut slices)
        .iter()
        .flat_map(|slice| slice.iter().copied())
        .collect()
}

/// Where all clients come from.
pub(crate) const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

/// Buffers written at once.
const SLICES_MAX: usize = 16;
