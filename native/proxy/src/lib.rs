//! Connection and request machines without sockets, clock or runtime.
//!
//! A [`Shard`] owns every connection of one thread. Its owner (`driver` in production, `sim` in tests) feeds it bytes,
//! events and the time, and carries out the effects that it asks for through [`Io`]. One call does a bounded amount
//! of work; nothing here blocks, locks or allocates once the tables have grown to the load.
#![forbid(unsafe_code)]

mod access;
mod audit;
mod body;
mod bounds;
mod buffer;
mod compiled;
mod cors;
mod downstream;
mod endpoints;
mod exchange;
pub mod health;
mod introduction;
mod io;
pub mod limits;
mod memory;
mod options;
mod peer;
mod queue;
mod recover;
mod redirect;
mod relay;
mod reply;
mod request;
mod request_id;
mod response;
mod retry;
mod room;
mod rule_answer;
mod shard;
mod slab;
mod timeout;
mod timer;
mod upgrade;
mod upstream;
mod view;

pub use audit::Usage;
pub use buffer::{Buffer, Pool};
pub use compiled::{Compiled, ListenerKey};
pub use decide::rand::Rng;
pub use io::{ConnectFailure, Io, Side, Token};
pub use memory::Pressure;
pub use queue::Queue;
pub use shard::{Lifecycle, Shard, ShardOptions};
pub use view::Publication;
