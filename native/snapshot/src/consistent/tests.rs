//! One test per rule: the sample is consistent, each change breaks exactly one thing.

use super::{VERSION_MAX, consistent, consistent_endpoints};
use crate::{
    Backend, Balancer, Cors, DirectResponse, Endpoint, Endpoints, Errors, Header, HeaderEdit,
    HealthCheck, HttpCheck, Listener, ListenerBounds, Match, Origin, PathChange, PathMatch,
    Protocol, Redirect, RequestIds, Rewrite, Rule, Service, Snapshot, StatusRange, Target,
    Timeouts, ValueMatch,
};

#[test]
fn a_rule_that_answers_itself_has_a_whole_response_and_nothing_else() {
    let direct = |status: u16, body: &str| {
        let response = DirectResponse {
            status,
            content_type: None,
            body: body.into(),
        };
        let mut snapshot = sample();
        snapshot.rules[0].backends = vec![];
        snapshot.rules[0].direct_response = Some(response);
        snapshot
    };
    assert_eq!(consistent(&direct(503, "back soon")), Ok(()));
    assert!(consistent(&direct(199, "")).is_err());
    assert!(consistent(&direct(204, "x")).is_err());
    assert!(consistent(&direct(200, &"x".repeat(4097))).is_err());
    let mut both = direct(200, "");
    both.rules[0].backends = sample().rules[0].backends.clone();
    assert!(consistent(&both).is_err());
}

#[test]
fn a_cors_filter_has_origins_and_tokens() {
    let cors = |origin: &str, header: &str| {
        let mut snapshot = sample();
        snapshot.rules[0].cors = Some(Cors {
            allow_origins: vec![origin.into()],
            allow_credentials: false,
            allow_methods: vec![],
            allow_headers: vec![header.into()],
            expose_headers: vec![],
            max_age_seconds: 5,
        });
        consistent(&snapshot)
    };
    assert_eq!(cors("*", "*"), Ok(()));
    assert_eq!(cors("https://*.a.example:8443", "x-a"), Ok(()));
    assert!(cors("a.example", "x-a").is_err());
    assert!(cors("https://A.example", "x-a").is_err());
    assert!(cors("https://a.example/", "x-a").is_err());
    assert!(cors("*", "x a").is_err());
}

#[test]
fn the_sample_is_consistent() {
    assert_eq!(consistent(&sample()), Ok(()));
    assert_eq!(
        consistent_endpoints(&sample().endpoints, &sample().services),
        Ok(())
    );
}

#[test]
fn a_listener_leads_to_an_existing_service_of_its_protocol() {
    assert_broken(
        |s| s.listeners[0].service = 9,
        "listener edge: leads to service 9, which does not exist",
    );
    assert_broken(
        |s| s.listeners[0].service = 1,
        "listener edge: speaks http but leads to service db, which speaks tcp",
    );
    assert_broken(
        |s| s.listeners[1].service = 0,
        "listener sql: speaks tcp but leads to service web, which speaks http",
    );
}

#[test]
fn listener_names_and_addresses_are_unique() {
    assert_broken(
        |s| s.listeners[1].name = "edge".into(),
        "listener edge: another listener has the same name",
    );
    assert_broken(
        |s| {
            s.listeners[0].address = "[::1]:80".into();
            s.listeners[1].address = "[0::1]:80".into();
        },
        "listener sql: another listener has the address [::1]:80",
    );
}

#[test]
fn addresses_are_numeric_with_a_port() {
    assert_broken(
        |s| s.listeners[0].address = "localhost:80".into(),
        r#"listener edge: address "localhost:80" is not ip:port, [ip6]:port or unix:/path"#,
    );
    assert_broken(
        |s| s.endpoints.services[1][0].address = "10.0.0.1".into(),
        r#"service default/db: address "10.0.0.1" is not ip:port, [ip6]:port or unix:/path"#,
    );
}

