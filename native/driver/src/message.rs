//! What a shard can be told from another thread.

use std::os::fd::OwnedFd;

use proxy::Publication;

use crate::log::Producer;

/// One control message; rare, so it may own memory.
pub(crate) enum Message {
    /// A new configuration, with the listeners that begin and end with it.
    Publish {
        publication: Publication,
        opened: Vec<OpenedListener>,
        closed: Vec<u32>,
        /// With the first configuration that has an access log.
        log: Option<Producer>,
    },
    /// Finish what runs; all is over at this monotonic time in nanoseconds.
    Drain { deadline: u64 },
    /// End now.
    Stop,
}

/// A bound and listening socket in its slot.
pub(crate) struct OpenedListener {
    pub slot: u32,
    pub fd: OwnedFd,
}
