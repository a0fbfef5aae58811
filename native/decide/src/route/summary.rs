//! The precedence of matches as one order (Gateway API, `HTTPRouteRule.matches`): of two matches
//! that hold for a request, the greater summary wins.

use std::cmp::Reverse;

use snapshot::{Match, PathMatch};

/// Everything that precedence looks at, in the order in which it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Summary {
    /// Exact before prefix, longer prefix before shorter.
    pub path: PathRank,
    /// A method match before none.
    pub method: bool,
    /// More header matches before fewer.
    pub header_count: u32,
    /// The earlier rule of the snapshot, whose order breaks ties.
    pub rule: Reverse<u32>,
    /// The earlier match of a rule.
    pub match_index: Reverse<u32>,
}

/// How precisely a path is matched; later variants win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathRank {
    /// A prefix with its length in bytes.
    Prefix(u32),
    /// The whole path.
    Exact,
}

impl Summary {
    /// Summary of match `match_index` of rule `rule`.
    pub fn new(condition: &Match, rule: u32, match_index: u32) -> Self {
        let path = match &condition.path {
            PathMatch::Exact { .. } => PathRank::Exact,
            PathMatch::Prefix { value } => PathRank::Prefix(value.len() as u32),
        };
        Self {
            path,
            method: condition.method.is_some(),
            header_count: condition.headers.len() as u32,
            rule: Reverse(rule),
            match_index: Reverse(match_index),
        }
    }
}
