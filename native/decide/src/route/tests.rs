//! The precedence rules one by one, matching at element boundaries, and a comparison with a plain
//! interpreter of the specification over random rules and requests.

mod interpreter;

use snapshot::{
    Balancer, Endpoints, Match, PathMatch, Protocol, Rule, Service, Snapshot, Timeouts, ValueMatch,
};

use super::{RequestView, RouteTable};

#[test]
fn exact_path_wins_over_every_prefix_and_over_method_and_headers() {
    let rules = [
        vec![prefix("/cart").method("GET").header("x-a", "1")],
        vec![exact("/cart")],
    ];
    assert_eq!(route(&rules, &get("/cart").with("X-A", "1")), Some(1));
}

#[test]
fn longest_prefix_wins_over_method_and_headers_of_a_shorter_one() {
    let rules = [
        vec![prefix("/a").method("GET").header("x-a", "1")],
        vec![prefix("/a/b")],
        vec![prefix("/")],
    ];
    assert_eq!(route(&rules, &get("/a/b/c").with("x-a", "1")), Some(1));
}

#[test]
fn method_match_wins_over_more_headers() {
    let rules = [
        vec![prefix("/").header("x-a", "1").header("x-b", "2")],
        vec![prefix("/").method("GET")],
    ];
    assert_eq!(
        route(&rules, &get("/").with("x-a", "1").with("x-b", "2")),
        Some(1)
    );
}

#[test]
fn most_header_matches_win() {
    let rules = [
        vec![prefix("/").header("x-a", "1")],
        vec![prefix("/").header("x-a", "1").header("x-b", "2")],
    ];
    assert_eq!(
        route(&rules, &get("/").with("x-a", "1").with("x-b", "2")),
        Some(1)
    );
    assert_eq!(route(&rules, &get("/").with("x-a", "1")), Some(0));
}

#[test]
fn ties_go_to_the_earlier_rule() {
    let rules = [
        vec![prefix("/").header("x-a", "1")],
        vec![prefix("/").header("x-b", "2")],
    ];
    assert_eq!(
        route(&rules, &get("/").with("x-b", "2").with("x-a", "1")),
        Some(0)
    );
    assert_eq!(
        route(&[vec![exact("/x")], vec![exact("/x")]], &get("/x")),
        Some(0)
    );
}

#[test]
fn one_of_several_matches_of_a_rule_is_enough() {
    let rules = [
        vec![exact("/a"), exact("/b").method("POST")],
        vec![prefix("/")],
    ];
    assert_eq!(route(&rules, &get("/a")), Some(0));
    assert_eq!(route(&rules, &get("/b")), Some(1));
}

#[test]
fn a_longer_path_whose_conditions_fail_gives_way_to_a_shorter_one() {
    let rules = [
        vec![exact("/a/b").method("POST")],
        vec![prefix("/a/b").header("x-a", "1")],
        vec![prefix("/a").method("PUT")],
        vec![prefix("/")],
    ];
    assert_eq!(route(&rules, &get("/a/b")), Some(3));
}

#[test]
fn path_prefix_works_per_element() {
    let rules = [vec![prefix("/abc")]];
    assert_eq!(route(&rules, &get("/abc")), Some(0));
    assert_eq!(route(&rules, &get("/abc/")), Some(0));
    assert_eq!(route(&rules, &get("/abc/d")), Some(0));
    assert_eq!(route(&rules, &get("/abcd")), None);
    assert_eq!(route(&rules, &get("/ab")), None);
    assert_eq!(route(&rules, &get("/ABC")), None);
}

#[test]
fn an_exact_path_is_the_whole_path() {
    let rules = [vec![exact("/abc")]];
    assert_eq!(route(&rules, &get("/abc")), Some(0));
    assert_eq!(route(&rules, &get("/abc/")), None);
}

#[test]
fn nothing_matched_is_none() {
    assert_eq!(route(&[vec![exact("/a")]], &get("/b")), None);
    assert_eq!(route(&[vec![prefix("/").method("POST")]], &get("/b")), None);
}

#[test]
fn a_path_that_does_not_begin_with_a_slash_matches_nothing_not_even_a_catch_all() {
    assert_eq!(route(&[vec![prefix("/")]], &get("*")), None);
    assert_eq!(
        route(&[vec![prefix("/")], vec![exact("/a")]], &get("")),
        None
    );
}

