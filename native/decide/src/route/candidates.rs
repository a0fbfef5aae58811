//! The matches that share one path, best first, with the conditions that remain once the path
//! holds.

use std::cmp::Reverse;

use snapshot::Match;

use super::{RequestView, Summary};

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
        self.list.push(Candidate {
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

    /// Rule of the best match whose method and headers hold.
    #[inline]
    pub fn first(&self, request: &impl RequestView) -> Option<u32> {
        self.unconditional.or_else(|| {
            self.list
                .iter()
                .find(|candidate| candidate.holds(request))
                .map(|candidate| candidate.summary.rule.0)
        })
    }

    /// The rule that every request under this path gets, if there is one.
    pub fn unconditional(&self) -> Option<u32> {
        self.unconditional
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
