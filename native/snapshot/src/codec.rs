//! Bytes to snapshot and back: JSON with camelCase keys in the order of the structs, without white
//! space.
//!
//! Decoding checks the shape only; `consistent` checks what the values mean.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::{Endpoints, Snapshot};

/// Reads a snapshot; unknown fields, missing fields and trailing bytes are refused.
pub fn decode(bytes: &[u8]) -> Result<Snapshot, DecodeError> {
    from_json(bytes)
}

/// Reads the endpoints part alone, with the same strictness as `decode`.
pub fn decode_endpoints(bytes: &[u8]) -> Result<Endpoints, DecodeError> {
    from_json(bytes)
}

/// Writes the canonical form: `decode(&encode(s))` is `s`, and equal snapshots give equal bytes.
pub fn encode(snapshot: &Snapshot) -> Vec<u8> {
    match serde_json::to_vec(snapshot) {
        Ok(bytes) => bytes,
        Err(error) => {
            unreachable!("a struct of strings and integers always has a JSON form: {error}")
        }
    }
}

/// Why bytes are not a snapshot. It is always the writer of the bytes who erred.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes are not JSON, or end too early.
    Syntax {
        /// What the parser met, with line and column.
        message: String,
    },
    /// The JSON does not have the fields and types of the contract.
    Shape {
        /// Which field or type, with line and column.
        message: String,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { message } => write!(formatter, "not JSON: {message}"),
            Self::Shape { message } => write!(formatter, "not a snapshot: {message}"),
        }
    }
}

impl std::error::Error for DecodeError {}

fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let message = error.to_string();
        if error.is_data() {
            DecodeError::Shape { message }
        } else {
            DecodeError::Syntax { message }
        }
    })
}

#[cfg(test)]
mod tests;
