//! P-4, P-5 and P-6: what a client outside the mesh says of itself, and requests that go in circles.

mod support;

use support::{End, Mesh, mesh_text};

#[test]
fn p4_a_header_that_only_a_trusted_peer_may_send_is_neither_forwarded_nor_routed_by() {
    let edge = r#""name":"edge","#;
    let mut mesh = Mesh::of(&mesh_text(edge, "[0,1]", &rules()));
    mesh.client_with(get(
        "x-envoy-group: red\r\nx-heddle-attempt: 1\r\nl5d-client-id: root\r\n",
    ));
    let upstream = mesh.upstream();
    assert_eq!(mesh.address_of(upstream), "10.0.0.1:80");
    let forwarded = mesh.received(upstream);
    assert!(!forwarded.contains("x-envoy-group") && !forwarded.contains("x-heddle"));
    assert!(!forwarded.contains("l5d-"));
}

#[test]
fn p4_at_the_door_of_a_workload_the_same_headers_go_on_and_are_routed_by() {
    let door = r#""name":"web->api","source":"web","#;
    let mut mesh = Mesh::of(&mesh_text(door, "[0,1]", &rules()));
    mesh.client_with(get("x-envoy-group: red\r\nx-heddle-attempt: 1\r\n"));
    let upstream = mesh.upstream();
    assert_eq!(mesh.address_of(upstream), "10.0.0.2:80");
    let forwarded = mesh.received(upstream);
    assert!(forwarded.contains("x-envoy-group: red\r\nx-heddle-attempt: 1\r\n"));
}

#[test]
fn d6_a_header_that_connection_names_is_neither_forwarded_nor_routed_by() {
    let door = r#""name":"web->api","source":"web","#;
    let mut mesh = Mesh::of(&mesh_text(
        door,
        "[0,1]",
        &rules().replace("x-envoy-group", "x-group"),
    ));
    mesh.client_with(get("x-group: red\r\nconnection: x-group\r\n"));
    let upstream = mesh.upstream();
    assert_eq!(mesh.address_of(upstream), "10.0.0.1:80");
    assert!(!mesh.received(upstream).contains("x-group"));
}

#[test]
fn p5_an_edge_writes_the_address_of_its_peer_and_nothing_that_the_peer_says() {
    let mut mesh = Mesh::new();
    mesh.client_with(get(
        "x-forwarded-for: 10.9.8.7\r\nx-forwarded-proto: https\r\nforwarded: for=b\r\n",
    ));
    let upstream = mesh.upstream();
    assert_eq!(
        mesh.received(upstream),
        "GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 192.0.2.7\r\nx-forwarded-host: a\r\n\
         x-forwarded-proto: http\r\nvia: 1.1 heddle\r\n\r\n"
    );
}

#[test]
fn p5_inside_the_mesh_what_an_edge_wrote_goes_on() {
    let door = r#""name":"web->api","source":"web","#;
    let mut mesh = Mesh::of(&mesh_text(door, "[]", ""));
    mesh.client_with(get("x-forwarded-for: 192.0.2.7\r\n"));
    let upstream = mesh.upstream();
    assert_eq!(
        mesh.received(upstream),
        "GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 192.0.2.7\r\nvia: 1.1 heddle\r\n\r\n"
    );
}

#[test]
fn p6_a_request_that_came_through_ten_of_our_kind_goes_on_and_the_eleventh_is_508() {
    let mut mesh = Mesh::of(&mesh_text(r#""name":"edge","errors":"full","#, "[]", ""));
    mesh.client_with(get(&"via: 1.1 heddle\r\n".repeat(10)));
    let upstream = mesh.upstream();
    assert_eq!(
        mesh.received(upstream)
            .matches("via: 1.1 heddle\r\n")
            .count(),
        11
    );
    let client = mesh.client_with(get(&"via: 1.1 heddle\r\n".repeat(11)));
    let answer = mesh.received(client);
    assert!(
        answer.starts_with("HTTP/1.1 508 Loop Detected\r\n"),
        "{answer}"
    );
    assert!(answer.contains("error=proxy_loop_detected"));
    assert_eq!(mesh.try_upstream(), None);
}

#[test]
fn p6_options_that_may_go_no_further_is_answered_here_and_the_connection_goes_on() {
    let mut mesh = Mesh::new();
    let options =
        |left: u8| format!("OPTIONS * HTTP/1.1\r\nhost: a\r\nmax-forwards: {left}\r\n\r\n");
    let client = mesh.client_with(options(0));
    assert_eq!(
        mesh.received(client),
        "HTTP/1.1 204 No Content\r\nallow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n\r\n"
    );
    mesh.send(client, options(1));
    let upstream = mesh.upstream();
    assert!(mesh.received(upstream).contains("\r\nmax-forwards: 0\r\n"));
    assert_eq!(mesh.end_of(client), End::Open);
}

/// All to `web`, but the group `red` to `other`.
fn rules() -> String {
    let rule = |headers: &str, service: u8| {
        format!(
            r#"{{"route":"default/r","matches":[{{"path":{{"kind":"prefix","value":"/"}},"headers":[{headers}]}}],
            "requestHeaders":{{"set":[],"add":[],"remove":[]}},"responseHeaders":{{"set":[],"add":[],"remove":[]}},
            "backends":[{{"weight":1,"target":{{"kind":"service","service":{service}}}}}],"origin":0}}"#
        )
    };
    let red = rule(
        r#"{"kind":"exact","name":"x-envoy-group","value":"red"}"#,
        1,
    );
    format!("{},{red}", rule("", 0))
}

fn get(lines: &str) -> String {
    format!("GET / HTTP/1.1\r\nhost: a\r\n{lines}\r\n")
}
