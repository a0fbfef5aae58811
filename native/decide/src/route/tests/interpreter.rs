//! Routing written down a second time, as slowly and plainly as the specification reads, and
//! compared with the table on random rules and requests from small alphabets, in which collisions
//! and ties are frequent.

use snapshot::{Match, PathMatch, ValueMatch};

use super::{Conditions, Request, RouteTable, exact, get, is, like, prefix, regex, snapshot};
use crate::rand::Rng;

const TABLES: u32 = 1_000;
const REQUESTS_PER_TABLE: u32 = 100;

#[test]
fn the_table_agrees_with_a_plain_interpreter_on_100_000_random_pairs() {
    let mut rng = Rng::new(20_240_601);
    let mut matched = 0;
    for _ in 0..TABLES {
        let rules = random_rules(&mut rng);
        let table = RouteTable::build(&snapshot(&rules), 0);
        let scratch = table.scratch();
        for _ in 0..REQUESTS_PER_TABLE {
            let request = random_request(&mut rng);
            let expected = interpret(&rules, &request);
            assert_eq!(
                table.route(&request, &scratch),
                expected,
                "{request:?} among {rules:#?}"
            );
            matched += u32::from(expected.is_some());
        }
    }
    // Both outcomes have to be common, or the comparison would prove little.
    assert!((20_000..=80_000).contains(&matched), "{matched}");
}

/// Walks all matches of all rules in order and keeps the best; the first of equals stays.
fn interpret(rules: &[Vec<Match>], request: &Request) -> Option<u32> {
    let mut best: Option<(u32, &Match)> = None;
    for (index, rule) in rules.iter().enumerate() {
        for condition in rule.iter().filter(|condition| holds(condition, request)) {
            if best.is_none_or(|(_, kept)| beats(condition, kept)) {
                best = Some((index as u32, condition));
            }
        }
    }
    best.map(|(index, _)| index)
}

fn holds(condition: &Match, request: &Request) -> bool {
    let path = match &condition.path {
        PathMatch::Exact { value } => request.path == *value,
        PathMatch::Prefix { value } if value == "/" => request.path.starts_with('/'),
        PathMatch::Prefix { value } => {
            request.path == *value || request.path.starts_with(&format!("{value}/"))
        }
        PathMatch::Regex { value } => {
            request.path.starts_with('/') && satisfies(value, &request.path)
        }
    };
    let method = condition
        .method
        .as_ref()
        .is_none_or(|method| request.method == *method);
    let header = |wanted: &ValueMatch| {
        request.headers.iter().any(|(key, found)| {
            key.eq_ignore_ascii_case(wanted.name()) && value_holds(wanted, found)
        })
    };
    let parameter = |wanted: &ValueMatch| {
        let mut pairs = request
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        let first = pairs.find(|(name, _)| *name == wanted.name());
        first.is_some_and(|(_, found)| value_holds(wanted, found))
    };
    path && method
        && condition.headers.iter().all(header)
        && condition.query_params.iter().all(parameter)
}

fn value_holds(wanted: &ValueMatch, found: &str) -> bool {
    match wanted {
        ValueMatch::Exact { value, .. } => found == value,
        ValueMatch::Regex { value, .. } => satisfies(value, found),
    }
}

/// A pattern and what it means.
type Written = (&'static str, fn(&str) -> bool);

/// The patterns that occur here, written down without an engine.
const PATTERNS: [Written; 5] = [
    ("/a.*", |text| text.starts_with("/a")),
    ("/[ab]/b", |text| text == "/a/b" || text == "/b/b"),
    (".*/b/*", |text| text.trim_end_matches('/').ends_with("/b")),
    ("/a|/b", |text| text == "/a" || text == "/b"),
    ("[12]", |text| text == "1" || text == "2"),
];

fn satisfies(pattern: &str, text: &str) -> bool {
    let known = PATTERNS.iter().find(|(written, _)| *written == pattern);
    known.unwrap().1(text)
}

fn beats(challenger: &Match, kept: &Match) -> bool {
    let (ours, theirs) = (path_rank(challenger), path_rank(kept));
    if ours != theirs {
        return ours > theirs;
    }
    if challenger.method.is_some() != kept.method.is_some() {
        return challenger.method.is_some();
    }
    if challenger.headers.len() != kept.headers.len() {
        return challenger.headers.len() > kept.headers.len();
    }
    challenger.query_params.len() > kept.query_params.len()
}

/// Kind before length; all exact paths are alike.
fn path_rank(condition: &Match) -> (u32, usize) {
    match &condition.path {
        PathMatch::Exact { .. } => (2, 0),
        PathMatch::Regex { value } => (1, value.len()),
        PathMatch::Prefix { value } => (0, value.len()),
    }
}

fn random_rules(rng: &mut Rng) -> Vec<Vec<Match>> {
    let rule_count = rng.below(12);
    (0..rule_count)
        .map(|_| (0..=rng.below(3)).map(|_| random_match(rng)).collect())
        .collect()
}

fn random_match(rng: &mut Rng) -> Match {
    let path = random_path(rng);
    let mut condition = match rng.below(6) {
        0 | 1 => exact(&path),
        2 => regex(PATTERNS[rng.below(4) as usize].0),
        _ => prefix(path.trim_end_matches('/')),
    };
    if let PathMatch::Prefix { value } = &mut condition.path
        && value.is_empty()
    {
        value.push('/');
    }
    if rng.below(3) == 0 {
        condition = condition.method(random_method(rng));
    }
    for _ in 0..rng.below(3) {
        let name = ["x-a", "x-b"][rng.below(2) as usize];
        condition = match rng.below(4) {
            0 => condition.header_like(name, "[12]"),
            _ => condition.header(name, random_value(rng)),
        };
    }
    for _ in 0..rng.below(6).saturating_sub(3) {
        let name = ["a", "b"][rng.below(2) as usize];
        condition = match rng.below(4) {
            0 => condition.query(like(name, "[12]")),
            _ => condition.query(is(name, random_value(rng))),
        };
    }
    condition
}

fn random_request(rng: &mut Rng) -> Request {
    let path = if rng.below(50) == 0 {
        "*".into()
    } else {
        random_path(rng)
    };
    let mut request = get(&path);
    let pairs: Vec<String> = (0..rng.below(4))
        .map(|_| {
            let name = ["a", "b", "c"][rng.below(3) as usize];
            format!("{name}={}", random_value(rng))
        })
        .collect();
    request.query = pairs.join("&");
    request.method = random_method(rng).into();
    for _ in 0..rng.below(4) {
        request = request.with(
            ["x-a", "X-A", "X-b", "x-c"][rng.below(4) as usize],
            random_value(rng),
        );
    }
    request
}

/// Begins with a slash; elements may be empty, so that doubled and final slashes occur.
fn random_path(rng: &mut Rng) -> String {
    let elements: String = (0..rng.below(5))
        .map(|_| ["/a", "/b", "/ab", "/a", "/"][rng.below(5) as usize])
        .collect();
    if elements.is_empty() {
        "/".into()
    } else {
        elements
    }
}

fn random_method(rng: &mut Rng) -> &'static str {
    ["GET", "POST"][rng.below(2) as usize]
}

fn random_value(rng: &mut Rng) -> &'static str {
    ["1", "2", "3"][rng.below(3) as usize]
}
