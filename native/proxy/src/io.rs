//! The only way out of the machines: what they may ask of the world, and the names of connections.

use std::net::SocketAddr;

use snapshot::Address;

use stats::access::AccessRecord;

/// Which peer a connection leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The peer connected to us.
    Downstream,
    /// We connected to the peer.
    Upstream,
}

/// Name of a connection inside one shard. A name is never used again while anything may still hold it: it carries
/// the generation of its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token(u64);

impl Token {
    pub(crate) fn new(side: Side, index: u32, generation: u32) -> Self {
        let side = u64::from(side == Side::Upstream);
        Self(side << 63 | u64::from(generation & GENERATION_MASK) << 32 | u64::from(index))
    }

    /// From the number that [`Token::raw`] gave.
    pub fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    /// As a number for an event queue.
    pub fn raw(self) -> u64 {
        self.0
    }

    /// Which table it belongs to.
    pub fn side(self) -> Side {
        if self.0 >> 63 == 1 {
            Side::Upstream
        } else {
            Side::Downstream
        }
    }

    /// Place in its table.
    pub fn index(self) -> usize {
        (self.0 & 0xffff_ffff) as usize
    }

    pub(crate) fn generation(self) -> u32 {
        (self.0 >> 32) as u32 & GENERATION_MASK
    }
}

/// 30 bits: bit 62 of a token stays free, so that owners can name other things beside connections.
pub(crate) const GENERATION_MASK: u32 = 0x3fff_ffff;

/// Effects. Implementations record the wish and return at once; results come back as events.
pub trait Io {
    /// Open a connection; the result comes as [`crate::Shard::handle_connected`].
    fn connect(&mut self, token: Token, address: &Address);
    /// The connection has bytes to write: call [`crate::Shard::queue`] at the end of the turn.
    fn flush(&mut self, token: Token);
    /// The connection wants to read again after it did not: bytes may be waiting already.
    fn read(&mut self, token: Token);
    /// From now on move what `from` sends to `to` without its bytes coming here, and tell by
    /// [`crate::Shard::handle_spliced`]; nothing is queued for `to`. Whoever cannot goes on reading into buffers.
    fn splice(&mut self, from: Token, to: Token) {
        let _ = (from, to);
    }
    /// Send FIN; everything queued before has been written.
    fn shutdown(&mut self, token: Token);
    /// An exchange on this downstream connection, or the connection itself, is over. The owner knows the peer, and what becomes of the record;
    /// one without a log has nothing to do.
    fn log(&mut self, _token: Token, _record: &mut AccessRecord) {}
    /// Where the peer of this connection is, as far as the owner knows; for the log alone.
    fn peer(&mut self, _token: Token) -> Option<SocketAddr> {
        None
    }
    /// Close now. `reset` makes the peer see an error instead of an end.
    fn close(&mut self, token: Token, reset: bool);
}

/// Why a connection to an endpoint was not established.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectFailure {
    /// The endpoint, or the way to it, refused.
    Refused,
    /// Nobody answered in time.
    TimedOut,
    /// This process has no descriptor or port left.
    LocalLimit,
}
