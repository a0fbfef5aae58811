//! The matches that share one path, best first, with the conditions that remain once the path
//! holds. The matches with a pattern for their path are one such list, and each tries its own.

use std::cmp::Reverse;

use snapshot::{Match, PathMatch, ValueMatch};

use super::patterns::{PatternIndex, Patterns, Scratch};
use super::{RequestView, Summary, query};

/// Matches under one path key, sorted by precedence.
#[derive(Debug, Default)]
pub struct Candidates {
    list: Vec<Candidate>,
    /// Rule of the best match when it is unconditional: the list, which lies elsewhere in memory, is not looked at.
    unconditional: Option<u32>,
}

#[derive(Debug)]
struct Candidate {
    summary: Summary,
    /// A pattern that the path has to satisfy, where the key alone does not tell.
    path: Option<PatternIndex>,
    method: Option<Box<[u8]>>,
    /// Names are lower case.
    headers: Box<[Condition]>,
    query_params: Box<[Condition]>,
}

#[derive(Debug)]
struct Condition {
    name: Box<[u8]>,
    value: Wanted,
}

#[derive(Debug)]
enum Wanted {
    Exact(Box<[u8]>),
    Pattern(PatternIndex),
}

impl Candidates {
    /// Adds a match; `sort` has to follow the last one.
    pub fn push(&mut self, summary: Summary, condition: &Match, patterns: &mut Patterns) {
        let path = match &condition.path {
            PathMatch::Regex { value } => Some(patterns.index(value)),
            PathMatch::Exact { .. } | PathMatch::Prefix { .. } => None,
        };
        let mut conditions = |list: &[ValueMatch]| {
            list.iter()
                .map(|value| Condition::new(value, patterns))
                .collect()
        };
        self.list.push(Candidate {
            summary,
            path,
            method: condition.method.as_ref().map(|method| boxed(method)),
            headers: conditions(&condition.headers),
            query_params: conditions(&condition.query_params),
        });
    }

    /// Puts the best match first and drops what can never be reached behind an unconditional one.
    pub fn sort(&mut self) {
        self.list
            .sort_unstable_by_key(|candidate| Reverse(candidate.summary));
        if let Some(last) = self.list.iter().position(Candidate::is_unconditional) {
            self.list.truncate(last + 1);
        }
        self.list.shrink_to_fit();
        self.unconditional = self
            .list
            .first()
            .filter(|best| best.is_unconditional())
            .map(|best| best.summary.rule.0);
    }

    /// Rule of the best match whose conditions hold.
    #[inline]
    pub fn first(
        &self,
        request: &impl RequestView,
        (patterns, scratch): (&Patterns, &Scratch),
    ) -> Option<u32> {
        self.unconditional.or_else(|| {
            self.list
                .iter()
                .find(|candidate| candidate.holds(request, (patterns, scratch)))
                .map(|candidate| candidate.summary.rule.0)
        })
    }

    /// The rule that every request under this path gets, if there is one.
    pub fn unconditional(&self) -> Option<u32> {
        self.unconditional
    }

    /// Whether there is no match at all.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl Candidate {
    /// What is cheap to tell comes first.
    #[inline]
    fn holds(&self, request: &impl RequestView, matcher: (&Patterns, &Scratch)) -> bool {
        let (patterns, scratch) = matcher;
        self.method
            .as_ref()
            .is_none_or(|method| request.method() == &**method)
            && self
                .path
                .is_none_or(|pattern| patterns.matches(pattern, scratch, request.path()))
            && self
                .headers
                .iter()
                .all(|wanted| wanted.holds_for_header(request, matcher))
            && (self.query_params.is_empty() || {
                let query = request.query();
                let mut conditions = self.query_params.iter();
                conditions.all(|wanted| wanted.holds_for_query(query, matcher))
            })
    }

    fn is_unconditional(&self) -> bool {
        self.path.is_none()
            && self.method.is_none()
            && self.headers.is_empty()
            && self.query_params.is_empty()
    }
}

impl Condition {
    fn new(condition: &ValueMatch, patterns: &mut Patterns) -> Self {
        Self {
            name: boxed(condition.name()),
            value: match condition {
                ValueMatch::Exact { value, .. } => Wanted::Exact(boxed(value)),
                ValueMatch::Regex { value, .. } => Wanted::Pattern(patterns.index(value)),
            },
        }
    }

    fn holds_for_header(
        &self,
        request: &impl RequestView,
        (patterns, scratch): (&Patterns, &Scratch),
    ) -> bool {
        request.header(&self.name, &mut |found| match &self.value {
            Wanted::Exact(value) => found == &**value,
            Wanted::Pattern(pattern) => patterns.matches(*pattern, scratch, found),
        })
    }

    fn holds_for_query(&self, query: &[u8], (patterns, scratch): (&Patterns, &Scratch)) -> bool {
        let Some(found) = query::first_value(query, &self.name) else {
            return false;
        };
        match &self.value {
            Wanted::Exact(value) => query::decoded(found).eq(value.iter().copied()),
            Wanted::Pattern(pattern) => patterns.matches_decoded(*pattern, scratch, found),
        }
    }
}

fn boxed(text: &str) -> Box<[u8]> {
    text.as_bytes().into()
}
