use std::net::{Ipv4Addr, TcpListener, TcpStream};

use super::*;

const MINUTE: Duration = Duration::from_mins(1);

#[test]
fn an_accepted_socket_finds_a_vanished_peer_within_a_minute() {
    let listener = listeners(loopback(), 1, false).unwrap().remove(0);
    let address = rustix::net::getsockname(&listener).unwrap();
    let _peer = TcpStream::connect(SocketAddr::try_from(address).unwrap()).unwrap();
    assert_finds_vanished_peer(&accept(&listener).unwrap().0);
}

#[test]
fn a_dialled_socket_finds_a_vanished_peer_within_a_minute() {
    let listener = TcpListener::bind(loopback()).unwrap();
    let address = Address::Ip(listener.local_addr().unwrap());
    assert_finds_vanished_peer(&dial(&address).unwrap());
}

fn loopback() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

fn assert_finds_vanished_peer(fd: &OwnedFd) {
    assert!(sockopt::tcp_nodelay(fd).unwrap());
    assert!(sockopt::socket_keepalive(fd).unwrap());
    let idle = sockopt::tcp_keepidle(fd).unwrap();
    let interval = sockopt::tcp_keepintvl(fd).unwrap();
    let unanswered = Duration::from_millis(sockopt::tcp_user_timeout(fd).unwrap().into());
    assert!(
        idle + interval < unanswered,
        "at least two questions are asked before the end"
    );
    assert!(unanswered + interval < MINUTE);
}
