//! Which rule of a service a request takes, by the precedence of the Gateway API (see `Summary`).
//!
//! Paths are looked up by hash: once as a whole among the exact ones, then at each element boundary
//! from the longest prefix to the shortest, so ten thousand rules with paths of their own cost what
//! a handful costs. Rules that share one path are tried one after the other, and so are those with a
//! regular expression for their path, between the exact paths and the prefixes.

mod candidates;
mod patterns;
mod query;
mod summary;

pub use patterns::Scratch;
pub use summary::{PathRank, Summary};

use ahash::{AHashMap, RandomState};
use snapshot::{Match, PREFIX_ELEMENTS_MAX, PathMatch, Snapshot};

use candidates::Candidates;
use patterns::Patterns;

/// What routing needs to see of a request head.
pub trait RequestView {
    /// Path without the query.
    fn path(&self) -> &[u8];
    /// What stands behind the first `?`; empty without one.
    fn query(&self) -> &[u8];
    /// Method as sent.
    fn method(&self) -> &[u8];
    /// Calls `test` with each value of the header until it returns true; whether it did. `name` is
    /// lower case, the names of the request are compared without regard to case.
    fn header(&self, name: &[u8], test: &mut dyn FnMut(&[u8]) -> bool) -> bool;
}

/// The rules of one service, indexed by path.
#[derive(Debug)]
pub struct RouteTable {
    exact: AHashMap<Box<[u8]>, Candidates>,
    /// Every match with a regular expression for its path.
    regexes: Candidates,
    /// Every prefix but `/`.
    prefixes: AHashMap<Box<[u8]>, Candidates>,
    lengths: LengthSet,
    /// The prefix `/`.
    root: Candidates,
    /// Set when every path leads to this one rule.
    only: Option<u32>,
    rule_count: usize,
    patterns: Patterns,
}

impl RouteTable {
    /// Indexes the rules of a service of a consistent snapshot.
    ///
    /// # Panics
    /// When the service or one of its rules is not in the snapshot, which `snapshot::consistent`
    /// rules out.
    pub fn build(snapshot: &Snapshot, service_index: usize) -> Self {
        let rules = &snapshot.services[service_index].rules;
        let mut table = Self::with_rule_count(rules.len());
        for rule in rules {
            for (match_index, condition) in
                snapshot.rules[*rule as usize].matches.iter().enumerate()
            {
                table.push(
                    Summary::new(condition, *rule, match_index as u32),
                    condition,
                );
            }
        }
        table.patterns.finish();
        table.regexes.sort();
        table.exact.values_mut().for_each(Candidates::sort);
        table.prefixes.values_mut().for_each(Candidates::sort);
        table.root.sort();
        if table.exact.is_empty() && table.regexes.is_empty() && table.prefixes.is_empty() {
            table.only = table.root.unconditional();
        }
        table
    }

    /// What one shard needs to route with this table.
    pub fn scratch(&self) -> Scratch {
        self.patterns.scratch()
    }

    /// Index into the snapshot's rules of the one that the request takes; `None` when none matches.
    /// A path that does not begin with `/` matches nothing. `scratch` comes from this table.
    #[inline]
    pub fn route(&self, request: &impl RequestView, scratch: &Scratch) -> Option<u32> {
        let path = request.path();
        if path.first() != Some(&b'/') {
            return None;
        }
        if self.only.is_some() {
            return self.only;
        }
        self.find(path, request, scratch)
    }

    /// Whether the service has no rules: all its traffic goes to its own endpoints and `route` has
    /// no say.
    pub fn is_empty(&self) -> bool {
        self.rule_count == 0
    }

    fn with_rule_count(rule_count: usize) -> Self {
        // Fixed seeds: the keys come from the configuration alone, so no peer can choose them to
        // collide.
        let map = || AHashMap::with_hasher(RandomState::with_seeds(1, 2, 3, 4));
        Self {
            exact: map(),
            regexes: Candidates::default(),
            prefixes: map(),
            lengths: LengthSet::default(),
            root: Candidates::default(),
            only: None,
            rule_count,
            patterns: Patterns::default(),
        }
    }

    fn find(&self, path: &[u8], request: &impl RequestView, scratch: &Scratch) -> Option<u32> {
        let matcher = (&self.patterns, scratch);
        if !self.exact.is_empty()
            && let Some(rule) = self
                .exact
                .get(path)
                .and_then(|candidates| candidates.first(request, matcher))
        {
            return Some(rule);
        }
        if !self.regexes.is_empty()
            && let Some(rule) = self.regexes.first(request, matcher)
        {
            return Some(rule);
        }
        if !self.prefixes.is_empty()
            && let Some(rule) = self.find_prefix(path, request, scratch)
        {
            return Some(rule);
        }
        self.root.first(request, matcher)
    }

    fn find_prefix(
        &self,
        path: &[u8],
        request: &impl RequestView,
        scratch: &Scratch,
    ) -> Option<u32> {
        let mut ends = [0_u32; PREFIX_ELEMENTS_MAX];
        let mut count = 0;
        // A boundary is a slash behind the first one, or the end; behind the longest prefix there
        // is nothing to find.
        let reach = path.len().min(self.lengths.longest() + 1);
        let slashes = memchr::memchr_iter(b'/', &path[1..reach]).map(|index| index + 1);
        let end = (reach == path.len()).then_some(path.len());
        for length in slashes.chain(end).take(PREFIX_ELEMENTS_MAX) {
            ends[count] = length as u32;
            count += usize::from(self.lengths.contains(length));
        }
        ends[..count].iter().rev().find_map(|end| {
            let candidates = self.prefixes.get(&path[..*end as usize])?;
            candidates.first(request, (&self.patterns, scratch))
        })
    }

    fn push(&mut self, summary: Summary, condition: &Match) {
        let candidates = match &condition.path {
            PathMatch::Exact { value } => self.exact.entry(value.as_bytes().into()).or_default(),
            PathMatch::Regex { .. } => &mut self.regexes,
            PathMatch::Prefix { value } if value == "/" => &mut self.root,
            PathMatch::Prefix { value } => {
                self.lengths.insert(value.len());
                self.prefixes.entry(value.as_bytes().into()).or_default()
            }
        };
        candidates.push(summary, condition, &mut self.patterns);
    }
}

/// Lengths that some prefix has, one bit each.
#[derive(Debug, Default)]
struct LengthSet {
    words: Vec<u64>,
    longest: usize,
}

impl LengthSet {
    fn insert(&mut self, length: usize) {
        let word = length / 64;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (length % 64);
        self.longest = self.longest.max(length);
    }

    #[inline]
    fn contains(&self, length: usize) -> bool {
        self.words
            .get(length / 64)
            .is_some_and(|word| word >> (length % 64) & 1 == 1)
    }

    fn longest(&self) -> usize {
        self.longest
    }
}

#[cfg(test)]
mod tests;
