//! The regular expressions of one service's rules, each compiled once, and the memory that
//! matching them takes, which every shard has for itself.

use std::cell::RefCell;
use std::collections::HashMap;

use snapshot::{Pattern, PatternCache};

use super::query;

/// Place of a pattern in [`Patterns`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternIndex(usize);

/// Patterns of one service, none twice.
#[derive(Debug, Default)]
pub struct Patterns {
    list: Vec<Pattern>,
    /// While the table is built.
    by_text: HashMap<String, PatternIndex>,
}

/// What one shard needs to match the patterns of one service; made by [`Patterns::scratch`]. It is
/// as large as it will be, but for the longest query value, so that matching allocates nothing.
#[derive(Debug)]
pub struct Scratch(RefCell<Memory>);

#[derive(Debug)]
struct Memory {
    caches: Vec<PatternCache>,
    decoded: Vec<u8>,
}

impl Patterns {
    /// Place of the pattern, which is compiled when it is new.
    ///
    /// # Panics
    /// When it is no pattern, which `snapshot::consistent` rules out.
    pub fn index(&mut self, text: &str) -> PatternIndex {
        if let Some(index) = self.by_text.get(text) {
            return *index;
        }
        let pattern = match Pattern::new(text) {
            Ok(pattern) => pattern,
            Err(error) => unreachable!("a consistent snapshot has no pattern that {error}"),
        };
        let index = PatternIndex(self.list.len());
        self.list.push(pattern);
        self.by_text.insert(text.to_owned(), index);
        index
    }

    /// Drops what only building needs.
    pub fn finish(&mut self) {
        self.by_text = HashMap::new();
        self.list.shrink_to_fit();
    }

    pub fn scratch(&self) -> Scratch {
        Scratch(RefCell::new(Memory {
            caches: self.list.iter().map(Pattern::cache).collect(),
            decoded: Vec::new(),
        }))
    }

    pub fn matches(&self, index: PatternIndex, scratch: &Scratch, value: &[u8]) -> bool {
        let memory = &mut *scratch.0.borrow_mut();
        self.list[index.0].matches(&mut memory.caches[index.0], value)
    }

    /// The same for a percent-encoded value.
    pub fn matches_decoded(&self, index: PatternIndex, scratch: &Scratch, value: &[u8]) -> bool {
        let memory = &mut *scratch.0.borrow_mut();
        memory.decoded.clear();
        memory.decoded.extend(query::decoded(value));
        self.list[index.0].matches(&mut memory.caches[index.0], &memory.decoded)
    }
}
