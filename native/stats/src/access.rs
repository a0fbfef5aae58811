//! One line of the access log before it is a line: what a shard copies at the end of an exchange, of fixed size, so
//! that nothing is allocated or formatted where traffic is handled.

mod line;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;

use crate::Reason;

pub use line::{LogFormat, write_line};

/// Most bytes of a request's path and query that a record keeps.
pub const PATH_BYTES_MAX: usize = 512;
/// Most bytes of any other text of a request that a record keeps.
pub const TEXT_BYTES_MAX: usize = 128;
/// Longest path of a Unix domain socket.
const UNIX_PATH_BYTES_MAX: usize = 107;

/// The beginning of a text: what does not fit is left out.
#[derive(Debug, Clone, Copy)]
pub struct Text<const N: usize> {
    len: u16,
    bytes: [u8; N],
}

impl<const N: usize> Text<N> {
    /// No text.
    pub const EMPTY: Self = Self {
        len: 0,
        bytes: [0; N],
    };

    /// Takes over as much of the bytes as fits.
    #[inline]
    pub fn set(&mut self, bytes: &[u8]) {
        let len = bytes.len().min(N);
        self.bytes[..len].copy_from_slice(&bytes[..len]);
        self.len = len as u16;
    }

    /// What was kept.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// Where a socket of ours is.
#[derive(Debug, Clone, Copy)]
pub enum RecordedAddress {
    /// An IP address and port.
    Ip(SocketAddr),
    /// A path of the file system, which holds no character that would have to be escaped.
    Unix(Text<UNIX_PATH_BYTES_MAX>),
}

impl RecordedAddress {
    /// A socket in the file system.
    #[inline]
    pub fn unix(path: &str) -> Self {
        let mut text = Text::EMPTY;
        text.set(path.as_bytes());
        Self::Unix(text)
    }
}

/// An exchange, or a connection of opaque bytes, that is over. An empty text stands for one that is not known.
#[derive(Debug, Clone, Copy)]
pub struct AccessRecord {
    /// Begin, in nanoseconds of the monotonic clock.
    pub started_ns: u64,
    /// From the request head to the last byte of the response.
    pub duration_ns: u64,
    /// From the request head to the head of the upstream's response; 0 where there was none.
    pub ttfb_ns: u64,
    /// From the begin of the last attempt to the connection that was opened for it; 0 where none was.
    pub connect_ns: u64,
    /// Body bytes of the request.
    pub bytes_received: u64,
    /// Body bytes of the response.
    pub bytes_sent: u64,
    /// Status of the response; 0 for a connection of opaque bytes.
    pub status: u16,
    /// Why the proxy answered itself or gave up.
    pub reason: Option<Reason>,
    /// How often the request was sent.
    pub attempts: u8,
    /// Minor version of HTTP/1 downstream; none for a connection of opaque bytes.
    pub minor: Option<u8>,
    /// The endpoint.
    pub upstream: Option<RecordedAddress>,
    /// The peer.
    pub downstream_remote: Option<SocketAddr>,
    /// The listener's address.
    pub downstream_local: Option<RecordedAddress>,
    /// Name of the exchange.
    pub request_id: Text<TEXT_BYTES_MAX>,
    /// Method.
    pub method: Text<32>,
    /// Path and query.
    pub path: Text<PATH_BYTES_MAX>,
    /// Authority.
    pub authority: Text<TEXT_BYTES_MAX>,
    /// `User-Agent`.
    pub user_agent: Text<TEXT_BYTES_MAX>,
    /// `X-Forwarded-For`.
    pub forwarded_for: Text<TEXT_BYTES_MAX>,
    /// `Referer`.
    pub referer: Text<TEXT_BYTES_MAX>,
    /// Service that the request went to.
    pub service: Text<TEXT_BYTES_MAX>,
    /// Route whose rule it took.
    pub route: Text<TEXT_BYTES_MAX>,
}

impl AccessRecord {
    /// Nothing known.
    pub const EMPTY: Self = Self {
        started_ns: 0,
        duration_ns: 0,
        ttfb_ns: 0,
        connect_ns: 0,
        bytes_received: 0,
        bytes_sent: 0,
        status: 0,
        reason: None,
        attempts: 0,
        minor: Some(1),
        upstream: None,
        downstream_remote: None,
        downstream_local: None,
        request_id: Text::EMPTY,
        method: Text::EMPTY,
        path: Text::EMPTY,
        authority: Text::EMPTY,
        user_agent: Text::EMPTY,
        forwarded_for: Text::EMPTY,
        referer: Text::EMPTY,
        service: Text::EMPTY,
        route: Text::EMPTY,
    };
}
