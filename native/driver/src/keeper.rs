//! Who keeps the listening sockets of this process beyond its death: `heddle-hold`, systemd's descriptor store, or nobody.
//!
//! A socket is known by the text of its address. What is kept is taken over instead of bound, also while the process that
//! deposited it still serves: both then accept from the same queue, and nobody is refused in between. The words with
//! `heddle-hold` are explained in `hold/message`; those with systemd are of `sd_listen_fds(3)` and `sd_notify(3)`.

use std::collections::HashMap;
use std::env;
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

use rustix::io::{Errno, FdFlags, fcntl_setfd, ioctl_fionbio};
use rustix::net::sockopt::{self, Timeout};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketAddrAny, SocketAddrUnix, SocketFlags, SocketType,
    connect, getsockname, recvmsg, sendmsg, socket_with,
};
use rustix::process::{getpid, getppid};

use crate::socket::set_options;

/// `parent:descriptor`, set by `heddle-hold` for its child.
const HOLD: &str = "HEDDLE_HOLD";
/// Time that a keeper has for an answer; after it the process goes on alone.
const PATIENCE: Duration = Duration::from_secs(1);
/// Longest message of `heddle-hold`.
const MESSAGE_BYTES_MAX: usize = 512;
/// First descriptor that systemd passes (`SD_LISTEN_FDS_START`).
const LISTEN_FDS_START: RawFd = 3;
/// More than a unit can pass is a mistake in the environment.
const LISTEN_FDS_MAX: RawFd = 4_096;

/// Listening sockets of an earlier process, or of systemd, by address.
pub(crate) type Kept = HashMap<String, Vec<OwnedFd>>;

pub(crate) enum Keeper {
    Nobody,
    Hold(OwnedFd),
    Systemd(OwnedFd),
}

impl Keeper {
    /// Looks for a keeper, and takes over what it has.
    pub fn find() -> (Self, Kept) {
        if let Some(socket) = hold_socket()
            && let Ok(kept) = take(&socket)
        {
            return (Self::Hold(socket), kept);
        }
        let keeper = notify_socket().map_or(Self::Nobody, Self::Systemd);
        (keeper, listen_fds())
    }

    /// True when somebody keeps what is deposited.
    pub fn keeps(&self) -> bool {
        !matches!(self, Self::Nobody)
    }

    /// Deposits a socket. A keeper that cannot be reached any more is done without.
    pub fn hold(&mut self, index: usize, address: &str, fd: &OwnedFd) {
        match self {
            Self::Nobody => {}
            Self::Hold(_) => self.say(&format!("1 hold {index} {address}"), Some(fd)),
            Self::Systemd(_) => {
                let name = unit_name(address);
                self.say(&format!("FDSTORE=1\nFDNAME={name}"), Some(fd));
            }
        }
    }

    /// The address is not listened on any more.
    pub fn release(&mut self, address: &str) {
        match self {
            Self::Nobody => {}
            Self::Hold(_) => self.say(&format!("1 drop {address}"), None),
            Self::Systemd(_) => {
                let name = unit_name(address);
                self.say(&format!("FDSTOREREMOVE=1\nFDNAME={name}"), None);
            }
        }
    }

    /// The process serves.
    pub fn ready(&mut self) {
        match self {
            Self::Nobody => {}
            Self::Hold(_) => self.say("1 ready", None),
            Self::Systemd(_) => self.say("READY=1", None),
        }
    }

    /// Asks for a successor, beside which this process may finish; false when nobody can start one.
    pub fn leaving(&mut self) -> bool {
        if matches!(self, Self::Hold(_)) {
            self.say("1 leaving", None);
        }
        matches!(self, Self::Hold(_))
    }

    fn say(&mut self, text: &str, fd: Option<&OwnedFd>) {
        let (Self::Hold(socket) | Self::Systemd(socket)) = &*self else {
            return;
        };
        if send(socket, text, fd).is_err() {
            *self = Self::Nobody;
        }
    }
}

