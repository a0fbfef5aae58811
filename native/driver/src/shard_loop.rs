//! One shard's loop: wait, take the mailbox, read what is ready, feed the machines, flush.

use std::io::IoSlice;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use proxy::{Io, Shard, ShardOptions, Token};
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::event::{EventfdFlags, eventfd};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags};
use stats::{Account, Limit, Reason, ShardStats};

use crate::clock::monotonic_ns;
use crate::descriptors::Descriptors;
use crate::faults::Faults;
use crate::mailbox::Mailbox;
use crate::message::{Message, OpenedListener};
use crate::socket::accept;
use crate::sockets::{Sockets, connect_failure};
use crate::splices::{Moved, SpliceId};

/// Events taken from the kernel before everything they caused is written. More of them would spread over more buffers
/// than the first-level cache holds.
const EVENTS_MAX: usize = 32;
/// Rounds of reading and flushing in one turn; what is left waits for the next, so that a turn is bounded.
const ROUNDS_MAX: usize = 4;
/// Connections accepted from one listener in a row.
const ACCEPTS_MAX: usize = 64;
/// Pause of a listener after the process ran out of descriptors or the kernel out of memory.
const ACCEPT_PAUSE_NS: u64 = 50_000_000;
/// Buffers written by one system call.
const SLICES_MAX: usize = 16;
const NS_PER_SECOND: i64 = 1_000_000_000;

/// Event names that no connection has: bit 62 of a [`Token`] is never set.
const MAILBOX: u64 = u64::MAX;
const HOST: u64 = u64::MAX - 1;
const LISTENER: u64 = u64::MAX << 32;

/// Why [`ShardLoop::serve`] came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// The thread's own loop has something to do; then `serve` is to be called again.
    Host,
    /// Faults of the process became too many: it is to be replaced ([`crate::Runtime::retire`]). Said once; then as
    /// after `Host`.
    Faulty,
    /// The shard is over.
    Stopped,
}

/// A shard and its kernel objects.
pub struct ShardLoop {
    shard: Shard,
    sockets: Sockets,
    listeners: Vec<Option<Listener>>,
    mailbox: Arc<Mailbox>,
    faults: Arc<Faults>,
    /// Given up for a moment when there is no other descriptor to refuse a connection with.
    reserve: Option<OwnedFd>,
    events: Vec<epoll::Event>,
    /// Events of this turn that were begun.
    events_begun: usize,
    /// The last turn was cut short: the next one does not wait.
    unfinished: bool,
    host_ready: bool,
    faulty: bool,
    stopping: bool,
}

/// What the shards of a process have in common.
pub(crate) struct Common {
    pub faults: Arc<Faults>,
    pub descriptors: Arc<Descriptors>,
    pub account: Arc<Account>,
}

struct Listener {
    fd: OwnedFd,
    /// Not watched before this time; 0 while it is.
    paused_until: u64,
}

