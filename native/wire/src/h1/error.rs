//! Why a message was refused. Each variant names one rule, so that counters and tests can tell them apart.

/// Refusal of a message; the peer that sent it is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A line did not end with CRLF, or a CR or LF stood alone (RFC 9112 section 2.2).
    LineEnding,
    /// The method is empty, too long or not a token.
    Method,
    /// The method is one this proxy never forwards (TRACE, CONNECT).
    MethodRefused,
    /// The request target is malformed or of a form its method does not allow (RFC 9112 section 3.2).
    Target,
    /// The path has no normal form: a broken escape, NUL, a backslash, or dots that lead above the root.
    Path,
    /// The request target exceeds its limit.
    TargetTooLong,
    /// The version is malformed.
    Version,
    /// The version is well formed and neither 1.0 nor 1.1.
    VersionUnsupported,
    /// The status code or the status line is malformed.
    Status,
    /// A field name is empty, not a token, or followed by white space; or a folded line (RFC 9112 section 5).
    FieldName,
    /// A field value holds a control character.
    FieldValue,
    /// The head exceeds its limit in bytes or fields.
    HeadTooLarge,
    /// Host is missing, repeated or malformed (RFC 9112 section 3.2).
    Host,
    /// Content-Length is repeated or not a plain number (RFC 9110 section 8.6).
    ContentLength,
    /// Transfer-Encoding is not exactly one `chunked`, or stands in an HTTP/1.0 message (RFC 9112 section 6.1).
    TransferEncoding,
    /// Transfer-Encoding names a coding that is not known here.
    TransferCodingUnknown,
    /// Both Transfer-Encoding and Content-Length are present.
    FramingConflict,
    /// An HTTP/1.0 message has a body although its method defines none (RFC 9110 section 9.3).
    BodyRefused,
    /// Connection names a field that is not hop-by-hop, or too many (RFC 9110 section 7.6.1).
    Connection,
    /// Max-Forwards of OPTIONS is repeated or not a plain number (RFC 9110 section 7.6.2).
    MaxForwards,
    /// Expect holds anything but `100-continue` (RFC 9110 section 10.1.1).
    Expect,
    /// A field name spells a protected name with underscores.
    FieldLookalike,
    /// A chunk size or its line is malformed (RFC 9112 section 7.1).
    ChunkSize,
    /// Chunk extensions are malformed or exceed their limit.
    ChunkExtension,
    /// Chunk data is not followed by CRLF.
    ChunkEnd,
    /// The trailer section is malformed or exceeds its limit.
    Trailer,
}

impl Error {
    /// Status code that answers a request refused for this reason.
    pub fn status(self) -> u16 {
        match self {
            Self::MethodRefused => 405,
            Self::TargetTooLong => 414,
            Self::Expect => 417,
            Self::HeadTooLarge => 431,
            Self::TransferCodingUnknown => 501,
            Self::VersionUnsupported => 505,
            _ => 400,
        }
    }

    /// Stable name for logs and the `details` parameter of `Proxy-Status`.
    pub fn name(self) -> &'static str {
        match self {
            Self::LineEnding => "line_ending",
            Self::Method => "method",
            Self::MethodRefused => "method_refused",
            Self::Target => "target",
            Self::Path => "path",
            Self::TargetTooLong => "target_too_long",
            Self::Version => "version",
            Self::VersionUnsupported => "version_unsupported",
            Self::Status => "status",
            Self::FieldName => "field_name",
            Self::FieldValue => "field_value",
            Self::HeadTooLarge => "head_too_large",
            Self::Host => "host",
            Self::ContentLength => "content_length",
            Self::TransferEncoding => "transfer_encoding",
            Self::TransferCodingUnknown => "transfer_coding_unknown",
            Self::FramingConflict => "framing_conflict",
            Self::BodyRefused => "body_refused",
            Self::Connection => "connection",
            Self::MaxForwards => "max_forwards",
            Self::Expect => "expect",
            Self::FieldLookalike => "field_lookalike",
            Self::ChunkSize => "chunk_size",
            Self::ChunkExtension => "chunk_extension",
            Self::ChunkEnd => "chunk_end",
            Self::Trailer => "trailer",
        }
    }
}
