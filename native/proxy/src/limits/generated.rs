//! Writes the limits for their other readers, in every test run: `src/telemetry/generated/limits.ts`. A file that already
//! holds the right text is left alone.

use std::fmt::Write;
use std::{fs, path::Path};

use stats::Limit;

use super::{
    BODY_BYTES_PER_SECOND_MIN, CONNECTION_AGE_NS_MAX, DOWNSTREAM_IDLE_NS_MAX,
    ENDPOINT_CONNECTIONS_MAX, FLUSH_NS_MAX, HALF_OPEN_NS_MAX, HEAD_NS_MAX, HELD_UP_NS_MIN,
    HOPS_MAX, INFORMATIONAL_MAX, LINGER_NS_MAX, MS, QUEUE_BYTES_MAX, RELAY_IDLE_NS_MAX,
    STREAM_IDLE_NS_MAX, UPSTREAM_IDLE_NS_MAX,
};
use crate::buffer::block_bytes;
use crate::memory::{STEPS, connection_bytes};

/// Name, how it is counted, value, unit; who sets it, as which member of the snapshot and by which key of a file; what
/// happens beyond it.
type Row = (
    &'static str,
    Limit,
    u64,
    &'static str,
    Option<[&'static str; 3]>,
    &'static str,
);

const LIMITS: &[Row] = &[
    (
        "request head",
        Limit::Head,
        HEAD_NS_MAX / MS,
        "ms",
        Some(["listener", "headMs", "timeouts.head"]),
        "408",
    ),
    (
        "request body, after 10 s",
        Limit::BodyRate,
        BODY_BYTES_PER_SECOND_MIN as u64,
        "bytes/s",
        Some([
            "listener",
            "bodyBytesPerSecond",
            "limits.bodyBytesPerSecond",
        ]),
        "408",
    ),
    (
        "head of a request",
        Limit::HeadSize,
        wire::h1::HEAD_BYTES_MAX as u64,
        "bytes",
        None,
        "431",
    ),
    (
        "one field of a head",
        Limit::HeadSize,
        wire::h1::FIELD_BYTES_MAX as u64,
        "bytes",
        None,
        "431",
    ),
    (
        "fields of a head",
        Limit::HeadSize,
        wire::h1::FIELDS_MAX as u64,
        "count",
        None,
        "431",
    ),
    (
        "request target",
        Limit::TargetSize,
        wire::h1::TARGET_BYTES_MAX as u64,
        "bytes",
        None,
        "414",
    ),
    (
        "proxies on the way",
        Limit::Hops,
        HOPS_MAX as u64,
        "count",
        None,
        "508",
    ),
    (
        "informational responses",
        Limit::Informational,
        INFORMATIONAL_MAX as u64,
        "count",
        None,
        "502",
    ),
    (
        "nothing moves in a stream or tunnel",
        Limit::StreamIdle,
        STREAM_IDLE_NS_MAX / MS,
        "ms",
        Some(["http service", "streamIdleMs", "timeouts.streamIdle"]),
        "504",
    ),
    (
        "connection without a request",
        Limit::DownstreamIdle,
        DOWNSTREAM_IDLE_NS_MAX / MS,
        "ms",
        Some(["listener", "idleMs", "timeouts.idle"]),
        "closed",
    ),
    (
        "unused connection to an endpoint",
        Limit::UpstreamIdle,
        UPSTREAM_IDLE_NS_MAX / MS,
        "ms",
        Some(["service", "idleMs", "timeouts.idle"]),
        "closed",
    ),
    (
        "age of a connection, +-10 %",
        Limit::ConnectionAge,
        CONNECTION_AGE_NS_MAX / MS,
        "ms",
        Some(["listener", "ageMs", "timeouts.age"]),
        "Connection: close",
    ),
    (
        "connections to an endpoint, per shard",
        Limit::EndpointConnections,
        ENDPOINT_CONNECTIONS_MAX as u64,
        "count",
        None,
        "503",
    ),
    (
        "client holds one of those up",
        Limit::MadeRoom,
        HELD_UP_NS_MIN / MS,
        "ms",
        None,
        "408, when others need it",
    ),
    (
        "last answer is not taken",
        Limit::Flush,
        FLUSH_NS_MAX / MS,
        "ms",
        None,
        "reset",
    ),
    (
        "peer goes on after the last answer",
        Limit::Linger,
        LINGER_NS_MAX / MS,
        "ms",
        None,
        "reset",
    ),
    (
        "silence after the first FIN",
        Limit::HalfOpen,
        HALF_OPEN_NS_MAX / MS,
        "ms",
        None,
        "reset",
    ),
    (
        "silence of a TCP connection",
        Limit::TunnelIdle,
        RELAY_IDLE_NS_MAX / MS,
        "ms",
        Some(["tcp service", "streamIdleMs", "timeouts.streamIdle"]),
        "reset",
    ),
];

const STEPS_DO: [&str; STEPS.len()] = [
    "free buffers and idle connections to endpoints go, reads are small",
    "idle connections live shorter",
    "each response ends its connection",
    "no connection is accepted",
    "connections that hold most are given up (overloaded)",
];

#[test]
fn the_limits_are_written_for_typescript() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join("src/telemetry/generated/limits.ts");
    let text = typescript();
    if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
        fs::write(&path, text).unwrap();
    }
}

fn typescript() -> String {
    let mut text = String::from(
        "// Generated from native/proxy by ci/generated. Do not edit.\nexport const limits = [\n",
    );
    for (name, limit, value, unit, set_by, beyond) in LIMITS {
        let counted = limit.name();
        write!(
            text,
            "  {{\"name\":{name:?},\"counted\":{counted:?},\"value\":{value},\"unit\":{unit:?}"
        )
        .unwrap();
        if let Some([of, member, key]) = set_by {
            write!(
                text,
                ",\"setBy\":{{\"of\":{of:?},\"member\":{member:?},\"key\":{key:?}}}"
            )
            .unwrap();
        }
        writeln!(text, ",\"beyond\":{beyond:?}}},").unwrap();
    }
    let [downstream, upstream] = connection_bytes();
    let [block, bulk_block] = block_bytes();
    writeln!(
        text,
        "] as const;\nexport const memory = {{\n  \"downstreamBytes\":{downstream},\"upstreamBytes\":{upstream},\"blockBytes\":{block},\"bulkBlockBytes\":{bulk_block},\"queueBytes\":{QUEUE_BYTES_MAX},\n  \"ladder\":["
    )
    .unwrap();
    for ((_, permille, limit), does) in STEPS.iter().zip(STEPS_DO) {
        let counted = limit.name();
        writeln!(
            text,
            "    {{\"permille\":{permille},\"counted\":{counted:?},\"does\":{does:?}}},"
        )
        .unwrap();
    }
    text += "  ],\n} as const;\n";
    text
}
