//! The connections of a shard as the kernel knows them, and the effects that `proxy` asks for.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use proxy::{ConnectFailure, Io, Shard, Side, Token};
use rustix::event::epoll;
use rustix::io::Errno;
use snapshot::Address;
use stats::access::AccessRecord;

use crate::descriptors::Descriptors;
use crate::log::Producer;
use crate::socket::{dial, peer, reset_on_close};
use crate::splices::{Splice, SpliceId, Splices};

/// One connection. Readiness is edge-triggered: a flag stays up until the kernel said "no more".
pub(crate) struct Socket {
    pub fd: OwnedFd,
    pub token: Token,
    pub connecting: bool,
    pub readable: bool,
    /// FIN or an error is behind the data: a short read is not the end of it.
    pub hung_up: bool,
    /// Transfer that takes what this socket sends.
    pub outgoing: Option<SpliceId>,
    /// Transfer that this socket takes the bytes of.
    pub incoming: Option<SpliceId>,
    queued_read: bool,
    queued_flush: bool,
}

pub(crate) struct Sockets {
    pub epoll: OwnedFd,
    descriptors: Arc<Descriptors>,
    table: [Vec<Option<Socket>>; 2],
    splices: Splices,
    /// Connections with bytes to write.
    pub dirty: Vec<Token>,
    /// Connections that may be read although no event came, each in its turn: one that always has more bytes must not
    /// keep the others waiting.
    pub ready: VecDeque<Token>,
    /// Results of connects that were known at once.
    pub failed: Vec<(Token, ConnectFailure)>,
    /// Takes the records of exchanges, once a log is configured.
    pub log: Option<Producer>,
}

impl Sockets {
    pub fn new(epoll: OwnedFd, descriptors: Arc<Descriptors>) -> Self {
        Self {
            epoll,
            descriptors,
            table: [Vec::new(), Vec::new()],
            splices: Splices::default(),
            dirty: Vec::new(),
            ready: VecDeque::new(),
            failed: Vec::new(),
            log: None,
        }
    }

    #[inline]
    pub fn get_mut(&mut self, token: Token) -> Option<&mut Socket> {
        let socket = self.table[place(token)].get_mut(token.index())?.as_mut()?;
        if socket.token == token {
            Some(socket)
        } else {
            None
        }
    }

    /// Whether there is a descriptor for one more accepted connection.
    pub fn admits_downstream(&self) -> bool {
        self.descriptors.admit(Side::Downstream) && {
            self.descriptors.release();
            true
        }
    }

    /// Takes over a connection and begins to watch it.
    pub fn add(&mut self, token: Token, fd: OwnedFd, connecting: bool) -> Result<(), Errno> {
        if !self.descriptors.admit(token.side()) {
            return Err(Errno::MFILE);
        }
        let result = self.watch(token, fd, connecting);
        if result.is_err() {
            self.descriptors.release();
        }
        result
    }

    fn watch(&mut self, token: Token, fd: OwnedFd, connecting: bool) -> Result<(), Errno> {
        let flags = epoll::EventFlags::IN
            | epoll::EventFlags::OUT
            | epoll::EventFlags::RDHUP
            | epoll::EventFlags::ET;
        epoll::add(
            &self.epoll,
            &fd,
            epoll::EventData::new_u64(token.raw()),
            flags,
        )?;
        let table = &mut self.table[place(token)];
        if table.len() <= token.index() {
            table.resize_with(token.index() + 1, || None);
        }
        let socket = Socket {
            fd,
            token,
            connecting,
            readable: false,
            hung_up: false,
            outgoing: None,
            incoming: None,
            queued_read: false,
            queued_flush: false,
        };
        table[token.index()] = Some(socket);
        Ok(())
    }

    /// After a turn that was cut short, and with it wishes that the shard had: closes what the shard does not know, and
    /// has everything else read and flushed once more.
    pub fn look_again(&mut self, shard: &Shard) {
        self.dirty.clear();
        self.ready.clear();
        let mut cut = Vec::new();
        for slot in self.table.iter_mut().flatten() {
            let unknown = |socket: &mut Socket| shard.queue(socket.token).is_none();
            if let Some(socket) = slot.take_if(unknown) {
                self.descriptors.release();
                cut.extend([socket.outgoing, socket.incoming].into_iter().flatten());
            }
            if let Some(socket) = slot {
                socket.queued_flush = true;
                self.dirty.push(socket.token);
                socket.queued_read = socket.readable;
                if socket.readable {
                    self.ready.push_back(socket.token);
                }
            }
        }
        for id in cut {
            self.close_splice(id);
        }
    }

    /// A transfer with its source and its destination.
    pub fn transfer(&mut self, id: SpliceId) -> Option<(&mut Splice, &mut Socket, &mut Socket)> {
        let splice = self.splices.get_mut(id);
        let [downstreams, upstreams] = &mut self.table;
        let (sources, destinations) = match splice.from.side() {
            Side::Downstream => (downstreams, upstreams),
            Side::Upstream => (upstreams, downstreams),
        };
        let source = sources.get_mut(splice.from.index())?.as_mut()?;
        let destination = destinations.get_mut(splice.to.index())?.as_mut()?;
        Some((splice, source, destination))
    }

