//! Sockets as they are made here, and only here: non-blocking, close-on-exec, without Nagle's algorithm.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::sockopt;
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, acceptfrom_with, bind, connect, listen, socket_with,
};

/// Connections that the kernel holds for a listener until they are accepted.
const BACKLOG: i32 = 4096;

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

/// Takes one waiting connection, with the IP address that it comes from.
pub(crate) fn accept(listener: &impl AsFd) -> Result<(OwnedFd, Option<IpAddr>), Errno> {
    let (fd, peer) = acceptfrom_with(listener, FLAGS)?;
    // A peer that is gone already makes this fail; its event says so.
    let _ = sockopt::set_tcp_nodelay(&fd, true);
    let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok());
    Ok((fd, peer.map(|peer| peer.ip())))
}

/// Begins to open a connection.
pub(crate) fn dial(address: SocketAddr) -> Result<OwnedFd, Errno> {
    let fd = tcp(address)?;
    sockopt::set_tcp_nodelay(&fd, true)?;
    match connect(&fd, &address) {
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
    let _ = sockopt::set_socket_linger(fd, Some(std::time::Duration::ZERO));
}

fn tcp(address: SocketAddr) -> Result<OwnedFd, Errno> {
    let family = if address.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    socket_with(family, SocketType::STREAM, FLAGS, None)
}