#[test]
fn origins_are_in_range() {
    assert_broken(
        |s| s.listeners[0].origin = 1,
        "listener edge: names origin 1, which does not exist",
    );
    assert_broken(
        |s| s.services[1].origin = 1,
        "service default/db: names origin 1, which does not exist",
    );
    assert_broken(
        |s| s.rules[0].origin = 1,
        "rule 0 of default/shop: names origin 1, which does not exist",
    );
}

#[test]
fn service_rules_exist_and_ascend_and_need_http() {
    assert_broken(
        |s| s.services[0].rules = vec![2],
        "service default/web: names rule 2, which does not exist",
    );
    assert_broken(
        |s| s.services[0].rules = vec![1, 0],
        "service default/web: rule indexes are not in ascending order",
    );
    assert_broken(
        |s| s.services[0].rules = vec![1, 1],
        "service default/web: rule indexes are not in ascending order",
    );
    assert_broken(
        |s| s.services[1].rules = vec![0],
        "service default/db: speaks tcp but has rules, which need http",
    );
}

#[test]
fn every_service_has_its_list_of_endpoints() {
    let message = "endpoints: lists 1 services where the configuration has 2";
    assert_broken(|s| s.endpoints.services.truncate(1), message);
    let found = consistent_endpoints(
        &Endpoints {
            version: 1,
            services: vec![vec![]],
        },
        &sample().services,
    );
    assert_eq!(found.unwrap_err()[0].to_string(), message);
}

#[test]
fn a_rule_has_matches() {
    assert_broken(
        |s| s.rules[1].matches.clear(),
        "rule 1 of default/shop: has no match",
    );
}

#[test]
fn paths_begin_with_a_slash_and_prefixes_do_not_end_with_one() {
    assert_broken(
        |s| {
            s.rules[0].matches[0].path = PathMatch::Exact {
                value: "cart".into(),
            }
        },
        r#"rule 0 of default/shop: path "cart" does not begin with /"#,
    );
    assert_broken(
        |s| {
            s.rules[0].matches[0].path = PathMatch::Prefix {
                value: "/cart/".into(),
            }
        },
        r#"rule 0 of default/shop: prefix "/cart/" ends with /"#,
    );
    assert_broken(
        |s| {
            s.rules[0].matches[0].path = PathMatch::Exact {
                value: "/a?b".into(),
            }
        },
        r#"rule 0 of default/shop: path "/a?b" holds a character that no request path can have"#,
    );
    assert_broken(
        |s| {
            s.rules[0].matches[0].path = PathMatch::Prefix {
                value: "/a".repeat(65),
            }
        },
        &format!(
            "rule 0 of default/shop: prefix {:?} has more than 64 elements",
            "/a".repeat(65)
        ),
    );
}

#[test]
fn the_methods_and_headers_of_a_match_are_tokens_with_clean_values() {
    assert_broken(
        |s| s.rules[0].matches[0].method = Some("GE T".into()),
        r#"rule 0 of default/shop: "GE T" is not a token"#,
    );
    assert_broken(
        |s| s.rules[0].matches[0].headers[0] = is("X-Version", "2"),
        r#"rule 0 of default/shop: header name "X-Version" is not lower case"#,
    );
    assert_broken(
        |s| s.rules[0].matches[0].headers[0] = is("", "2"),
        r#"rule 0 of default/shop: "" is not a token"#,
    );
    assert_broken(
        |s| s.rules[0].matches[0].headers[0] = is("x-version", "a\r\nb"),
        r#"rule 0 of default/shop: the value of header "x-version" holds a control character"#,
    );
}

#[test]
fn the_patterns_of_a_match_compile_and_its_query_parameters_have_names() {
    let like = |name: &str, pattern: &str| ValueMatch::Regex {
        name: name.into(),
        value: pattern.into(),
    };
    assert_broken(
        |s| {
            s.rules[0].matches[0].path = PathMatch::Regex {
                value: "/(a{100}){100}".into(),
            }
        },
        r#"rule 0 of default/shop: pattern "/(a{100}){100}" takes more than 65536 bytes"#,
    );
    assert_broken(
        |s| s.rules[0].matches[0].headers[0] = like("x-version", &"a".repeat(1025)),
        &format!(
            "rule 0 of default/shop: pattern {:?} has more than 1024 characters",
            "a".repeat(1025)
        ),
    );
    assert_broken(
        |s| s.rules[0].matches[0].query_params = vec![is("", "1")],
        "rule 0 of default/shop: a query parameter has no name",
    );
}

