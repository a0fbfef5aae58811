//! Signals as readable descriptors, so that one wait covers everything.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use rustix::process::Signal;

/// Each with a pipe that gets a byte when it comes; several of one kind may become one.
pub struct Signals {
    pipes: Vec<(Signal, UnixStream)>,
}

/// Those that are dealt with; the others keep their effect.
const HANDLED: [Signal; 7] = [
    Signal::CHILD,
    Signal::TERM,
    Signal::INT,
    Signal::HUP,
    Signal::QUIT,
    Signal::USR1,
    Signal::USR2,
];

impl Signals {
    pub fn new() -> io::Result<Self> {
        let pipe = |signal: Signal| {
            let (ours, theirs) = UnixStream::pair()?;
            ours.set_nonblocking(true)?;
            signal_hook::low_level::pipe::register(signal.as_raw(), theirs)?;
            Ok((signal, ours))
        };
        let pipes = HANDLED.into_iter().map(pipe).collect::<io::Result<_>>()?;
        Ok(Self { pipes })
    }

    pub fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.pipes.iter().map(|(_, pipe)| pipe.as_fd())
    }

    /// Those that came since the last call.
    pub fn take(&mut self) -> Vec<Signal> {
        let came = |(signal, pipe): &mut (Signal, UnixStream)| {
            let count = pipe.read(&mut [0; 64]).unwrap_or(0);
            (count > 0).then_some(*signal)
        };
        self.pipes.iter_mut().filter_map(came).collect()
    }
}
