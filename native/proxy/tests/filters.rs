//! What the filters of a rule and of its backends do to a request and its response.

mod support;

use support::{Mesh, mesh_text};

#[test]
fn the_filters_of_one_backend_of_several_apply_to_its_requests_alone() {
    let backends = format!("{WEB},{{{OTHER},{SET_BY_BACKEND}}}");
    let (head, answer) = exchanged(&rule(&backends));
    assert_eq!(value_of(&head, "x-own"), Some("backend"));
    assert_eq!(value_of(&answer, "x-own"), Some("backend"));

    let backends = format!(r#"{{{OTHER}}},{{"weight":0,{TO_WEB},{SET_BY_BACKEND}}}"#);
    let (head, answer) = exchanged(&rule(&backends));
    assert_eq!(value_of(&head, "x-own"), None);
    assert_eq!(value_of(&answer, "x-own"), None);
}

#[test]
fn a_request_passes_the_filters_of_the_rule_first_and_a_response_those_of_the_backend() {
    for backends in [
        format!("{{{OTHER},{SET_BY_BACKEND}}}"),
        format!("{WEB},{{{OTHER},{SET_BY_BACKEND}}}"),
    ] {
        let (head, answer) = exchanged(&rule(&backends));
        assert_eq!(value_of(&head, "x-both"), Some("backend"));
        assert_eq!(value_of(&answer, "x-both"), Some("rule"));
        assert_eq!(value_of(&head, "x-rule"), Some("rule"));
        assert_eq!(value_of(&answer, "x-rule"), Some("rule"));
    }
}

/// Heads that the origin and the client get.
fn exchanged(rule: &str) -> (String, String) {
    let mut mesh = Mesh::of(&mesh_text(r#""name":"edge","#, "[0]", rule));
    let client = mesh.client_with("GET / HTTP/1.1\r\nhost: a\r\nX-Own: 1\r\nx-both: 1\r\n\r\n");
    let upstream = mesh.upstream();
    assert_eq!(mesh.address_of(upstream), "10.0.0.2:80");
    let head = mesh.received(upstream);
    mesh.send(
        upstream,
        "HTTP/1.1 204 No Content\r\nx-own: 1\r\nx-both: 1\r\n\r\n",
    );
    (head, mesh.received(client))
}

/// The only value of a header, but for `1`, which it has from the beginning.
fn value_of<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut values = head.lines().filter_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    });
    let value = values.next().filter(|&value| value != "1");
    assert_eq!(values.next(), None, "{name} stands twice in {head}");
    value
}

fn rule(backends: &str) -> String {
    let edit = r#"{"set":[{"name":"X-Both","value":"rule"},{"name":"x-rule","value":"rule"}],"add":[],"remove":[]}"#;
    format!(
        r#"{{"route":"default/r","matches":[{{"path":{{"kind":"prefix","value":"/"}},"headers":[]}}],
        "requestHeaders":{edit},"responseHeaders":{edit},"backends":[{backends}],"origin":0}}"#
    )
}

const TO_WEB: &str = r#""target":{"kind":"service","service":0}"#;
const WEB: &str = r#"{"weight":0,"target":{"kind":"service","service":0}}"#;
const OTHER: &str = r#""weight":1,"target":{"kind":"service","service":1}"#;
const SET_BY_BACKEND: &str = r#""requestHeaders":{"set":[{"name":"x-both","value":"backend"},
    {"name":"x-own","value":"backend"}],"add":[],"remove":[]},
    "responseHeaders":{"set":[{"name":"x-own","value":"backend"}],"add":[{"name":"x-both","value":"backend"}],"remove":[]}"#;
