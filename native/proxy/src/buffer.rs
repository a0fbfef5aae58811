//! Buffers that are read into once and then moved from connection to connection, never copied.
//!
//! The bytes of a buffer stand at `start..end`. Reading begins at an offset, so that a rewritten head or a chunk size
//! can be put in front of a body in place, and ends before the last bytes, so that a CRLF can be put behind it.

/// Free bytes kept in front of what is read.
pub(crate) const HEADROOM_BYTES: usize = 512;
/// Free bytes kept behind what is read.
const TAILROOM_BYTES: usize = 2;
/// A request or response head with a small body. Not a power of two: neighbouring buffers then fall into different
/// cache sets.
const SMALL_BYTES: usize = 8 * 1024 + 560;
/// Bodies in bulk, and heads that do not fit into a small buffer (their limit is 32 KiB). Larger ones leave the cache
/// between reading and writing, and cost more than the calls they save.
const LARGE_BYTES: usize = 32 * 1024 + 560;
/// Most that one buffer takes by reading.
pub(crate) const BUFFER_BYTES_MAX: usize = LARGE_BYTES - HEADROOM_BYTES - TAILROOM_BYTES;
/// Free small buffers kept per shard; more are given back to the allocator.
const SMALL_FREE_MAX: usize = 128;
/// Free large buffers kept per shard; more are given back to the allocator.
const LARGE_FREE_MAX: usize = 16;

/// Sizes of a block that is read into: usually, and in bulk.
#[cfg(test)]
pub(crate) const fn block_bytes() -> [usize; 2] {
    [SMALL_BYTES, LARGE_BYTES]
}

/// A block of memory with the bytes that stand in it.
#[derive(Debug)]
pub struct Buffer {
    block: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Buffer {
    /// The bytes in it.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.block[self.start..self.end]
    }

    #[inline]
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.block[self.start..self.end]
    }

    /// Number of bytes in it.
    #[inline]
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Size of its block.
    pub(crate) fn block_bytes(&self) -> u64 {
        self.block.len() as u64
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Room to read into, behind the bytes that are there.
    #[inline]
    pub fn spare(&mut self) -> &mut [u8] {
        let limit = self
            .block
            .len()
            .saturating_sub(TAILROOM_BYTES)
            .max(self.end);
        &mut self.block[self.end..limit]
    }

    /// Counts bytes that were written into [`Buffer::spare`].
    #[inline]
    pub fn grow(&mut self, count: usize) {
        debug_assert!(self.end + count <= self.block.len());
        self.end += count;
    }

    /// Drops bytes from the front.
    #[inline]
    pub(crate) fn skip(&mut self, count: usize) {
        debug_assert!(count <= self.len());
        self.start += count;
    }

    /// Takes back what was dropped from the front, so that the last `length` bytes are there again.
    pub(crate) fn rewind(&mut self, length: usize) {
        debug_assert!(self.len() <= length && length <= self.end);
        self.start = self.end - length;
    }

    /// Drops everything from `length` on.
    #[inline]
    pub(crate) fn truncate(&mut self, length: usize) {
        debug_assert!(length <= self.len());
        self.end = self.start + length;
    }

    /// Puts bytes in front; false, and nothing done, where they do not fit.
    #[inline]
    pub(crate) fn prepend(&mut self, bytes: &[u8]) -> bool {
        let Some(start) = self.start.checked_sub(bytes.len()) else {
            return false;
        };
        self.block[start..self.start].copy_from_slice(bytes);
        self.start = start;
        true
    }

    /// Puts bytes behind, into the tail room too; false, and nothing done, where they do not fit.
    #[inline]
    pub(crate) fn append(&mut self, bytes: &[u8]) -> bool {
        let end = self.end + bytes.len();
        if end > self.block.len() {
            return false;
        }
        self.block[self.end..end].copy_from_slice(bytes);
        self.end = end;
        true
    }
}

/// Free buffers of one shard.
#[derive(Default)]
pub struct Pool {
    small: Vec<Box<[u8]>>,
    large: Vec<Box<[u8]>>,
    /// Bytes of all blocks, free and in use.
    held_bytes: u64,
}

impl Pool {
    /// Bytes of all blocks that the allocator gave and has not got back.
    #[inline]
    pub(crate) fn held_bytes(&self) -> u64 {
        self.held_bytes
    }

    /// Those of the blocks that are in use.
    pub(crate) fn used_bytes(&self) -> u64 {
        let free = self.small.iter().chain(&self.large);
        self.held_bytes - free.map(|block| block.len() as u64).sum::<u64>()
    }

    /// Gives free blocks back to the allocator.
    pub(crate) fn trim(&mut self) {
        for block in self.small.drain(..).chain(self.large.drain(..)) {
            self.held_bytes -= block.len() as u64;
        }
    }

    /// Counts anew, after buffers were lost: `used_bytes` are in use.
    pub(crate) fn recount(&mut self, used_bytes: u64) {
        let free = self.small.iter().chain(&self.large);
        self.held_bytes = used_bytes + free.map(|block| block.len() as u64).sum::<u64>();
    }

    /// An empty buffer; `bulk` asks for a large one.
    #[inline]
    pub fn take(&mut self, bulk: bool) -> Buffer {
        let (free, size) = if bulk {
            (&mut self.large, LARGE_BYTES)
        } else {
            (&mut self.small, SMALL_BYTES)
        };
        let block = free.pop().unwrap_or_else(|| {
            self.held_bytes += size as u64;
            vec![0; size].into_boxed_slice()
        });
        Buffer {
            block,
            start: HEADROOM_BYTES,
            end: HEADROOM_BYTES,
        }
    }

    /// A buffer with a copy of `bytes`, for the rare cases that cannot move: the rest of a pipelined read, a head that
    /// outgrew its buffer.
    pub(crate) fn copy(&mut self, bytes: &[u8]) -> Buffer {
        let mut buffer = if bytes.len() > LARGE_BYTES - HEADROOM_BYTES {
            self.held_bytes += bytes.len() as u64;
            Buffer {
                block: vec![0; bytes.len()].into_boxed_slice(),
                start: 0,
                end: 0,
            }
        } else {
            self.take(bytes.len() > SMALL_BYTES - HEADROOM_BYTES)
        };
        let end = buffer.end + bytes.len();
        buffer.block[buffer.end..end].copy_from_slice(bytes);
        buffer.end = end;
        buffer
    }

    /// Takes a buffer back.
    #[inline]
    pub fn put(&mut self, buffer: Buffer) {
        let kept = match buffer.block.len() {
            SMALL_BYTES if self.small.len() < SMALL_FREE_MAX => &mut self.small,
            LARGE_BYTES if self.large.len() < LARGE_FREE_MAX => &mut self.large,
            other => {
                self.held_bytes -= other as u64;
                return;
            }
        };
        kept.push(buffer.block);
    }
}
