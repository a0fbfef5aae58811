//! Every bound of the data path with its reason and what happens when it is reached.

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;

/// Time for a whole request head after its first byte; then the connection is closed (slow header attack).
pub const HEAD_NS_MAX: u64 = 10 * SECOND;
/// Time for the PROXY header of a connection, which a balancer sends before anything else; then it is closed.
pub const PROXY_HEADER_NS_MAX: u64 = 5 * SECOND;
/// Life of an idle downstream connection; longer than common clients keep theirs, so that they close first.
pub const DOWNSTREAM_IDLE_NS_MAX: u64 = 60 * SECOND;
/// Life of an idle upstream connection; shorter than the downstream one. An endpoint that announces less
/// (`Keep-Alive: timeout=`) gets four fifths of that, so that we close before it does.
pub const UPSTREAM_IDLE_NS_MAX: u64 = 55 * SECOND;
/// Age at which an HTTP connection is told to close with its next response, or is not kept by us; the age of each
/// differs by up to a tenth, so that those which began together do not end together.
pub const CONNECTION_AGE_NS_MAX: u64 = 3_600 * SECOND;
/// Time in which nothing moves in either direction of an exchange, or of the tunnel that it became; then it is given up
/// (504, or a reset).
pub const STREAM_IDLE_NS_MAX: u64 = 300 * SECOND;
/// Rate that a request body has to bring once its grace is used up; then 408 (slow body attack).
pub const BODY_BYTES_PER_SECOND_MIN: u32 = 1024;
/// Grace of a request body. It is what a body may be behind its rate at most, however fast it was before.
pub const BODY_GRACE_NS: u64 = 10 * SECOND;
/// Bytes of a body with a length, or all of it, that have to be there before its request takes a connection of an endpoint:
/// a client that trickles holds only its own. A head and so much fit into the block of one read.
pub const BODY_BYTES_FIRST: u64 = 4 * 1024;
/// Time that a client has to hold its exchange up before it makes room for another at an endpoint that has its most
/// connections (408, or a reset).
pub const HELD_UP_NS_MIN: u64 = SECOND;
/// Time that a client which sent `Expect: 100-continue` waits for the upstream's word before it gets ours.
pub const CONTINUE_NS_MAX: u64 = SECOND;
/// Time in which a closing connection still takes what its peer sends, so that our last answer is not reset away.
pub const LINGER_NS_MAX: u64 = 2 * SECOND;
/// Bytes that a closing connection discards before it is closed hard.
pub const LINGER_BYTES_MAX: u64 = 256 * 1024;
/// Time in which a slow reader has to take the last answer of a connection that is closing.
pub const FLUSH_NS_MAX: u64 = 30 * SECOND;
/// Bytes that a relayed connection moves in one direction before this direction is spliced: a shorter transfer costs less
/// by two copies than by a pipe.
pub const SPLICE_AFTER_BYTES: u64 = 256 * 1024;
/// Time between the first FIN and the end of a relayed TCP connection without traffic.
pub const HALF_OPEN_NS_MAX: u64 = 60 * SECOND;
/// Time without a byte in either direction after which a relayed TCP connection is reset: protocols keep connections
/// open that they do not use, and a peer that vanished is found by other means.
pub const RELAY_IDLE_NS_MAX: u64 = 3_600 * SECOND;
/// While a shard drains, a connection idle for so long is closed; a busy one is told with `Connection: close`.
pub const DRAIN_IDLE_NS: u64 = SECOND;
/// Bytes waiting to be written on one connection before its source is no longer read.
pub const QUEUE_BYTES_MAX: usize = 256 * 1024;
/// Buffers waiting to be written on one connection before its source is no longer read: a peer that sends byte by byte
/// fills few bytes with many buffers.
pub const QUEUE_BUFFERS_MAX: usize = 64;
/// Informational responses that one exchange may bring (beyond: 502).
pub const INFORMATIONAL_MAX: u8 = 8;
/// Proxies of this kind, by their name in Via, that a request may have come through; beyond: 508, for it goes in circles.
pub const HOPS_MAX: u8 = 10;
/// Bytes of a request body that wait for an upstream which has already begun to answer; then the client is read no more
/// until the upstream takes them, if it ever does.
pub const EARLY_BODY_BYTES_MAX: usize = 64 * 1024;
/// Upstream connections of one shard to one endpoint; beyond: the client that holds one up longest makes room, and when
/// there is none, 503 `pool_overflow`.
pub const ENDPOINT_CONNECTIONS_MAX: u32 = 1024;
/// Those after which a request whose body is not whole opens no more of them: the rest is for requests that wait for the
/// endpoint alone. Beyond, as above.
pub const ENDPOINT_UNFINISHED_MAX: u32 = ENDPOINT_CONNECTIONS_MAX / 4 * 3;
/// Longest `Origin` that a CORS filter allows, longer than that of any host name; beyond: treated as not allowed.
pub const ORIGIN_BYTES_MAX: usize = 272;
/// Longest `X-Request-Id` that is kept; a longer one is replaced.
pub const REQUEST_ID_BYTES_MAX: usize = 128;

#[cfg(test)]
mod generated;
