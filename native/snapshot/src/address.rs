//! Where a socket is: an IP address and port, or a path of this host.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

/// What stands in front of the path of a Unix domain socket.
const UNIX_SCHEME: &str = "unix:";
/// Longest path of a Unix domain socket: the kernel's field of 108 bytes, of which the last is 0 (unix(7)).
pub const UNIX_PATH_BYTES_MAX: usize = 107;

/// A parsed address of a listener or an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// `ip:port` or `[ip6]:port`.
    Ip(SocketAddr),
    /// `unix:/path`: a stream socket in the file system.
    Unix(Arc<str>),
}

/// Why a text is no address; the text is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressError(&'static str);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let Some(path) = text.strip_prefix(UNIX_SCHEME) else {
            let address = text.parse().map(Self::Ip);
            return address.map_err(|_| AddressError("is not ip:port, [ip6]:port or unix:/path"));
        };
        if !path.starts_with('/') || path.ends_with('/') {
            return Err(AddressError("is not the absolute path of a socket"));
        }
        if path.len() > UNIX_PATH_BYTES_MAX {
            return Err(AddressError("is longer than a socket's path can be"));
        }
        // What may stand as it is in a metric, a quoted header value and a log line.
        if !path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte))
        {
            return Err(AddressError(
                "holds a character that a path here cannot have",
            ));
        }
        Ok(Self::Unix(path.into()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(formatter),
            Self::Unix(path) => write!(formatter, "{UNIX_SCHEME}{path}"),
        }
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for AddressError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_they_are_read() {
        for text in ["127.0.0.1:80", "[::1]:65535", "unix:/run/web.sock"] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn paths_that_no_socket_can_have_are_refused() {
        let long = format!("unix:/{}", "a".repeat(UNIX_PATH_BYTES_MAX));
        for text in [
            "unix:",
            "unix:web.sock",
            "unix:./web.sock",
            "unix:/run/",
            "unix:/run/a b",
            "unix:/run/\"",
            "unix:/run/\n",
            "unix:/run/ü",
            &long,
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