#[test]
fn a_redirect_has_a_status_of_redirects_a_clean_location_and_no_backends() {
    let redirect = |status: u16, path: Option<PathChange>| Redirect {
        scheme: None,
        hostname: Some("b.example".into()),
        port: None,
        path,
        status,
    };
    assert_broken(
        |s| {
            s.rules[1].redirect = Some(redirect(200, None));
            s.rules[1].backends.clear();
        },
        "rule 1 of default/shop: 200 is no status of a redirect",
    );
    assert_broken(
        |s| s.rules[1].redirect = Some(redirect(302, None)),
        "rule 1 of default/shop: redirects and forwards at once",
    );
    assert_broken(
        |s| {
            let path = PathChange::Full {
                value: "/a\r\nb".into(),
            };
            s.rules[1].redirect = Some(redirect(302, Some(path)));
            s.rules[1].backends.clear();
        },
        r#"rule 1 of default/shop: path "/a\r\nb" holds a character that no request path can have"#,
    );
}

#[test]
fn a_rewrite_names_a_host_and_replaces_the_prefix_that_is_matched() {
    let rewrite = |hostname: &str, matched: &str| Rewrite {
        hostname: Some(hostname.into()),
        path: Some(PathChange::Prefix {
            matched: matched.into(),
            value: "/new".into(),
        }),
    };
    assert_broken(
        |s| s.rules[1].rewrite = Some(rewrite("a b", "/")),
        r#"rule 1 of default/shop: "a b" is no host name"#,
    );
    assert_broken(
        |s| s.rules[1].rewrite = Some(rewrite("a", "/other")),
        r#"rule 1 of default/shop: replaces the prefix "/other", which it does not match"#,
    );
}

#[test]
fn header_edits_are_clean_and_leave_framing_alone() {
    let set = |name: &str, value: &str| Header {
        name: name.into(),
        value: value.into(),
    };
    assert_broken(
        |s| s.rules[0].request_headers.set = vec![set("a:b", "1")],
        r#"rule 0 of default/shop: "a:b" is not a token"#,
    );
    assert_broken(
        |s| s.rules[0].response_headers.add = vec![set("X-A", " 1")],
        r#"rule 0 of default/shop: the value of header "X-A" begins or ends with white space"#,
    );
    assert_broken(
        |s| s.rules[0].request_headers.remove = vec!["X-A".into()],
        r#"rule 0 of default/shop: header name "X-A" is not lower case"#,
    );
    assert_broken(
        |s| s.rules[0].request_headers.set = vec![set("Content-Length", "1")],
        r#"rule 0 of default/shop: header "Content-Length" belongs to the connection and cannot be edited"#,
    );
}

#[test]
fn backends_are_existing_http_services() {
    assert_broken(
        |s| s.rules[0].backends[0].target = Target::Service { service: 7 },
        "rule 0 of default/shop: has a backend service 7, which does not exist",
    );
    assert_broken(
        |s| s.rules[0].backends[0].target = Target::Service { service: 1 },
        "rule 0 of default/shop: has the backend db, which does not speak http",
    );
}

#[test]
fn a_health_check_has_numbers_and_a_request_that_can_be_sent() {
    let http = |path: &str, first: u16| {
        Some(HttpCheck {
            host: "web".into(),
            path: path.into(),
            statuses: vec![StatusRange { first, last: 299 }],
        })
    };
    let check = |http: Option<HttpCheck>, fall: u32| {
        Some(HealthCheck {
            http,
            interval_ms: 1,
            timeout_ms: 1,
            rise: 1,
            fall,
        })
    };
    let mut snapshot = sample();
    snapshot.services[0].health_check = check(http("/ok?a=b", 200), 1);
    assert!(consistent(&snapshot).is_ok());
    assert_broken(
        |s| s.services[0].health_check = check(None, 0),
        "service default/web: a number of its health check is 0",
    );
    assert_broken(
        |s| s.services[0].health_check = check(http("/a b", 200), 1),
        "service default/web: \"/a b\" is no path of a health check",
    );
    assert_broken(
        |s| s.services[0].health_check = check(http("/", 300), 1),
        "service default/web: the statuses of its health check are no ranges",
    );
}

