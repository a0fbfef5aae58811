//! Sockets as they are made here, and only here: non-blocking, close-on-exec, without Nagle's algorithm, and certain to
//! notice a peer that vanished.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::sockopt;
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, acceptfrom_with, bind, connect, listen,
    socket_with,
};
use snapshot::Address;

/// Connections that the kernel holds for a listener until they are accepted.
pub(crate) const BACKLOG: i32 = 4096;

/// Silence after which the kernel asks whether the peer is still there.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
/// Time between two such questions.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
/// Time without any answer, to a question or to sent bytes, after which the connection breaks: a peer that vanished
/// without FIN is found within a minute. It also ends a connection whose peer takes none of our bytes for so long.
const UNANSWERED_MS_MAX: u32 = 50_000;

const FLAGS: SocketFlags = SocketFlags::NONBLOCK.union(SocketFlags::CLOEXEC);

/// Binds `count` sockets to one address, one for each shard, among which the kernel shares connections
/// (`SO_REUSEPORT`). Unless `share` is set, an address that another process serves is refused.
pub(crate) fn listeners(
    address: SocketAddr,
    count: usize,
    share: bool,
) -> Result<Vec<OwnedFd>, Errno> {
    if !share {
        let probe = tcp(address)?;
        sockopt::set_socket_reuseaddr(&probe, true)?;
        bind(&probe, &address)?;
        listen(&probe, 1)?;
    }
    let open = || {
        let fd = tcp(address)?;
        sockopt::set_socket_reuseaddr(&fd, true)?;
        sockopt::set_socket_reuseport(&fd, true)?;
        bind(&fd, &address)?;
        listen(&fd, BACKLOG)?;
        Ok(fd)
    };
    (0..count).map(|_| open()).collect()
}

/// Takes one waiting connection, with the IP address that it comes from. It has inherited the options of the listening
/// socket.
pub(crate) fn accept(listener: &impl AsFd) -> Result<(OwnedFd, Option<IpAddr>), Errno> {
    let (fd, peer) = acceptfrom_with(listener, FLAGS)?;
    let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok());
    Ok((fd, peer.map(|peer| peer.ip())))
}

/// Begins to open a connection.
pub(crate) fn dial(address: &Address) -> Result<OwnedFd, Errno> {
    let (fd, result) = match address {
        Address::Ip(address) => {
            let fd = tcp(*address)?;
            let result = connect(&fd, address);
            (fd, result)
        }
        Address::Unix(path) => {
            let fd = unix()?;
            let result = connect(&fd, &SocketAddrUnix::new(&**path)?);
            (fd, result)
        }
    };
    match result {
        Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Ok(fd),
        Err(error) => Err(error),
    }
}

/// Where the other end of a connection is.
pub(crate) fn peer(fd: &impl AsFd) -> Option<SocketAddr> {
    rustix::net::getpeername(fd).ok().flatten()?.try_into().ok()
}

/// Makes the next close send RST instead of FIN.
pub(crate) fn reset_on_close(fd: &impl AsFd) {
    // Failing leaves an ordinary close, which is no worse than a peer that vanished.
    let _ = sockopt::set_socket_linger(fd, Some(Duration::ZERO));
}

pub(crate) fn unix() -> Result<OwnedFd, Errno> {
    socket_with(AddressFamily::UNIX, SocketType::STREAM, FLAGS, None)
}

fn tcp(address: SocketAddr) -> Result<OwnedFd, Errno> {
    let family = if address.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let fd = socket_with(family, SocketType::STREAM, FLAGS, None)?;
    set_options(&fd)?;
    Ok(fd)
}

/// What every TCP socket gets, also a listening one that somebody else made: accepted ones inherit it.
pub(crate) fn set_options(fd: &impl AsFd) -> Result<(), Errno> {
    sockopt::set_tcp_nodelay(fd, true)?;
    sockopt::set_socket_keepalive(fd, true)?;
    sockopt::set_tcp_keepidle(fd, KEEPALIVE_IDLE)?;
    sockopt::set_tcp_keepintvl(fd, KEEPALIVE_INTERVAL)?;
    // With this option the kernel counts time, not questions, so that `TCP_KEEPCNT` has no effect.
    sockopt::set_tcp_user_timeout(fd, UNANSWERED_MS_MAX)
}

#[cfg(test)]
mod tests;
