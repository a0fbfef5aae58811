//! Long transfers from socket to socket through a pipe in the kernel (`splice(2)`): their bytes never come to this
//! process. A shard's splices and its spare pipes are one table.
//!
//! Writing to a peer that is gone raises no SIGPIPE: Node and the test harness of Rust both ignore it.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use proxy::{Side, Token};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};

use crate::descriptors::Descriptors;

/// Bytes between two sockets before the first is no longer read.
const PIPE_BYTES: usize = 256 * 1024;
/// Transfers that a shard splices at one time, each with two descriptors; further ones are copied.
const SPLICES_MAX: usize = 512;
/// Pipes that a shard keeps for later transfers.
const SPARE_PIPES_MAX: usize = 32;

/// Descriptors of a pipe.
const DESCRIPTORS: usize = 2;

const FLAGS: SpliceFlags = SpliceFlags::MOVE.union(SpliceFlags::NONBLOCK);

/// Place of a splice in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpliceId(u32);

/// One direction of a connection.
pub(crate) struct Splice {
    pub from: Token,
    pub to: Token,
    /// The source sent FIN, and all before it is in the pipe.
    pub source_ended: bool,
    held_bytes: usize,
    pipe: Option<Pipe>,
}

struct Pipe {
    read: OwnedFd,
    write: OwnedFd,
    descriptors: Arc<Descriptors>,
}

/// What a step of a transfer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moved {
    /// So many bytes, at least one.
    Bytes(usize),
    /// None now: the source has none, the pipe or the destination has no room.
    Nothing,
    /// The source sent FIN.
    End,
}

#[derive(Default)]
pub(crate) struct Splices {
    table: Vec<Splice>,
    free: Vec<SpliceId>,
    spare: Vec<Pipe>,
}

impl Splices {
    /// A place for a transfer; `None` when there are enough of them, or no descriptors.
    pub fn open(
        &mut self,
        from: Token,
        to: Token,
        descriptors: &Arc<Descriptors>,
    ) -> Option<SpliceId> {
        if self.free.is_empty() && self.table.len() >= SPLICES_MAX {
            return None;
        }
        let splice = Splice {
            from,
            to,
            source_ended: false,
            held_bytes: 0,
            pipe: Some(self.spare.pop().or_else(|| Pipe::new(descriptors))?),
        };
        let Some(id) = self.free.pop() else {
            self.table.push(splice);
            return Some(SpliceId(self.table.len() as u32 - 1));
        };
        self.table[id.0 as usize] = splice;
        Some(id)
    }

    /// Ends a transfer that has not ended. Bytes that are still in its pipe are lost, and the pipe with them.
    pub fn close(&mut self, id: SpliceId) {
        let splice = &mut self.table[id.0 as usize];
        let Some(pipe) = splice.pipe.take() else {
            return;
        };
        if splice.is_empty() && self.spare.len() < SPARE_PIPES_MAX {
            self.spare.push(pipe);
        }
        self.free.push(id);
    }

    pub fn get_mut(&mut self, id: SpliceId) -> &mut Splice {
        &mut self.table[id.0 as usize]
    }
}

impl Splice {
    /// Nothing waits in the pipe.
    pub fn is_empty(&self) -> bool {
        self.held_bytes == 0
    }

    /// From the source into the pipe. [`Errno::INVAL`] says that this socket cannot be spliced.
    pub fn fill(&mut self, source: &impl AsFd) -> Result<Moved, Errno> {
        let Some(pipe) = self.pipe.as_ref().filter(|_| self.held_bytes < PIPE_BYTES) else {
            return Ok(Moved::Nothing);
        };
        let room = PIPE_BYTES - self.held_bytes;
        loop {
            match splice(source, None, &pipe.write, None, room, FLAGS) {
                Ok(0) => {
                    self.source_ended = true;
                    return Ok(Moved::End);
                }
                Ok(count) => {
                    self.held_bytes += count;
                    return Ok(Moved::Bytes(count));
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(Moved::Nothing),
                Err(error) => return Err(error),
            }
        }
    }

    /// From the pipe to the destination, until the pipe is empty or the destination takes no more.
    pub fn drain(&mut self, destination: &impl AsFd) -> Result<(), Errno> {
        while let Some(pipe) = self.pipe.as_ref().filter(|_| self.held_bytes > 0) {
            match splice(&pipe.read, None, destination, None, self.held_bytes, FLAGS) {
                Ok(count) => self.held_bytes -= count,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Pipe {
    /// `None` when connections may have no more descriptors.
    fn new(descriptors: &Arc<Descriptors>) -> Option<Self> {
        for admitted in 0..DESCRIPTORS {
            if !descriptors.admit(Side::Upstream) {
                (0..admitted).for_each(|_| descriptors.release());
                return None;
            }
        }
        let ends = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK);
        let Ok((read, write)) = ends else {
            (0..DESCRIPTORS).for_each(|_| descriptors.release());
            return None;
        };
        // Refused beyond a limit of the user; a smaller pipe does the same in more steps.
        let _ = fcntl_setpipe_size(&write, PIPE_BYTES);
        Some(Self {
            read,
            write,
            descriptors: Arc::clone(descriptors),
        })
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        (0..DESCRIPTORS).for_each(|_| self.descriptors.release());
    }
}

#[cfg(test)]
mod tests;
