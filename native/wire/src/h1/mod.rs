//! HTTP/1.x message syntax (RFC 9112) with the field rules of RFC 9110, both directions.

mod chunked;
mod error;
mod fields;
mod request;
mod response;
mod serialize;
mod target;
mod token;
mod trailers;

pub use chunked::{Decoder, Piece};
pub use error::Error;
pub use fields::{Field, FieldKind, Fields, Span};
pub use request::{RequestHead, parse_request};
pub use response::{ResponseHead, parse_response};
pub use serialize::{
    Edit, Peer, RequestLine, ResponseLine, write_request, write_response, write_trailers,
};
pub use token::is_token;
pub use trailers::parse_trailers;

/// How the end of a message body is found (RFC 9112 section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// There is no body.
    #[default]
    None,
    /// Exactly this many bytes.
    Length(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// Everything until the peer closes; responses only.
    UntilClose,
}

/// Name of every proxy of this kind in Via.
pub const PSEUDONYM: &[u8] = b"heddle";

/// Largest request or response head in bytes, start line included; beyond it 431 (requests) or 502 (responses).
pub const HEAD_BYTES_MAX: usize = 32 * 1024;
/// Largest single field line in bytes.
pub const FIELD_BYTES_MAX: usize = 16 * 1024;
/// Most fields in a head.
pub const FIELDS_MAX: usize = 128;
/// Most fields that Connection may name in one message, since each costs a pass over all fields; beyond it 400.
pub const CONNECTION_NAMES_MAX: usize = 16;
/// Longest request target in bytes; beyond it 414.
pub const TARGET_BYTES_MAX: usize = 8 * 1024;
/// Longest method in bytes.
pub const METHOD_BYTES_MAX: usize = 32;
/// Largest trailer section in bytes.
pub const TRAILER_BYTES_MAX: usize = 16 * 1024;
/// Most fields in a trailer section.
pub const TRAILER_FIELDS_MAX: usize = 100;
/// Largest extension of one chunk in bytes.
pub const CHUNK_EXTENSION_BYTES_MAX: usize = 256;
/// Largest sum of all chunk extensions of one message in bytes.
pub const CHUNK_EXTENSIONS_BYTES_MAX: usize = 4 * 1024;
