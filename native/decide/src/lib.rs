//! Pure decisions of the data plane over borrowed views: which rule matches, which backend and
//! endpoint are picked.
//!
//! Nothing here knows a clock, a socket or a source of chance: time and random numbers come in as
//! arguments. Tables are built when a snapshot arrives; a decision allocates nothing.
#![forbid(unsafe_code)]

pub mod balance;
pub mod rand;
pub mod route;
pub mod split;