/// What the shards of a process listen with: one each. A socket may serve several shards, such as one that systemd bound;
/// of more than there are shards, some are left over.
pub(crate) fn spread(kept: &[OwnedFd], shards: usize) -> std::io::Result<Vec<OwnedFd>> {
    (0..shards)
        .map(|shard| kept[shard % kept.len()].try_clone())
        .collect()
}

fn hold_socket() -> Option<OwnedFd> {
    let text = env::var(HOLD).ok()?;
    let (parent, fd) = text.split_once(':')?;
    let is_ours = getppid().is_some_and(|pid| pid.as_raw_nonzero().to_string() == parent);
    let fd = fd.parse().ok().filter(|&fd| is_ours && fd > 2)?;
    // SAFETY: borrowed for this check only. Our parent says that it is open; when it is not, the call fails.
    let kind = sockopt::socket_type(unsafe { BorrowedFd::borrow_raw(fd) });
    if kind != Ok(SocketType::SEQPACKET) {
        return None;
    }
    // SAFETY: `heddle-hold` opened it for this process, and nothing else here knows of it: `find` is called once.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    fcntl_setfd(&socket, FdFlags::CLOEXEC).ok()?;
    for direction in [Timeout::Recv, Timeout::Send] {
        sockopt::set_socket_timeout(&socket, direction, Some(PATIENCE)).ok()?;
    }
    Some(socket)
}

fn take(socket: &OwnedFd) -> Result<Kept, Errno> {
    send(socket, "1 take", None)?;
    let mut kept = Kept::new();
    loop {
        let mut bytes = [0; MESSAGE_BYTES_MAX];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut slices = [IoSliceMut::new(&mut bytes)];
        let count = recvmsg(socket, &mut slices, &mut ancillary, RecvFlags::CMSG_CLOEXEC)?.bytes;
        let fd = ancillary.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
            _ => None,
        });
        let text = std::str::from_utf8(&bytes[..count]).map_err(|_| Errno::BADMSG)?;
        match (text.splitn(4, ' ').collect::<Vec<_>>().as_slice(), fd) {
            (["1", "end"], _) => return Ok(kept),
            (["1", "held", _, address], Some(fd)) => {
                kept.entry((*address).to_owned()).or_default().push(fd);
            }
            _ => return Err(Errno::BADMSG),
        }
    }
}

fn send(socket: &OwnedFd, text: &str, fd: Option<&OwnedFd>) -> Result<(), Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let fds = fd.map(|fd| [fd.as_fd()]);
    if let Some(fds) = &fds {
        ancillary.push(SendAncillaryMessage::ScmRights(fds));
    }
    let slices = [IoSlice::new(text.as_bytes())];
    sendmsg(socket, &slices, &mut ancillary, SendFlags::NOSIGNAL)?;
    Ok(())
}

fn notify_socket() -> Option<OwnedFd> {
    let path = env::var("NOTIFY_SOCKET").ok()?;
    let address = match path.strip_prefix('@') {
        Some(name) => SocketAddrUnix::new_abstract_name(name.as_bytes()),
        None => SocketAddrUnix::new(path.as_str()),
    };
    let kind = SocketType::DGRAM;
    let socket = socket_with(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).ok()?;
    connect(&socket, &address.ok()?).ok()?;
    Some(socket)
}

/// Sockets that systemd passed to this very process, from a socket unit or from its store. The address is asked of the
/// socket itself, so their names (`LISTEN_FDNAMES`) are not needed.
fn listen_fds() -> Kept {
    let number = |name| {
        env::var(name)
            .ok()
            .and_then(|text| text.parse::<RawFd>().ok())
    };
    let mut kept = Kept::new();
    if number("LISTEN_PID") != Some(getpid().as_raw_nonzero().get()) {
        return kept;
    }
    let count = number("LISTEN_FDS").map_or(0, |count| count.clamp(0, LISTEN_FDS_MAX));
    for fd in LISTEN_FDS_START..LISTEN_FDS_START + count {
        // SAFETY: systemd opened these for this process, and nothing else here knows of them: `find` is called once.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        let _ = fcntl_setfd(&fd, FdFlags::CLOEXEC);
        let listens =
            sockopt::socket_acceptconn(&fd) == Ok(true) && ioctl_fionbio(&fd, true).is_ok();
        if let Some(address) = address_text(&fd).filter(|_| listens) {
            // A Unix domain socket has none of these options.
            let _ = set_options(&fd);
            kept.entry(address).or_default().push(fd);
        }
    }
    kept
}

