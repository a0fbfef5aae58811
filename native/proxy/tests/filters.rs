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

#[test]
fn a_preflight_is_answered_here_and_the_connection_goes_on() {
    let mut mesh = cors_mesh(NAMED);
    let client = mesh.client_with(preflight("https://a.example"));
    assert_eq!(
        mesh.received(client),
        "HTTP/1.1 204 No Content\r\naccess-control-allow-origin: https://a.example\r\n\
         access-control-allow-methods: PUT\r\naccess-control-allow-credentials: true\r\n\
         access-control-max-age: 5\r\n\
         vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n\r\n"
    );
    mesh.send(client, preflight("https://b.example"));
    let refused = mesh.received(client);
    assert!(refused.starts_with("HTTP/1.1 204 "), "{refused}");
    assert!(!refused.contains("access-control"), "{refused}");
    assert_eq!(mesh.try_upstream(), None, "nothing was sent on");
}

#[test]
fn what_is_no_preflight_goes_on_and_its_response_names_the_origin() {
    let mut mesh = cors_mesh(NAMED);
    let client =
        mesh.client_with("OPTIONS / HTTP/1.1\r\nhost: a\r\norigin: https://a.example\r\n\r\n");
    let upstream = mesh.upstream();
    let answer = "HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\ncontent-length: 0\r\n\r\n";
    mesh.send(upstream, answer);
    let head = mesh.received(client);
    assert_eq!(
        value_of(&head, "access-control-allow-origin"),
        Some("https://a.example")
    );
    assert_eq!(
        value_of(&head, "access-control-allow-credentials"),
        Some("true")
    );
    assert_eq!(value_of(&head, "vary"), Some("Origin"));
    assert_eq!(
        value_of(&head, "x-user"),
        Some("set"),
        "other filters apply too"
    );

    mesh.send(
        client,
        "GET / HTTP/1.1\r\nhost: a\r\norigin: https://b.example\r\n\r\n",
    );
    mesh.send(upstream, answer);
    let head = mesh.received(client);
    assert_eq!(
        value_of(&head, "access-control-allow-origin"),
        None,
        "not even the origin's own"
    );
    assert_eq!(value_of(&head, "vary"), Some("Origin"));
}

#[test]
fn a_page_may_read_why_there_is_no_response() {
    let mut mesh = cors_mesh(NAMED);
    let client = mesh.client_with("GET / HTTP/1.1\r\nhost: a\r\norigin: https://a.example\r\n\r\n");
    let upstream = mesh.upstream();
    mesh.break_off(upstream);
    let head = mesh.received(client);
    assert!(head.starts_with("HTTP/1.1 502 "), "{head}");
    assert_eq!(
        value_of(&head, "access-control-allow-origin"),
        Some("https://a.example")
    );
}

#[test]
fn a_public_resource_is_public_without_an_origin_too() {
    let mut mesh = cors_mesh(r#"{"allowOrigins":["*"],"maxAgeSeconds":60}"#);
    let client = mesh.client_with("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    let upstream = mesh.upstream();
    mesh.send(upstream, "HTTP/1.1 204 No Content\r\n\r\n");
    let head = mesh.received(client);
    assert_eq!(value_of(&head, "access-control-allow-origin"), Some("*"));
    assert_eq!(value_of(&head, "vary"), None);
}

#[test]
fn a_rule_answers_itself_and_the_connection_goes_on() {
    let direct = r#"{"status":503,"contentType":"text/html","body":"back soon"}"#;
    let mut mesh = direct_mesh(direct);
    let client = mesh.client_with("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(
        mesh.received(client),
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\
         x-user: set\r\n\r\nback soon"
    );
    mesh.send(client, "HEAD / HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(
        mesh.received(client),
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\
         x-user: set\r\n\r\n"
    );
    assert_eq!(mesh.try_upstream(), None);
}

#[test]
fn a_response_without_content_has_no_length() {
    let mut mesh = direct_mesh(r#"{"status":204,"body":""}"#);
    let client = mesh.client_with("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(
        mesh.received(client),
        "HTTP/1.1 204 No Content\r\nx-user: set\r\n\r\n"
    );
}

fn direct_mesh(direct: &str) -> Mesh {
    let rule = format!(
        r#"{{"route":"default/r","matches":[{{"path":{{"kind":"prefix","value":"/"}},"headers":[]}}],
        "requestHeaders":{{"set":[],"add":[],"remove":[]}},
        "responseHeaders":{{"set":[{{"name":"x-user","value":"set"}}],"add":[],"remove":[]}},
        "directResponse":{direct},"backends":[],"origin":0}}"#
    );
    Mesh::of(&mesh_text(r#""name":"edge","#, "[0]", &rule))
}

fn preflight(origin: &str) -> String {
    format!(
        "OPTIONS / HTTP/1.1\r\nhost: a\r\norigin: {origin}\r\naccess-control-request-method: PUT\r\n\r\n"
    )
}

/// A rule to the second service with this CORS filter, and with a filter of headers that sets one of those of CORS too.
fn cors_mesh(cors: &str) -> Mesh {
    let edit = r#"{"set":[{"name":"X-User","value":"set"},{"name":"Access-Control-Allow-Origin","value":"no"}],
        "add":[],"remove":[]}"#;
    let rule = format!(
        r#"{{"route":"default/r","matches":[{{"path":{{"kind":"prefix","value":"/"}},"headers":[]}}],
        "requestHeaders":{{"set":[],"add":[],"remove":[]}},"responseHeaders":{edit},"cors":{cors},
        "backends":[{{{OTHER}}}],"origin":0}}"#
    );
    Mesh::of(&mesh_text(r#""name":"edge","#, "[0]", &rule))
}

const NAMED: &str = r#"{"allowOrigins":["https://a.example"],"allowCredentials":true,"allowMethods":["PUT"],
    "maxAgeSeconds":5}"#;

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
