//! Holds the sockets and keeps one process serving them: the present one, its successor while that is starting, and those
//! that are finishing what they have.

use std::ffi::OsString;
use std::io;
use std::rc::Rc;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::Signal;
use rustix::time::{ClockId, clock_gettime};

use crate::message::Said;
use crate::process::{End, Held, Process};
use crate::restarts::{Restarts, Verdict};
use crate::signals::Signals;

/// Sockets that are held at most; further ones are not kept, and listened on only as long as their process lives.
const HELD_MAX: usize = 4_096;
/// Messages taken from one process in a row.
const MESSAGES_MAX: usize = 64;
/// Exit code when the process kept ending (`EX_SOFTWARE` of sysexits).
const GAVE_UP: u8 = 70;

pub struct Hold {
    command: Vec<OsString>,
    signals: Signals,
    held: Vec<Rc<Held>>,
    current: Option<Process>,
    successor: Option<Process>,
    finishing: Vec<Process>,
    restarts: Restarts,
    /// When the next process is to be started, in milliseconds.
    start_at: Option<u64>,
    /// It was told to end; the last end decides the exit code.
    ending: bool,
    code: Option<u8>,
}

impl Hold {
    pub fn new(command: Vec<OsString>) -> io::Result<Self> {
        Ok(Self {
            command,
            signals: Signals::new()?,
            held: Vec::new(),
            current: None,
            successor: None,
            finishing: Vec::new(),
            restarts: Restarts::default(),
            start_at: Some(0),
            ending: false,
            code: None,
        })
    }

    /// Until nothing runs any more and nothing is to be started; then with the exit code.
    pub fn run(mut self) -> io::Result<u8> {
        loop {
            let now = now_ms();
            if self.start_at.is_some_and(|at| at <= now) {
                self.start_at = None;
                self.start()?;
            }
            if self.processes().next().is_none() && self.start_at.is_none() {
                return Ok(self.code.unwrap_or(0));
            }
            self.wait(now)?;
            for signal in self.signals.take() {
                self.on_signal(signal);
            }
            self.listen();
            self.reap();
        }
    }

    /// Starts the first process, or one beside the present one.
    fn start(&mut self) -> io::Result<()> {
        let process = Process::start(&self.command)?;
        if self.current.is_none() {
            self.current = Some(process);
        } else {
            self.successor = Some(process);
        }
        Ok(())
    }

