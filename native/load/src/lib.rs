//! Load for benchmarks: a closed-loop generator, a measuring upstream and a bare relay.
//!
//! Load and upstream share one core while the proxy under test has the other, so all three are
//! single epoll threads without allocation per request. They understand only the fixed form of the
//! messages that they exchange with each other through a proxy; they are no HTTP implementation.
#![forbid(unsafe_code)]

pub mod arguments;
pub mod clock;
pub mod events;
pub mod generator;
pub mod idle;
pub mod plan;
pub mod relay;
pub mod report;
pub mod scan;
pub mod slots;
pub mod upstream;
