//! Limits that were reached: one name each, for metrics and for `heddle limits`.

macro_rules! limits {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// A bound of time or size that ended or changed something.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Limit {
            $($(#[$doc])* $variant,)*
        }

        impl Limit {
            /// Every limit; `Limit::ALL[limit as usize] == limit`.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in metrics.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

limits! {
    /// A request head, a field of it, or their number was too large: 431.
    HeadSize = "head_size";
    /// A request target was too long: 414.
    TargetSize = "target_size";
    /// A request had come through too many proxies of this kind: 508.
    Hops = "hops";
    /// An endpoint sent too many informational responses to one request: 502.
    Informational = "informational";
    /// The process had no descriptor left for a connection: closed at once.
    Connections = "connections";
    /// An endpoint had its most connections, and nobody made room: 503.
    EndpointConnections = "endpoint_connections";
    /// A connection to an endpoint was not established in time: another endpoint, or 504.
    Connect = "connect";
    /// A response was not complete in time: 504, or a reset once it had begun.
    Request = "request";
    /// One attempt was not over in time: 504, or a reset once the response had begun.
    BackendRequest = "backend_request";
    /// The PROXY header of a connection was not complete in time: reset.
    ProxyHeader = "proxy_header";
    /// A request head was not complete in time: 408.
    Head = "head";
    /// A request body came too slowly: 408, or a reset once the response had begun.
    BodyRate = "body_rate";
    /// A client that held an exchange up made room for another at an endpoint that had its most connections: 408, or a reset.
    MadeRoom = "made_room";
    /// Nothing moved in either direction of an exchange: 504, or a reset once the response had begun.
    StreamIdle = "stream_idle";
    /// A downstream connection had no request: closed.
    DownstreamIdle = "downstream_idle";
    /// A connection to an endpoint had no request: closed.
    UpstreamIdle = "upstream_idle";
    /// A connection was old: told with `Connection: close`, or closed instead of kept.
    ConnectionAge = "connection_age";
    /// The last answer of a connection was not taken in time: reset.
    Flush = "flush";
    /// A peer did not close after the last answer, or went on sending: reset.
    Linger = "linger";
    /// A relayed connection was silent after its first FIN: reset.
    HalfOpen = "half_open";
    /// A relayed connection, or the tunnel of an upgraded one, was silent: reset.
    TunnelIdle = "tunnel_idle";
    /// The drain was over before the connection was: reset.
    Drain = "drain";
    /// Memory neared its budget: free blocks and idle connections upstream went.
    MemoryShrink = "memory_shrink";
    /// Then idle connections lived shorter.
    MemoryHurry = "memory_hurry";
    /// Then responses ended their connections.
    MemoryLast = "memory_last";
    /// Then no connection was accepted.
    MemoryRefuse = "memory_refuse";
    /// Then the connections that held most were given up.
    MemoryShed = "memory_shed";
    /// One of those connections.
    MemoryReset = "memory_reset";
}