    fn wait(&self, now: u64) -> io::Result<()> {
        let mut fds: Vec<PollFd<'_>> = self
            .signals
            .fds()
            .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
            .collect();
        for process in self.processes() {
            let Some(fd) = process.fd() else { continue };
            let mut flags = PollFlags::IN;
            flags.set(PollFlags::OUT, process.has_unsent());
            fds.push(PollFd::from_borrowed_fd(fd, flags));
        }
        let wait_ms = self.start_at.map(|at| at.saturating_sub(now));
        let timeout = wait_ms.map(|ms| Timespec {
            tv_sec: (ms / 1_000).cast_signed(),
            tv_nsec: (ms % 1_000 * 1_000_000).cast_signed(),
        });
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn on_signal(&mut self, signal: Signal) {
        match signal {
            // An end is looked for in any case.
            Signal::CHILD => {}
            Signal::USR2 => self.succeed(),
            Signal::USR1 => self.processes().for_each(|process| process.signal(signal)),
            _ => {
                self.ending = true;
                self.start_at = None;
                let code = u8::try_from(128 + signal.as_raw()).ok();
                self.code = self.code.or(code);
                self.processes().for_each(|process| process.signal(signal));
            }
        }
    }

    /// Starts a successor, unless one is on its way.
    fn succeed(&mut self) {
        if self.ending || self.successor.is_some() || self.start_at.is_some() {
            return;
        }
        match self.restarts.restart(now_ms()) {
            Verdict::StartAt(at) => self.start_at = Some(at),
            Verdict::Over(_) | Verdict::GiveUp => {
                eprintln!(
                    "heddle-hold: started too often within a minute; no successor is started"
                );
            }
        }
    }

    fn listen(&mut self) {
        for _ in 0..MESSAGES_MAX {
            let Some(said) = self.current.as_mut().and_then(Process::hear) else {
                break;
            };
            match said {
                Said::Leaving => self.succeed(),
                said => Self::keep(&mut self.held, self.current.as_mut(), said),
            }
        }
        for _ in 0..MESSAGES_MAX {
            let Some(said) = self.successor.as_mut().and_then(Process::hear) else {
                break;
            };
            Self::keep(&mut self.held, self.successor.as_mut(), said);
            if self.successor.as_ref().is_some_and(|next| next.is_ready) {
                self.hand_over();
            }
        }
        // What one that finishes says no longer counts; a closed end has to be noticed.
        for process in &mut self.finishing {
            while process.hear().is_some() {}
        }
        for process in [&mut self.current, &mut self.successor]
            .into_iter()
            .flatten()
        {
            process.send();
        }
    }

    fn keep(held: &mut Vec<Rc<Held>>, process: Option<&mut Process>, said: Said) {
        let Some(process) = process else { return };
        match said {
            Said::Take => process.give(held),
            Said::Hold { index, address, fd } => {
                held.retain(|one| one.index != index || one.address != address);
                if held.len() < HELD_MAX {
                    held.push(Rc::new(Held { index, address, fd }));
                }
            }
            Said::Drop(address) => held.retain(|one| one.address != address),
            Said::Ready => process.is_ready = true,
            Said::Leaving | Said::Unknown => {}
        }
    }

    /// The successor serves: who served before finishes what it has.
    fn hand_over(&mut self) {
        if let Some(previous) = self.current.take() {
            previous.signal(Signal::TERM);
            self.finishing.push(previous);
        }
        self.current = self.successor.take();
    }

    fn reap(&mut self) {
        self.finishing
            .retain_mut(|process| process.ended().is_none());
        if let Some(end) = self.successor.as_mut().and_then(Process::ended) {
            self.successor = None;
            eprintln!(
                "heddle-hold: the successor {} before it was ready",
                end.text()
            );
        }
        let Some(current) = &mut self.current else {
            return;
        };
        let Some(end) = current.ended() else { return };
        let (id, was_ready) = (current.id(), current.is_ready);
        // Its last words may still be of use to the next one.
        for _ in 0..MESSAGES_MAX {
            let Some(said) = self.current.as_mut().and_then(Process::hear) else {
                break;
            };
            Self::keep(&mut self.held, self.current.as_mut(), said);
        }
        self.current = self.successor.take();
        if self.ending {
            self.code = Some(end.exit_code());
        } else if self.current.is_none() {
            self.replace(id, end, was_ready);
        }
    }

    fn replace(&mut self, id: u32, end: End, was_ready: bool) {
        if self.start_at.is_some() {
            // A successor was asked for and is due.
            return;
        }
        match self.restarts.ended(end.code, was_ready, now_ms()) {
            Verdict::StartAt(at) => {
                eprintln!(
                    "heddle-hold: process {id} {}; it is started again, its {} listening sockets are held",
                    end.text(),
                    self.held.len()
                );
                self.start_at = Some(at);
            }
            Verdict::Over(_) => self.code = Some(end.exit_code()),
            Verdict::GiveUp => {
                eprintln!(
                    "heddle-hold: process {id} {}; it was started too often within a minute and is given up",
                    end.text()
                );
                self.code = Some(GAVE_UP);
            }
        }
    }

    fn processes(&self) -> impl Iterator<Item = &Process> {
        let both = self.current.iter().chain(&self.successor);
        both.chain(&self.finishing)
    }
}

fn now_ms() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec.cast_unsigned() * 1_000 + now.tv_nsec.cast_unsigned() / 1_000_000
}
