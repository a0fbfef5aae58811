//! The precedence rules one by one, matching at element boundaries, and a comparison with a plain
//! interpreter of the specification over random rules and requests.

mod interpreter;

use snapshot::{
    Balancer, Endpoints, Header, HeaderEdit, Match, PathMatch, Protocol, Rule, Service, Snapshot,
    Timeouts,
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
    assert_eq!(table.route(&get("/any/thing")), Some(0));
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
fn a_service_without_rules_says_so() {
    let table = RouteTable::build(&snapshot(&[]), 0);
    assert!(table.is_empty());
    assert_eq!(table.route(&get("/")), None);
    assert!(!RouteTable::build(&snapshot(&[vec![exact("/a")]]), 0).is_empty());
}

#[test]
fn rules_of_other_services_are_not_seen() {
    let mut snapshot = snapshot(&[vec![exact("/a")], vec![prefix("/")]]);
    snapshot.services[0].rules = vec![1];
    assert_eq!(RouteTable::build(&snapshot, 0).route(&get("/a")), Some(1));
}

fn route(rules: &[Vec<Match>], request: &Request) -> Option<u32> {
    RouteTable::build(&snapshot(rules), 0).route(request)
}

/// A snapshot of one service that has all the rules.
fn snapshot(rules: &[Vec<Match>]) -> Snapshot {
    let rule = |matches: &Vec<Match>| Rule {
        route: "default/test".into(),
        matches: matches.clone(),
        request_headers: HeaderEdit::default(),
        response_headers: HeaderEdit::default(),
        backends: vec![],
        origin: 0,
    };
    let service = Service {
        name: "web".into(),
        namespace: "default".into(),
        protocol: Protocol::Http,
        balancer: Balancer::PeakEwma,
        timeouts: Timeouts {
            connect_ms: 0,
            request_ms: 0,
        },
        rules: (0..rules.len() as u32).collect(),
        origin: 0,
    };
    Snapshot {
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
    Match {
        path: PathMatch::Exact { value: path.into() },
        method: None,
        headers: vec![],
    }
}

fn prefix(path: &str) -> Match {
    Match {
        path: PathMatch::Prefix { value: path.into() },
        method: None,
        headers: vec![],
    }
}

trait Conditions {
    fn method(self, method: &str) -> Self;
    fn header(self, name: &str, value: &str) -> Self;
}

impl Conditions for Match {
    fn method(mut self, method: &str) -> Self {
        self.method = Some(method.into());
        self
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(Header {
            name: name.into(),
            value: value.into(),
        });
        self
    }
}

#[derive(Debug)]
struct Request {
    path: String,
    method: String,
    headers: Vec<(String, String)>,
}

fn get(path: &str) -> Request {
    Request {
        path: path.into(),
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
