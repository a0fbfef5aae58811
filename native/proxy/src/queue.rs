//! Bytes waiting to be written on one connection, as a list of whole buffers.

use std::collections::VecDeque;
use std::io::IoSlice;

use crate::buffer::{Buffer, Pool};
use crate::limits::{QUEUE_BUFFERS_MAX, QUEUE_BYTES_MAX};

/// Up to this size bytes are copied behind those that already wait: cheaper than another slice to write, and small
/// answers to pipelined requests do not hold a block each.
const COALESCE_BYTES_MAX: usize = 512;

/// Write queue. The common single buffer is held inline, so an idle connection owns no memory here.
#[derive(Debug, Default)]
pub struct Queue {
    first: Option<Buffer>,
    rest: VecDeque<Buffer>,
    bytes: usize,
}

impl Queue {
    pub(crate) fn push(&mut self, buffer: Buffer, pool: &mut Pool) {
        if buffer.is_empty() {
            pool.put(buffer);
            return;
        }
        self.bytes += buffer.len();
        if self.first.is_none() {
            self.first = Some(buffer);
            return;
        }
        if buffer.len() <= COALESCE_BYTES_MAX
            && let Some(last) = self.rest.back_mut().or(self.first.as_mut())
            && last.append(buffer.bytes())
        {
            pool.put(buffer);
            return;
        }
        self.rest.push_back(buffer);
    }

    /// The buffers in it.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Buffer> {
        self.first.iter().chain(&self.rest)
    }

    /// Number of buffers in it.
    pub(crate) fn buffer_count(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    /// True when so much waits that the source is no longer read.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.bytes >= QUEUE_BYTES_MAX || self.rest.len() >= QUEUE_BUFFERS_MAX
    }

    /// Bytes waiting.
    #[inline]
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// True when nothing waits.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The only buffer, when there is just one.
    #[inline]
    pub fn single(&self) -> Option<&[u8]> {
        if self.rest.is_empty() {
            self.first.as_ref().map(Buffer::bytes)
        } else {
            None
        }
    }

    /// Fills `slices` from the front and returns the filled part.
    pub fn slices<'q, 's>(&'q self, slices: &'s mut [IoSlice<'q>]) -> &'s [IoSlice<'q>] {
        let mut count = 0;
        for (slice, buffer) in slices.iter_mut().zip(self.first.iter().chain(&self.rest)) {
            *slice = IoSlice::new(buffer.bytes());
            count += 1;
        }
        &slices[..count]
    }

    /// Drops `count` written bytes from the front.
    pub(crate) fn written(&mut self, mut count: usize, pool: &mut Pool) {
        debug_assert!(count <= self.bytes);
        self.bytes -= count;
        while let Some(buffer) = &mut self.first {
            if count < buffer.len() {
                buffer.skip(count);
                return;
            }
            count -= buffer.len();
            if let Some(done) = std::mem::replace(&mut self.first, self.rest.pop_front()) {
                pool.put(done);
            }
        }
    }

    /// The same for a single buffer that may be wanted again: it comes back when all of it was written.
    pub(crate) fn written_kept(&mut self, count: usize) -> Option<Buffer> {
        debug_assert!(count <= self.bytes && self.rest.is_empty());
        self.bytes -= count;
        self.first.as_mut()?.skip(count);
        if self.bytes == 0 {
            self.first.take()
        } else {
            None
        }
    }

    /// A queue of one buffer.
    pub(crate) fn of(buffer: Buffer) -> Self {
        Self {
            bytes: buffer.len(),
            first: Some(buffer),
            rest: VecDeque::new(),
        }
    }

    /// Takes the single buffer out, with what is left to write of it.
    pub(crate) fn take_single(&mut self) -> Option<Buffer> {
        debug_assert!(self.rest.is_empty());
        self.bytes = 0;
        self.first.take()
    }

    pub(crate) fn clear(&mut self, pool: &mut Pool) {
        self.bytes = 0;
        for buffer in self.first.take().into_iter().chain(self.rest.drain(..)) {
            pool.put(buffer);
        }
        self.rest = VecDeque::new();
    }
}
