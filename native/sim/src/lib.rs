//! Deterministic simulation of two shards: their peers, a network full of faults, and a clock that only this knows.
//!
//! [`run`] plays everything that follows from a seed on one thread and checks the invariants at each step and at the
//! end. The loop around each shard is the one of `driver`, on simulated sockets.
#![forbid(unsafe_code)]

mod agenda;
mod answer;
mod chance;
mod client;
mod host;
mod invariant;
mod ledger;
mod mesh;
mod message;
mod network;
mod origin;
mod plan;
mod relay;
mod world;

pub use ledger::Violation;
pub use world::{Options, Sabotage, Summary, run};
