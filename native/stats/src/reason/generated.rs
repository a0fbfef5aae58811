//! Writes the vocabulary for its other readers, in every test run: `src/telemetry/generated/errors.ts` and the table
//! `docs/errors.md`. Files that already hold the right text are left alone.

use std::{fmt::Write, fs, path::Path};

use serde_json::{Value, json};

use super::{Reason, Spelling};

#[test]
fn the_vocabulary_is_written_for_typescript_and_for_people() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (path, text) in [
        ("src/telemetry/generated/errors.ts", typescript()),
        ("docs/errors.md", markdown()),
    ] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::write(&path, text).unwrap();
        }
    }
}

fn typescript() -> String {
    let rows = Reason::ALL
        .iter()
        .map(|reason| format!("  {},\n", object(reason.spelling())));
    format!(
        "// Generated from native/stats by ci/generated. Do not edit.\nexport const errors = [\n{}] as const;\n",
        rows.collect::<String>()
    )
}

/// What is absent in Rust is absent here.
fn object(row: &Spelling) -> Value {
    let mut object = json!({
        "name": row.name, "code": row.code, "statuses": row.statuses, "proxyStatus": row.proxy_status,
        "flag": row.flag, "grpcStatus": row.grpc_status, "means": row.means, "look": row.look, "fix": row.fix,
    });
    if let Some(fields) = object.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    object
}

fn markdown() -> String {
    let mut text = String::from(HEAD);
    for row in Reason::ALL.iter().map(|reason| reason.spelling()) {
        let statuses: Vec<_> = row.statuses.iter().map(u16::to_string).collect();
        let grpc = row.grpc_status.map(|status| status.to_string());
        writeln!(
            text,
            "| {} | `{}` | {} | {} | {} | {} | {} |",
            row.code,
            row.name,
            statuses.join(", "),
            row.proxy_status.unwrap_or("-"),
            row.flag.unwrap_or("-"),
            grpc.as_deref().unwrap_or("-"),
            row.means,
        )
        .unwrap();
    }
    text
}

const HEAD: &str = "# Errors of the data plane

Generated from `native/stats` by `npm run generate`. Every way in which heddle itself ends a request: the name is `error` in logs and metrics,
the token that of `Proxy-Status` (RFC 9209), the flag Envoy's in `response_flags`; of several HTTP statuses the first is the usual one.
`heddle explain CODE` says of each where to look and how to end it.

| code | name | HTTP | `Proxy-Status` | flag | gRPC | meaning |
|---|---|---|---|---|---|---|
";
