//! The matches that share one path, best first, with the conditions that remain once the path
//! holds.

use std::cmp::Reverse;

use snapshot::Match;

use super::{RequestView, Summary};

/// Matches under one path key, sorted by precedence.
#[derive(Debug, Default)]
pub struct Candidates(Vec<Candidate>);

#[derive(Debug)]
struct Candidate {
    summary: Summary,
    method: Option<Box<[u8]>>,
    headers: Box<[HeaderCondition]>,
}

#[derive(Debug)]
struct HeaderCondition {
    /// Lower case.
    name: Box<[u8]>,
    value: Box<[u8]>,
}

impl Candidates {
    /// Adds a match; `sort` has to follow the last one.
    pub fn push(&mut self, summary: Summary, condition: &Match) {
        let bytes = |text: &String| -> Box<[u8]> { text.as_bytes().into() };
        self.0.push(Candidate {
            summary,
            method: condition.method.as_ref().map(bytes),
            headers: condition
                .headers
                .iter()
                .map(|header| HeaderCondition {
                    name: bytes(&header.name),
                    value: bytes(&header.value),
                })
                .collect(),
        });
    }

    /// Puts the best match first and drops what can never be reached behind an unconditional one.
    pub fn sort(&mut self) {
        self.0
            .sort_unstable_by_key(|candidate| Reverse(candidate.summary));
        if let Some(last) = self.0.iter().position(Candidate::is_unconditional) {
            self.0.truncate(last + 1);
        }
        self.0.shrink_to_fit();
    }

    /// Rule of the best match whose method and headers hold.
    #[inline]
    pub fn first(&self, request: &impl RequestView) -> Option<u32> {
        self.0
            .iter()
            .find(|candidate| candidate.holds(request))
            .map(|candidate| candidate.summary.rule.0)
    }

    /// The rule that every request under this path gets, if there is one.
    pub fn unconditional(&self) -> Option<u32> {
        let first = self.0.first()?;
        first.is_unconditional().then_some(first.summary.rule.0)
    }
}

impl Candidate {
    #[inline]
    fn holds(&self, request: &impl RequestView) -> bool {
        self.method
            .as_ref()
            .is_none_or(|method| request.method() == &**method)
            && self
                .headers
                .iter()
                .all(|wanted| request.header(&wanted.name, &mut |found| found == &*wanted.value))
    }

    fn is_unconditional(&self) -> bool {
        self.method.is_none() && self.headers.is_empty()
    }
}
