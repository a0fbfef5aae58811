//! What holds for every path: P-1 it is normalized once and like the simplest model does it, P-2 the path that is
//! matched is the one that is forwarded. Shared by the fuzz target and the corpus replay.

#![allow(clippy::expect_used)] // what cannot fail while the property holds

use std::cell::RefCell;

use crate::support::{Mesh, mesh_text};

thread_local! {
    /// Taken for a run and put back when the property held.
    static MESH: RefCell<Option<Mesh>> = const { RefCell::new(None) };
}

/// Panics when a path is forwarded in another form than the model's, or when a shard that gets the forwarded request
/// decides otherwise or changes the path again. Bytes that cannot stand in a path are left out.
pub fn holds(bytes: &[u8]) {
    let visible = |byte: &&u8| matches!(**byte, 0x21..=0x7e) && **byte != b'?' && **byte != b'#';
    let path: String = bytes
        .iter()
        .filter(visible)
        .map(|&byte| char::from(byte))
        .take(PATH_BYTES_MAX)
        .collect();
    let path = format!("/{path}");
    let mut mesh = MESH
        .take()
        .unwrap_or_else(|| Mesh::of(&mesh_text(r#""name":"edge","#, "[0,1,2,3]", &rules())));
    check(&mut mesh, &path);
    mesh.forget();
    MESH.set(Some(mesh));
}

fn check(mesh: &mut Mesh, path: &str) {
    let first = forwarded(
        mesh,
        &format!("GET {path}?q=%41/.. HTTP/1.1\r\nhost: a\r\n\r\n"),
    );
    let (Some(expected), Some(first)) = (normal(path), &first) else {
        assert_eq!(first.is_some(), normal(path).is_some(), "{path}");
        return;
    };
    assert_eq!(first.target, format!("{expected}?q=%41/.."), "{path}");
    let second = forwarded(mesh, &first.head).expect("a forwarded request is forwarded");
    assert_eq!(
        (&second.target, &second.rule, &second.endpoint),
        (&first.target, &first.rule, &first.endpoint),
        "{path}"
    );
}

/// What a shard made of a request.
struct Forwarded {
    head: String,
    target: String,
    rule: String,
    endpoint: String,
}

fn forwarded(mesh: &mut Mesh, request: &str) -> Option<Forwarded> {
    let client = mesh.client_with(request);
    let Some(upstream) = mesh.try_upstream() else {
        mesh.break_off(client);
        return None;
    };
    let head = mesh.received(upstream);
    let endpoint = mesh.address_of(upstream);
    mesh.break_off(client);
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let rule = head.split("x-rule: ").nth(1).unwrap_or_default();
    let rule = rule.split('\r').next().unwrap_or_default().to_owned();
    Some(Forwarded {
        head,
        target,
        rule,
        endpoint,
    })
}

/// Rules that tell spellings apart, each with its number in the request that it forwards.
fn rules() -> String {
    let rule = |(number, (kind, path, service)): (usize, (&str, &str, u8))| {
        format!(
            r#"{{"route":"default/r","matches":[{{"path":{{"kind":"{kind}","value":"{path}"}},"headers":[]}}],
            "requestHeaders":{{"set":[{{"name":"x-rule","value":"{number}"}}],"add":[],"remove":[]}},
            "responseHeaders":{{"set":[],"add":[],"remove":[]}},
            "backends":[{{"weight":1,"target":{{"kind":"service","service":{service}}}}}],"origin":0}}"#
        )
    };
    let rules = [
        ("prefix", "/", 0),
        ("prefix", "/a", 1),
        ("prefix", "/a/b", 0),
        ("exact", "/A%2Fb", 1),
    ];
    let rules: Vec<String> = rules.into_iter().enumerate().map(rule).collect();
    rules.join(",")
}

/// The normal form by segments that are values of their own; `None` when there is none.
fn normal(path: &str) -> Option<String> {
    let segments: Vec<&str> = path[1..].split('/').collect();
    let mut kept = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        let is_last = index + 1 == segments.len();
        match spelled(segment)?.as_str() {
            "." if is_last => kept.push(String::new()),
            "." => {}
            ".." => {
                kept.pop()?;
                kept.extend(is_last.then(String::new));
            }
            other => kept.push(other.to_owned()),
        }
    }
    Some(format!("/{}", kept.join("/")))
}

fn spelled(segment: &str) -> Option<String> {
    let mut rest = segment;
    let mut result = String::new();
    while let Some(first) = rest.chars().next() {
        let length = if first == '%' { 3 } else { 1 };
        match first {
            '\\' => return None,
            '%' => {
                let digits = rest.get(1..3).filter(|text| !text.starts_with('+'))?;
                let byte = u8::from_str_radix(digits, 16)
                    .ok()
                    .filter(|&byte| byte > 0)?;
                let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
                if unreserved {
                    result.push(char::from(byte));
                } else {
                    result.extend(format!("%{byte:02X}").chars());
                }
            }
            other => result.push(other),
        }
        rest = &rest[length..];
    }
    Some(result)
}

const PATH_BYTES_MAX: usize = 4_000;
