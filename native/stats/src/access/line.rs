//! A record as a line of text. Whatever bytes a peer sent, a record is one line, and a JSON line is one object (P-7).

use std::fmt::{Display, Write};
use std::net::SocketAddr;

use super::AccessRecord;

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object with Istio's keys and our own.
    Json,
    /// Istio's default text, as Envoy writes it.
    Envoy,
    /// Apache's combined format.
    Apache,
}

/// Appends the line of a record with its end. `unix_ns` is the time of its begin since the epoch.
pub fn write_line(record: &AccessRecord, unix_ns: u64, format: LogFormat, out: &mut String) {
    match format {
        LogFormat::Json => write_json(record, unix_ns, out),
        LogFormat::Envoy => write_envoy(record, unix_ns, out),
        LogFormat::Apache => write_apache(record, unix_ns, out),
    }
    out.push('\n');
}

fn write_json(record: &AccessRecord, unix_ns: u64, out: &mut String) {
    out.push_str("{\"start_time\":\"");
    write_time(unix_ns, out);
    out.push('"');
    let us = |ns: u64| ns / 1_000;
    text(out, "method", record.method.bytes());
    text(out, "path", record.path.bytes());
    number(out, "protocol", format_args!("\"HTTP/1.{}\"", record.minor));
    number(out, "response_code", record.status);
    text(out, "response_flags", flag(record).as_bytes());
    text(out, "response_code_details", details(record).as_bytes());
    null(out, "connection_termination_details");
    null(out, "upstream_transport_failure_reason");
    number(out, "bytes_received", record.bytes_received);
    number(out, "bytes_sent", record.bytes_sent);
    number(out, "duration", record.duration_ns / 1_000_000);
    optional(
        out,
        "upstream_service_time",
        (record.ttfb_ns != 0).then_some(record.ttfb_ns / 1_000_000),
    );
    text(out, "x_forwarded_for", record.forwarded_for.bytes());
    text(out, "user_agent", record.user_agent.bytes());
    text(out, "request_id", record.request_id.bytes());
    text(out, "authority", record.authority.bytes());
    optional(out, "upstream_host", record.upstream.map(Quoted));
    text(out, "upstream_cluster", record.service.bytes());
    null(out, "upstream_local_address");
    optional(
        out,
        "downstream_local_address",
        record.downstream_local.map(Quoted),
    );
    optional(
        out,
        "downstream_remote_address",
        record.downstream_remote.map(Quoted),
    );
    null(out, "requested_server_name");
    text(out, "route_name", record.route.bytes());
    text(
        out,
        "error",
        record.reason.map_or("", crate::Reason::name).as_bytes(),
    );
    number(out, "attempts", record.attempts);
    null(out, "queue_us");
    null(out, "connect_us");
    null(out, "tls_us");
    optional(
        out,
        "ttfb_us",
        (record.ttfb_ns != 0).then_some(us(record.ttfb_ns)),
    );
    null(out, "added_us");
    null(out, "trace_id");
    out.push('}');
}

fn write_envoy(record: &AccessRecord, unix_ns: u64, out: &mut String) {
    out.push('[');
    write_time(unix_ns, out);
    out.push_str("] \"");
    escaped(out, or_dash(record.method.bytes()));
    out.push(' ');
    escaped(out, or_dash(record.path.bytes()));
    let _ = write!(
        out,
        " HTTP/1.{}\" {} {} {} - \"-\" {} {} {} ",
        record.minor,
        record.status,
        flag(record),
        details(record),
        record.bytes_received,
        record.bytes_sent,
        record.duration_ns / 1_000_000,
    );
    dashed(
        out,
        (record.ttfb_ns != 0).then_some(record.ttfb_ns / 1_000_000),
    );
    for value in [
        &record.forwarded_for,
        &record.user_agent,
        &record.request_id,
        &record.authority,
    ] {
        out.push_str(" \"");
        escaped(out, or_dash(value.bytes()));
        out.push('"');
    }
    out.push_str(" \"");
    dashed(out, record.upstream);
    out.push_str("\" ");
    escaped(out, or_dash(record.service.bytes()));
    out.push_str(" - ");
    dashed(out, record.downstream_local);
    out.push(' ');
    dashed(out, record.downstream_remote);
    out.push_str(" - ");
    escaped(out, or_dash(record.route.bytes()));
}

