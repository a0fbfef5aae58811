//! The words between `heddle-hold` and the process it runs, over a Unix socket that the process inherits. One datagram
//! (`SOCK_SEQPACKET`) is one message: text, beginning with the version, with at most one descriptor (`SCM_RIGHTS`).
//!
//! | from the process | |
//! |---|---|
//! | `1 take` | give me what you hold; answered by `held` for each socket and `end` |
//! | `1 hold INDEX ADDRESS` + descriptor | keep this listening socket |
//! | `1 drop ADDRESS` | keep none of this address any more |
//! | `1 ready` | I serve; whoever served before may finish |
//! | `1 leaving` | start my successor, I am not well |
//!
//! | to the process | |
//! |---|---|
//! | `1 held INDEX ADDRESS` + descriptor | |
//! | `1 end` | |
//!
//! An address is the text that the process uses for it; a message that is not understood is passed over. The other side is
//! `driver/holder`.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// Longest message; an address is at most the path of a Unix socket.
const MESSAGE_BYTES_MAX: usize = 512;

/// What a process says.
#[derive(Debug)]
pub enum Said {
    Take,
    Hold {
        index: u32,
        address: String,
        fd: OwnedFd,
    },
    Drop(String),
    Ready,
    Leaving,
    /// Of another version, or incomplete.
    Unknown,
}

/// The next message; `None` when the process has closed its end.
pub fn receive(socket: impl AsFd) -> Result<Option<Said>, Errno> {
    let mut bytes = [0; MESSAGE_BYTES_MAX];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
    let received = recvmsg(
        socket,
        &mut [IoSliceMut::new(&mut bytes)],
        &mut ancillary,
        flags,
    )?;
    if received.bytes == 0 {
        return Ok(None);
    }
    let fd = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
        _ => None,
    });
    Ok(Some(parse(&bytes[..received.bytes], fd)))
}

/// Sends `held`, or `end` for nothing.
pub fn answer(socket: impl AsFd, held: Option<(u32, &str, &OwnedFd)>) -> Result<(), Errno> {
    let text = held.map_or_else(
        || "1 end".to_owned(),
        |(index, address, _)| format!("1 held {index} {address}"),
    );
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let fds = held.map(|(_, _, fd)| [fd.as_fd()]);
    if let Some(fds) = &fds {
        ancillary.push(SendAncillaryMessage::ScmRights(fds));
    }
    let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
    sendmsg(
        socket,
        &[IoSlice::new(text.as_bytes())],
        &mut ancillary,
        flags,
    )?;
    Ok(())
}

fn parse(bytes: &[u8], fd: Option<OwnedFd>) -> Said {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    match (text.split_once(' '), fd) {
        (Some(("1", "take")), _) => Said::Take,
        (Some(("1", "ready")), _) => Said::Ready,
        (Some(("1", "leaving")), _) => Said::Leaving,
        (Some(("1", rest)), fd) => match (rest.split_once(' '), fd) {
            (Some(("drop", address)), _) => Said::Drop(address.to_owned()),
            (Some(("hold", place)), Some(fd)) => hold(place, fd),
            _ => Said::Unknown,
        },
        _ => Said::Unknown,
    }
}

fn hold(place: &str, fd: OwnedFd) -> Said {
    let Some((index, address)) = place.split_once(' ') else {
        return Said::Unknown;
    };
    index.parse().map_or(Said::Unknown, |index| Said::Hold {
        index,
        address: address.to_owned(),
        fd,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fd() -> OwnedFd {
        rustix::pipe::pipe().unwrap().0
    }

    #[test]
    fn every_message_is_understood() {
        assert!(matches!(parse(b"1 take", None), Said::Take));
        assert!(matches!(parse(b"1 ready", None), Said::Ready));
        assert!(matches!(parse(b"1 leaving", None), Said::Leaving));
        assert!(matches!(parse(b"1 drop [::1]:80", None), Said::Drop(a) if a == "[::1]:80"));
        let said = parse(b"1 hold 3 unix:/a b/c.sock", Some(fd()));
        assert!(
            matches!(said, Said::Hold { index: 3, address, .. } if address == "unix:/a b/c.sock")
        );
    }

    #[test]
    fn another_version_a_missing_descriptor_and_nonsense_are_passed_over() {
        assert!(matches!(parse(b"2 take", None), Said::Unknown));
        assert!(matches!(
            parse(b"1 hold 0 127.0.0.1:1", None),
            Said::Unknown
        ));
        assert!(matches!(parse(b"1 hold x y", Some(fd())), Said::Unknown));
        assert!(matches!(parse(b"\xff", None), Said::Unknown));
        assert!(matches!(parse(b"", None), Said::Unknown));
    }
}