#[test]
fn one_catch_all_rule_takes_every_path() {
    let table = RouteTable::build(
        &snapshot(&[vec![prefix("/").header("x-a", "1"), prefix("/")]]),
        0,
    );
    assert_eq!(table.only, None);
    let table = RouteTable::build(&snapshot(&[vec![prefix("/")], vec![prefix("/")]]), 0);
    assert_eq!(table.only, Some(0));
    assert_eq!(take(&table, &get("/any/thing")), Some(0));
}

#[test]
fn methods_are_case_sensitive_and_header_values_exact() {
    assert_eq!(route(&[vec![prefix("/").method("get")]], &get("/")), None);
    let rules = [vec![prefix("/").header("x-a", "One")]];
    assert_eq!(route(&rules, &get("/").with("X-a", "One")), Some(0));
    assert_eq!(route(&rules, &get("/").with("x-a", "one")), None);
}

#[test]
fn any_of_several_values_of_a_header_may_match() {
    let rules = [vec![prefix("/").header("x-a", "2")]];
    assert_eq!(
        route(&rules, &get("/").with("x-a", "1").with("X-A", "2")),
        Some(0)
    );
}

#[test]
fn prefixes_are_found_up_to_the_limit_of_elements_and_slashes_beyond_it_cost_nothing() {
    let deepest = "/a".repeat(64);
    let rules = [vec![prefix(&deepest)], vec![prefix("/a")]];
    assert_eq!(route(&rules, &get(&deepest)), Some(0));
    assert_eq!(route(&rules, &get(&"/a".repeat(5_000))), Some(0));
    assert_eq!(route(&rules, &get(&"/a".repeat(63))), Some(1));
    assert_eq!(
        route(&rules, &get(&format!("/a{}", "/".repeat(5_000)))),
        Some(1)
    );
}

#[test]
fn a_regular_expression_stands_between_exact_paths_and_prefixes() {
    let rules = [
        vec![prefix("/items/7").method("GET").header("x-a", "1")],
        vec![regex("/items/[0-9]+")],
        vec![exact("/items/8")],
    ];
    let with = |path: &str| get(path).with("x-a", "1");
    assert_eq!(route(&rules, &with("/items/7")), Some(1));
    assert_eq!(route(&rules, &with("/items/8")), Some(2));
    assert_eq!(route(&rules, &with("/items/7/parts")), Some(0));
}

#[test]
fn the_longer_pattern_wins_and_patterns_of_one_length_are_told_apart_by_the_rest() {
    let rules = [
        vec![regex("/a.*").method("GET").header("x-a", "1")],
        vec![regex("/a/b.*")],
        vec![regex("/./b.*").method("GET")],
    ];
    assert_eq!(route(&rules, &get("/a/b").with("x-a", "1")), Some(2));
    assert_eq!(route(&rules, &get("/a/c").with("x-a", "1")), Some(0));
}

#[test]
fn a_pattern_is_for_the_whole_path() {
    let rules = [vec![regex("/v[12]")]];
    assert_eq!(route(&rules, &get("/v1")), Some(0));
    assert_eq!(route(&rules, &get("/v1/")), None);
    assert_eq!(route(&rules, &get("/v1?a=b")), Some(0));
}

#[test]
fn a_header_pattern_is_for_a_whole_value() {
    let rules = [vec![prefix("/").header_like("x-version", "2\\.[0-9]+")]];
    assert_eq!(route(&rules, &get("/").with("X-Version", "2.14")), Some(0));
    assert_eq!(route(&rules, &get("/").with("X-Version", "12.1")), None);
    assert_eq!(route(&rules, &get("/")), None);
}

#[test]
fn query_parameters_match_exactly_or_by_pattern_as_they_are_meant() {
    let rules = [
        vec![prefix("/").query(is("name", "a b"))],
        vec![prefix("/").query(like("page", "[0-9]+"))],
    ];
    assert_eq!(route(&rules, &get("/?name=a%20b")), Some(0));
    assert_eq!(route(&rules, &get("/?x&name=a+b")), Some(0));
    assert_eq!(route(&rules, &get("/?name=a")), None);
    assert_eq!(route(&rules, &get("/?page=1%32")), Some(1));
    assert_eq!(route(&rules, &get("/?page=one")), None);
    assert_eq!(route(&rules, &get("/?page=one&page=1")), None);
    assert_eq!(route(&rules, &get("/")), None);
}