impl ShardLoop {
    pub(crate) fn new(
        index: usize,
        mailbox: Arc<Mailbox>,
        stats: Arc<ShardStats>,
        common: Common,
    ) -> Result<Self, Errno> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(
            &epoll,
            mailbox.fd(),
            EventData::new_u64(MAILBOX),
            EventFlags::IN,
        )?;
        let now = monotonic_ns();
        let mut shard = Shard::new(ShardOptions {
            seed: now ^ (index as u64) << 56,
            stats,
            now,
        });
        shard.set_account(common.account);
        Ok(Self {
            shard,
            sockets: Sockets::new(epoll, common.descriptors),
            listeners: Vec::new(),
            mailbox,
            faults: common.faults,
            reserve: reserve(),
            events: Vec::with_capacity(EVENTS_MAX),
            events_begun: 0,
            unfinished: false,
            host_ready: false,
            faulty: false,
            stopping: false,
        })
    }

    /// Watches a descriptor that is readable, until it is attended to, when the thread's own loop has something to do.
    pub fn watch_host(&self, host: BorrowedFd<'_>) -> Result<(), Errno> {
        epoll::add(
            &self.sockets.epoll,
            host,
            EventData::new_u64(HOST),
            EventFlags::IN,
        )
    }

    /// Makes turns, and waits between them, until the host's descriptor is readable or the monotonic time `until` (ns)
    /// has come. Whatever `until` is, one turn is made.
    pub fn serve(&mut self, until: Option<u64>) -> Served {
        let mut now = monotonic_ns();
        loop {
            self.take_events(now, until);
            now = monotonic_ns();
            self.turn(now);
            if self.is_over() {
                return Served::Stopped;
            }
            if std::mem::take(&mut self.faulty) {
                return Served::Faulty;
            }
            if std::mem::take(&mut self.host_ready) || until.is_some_and(|until| until <= now) {
                return Served::Host;
            }
        }
    }

    /// Waits for events, no longer than something else is due.
    fn take_events(&mut self, now: u64, until: Option<u64>) {
        self.events.clear();
        self.events_begun = 0;
        let deadline = if self.unfinished {
            Some(now)
        } else {
            [self.next_wait(), until].into_iter().flatten().min()
        };
        let wait = deadline.map(|deadline| {
            let wait_ns = deadline.saturating_sub(now).cast_signed();
            rustix::event::Timespec {
                tv_sec: wait_ns / NS_PER_SECOND,
                tv_nsec: wait_ns % NS_PER_SECOND,
            }
        });
        let spare = rustix::buffer::spare_capacity(&mut self.events);
        // An interrupted wait is an empty one: the next turn sees the events.
        let _ = epoll::wait(&self.sockets.epoll, spare, wait.as_ref());
    }

    /// One turn. A panic in it ends one connection, and the turn goes on from there. One boundary around all of a turn's
    /// calls costs nothing where there is no panic, and is enough, because the shard knows which connection it handles.
    fn turn(&mut self, now: u64) {
        self.shard.stats().turns.add(1);
        self.shard.stats().events.add(self.events.len() as u64);
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.run_turn(now))) {
            if !self.shard.recover(now, &mut self.sockets) {
                // It was about no connection, so nothing can be given up for it but the shard.
                resume_unwind(panic);
            }
            self.sockets.look_again(&self.shard);
            self.faulty |= self.faults.record(now);
        }
    }

    fn run_turn(&mut self, now: u64) {
        self.handle_events(now);
        self.resume_listeners(now);
        self.shard.handle_timeouts(now, &mut self.sockets);
        self.unfinished = self.settle(now);
    }

    fn handle_events(&mut self, now: u64) {
        while let Some(&event) = self.events.get(self.events_begun) {
            self.events_begun += 1;
            let (name, flags) = (event.data.u64(), event.flags);
            if name == MAILBOX {
                self.take_mail(now);
            } else if name == HOST {
                self.host_ready = true;
            } else if name >= LISTENER {
                self.accept_from((name & 0xffff_ffff) as u32, now);
            } else {
                self.handle_connection(Token::from_raw(name), flags, now);
            }
        }
    }

    #[inline]
    fn handle_connection(&mut self, token: Token, flags: EventFlags, now: u64) {
        self.shard.attend(token);
        let Some(socket) = self.sockets.get_mut(token) else {
            return;
        };
        let failed = flags.contains(EventFlags::ERR);
        if socket.connecting {
            if !flags.intersects(EventFlags::OUT | EventFlags::ERR | EventFlags::HUP) {
                return;
            }
            socket.connecting = false;
            let result = match rustix::net::sockopt::socket_error(&socket.fd) {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) | Err(error) => Err(connect_failure(error)),
            };
            self.shard
                .handle_connected(token, result, now, &mut self.sockets);
        } else if flags.contains(EventFlags::OUT) {
            self.sockets.flush(token);
        }
        let Some(socket) = self.sockets.get_mut(token) else {
            return;
        };
        socket.hung_up |= flags.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
        socket.readable |= flags
            .intersects(EventFlags::IN | EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
        let mut more = self.read(token, now);
        // Behind an error nothing new arrives, but what arrived before it counts.
        while failed && more {
            more = self.read(token, now);
        }
        let unread = self
            .sockets
            .get_mut(token)
            .is_some_and(|socket| socket.readable);
        if failed && unread {
            self.shard.handle_broken(token, now, &mut self.sockets);
        }
    }

    /// Reads a connection once, if it has bytes and the shard wants them; what is left waits for the next round. True
    /// when bytes came.
    fn read(&mut self, token: Token, now: u64) -> bool {
        let filled = self.read_once(token, now);
        if filled == Some(true) {
            // Bulk: nothing is won by coalescing more, and the bytes are still in the cache.
            self.flush_all(now);
        }
        if filled.is_some() {
            self.sockets.read(token);
        }
        filled.is_some()
    }

    /// `Some` when bytes came, and whether they filled the buffer.
    fn read_once(&mut self, token: Token, now: u64) -> Option<bool> {
        let socket = self
            .sockets
            .get_mut(token)
            .filter(|socket| socket.readable)?;
        if let Some(id) = socket.outgoing {
            return self.move_spliced(id, now).then_some(false);
        }
        let mut buffer = self.shard.read_target(token)?;
        let room = buffer.spare().len();
        match rustix::net::recv(&socket.fd, buffer.spare(), RecvFlags::empty()) {
            Ok((0, _)) => {
                socket.readable = false;
                self.shard.return_buffer(token, buffer);
                self.shard.handle_end(token, now, &mut self.sockets);
                None
            }
            Ok((count, _)) => {
                if count < room && !socket.hung_up {
                    socket.readable = false;
                }
                buffer.grow(count);
                let filled = count == room;
                self.shard
                    .handle_bytes(token, (buffer, filled), now, &mut self.sockets);
                Some(filled)
            }
            Err(Errno::INTR) => {
                self.shard.return_buffer(token, buffer);
                self.sockets.read(token);
                None
            }
            Err(Errno::AGAIN) => {
                socket.readable = false;
                self.shard.return_buffer(token, buffer);
                None
            }
            Err(_) => {
                self.shard.return_buffer(token, buffer);
                self.shard.handle_broken(token, now, &mut self.sockets);
                None
            }
        }
    }

    /// Moves what the source of a transfer has sent as far as its destination takes it; true when there may be more.
    fn move_spliced(&mut self, id: SpliceId, now: u64) -> bool {
        let Some((splice, source, _)) = self.sockets.transfer(id) else {
            return false;
        };
        let (from, to, was_empty) = (splice.from, splice.to, splice.is_empty());
        match splice.fill(&source.fd) {
            Ok(Moved::Bytes(count)) => {
                self.shard
                    .handle_spliced(from, count, now, &mut self.sockets);
            }
            Ok(Moved::End) => source.readable = false,
            // An empty pipe has room: it is the source that has nothing.
            Ok(Moved::Nothing) if was_empty => {
                source.readable = false;
                return false;
            }
            Ok(Moved::Nothing) => {}
            // Such a socket cannot be spliced: it is read like any other.
            Err(Errno::INVAL) if was_empty => {
                self.sockets.close_splice(id);
                return true;
            }
            Err(_) => {
                self.shard.handle_broken(from, now, &mut self.sockets);
                return false;
            }
        }
        self.drain_splice(id, now).unwrap_or_else(|_| {
            // Found out again, and handled, when it is flushed: sockets that fail together would call each other.
            self.sockets.flush(to);
            false
        })
    }

    /// Writes what waits in the pipe of a transfer. True when all of it is written and more may come.
    fn drain_splice(&mut self, id: SpliceId, now: u64) -> Result<bool, Errno> {
        let Some((splice, _, destination)) = self.sockets.transfer(id) else {
            return Ok(false);
        };
        splice.drain(&destination.fd)?;
        if splice.is_empty() && splice.source_ended {
            let from = splice.from;
            self.sockets.close_splice(id);
            self.shard.handle_end(from, now, &mut self.sockets);
            return Ok(false);
        }
        Ok(splice.is_empty())
    }

    /// Reads, answers and writes until nothing is left or the turn is long enough; true when something is left.
    fn settle(&mut self, now: u64) -> bool {
        for _ in 0..ROUNDS_MAX {
            while let Some((token, failure)) = self.sockets.failed.pop() {
                self.shard
                    .handle_connected(token, Err(failure), now, &mut self.sockets);
            }
            for _ in 0..self.sockets.ready.len() {
                if let Some(token) = self.sockets.next_ready() {
                    self.read(token, now);
                }
            }
            if self.shard.has_pipelined() {
                self.shard.handle_pipelined(now, &mut self.sockets);
            }
            self.flush_all(now);
            if self.sockets.ready.is_empty()
                && self.sockets.failed.is_empty()
                && !self.shard.has_pipelined()
            {
                return false;
            }
        }
        true
    }

    fn flush_all(&mut self, now: u64) {
        while let Some(token) = self.sockets.next_dirty() {
            self.flush(token, now);
        }
    }

    /// Writes what waits on a connection; what the kernel does not take waits for its event.
    fn flush(&mut self, token: Token, now: u64) {
        self.shard.attend(token);
        let Some(socket) = self.sockets.get_mut(token) else {
            return;
        };
        if socket.connecting {
            return;
        }
        if let Some(id) = socket.incoming {
            return match self.drain_splice(id, now) {
                Ok(true) => self.shard.written(token, 0, now, &mut self.sockets),
                Ok(false) => {}
                Err(_) => self.write_failed(token, now),
            };
        }
        let Some(queue) = self.shard.queue(token) else {
            return;
        };
        let (asked, result) = if let Some(bytes) = queue.single() {
            (
                bytes.len(),
                rustix::net::send(&socket.fd, bytes, SendFlags::NOSIGNAL),
            )
        } else if queue.is_empty() {
            (0, Ok(0))
        } else {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let slices = queue.slices(&mut slices);
            let mut ancillary = SendAncillaryBuffer::default();
            let asked = slices.iter().map(|slice| slice.len()).sum();
            (
                asked,
                rustix::net::sendmsg(&socket.fd, slices, &mut ancillary, SendFlags::NOSIGNAL),
            )
        };
        match result {
            Ok(count) => {
                self.shard.written(token, count, now, &mut self.sockets);
                if count == asked
                    && self
                        .shard
                        .queue(token)
                        .is_some_and(|queue| !queue.is_empty())
                {
                    self.sockets.flush(token);
                }
            }
            Err(Errno::AGAIN) => {}
            Err(Errno::INTR) => self.sockets.flush(token),
            Err(_) => self.write_failed(token, now),
        }
    }

    /// A peer that stopped reading may have answered before: its answer is read first.
    fn write_failed(&mut self, token: Token, now: u64) {
        if let Some(socket) = self.sockets.get_mut(token) {
            socket.readable = true;
            socket.hung_up = true;
        }
        // Not `read`, which flushes: connections that fail together would call each other.
        while self.read_once(token, now).is_some() {}
        self.shard.handle_broken(token, now, &mut self.sockets);
    }

    fn take_mail(&mut self, now: u64) {
        self.mailbox.acknowledge();
        while let Some(message) = self.mailbox.receive() {
            match message {
                Message::Publish {
                    publication,
                    opened,
                    closed,
                    log,
                } => {
                    if log.is_some() {
                        self.sockets.log = log;
                    }
                    self.shard.publish(publication, now, &mut self.sockets);
                    for OpenedListener { slot, fd } in opened {
                        self.open_listener(slot, fd);
                    }
                    for slot in closed {
                        self.close_listener(slot, now);
                    }
                }
                Message::Drain { deadline } => {
                    for slot in 0..self.listeners.len() as u32 {
                        self.close_listener(slot, now);
                    }
                    self.shard.drain(deadline, now, &mut self.sockets);
                }
                Message::Stop => self.stopping = true,
            }
        }
    }

    fn open_listener(&mut self, slot: u32, fd: OwnedFd) {
        let index = slot as usize;
        if self.listeners.len() <= index {
            self.listeners.resize_with(index + 1, || None);
        }
        if watch_listener(&self.sockets.epoll, slot, &fd).is_ok() {
            self.listeners[index] = Some(Listener {
                fd,
                paused_until: 0,
            });
        }
    }

    /// Takes the connections that the kernel has accepted for us, then closes, so that none of them is reset.
    fn close_listener(&mut self, slot: u32, now: u64) {
        while self.accept_from(slot, now) == ACCEPTS_MAX {}
        let listener = self.listeners.get_mut(slot as usize);
        if let Some(listener) = listener.and_then(Option::take) {
            // Closing does not end the watch on a socket that another shard has a descriptor of.
            let _ = epoll::delete(&self.sockets.epoll, &listener.fd);
        }
    }

    /// Accepts connections and returns how many.
    fn accept_from(&mut self, slot: u32, now: u64) -> usize {
        for accepted in 0..ACCEPTS_MAX {
            if !self.shard.accepts() {
                self.pause(slot, now);
                return accepted;
            }
            let Some(Some(listener)) = self.listeners.get_mut(slot as usize) else {
                return accepted;
            };
            match accept(&listener.fd) {
                Ok(_) if !self.sockets.admits_downstream() => {
                    return self.refuse_waiting(slot, now);
                }
                Ok((fd, peer)) => {
                    if let Some(token) =
                        self.shard
                            .handle_accept((slot, peer), now, &mut self.sockets)
                        && self.sockets.add(token, fd, false).is_err()
                    {
                        self.shard.handle_broken(token, now, &mut self.sockets);
                    }
                }
                Err(Errno::AGAIN) => return accepted,
                Err(Errno::MFILE | Errno::NFILE) => return self.refuse_waiting(slot, now),
                // The connection, or the way to it, ended before it was accepted; the next one is fine (accept(2)).
                Err(
                    Errno::CONNABORTED
                    | Errno::INTR
                    | Errno::PROTO
                    | Errno::NOPROTOOPT
                    | Errno::OPNOTSUPP
                    | Errno::NETDOWN
                    | Errno::NETUNREACH
                    | Errno::HOSTDOWN
                    | Errno::HOSTUNREACH
                    | Errno::NONET
                    | Errno::TIMEDOUT,
                ) => {}
                // Memory of the kernel, or a rule of the firewall: it may pass.
                Err(_) => {
                    self.pause(slot, now);
                    return accepted;
                }
            }
        }
        ACCEPTS_MAX
    }

    /// There is no descriptor for more connections. Those that wait are accepted and closed at once, so that their peers
    /// know, and the listener is left alone for a moment. Nothing is taken over, so 0 is returned.
    fn refuse_waiting(&mut self, slot: u32, now: u64) -> usize {
        self.shard.stats().record_limit(Limit::Connections);
        self.shard.stats().record_failure(Reason::Overloaded);
        self.reserve = None;
        if let Some(Some(listener)) = self.listeners.get(slot as usize) {
            for _ in 1..ACCEPTS_MAX {
                if accept(&listener.fd).is_err() {
                    break;
                }
                self.shard.stats().record_failure(Reason::Overloaded);
            }
        }
        self.reserve = reserve();
        self.pause(slot, now);
        0
    }

    fn pause(&mut self, slot: u32, now: u64) {
        if let Some(Some(listener)) = self.listeners.get_mut(slot as usize) {
            listener.paused_until = now + ACCEPT_PAUSE_NS;
            let _ = epoll::delete(&self.sockets.epoll, &listener.fd);
        }
    }

    fn resume_listeners(&mut self, now: u64) {
        for (slot, listener) in self.listeners.iter_mut().enumerate() {
            let Some(listener) = listener
                .as_mut()
                .filter(|l| l.paused_until != 0 && l.paused_until <= now)
            else {
                continue;
            };
            listener.paused_until = 0;
            self.reserve = self.reserve.take().or_else(reserve);
            let _ = watch_listener(&self.sockets.epoll, slot as u32, &listener.fd);
        }
    }

    fn is_over(&mut self) -> bool {
        let drained = self.shard.lifecycle().is_draining() && self.shard.downstream_count() == 0;
        if self.stopping || drained {
            self.shard.close(monotonic_ns(), &mut self.sockets);
            return true;
        }
        false
    }

    fn next_wait(&self) -> Option<u64> {
        let paused = self
            .listeners
            .iter()
            .flatten()
            .map(|listener| listener.paused_until)
            .filter(|&at| at != 0)
            .min();
        [self.shard.next_timeout(), paused]
            .into_iter()
            .flatten()
            .min()
    }
}

/// A descriptor that stands for nothing; `None` when there is none left, and then it is tried again after a pause.
fn reserve() -> Option<OwnedFd> {
    eventfd(0, EventfdFlags::CLOEXEC).ok()
}

/// Of the shards that share a listening socket and sleep, a connection wakes one (`EPOLLEXCLUSIVE`).
fn watch_listener(epoll: &OwnedFd, slot: u32, fd: &OwnedFd) -> Result<(), Errno> {
    let name = EventData::new_u64(LISTENER | u64::from(slot));
    epoll::add(epoll, fd, name, EventFlags::IN | EventFlags::EXCLUSIVE)
}

#[cfg(test)]
mod tests;