fn write_apache(record: &AccessRecord, unix_ns: u64, out: &mut String) {
    dashed(out, record.downstream_remote.map(|address| address.ip()));
    let time = Time::of(unix_ns);
    let _ = write!(
        out,
        " - - [{:02}/{}/{}:{:02}:{:02}:{:02} +0000] \"",
        time.day,
        MONTHS[time.month as usize - 1],
        time.year,
        time.hour,
        time.minute,
        time.second
    );
    escaped(out, or_dash(record.method.bytes()));
    out.push(' ');
    escaped(out, or_dash(record.path.bytes()));
    let _ = write!(out, " HTTP/1.{}\" {} ", record.minor, record.status);
    dashed(out, (record.bytes_sent > 0).then_some(record.bytes_sent));
    for value in [&record.referer, &record.user_agent] {
        out.push_str(" \"");
        escaped(out, or_dash(value.bytes()));
        out.push('"');
    }
}

fn flag(record: &AccessRecord) -> &'static str {
    let flag = record.reason.and_then(|reason| reason.spelling().flag);
    flag.unwrap_or("-")
}

fn details(record: &AccessRecord) -> &'static str {
    record.reason.map_or("via_upstream", crate::Reason::name)
}

fn or_dash(bytes: &[u8]) -> &[u8] {
    if bytes.is_empty() { b"-" } else { bytes }
}

fn dashed(out: &mut String, value: Option<impl Display>) {
    // Writing into a String never fails, here and below.
    let _ = match value {
        Some(value) => write!(out, "{value}"),
        None => write!(out, "-"),
    };
}

fn key(out: &mut String, key: &str) {
    let _ = write!(out, ",\"{key}\":");
}

fn null(out: &mut String, name: &str) {
    key(out, name);
    out.push_str("null");
}

fn number(out: &mut String, name: &str, value: impl Display) {
    key(out, name);
    let _ = write!(out, "{value}");
}

fn optional(out: &mut String, name: &str, value: Option<impl Display>) {
    match value {
        Some(value) => number(out, name, value),
        None => null(out, name),
    }
}

/// A text as a JSON string; one that is not known as null.
fn text(out: &mut String, name: &str, bytes: &[u8]) {
    if bytes.is_empty() {
        return null(out, name);
    }
    key(out, name);
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' | '\\' => out.extend(['\\', character]),
                // The separators of Unicode end a line for some readers.
                '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' => {
                    let _ = write!(out, "\\u{:04x}", u32::from(character));
                }
                _ => out.push(character),
            }
        }
        if !chunk.invalid().is_empty() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }
    out.push('"');
}

/// Printable ASCII as it is; every other byte, and what ends a quotation, as `\xhh`.
fn escaped(out: &mut String, bytes: &[u8]) {
    for &byte in bytes {
        if (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\' {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
}

struct Quoted(SocketAddr);

impl Display for Quoted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "\"{}\"", self.0)
    }
}

fn write_time(unix_ns: u64, out: &mut String) {
    let time = Time::of(unix_ns);
    let _ = write!(
        out,
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        time.year, time.month, time.day, time.hour, time.minute, time.second, time.millisecond
    );
}

/// Calendar and clock in UTC.
struct Time {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
    millisecond: u64,
}

impl Time {
    /// Days to civil date by Howard Hinnant's algorithm, with years that begin in March.
    fn of(unix_ns: u64) -> Self {
        let seconds = unix_ns / 1_000_000_000;
        let days = seconds / 86_400 + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        Self {
            year: year_of_era + era * 400 + u64::from(month <= 2),
            month,
            day: day_of_year - (153 * shifted + 2) / 5 + 1,
            hour: seconds / 3_600 % 24,
            minute: seconds / 60 % 60,
            second: seconds % 60,
            millisecond: unix_ns / 1_000_000 % 1_000,
        }
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
