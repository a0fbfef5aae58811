//! Codecs without input or output: bytes in, validated heads and body pieces out.
//!
//! Nothing here knows a socket, a clock or a buffer pool. Every parser either accepts a message completely, asks for
//! more bytes, or refuses it with an [`h1::Error`] that names the violated rule; there is no lenient mode.
#![forbid(unsafe_code)]

pub mod h1;
pub mod path;
pub mod proxy_protocol;
