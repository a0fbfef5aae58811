//! One process that is run, and the socket to it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command};
use std::rc::Rc;

use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::process::{Pid, Signal, kill_process};

use crate::message::{Said, answer, receive};

/// Names the inherited socket: our process id, a colon and the descriptor. A grandchild that inherits the variable is not
/// our child, and knows by that.
const VARIABLE: &str = "HEDDLE_HOLD";

/// A listening socket that is held.
pub struct Held {
    pub index: u32,
    pub address: String,
    pub fd: OwnedFd,
}

pub struct Process {
    child: Child,
    /// Absent when the process has closed its end.
    socket: Option<OwnedFd>,
    /// Answers that are still to be sent; `None` ends them.
    outbox: VecDeque<Option<Rc<Held>>>,
    pub is_ready: bool,
}

/// How a process ended.
#[derive(Clone, Copy)]
pub struct End {
    /// Absent when a signal ended it.
    pub code: Option<i32>,
    signal: Option<i32>,
}

impl End {
    /// As a shell would say it.
    pub fn exit_code(self) -> u8 {
        let code = self.code.or(self.signal.map(|signal| 128 + signal));
        code.and_then(|code| u8::try_from(code).ok()).unwrap_or(70)
    }

    pub fn text(self) -> String {
        match (self.code, self.signal) {
            (Some(code), _) => format!("ended with code {code}"),
            (None, Some(signal)) => format!("was ended by signal {signal}"),
            (None, None) => "ended".to_owned(),
        }
    }
}

impl Process {
    /// Starts it in a process group of its own: what a terminal sends comes to us first, and is passed on once.
    pub fn start(command: &[OsString]) -> io::Result<Self> {
        let [program, arguments @ ..] = command else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let (ours, theirs) = socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::empty(),
            None,
        )?;
        fcntl_setfd(&ours, FdFlags::CLOEXEC)?;
        let child = Command::new(program)
            .args(arguments)
            .env(
                VARIABLE,
                format!("{}:{}", std::process::id(), theirs.as_raw_fd()),
            )
            .process_group(0)
            .spawn()?;
        Ok(Self {
            child,
            socket: Some(ours),
            outbox: VecDeque::new(),
            is_ready: false,
        })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        // One that has ended meanwhile does not hear it; its end is seen next.
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<End> {
        let status = self.child.try_wait().ok().flatten()?;
        Some(End {
            code: status.code(),
            signal: status.signal(),
        })
    }

    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.socket.as_ref().map(AsFd::as_fd)
    }

    pub fn has_unsent(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// What it says next, if anything.
    pub fn hear(&mut self) -> Option<Said> {
        match receive(self.socket.as_ref()?) {
            Ok(Some(said)) => Some(said),
            Err(Errno::AGAIN | Errno::INTR) => None,
            Ok(None) | Err(_) => {
                self.socket = None;
                self.outbox.clear();
                None
            }
        }
    }

    /// Has all that is held sent to it.
    pub fn give(&mut self, held: &[Rc<Held>]) {
        self.outbox.extend(held.iter().cloned().map(Some));
        self.outbox.push_back(None);
    }

    /// Sends what fits; the rest waits until it has read that.
    pub fn send(&mut self) {
        while let (Some(socket), Some(next)) = (&self.socket, self.outbox.front()) {
            let held = next
                .as_ref()
                .map(|held| (held.index, held.address.as_str(), &held.fd));
            match answer(socket, held) {
                Ok(()) => drop(self.outbox.pop_front()),
                Err(Errno::AGAIN | Errno::INTR) => return,
                Err(_) => self.outbox.clear(),
            }
        }
    }
}