    /// Ends a transfer; its source is read into buffers again.
    pub fn close_splice(&mut self, id: SpliceId) {
        let splice = self.splices.get_mut(id);
        let (from, to) = (splice.from, splice.to);
        self.splices.close(id);
        if let Some(source) = self.get_mut(from) {
            source.outgoing = None;
        }
        if let Some(destination) = self.get_mut(to) {
            destination.incoming = None;
        }
    }

    /// Takes the next connection to read; entries added meanwhile count.
    pub fn next_ready(&mut self) -> Option<Token> {
        let token = self.ready.pop_front()?;
        if let Some(socket) = self.get_mut(token) {
            socket.queued_read = false;
        }
        Some(token)
    }

    /// Takes the next connection to write.
    pub fn next_dirty(&mut self) -> Option<Token> {
        let token = self.dirty.pop()?;
        if let Some(socket) = self.get_mut(token) {
            socket.queued_flush = false;
        }
        Some(token)
    }
}

impl Io for Sockets {
    fn connect(&mut self, token: Token, address: &Address) {
        #[cfg(test)]
        crate::fault_point::pass();
        let result = dial(address).and_then(|fd| self.add(token, fd, true));
        if let Err(error) = result {
            self.failed.push((token, connect_failure(error)));
        }
    }

    #[inline]
    fn flush(&mut self, token: Token) {
        #[cfg(test)]
        crate::fault_point::pass();
        let Some(socket) = self.get_mut(token) else {
            return;
        };
        if !socket.queued_flush {
            socket.queued_flush = true;
            self.dirty.push(token);
        }
    }

    #[inline]
    fn read(&mut self, token: Token) {
        #[cfg(test)]
        crate::fault_point::pass();
        let Some(socket) = self.get_mut(token) else {
            return;
        };
        if socket.readable && !socket.queued_read {
            socket.queued_read = true;
            self.ready.push_back(token);
        }
    }

    fn splice(&mut self, from: Token, to: Token) {
        #[cfg(test)]
        crate::fault_point::pass();
        if self.get_mut(from).is_none() || self.get_mut(to).is_none() {
            return;
        }
        let id = self.splices.open(from, to, &self.descriptors);
        if let Some(source) = self.get_mut(from) {
            source.outgoing = id;
        }
        if let Some(destination) = self.get_mut(to) {
            destination.incoming = id;
        }
    }

    fn log(&mut self, token: Token, record: &mut AccessRecord) {
        record.downstream_remote = record.downstream_remote.or_else(|| self.peer(token));
        if let Some(log) = &mut self.log {
            // A full ring counts what it does not take.
            log.push(record);
        }
    }

    fn peer(&mut self, token: Token) -> Option<SocketAddr> {
        peer(&self.get_mut(token)?.fd)
    }

    fn shutdown(&mut self, token: Token) {
        #[cfg(test)]
        crate::fault_point::pass();
        if let Some(socket) = self.get_mut(token) {
            // A peer that is gone already makes this fail; its event says so.
            let _ = rustix::net::shutdown(&socket.fd, rustix::net::Shutdown::Write);
        }
    }

    fn close(&mut self, token: Token, reset: bool) {
        #[cfg(test)]
        crate::fault_point::pass();
        let Some(slot) = self.table[place(token)].get_mut(token.index()) else {
            return;
        };
        let Some(socket) = slot.take_if(|socket| socket.token == token) else {
            return;
        };
        self.descriptors.release();
        for id in [socket.outgoing, socket.incoming].into_iter().flatten() {
            self.close_splice(id);
        }
        if reset {
            reset_on_close(&socket.fd.as_fd());
        }
    }
}

pub(crate) fn connect_failure(error: Errno) -> ConnectFailure {
    match error {
        Errno::TIMEDOUT => ConnectFailure::TimedOut,
        Errno::MFILE | Errno::NFILE | Errno::ADDRNOTAVAIL | Errno::NOBUFS | Errno::NOMEM => {
            ConnectFailure::LocalLimit
        }
        _ => ConnectFailure::Refused,
    }
}

fn place(token: Token) -> usize {
    usize::from(token.side() == Side::Upstream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_asks_to_be_read_again_stands_behind_those_that_wait() {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).unwrap();
        let mut sockets = Sockets::new(epoll, Arc::new(Descriptors::of_process()));
        let tokens = [0, 1, 2].map(|index| Token::from_raw(index << 32 | index));
        for token in tokens {
            let (fd, _) = rustix::pipe::pipe().unwrap();
            sockets.add(token, fd, false).unwrap();
            sockets.get_mut(token).unwrap().readable = true;
            sockets.read(token);
        }

        let first = sockets.next_ready().unwrap();
        sockets.read(first);

        let rest: Vec<_> = std::iter::from_fn(|| sockets.next_ready()).collect();
        assert_eq!(
            (first, rest),
            (tokens[0], vec![tokens[1], tokens[2], tokens[0]])
        );
    }
}