#[test]
fn most_query_matches_win_after_headers() {
    let rules = [
        vec![prefix("/").query(is("a", "1"))],
        vec![prefix("/").query(is("a", "1")).query(is("b", "2"))],
        vec![prefix("/").header("x-a", "1")],
    ];
    assert_eq!(route(&rules, &get("/?a=1&b=2")), Some(1));
    assert_eq!(route(&rules, &get("/?a=1&b=2").with("x-a", "1")), Some(2));
    assert_eq!(route(&rules, &get("/?a=1")), Some(0));
}

#[test]
fn a_service_without_rules_says_so() {
    let table = RouteTable::build(&snapshot(&[]), 0);
    assert!(table.is_empty());
    assert_eq!(take(&table, &get("/")), None);
    assert!(!RouteTable::build(&snapshot(&[vec![exact("/a")]]), 0).is_empty());
}

#[test]
fn rules_of_other_services_are_not_seen() {
    let mut snapshot = snapshot(&[vec![exact("/a")], vec![prefix("/")]]);
    snapshot.services[0].rules = vec![1];
    let table = RouteTable::build(&snapshot, 0);
    assert_eq!(take(&table, &get("/a")), Some(1));
}

fn route(rules: &[Vec<Match>], request: &Request) -> Option<u32> {
    take(&RouteTable::build(&snapshot(rules), 0), request)
}

fn take(table: &RouteTable, request: &Request) -> Option<u32> {
    table.route(request, &table.scratch())
}

/// A snapshot of one service that has all the rules.
fn snapshot(rules: &[Vec<Match>]) -> Snapshot {
    let rule = |matches: &Vec<Match>| Rule {
        route: "default/test".into(),
        matches: matches.clone(),
        ..Rule::default()
    };
    let service = Service {
        name: "web".into(),
        namespace: "default".into(),
        protocol: Protocol::Http,
        balancer: Balancer::PeakEwma,
        timeouts: Timeouts {
            connect_ms: 0,
            request_ms: 0,
            idle_ms: None,
            stream_idle_ms: None,
        },
        rules: (0..rules.len() as u32).collect(),
        health_check: None,
        warm_up_ms: 0,
        origin: 0,
    };
    Snapshot {
        access_log: None,
        version: 1,
        mesh: "test".into(),
        listeners: vec![],
        services: vec![service],
        rules: rules.iter().map(rule).collect(),
        endpoints: Endpoints {
            version: 1,
            services: vec![vec![]],
        },
        origins: vec![],
    }
}

fn exact(path: &str) -> Match {
    on_path(PathMatch::Exact { value: path.into() })
}

fn prefix(path: &str) -> Match {
    on_path(PathMatch::Prefix { value: path.into() })
}

fn regex(pattern: &str) -> Match {
    on_path(PathMatch::Regex {
        value: pattern.into(),
    })
}

fn on_path(path: PathMatch) -> Match {
    Match {
        path,
        ..Match::default()
    }
}

fn is(name: &str, value: &str) -> ValueMatch {
    ValueMatch::Exact {
        name: name.into(),
        value: value.into(),
    }
}

fn like(name: &str, pattern: &str) -> ValueMatch {
    ValueMatch::Regex {
        name: name.into(),
        value: pattern.into(),
    }
}

trait Conditions {
    fn method(self, method: &str) -> Self;
    fn header(self, name: &str, value: &str) -> Self;
    fn header_like(self, name: &str, pattern: &str) -> Self;
    fn query(self, condition: ValueMatch) -> Self;
}

impl Conditions for Match {
    fn method(mut self, method: &str) -> Self {
        self.method = Some(method.into());
        self
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(is(name, value));
        self
    }

    fn header_like(mut self, name: &str, pattern: &str) -> Self {
        self.headers.push(like(name, pattern));
        self
    }

    fn query(mut self, condition: ValueMatch) -> Self {
        self.query_params.push(condition);
        self
    }
}

#[derive(Debug)]
struct Request {
    path: String,
    query: String,
    method: String,
    headers: Vec<(String, String)>,
}

fn get(target: &str) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Request {
        path: path.into(),
        query: query.into(),
        method: "GET".into(),
        headers: vec![],
    }
}

impl Request {
    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

impl RequestView for Request {
    fn path(&self) -> &[u8] {
        self.path.as_bytes()
    }

    fn query(&self) -> &[u8] {
        self.query.as_bytes()
    }

    fn method(&self) -> &[u8] {
        self.method.as_bytes()
    }

    fn header(&self, name: &[u8], test: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        let named = self
            .headers
            .iter()
            .filter(|(key, _)| key.as_bytes().eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_bytes()).any(test)
    }
}