fn address_text(fd: &OwnedFd) -> Option<String> {
    let address: SocketAddrAny = getsockname(fd).ok()?;
    if let Ok(address) = std::net::SocketAddr::try_from(address.clone()) {
        return Some(address.to_string());
    }
    let unix = SocketAddrUnix::try_from(address).ok()?;
    Some(format!("unix:{}", unix.path()?.to_str().ok()?))
}

/// A name of the store has no colon (`sd_notify(3)`).
fn unit_name(address: &str) -> String {
    address.replace(':', "%3A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::net::socketpair;

    fn pair(kind: SocketType) -> (OwnedFd, OwnedFd) {
        socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).unwrap()
    }

    fn heard(socket: &OwnedFd) -> String {
        let mut bytes = [0; 512];
        let (count, _) = rustix::net::recv(socket, &mut bytes, RecvFlags::DONTWAIT).unwrap();
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    }

    #[test]
    fn a_deposit_names_the_shard_and_the_address() {
        let (ours, theirs) = pair(SocketType::SEQPACKET);
        let (fd, _) = rustix::pipe::pipe().unwrap();
        let mut keeper = Keeper::Hold(ours);
        keeper.hold(1, "127.0.0.1:80", &fd);
        keeper.release("127.0.0.1:80");
        keeper.ready();
        assert!(keeper.leaving());
        let all = [(); 4].map(|()| heard(&theirs));
        assert_eq!(
            all,
            [
                "1 hold 1 127.0.0.1:80",
                "1 drop 127.0.0.1:80",
                "1 ready",
                "1 leaving"
            ]
        );
    }

    #[test]
    fn systemd_gets_the_same_in_its_own_words_and_starts_no_successor() {
        let (ours, theirs) = pair(SocketType::DGRAM);
        let (fd, _) = rustix::pipe::pipe().unwrap();
        let mut keeper = Keeper::Systemd(ours);
        keeper.hold(0, "[::1]:80", &fd);
        keeper.release("[::1]:80");
        keeper.ready();
        assert!(!keeper.leaving());
        let all = [(); 3].map(|()| heard(&theirs));
        let name = "FDNAME=[%3A%3A1]%3A80";
        let stored = format!("FDSTORE=1\n{name}");
        assert_eq!(
            all,
            [
                stored,
                format!("FDSTOREREMOVE=1\n{name}"),
                "READY=1".to_owned()
            ]
        );
    }

    #[test]
    fn what_is_kept_is_taken_over_by_address() {
        let (ours, theirs) = pair(SocketType::SEQPACKET);
        let (fd, _) = rustix::pipe::pipe().unwrap();
        for text in [
            "1 held 0 127.0.0.1:80",
            "1 held 1 127.0.0.1:80",
            "1 held 0 unix:/a b",
        ] {
            send(&theirs, text, Some(&fd)).unwrap();
        }
        send(&theirs, "1 end", None).unwrap();
        let kept = take(&ours).unwrap();
        assert_eq!(heard(&theirs), "1 take");
        assert_eq!(
            (kept["127.0.0.1:80"].len(), kept["unix:/a b"].len()),
            (2, 1)
        );
    }

    #[test]
    fn a_keeper_that_is_gone_is_done_without() {
        let (ours, theirs) = pair(SocketType::SEQPACKET);
        drop(theirs);
        let mut keeper = Keeper::Hold(ours);
        keeper.ready();
        assert!(!keeper.leaving());
    }

    #[test]
    fn every_shard_gets_a_socket_however_many_are_kept() {
        let kept = [
            rustix::pipe::pipe().unwrap().0,
            rustix::pipe::pipe().unwrap().0,
        ];
        assert_eq!(spread(&kept, 1).unwrap().len(), 1);
        assert_eq!(spread(&kept, 5).unwrap().len(), 5);
    }
}
