//! The header with which a balancer in front says whose connection it passes on (`HAProxy`'s "The PROXY protocol", versions
//! 1 and 2). Whoever sends it is believed, so it is read from trusted peers alone, and there it has to stand.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

#[cfg(test)]
mod tests;

/// Longest header of version 1, with its line end (section 2.1).
const V1_BYTES_MAX: usize = 107;
/// Longest header of version 2: addresses, and more properties of the connection than any sender is known to add.
pub const HEADER_BYTES_MAX: usize = 4096;

const V1_PREFIX: &[u8] = b"PROXY ";
const V2_SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const V2_FIXED_BYTES: usize = 16;

/// Whose connection it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// That of the peer itself, as for its health checks; or of a client that has no address here.
    Peer,
    /// That of a client at this address.
    Client(SocketAddr),
}

/// What the bytes so far are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parsed {
    /// The beginning of a header.
    Partial,
    /// A header, and its length.
    Done(Source, usize),
}

/// The bytes are no header: the connection has to be closed, because nothing in it can be attributed (section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// Reads the header at the beginning of a connection.
pub fn parse(bytes: &[u8]) -> Result<Parsed, Malformed> {
    if begins_like(bytes, V2_SIGNATURE) {
        return parse_v2(bytes);
    }
    if begins_like(bytes, V1_PREFIX) {
        return parse_v1(bytes);
    }
    Err(Malformed)
}

fn begins_like(bytes: &[u8], expected: &[u8]) -> bool {
    let length = bytes.len().min(expected.len());
    bytes[..length] == expected[..length]
}

fn parse_v1(bytes: &[u8]) -> Result<Parsed, Malformed> {
    let window = &bytes[..bytes.len().min(V1_BYTES_MAX)];
    let Some(end) = memchr::memchr(b'\n', window) else {
        return if bytes.len() < V1_BYTES_MAX {
            Ok(Parsed::Partial)
        } else {
            Err(Malformed)
        };
    };
    let line = window[..end].strip_suffix(b"\r").ok_or(Malformed)?;
    let line = std::str::from_utf8(line).map_err(|_| Malformed)?;
    let line = line.strip_prefix("PROXY ").ok_or(Malformed)?;
    let done = |source| Ok(Parsed::Done(source, end + 1));
    // What follows on the line of an unknown connection is to be ignored.
    if line == "UNKNOWN" || line.starts_with("UNKNOWN ") {
        return done(Source::Peer);
    }
    let mut words = line.split(' ');
    let mut next = || words.next().ok_or(Malformed);
    let family = next()?;
    let addresses = [next()?, next()?];
    let ports = [next()?, next()?];
    if words.next().is_some() {
        return Err(Malformed);
    }
    let [source, _] = match family {
        "TCP4" => both(addresses, |text| text.parse().map(IpAddr::V4).ok())?,
        "TCP6" => both(addresses, |text| text.parse().map(IpAddr::V6).ok())?,
        _ => return Err(Malformed),
    };
    let [port, _] = both(ports, port)?;
    done(Source::Client(SocketAddr::new(source, port)))
}

fn both<T>(texts: [&str; 2], read: impl Fn(&str) -> Option<T>) -> Result<[T; 2], Malformed> {
    let [first, second] = texts.map(read);
    Ok([first.ok_or(Malformed)?, second.ok_or(Malformed)?])
}

/// Digits without a sign and without zeros in front.
fn port(text: &str) -> Option<u16> {
    let is_canonical =
        text == "0" || text.starts_with(|first: char| first.is_ascii_digit() && first != '0');
    text.parse().ok().filter(|_| is_canonical)
}

fn parse_v2(bytes: &[u8]) -> Result<Parsed, Malformed> {
    let Some((fixed, rest)) = bytes.split_at_checked(V2_FIXED_BYTES) else {
        return Ok(Parsed::Partial);
    };
    let [version_and_command, family, high, low] = [fixed[12], fixed[13], fixed[14], fixed[15]];
    let length = usize::from(u16::from_be_bytes([high, low]));
    if V2_FIXED_BYTES + length > HEADER_BYTES_MAX {
        return Err(Malformed);
    }
    let is_local = match version_and_command {
        0x20 => true,
        0x21 => false,
        _ => return Err(Malformed),
    };
    let Some(body) = rest.get(..length) else {
        return Ok(Parsed::Partial);
    };
    let done = |source| Ok(Parsed::Done(source, V2_FIXED_BYTES + length));
    // The rest of a local connection's header is to be skipped, whatever it is.
    if is_local {
        return done(Source::Peer);
    }
    let (source, address_bytes) = match family {
        0x00 => (Source::Peer, 0),
        0x11 => (client_v4(body)?, 12),
        0x21 => (client_v6(body)?, 36),
        // A stream socket of another host's file system: there is an address, but none that means something here.
        0x31 => (Source::Peer, 216),
        _ => return Err(Malformed),
    };
    let properties = body.get(address_bytes..).ok_or(Malformed)?;
    if family != 0x00 {
        skip_properties(properties)?;
    }
    done(source)
}

fn client_v4(body: &[u8]) -> Result<Source, Malformed> {
    let (address, rest) = body.split_first_chunk::<4>().ok_or(Malformed)?;
    client(Ipv4Addr::from(*address).into(), rest.get(4..6))
}

fn client_v6(body: &[u8]) -> Result<Source, Malformed> {
    let (address, rest) = body.split_first_chunk::<16>().ok_or(Malformed)?;
    client(Ipv6Addr::from(*address).into(), rest.get(16..18))
}

fn client(ip: IpAddr, port: Option<&[u8]>) -> Result<Source, Malformed> {
    let [high, low] = *port.ok_or(Malformed)? else {
        return Err(Malformed);
    };
    let port = u16::from_be_bytes([high, low]);
    Ok(Source::Client(SocketAddr::new(ip, port)))
}

/// Type, length and value, one after the other (section 2.2.1): nothing of it is used, but it has to add up.
fn skip_properties(mut bytes: &[u8]) -> Result<(), Malformed> {
    while !bytes.is_empty() {
        let ([_, high, low], rest) = bytes.split_first_chunk::<3>().ok_or(Malformed)?;
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        bytes = rest.get(length..).ok_or(Malformed)?;
    }
    Ok(())
}
