//! The address of a peer as text, written once for a connection so that no request has to.

use std::io::Write;
use std::net::IpAddr;

/// Longest text of an IPv6 address; a mapped IPv4 address is written as what it is.
const TEXT_BYTES_MAX: usize = 39;

#[derive(Debug, Clone, Copy)]
pub(crate) struct PeerText {
    bytes: [u8; TEXT_BYTES_MAX],
    length: u8,
}

impl PeerText {
    /// Empty for a peer without an IP address.
    pub fn new(address: Option<IpAddr>) -> Self {
        let mut text = Self {
            bytes: [0; TEXT_BYTES_MAX],
            length: 0,
        };
        if let Some(address) = address {
            let mut rest = &mut text.bytes[..];
            // The longest address fits.
            let _ = write!(rest, "{}", address.to_canonical());
            text.length = (TEXT_BYTES_MAX - rest.len()) as u8;
        }
        text
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_address_fits_and_a_mapped_one_is_written_as_ipv4() {
        let text = |address: &str| {
            let peer = PeerText::new(address.parse().ok());
            String::from_utf8_lossy(peer.as_bytes()).into_owned()
        };
        let longest = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff";
        assert_eq!(text(longest), longest);
        assert_eq!(text("::ffff:10.0.0.1"), "10.0.0.1");
        assert_eq!(text("none"), "");
    }
}