#[test]
fn versions_fit_a_javascript_number() {
    let message = format!("version {} is beyond {VERSION_MAX}", VERSION_MAX + 1);
    assert_broken(
        |s| s.version = VERSION_MAX + 1,
        &format!("snapshot: {message}"),
    );
    assert_broken(
        |s| s.endpoints.version = VERSION_MAX + 1,
        &format!("endpoints: {message}"),
    );
}

#[test]
fn everything_wrong_is_listed_at_once() {
    let mut snapshot = sample();
    snapshot.listeners[0].origin = 5;
    snapshot.services[1].origin = 5;
    snapshot.rules[1].matches.clear();
    assert_eq!(consistent(&snapshot).unwrap_err().len(), 3);
}

fn assert_broken(change: impl FnOnce(&mut Snapshot), expected: &str) {
    let mut snapshot = sample();
    change(&mut snapshot);
    let found: Vec<String> = consistent(&snapshot)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found, [expected]);
}

fn is(name: &str, value: &str) -> ValueMatch {
    ValueMatch::Exact {
        name: name.into(),
        value: value.into(),
    }
}

/// Two listeners, an HTTP service with two rules, a TCP service.
pub fn sample() -> Snapshot {
    let listener = |name: &str, port: u16, protocol: Protocol, service: u32| Listener {
        errors: Errors::default(),
        request_id: RequestIds::default(),
        name: name.into(),
        address: format!("127.0.0.1:{port}"),
        mode: None,
        protocol,
        source: None,
        service,
        proxies: Vec::new(),
        bounds: ListenerBounds::default(),
        origin: 0,
    };
    let service = |name: &str, protocol: Protocol, rules: &[u32]| Service {
        name: name.into(),
        namespace: "default".into(),
        protocol,
        balancer: Balancer::PeakEwma,
        timeouts: Timeouts {
            connect_ms: 1000,
            request_ms: 15_000,
            idle_ms: None,
            stream_idle_ms: None,
        },
        rules: rules.to_vec(),
        health_check: None,
        warm_up_ms: 0,
        origin: 0,
    };
    let rule = |path: PathMatch, headers: Vec<ValueMatch>| Rule {
        route: "default/shop".into(),
        matches: vec![Match {
            path,
            headers,
            ..Match::default()
        }],
        backends: vec![Backend {
            weight: 1,
            target: Target::Service { service: 0 },
            request_headers: HeaderEdit::default(),
            response_headers: HeaderEdit::default(),
        }],
        ..Rule::default()
    };
    Snapshot {
        access_log: None,
        version: 3,
        mesh: "shop".into(),
        listeners: vec![
            listener("edge", 8080, Protocol::Http, 0),
            listener("sql", 7000, Protocol::Tcp, 1),
        ],
        services: vec![
            service("web", Protocol::Http, &[0, 1]),
            service("db", Protocol::Tcp, &[]),
        ],
        rules: vec![
            rule(
                PathMatch::Exact {
                    value: "/cart".into(),
                },
                vec![is("x-version", "2")],
            ),
            rule(PathMatch::Prefix { value: "/".into() }, vec![]),
        ],
        endpoints: Endpoints {
            version: 1,
            services: vec![
                vec![],
                vec![Endpoint {
                    weight: 1,
                    address: "127.0.0.1:5432".into(),
                }],
            ],
        },
        origins: vec![Origin {
            file: "mesh.yaml".into(),
            line: 1,
            resource: "service/web".into(),
        }],
    }
}
