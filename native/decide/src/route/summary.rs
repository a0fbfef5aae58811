//! The precedence of matches as one order (Gateway API, `HTTPRouteRule.matches`): of two matches
//! that hold for a request, the greater summary wins.

use std::cmp::Reverse;

use snapshot::{Match, PathMatch};

/// Everything that precedence looks at, in the order in which it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Summary {
    /// Exact before regular expression before prefix, and of the latter two the longer before the shorter.
    pub path: PathRank,
    /// A method match before none.
    pub method: bool,
    /// More header matches before fewer.
    pub header_count: u32,
    /// More matches of query parameters before fewer.
    pub query_param_count: u32,
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
    /// A regular expression with the length of its pattern in bytes; before every prefix, so that a
    /// catch-all cannot hide it.
    Regex(u32),
    /// The whole path.
    Exact,
}

impl Summary {
    /// Summary of match `match_index` of rule `rule`.
    pub fn new(condition: &Match, rule: u32, match_index: u32) -> Self {
        let path = match &condition.path {
            PathMatch::Exact { .. } => PathRank::Exact,
            PathMatch::Regex { value } => PathRank::Regex(value.len() as u32),
            PathMatch::Prefix { value } => PathRank::Prefix(value.len() as u32),
        };
        Self {
            path,
            method: condition.method.is_some(),
            header_count: condition.headers.len() as u32,
            query_param_count: condition.query_params.len() as u32,
            rule: Reverse(rule),
            match_index: Reverse(match_index),
        }
    }
}
