//! Which hosts are meant: one IP address, or all that begin with the same bits.

use std::net::IpAddr;
use std::str::FromStr;

/// `ip` or `ip/prefix`; bits of the address beyond the prefix do not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    ip: IpAddr,
    prefix: u8,
}

/// Why a text is no network; the text is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkError;

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (ip, prefix) = match text.split_once('/') {
            Some((ip, prefix)) => (ip, Some(prefix)),
            None => (text, None),
        };
        let ip: IpAddr = ip.parse().map_err(|_| NetworkError)?;
        let bits = bits(ip);
        let prefix = match prefix {
            None => bits,
            Some(digits) if digits.starts_with('+') => return Err(NetworkError),
            Some(digits) => digits.parse().map_err(|_| NetworkError)?,
        };
        if prefix > bits {
            return Err(NetworkError);
        }
        Ok(Self { ip, prefix })
    }
}

impl Network {
    /// True for an address inside; a mapped IPv4 address is what it maps.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let differing = match (self.ip, ip.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                u128::from(ours.to_bits() ^ theirs.to_bits()) << 96
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => ours.to_bits() ^ theirs.to_bits(),
            _ => return false,
        };
        differing.leading_zeros() >= u32::from(self.prefix)
    }
}

fn bits(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_the_addresses_that_begin_like_it() {
        let holds = |network: &str, ip: &str| {
            let network: Network = network.parse().unwrap();
            network.contains(ip.parse().unwrap())
        };
        assert!(holds("10.0.0.0/8", "10.255.0.1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.0.0.1"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1"));
        assert!(!holds("10.0.0.0/8", "a00::1"));
        assert!(holds("0.0.0.0/0", "192.168.0.1"));
        assert!(holds("127.0.0.1", "127.0.0.1"));
        assert!(!holds("127.0.0.1", "127.0.0.2"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1"));
        assert!(!holds("2001:db8::/33", "2001:db8:8000::1"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "10.0.0",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "::/129",
            "host",
            "10.0.0.0/",
        ] {
            assert_eq!(text.parse::<Network>(), Err(NetworkError), "{text}");
        }
    }
}
