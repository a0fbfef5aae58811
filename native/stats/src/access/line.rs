//! A record as a line of text. Whatever bytes a peer sent, a record is one line, and a JSON line is one object (P-7).
//!
//! The writer shares the machine with the shards, so a line has to be cheap: a text that needs no escape is copied as a
//! whole, and numbers, times and addresses are written without the machinery of formatting.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

use super::{AccessRecord, RecordedAddress};

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
    let protocol: &[u8] = match record.minor {
        Some(0) => b"HTTP/1.0",
        Some(_) => b"HTTP/1.1",
        None => b"",
    };
    text(out, "protocol", protocol);
    number(out, "response_code", u64::from(record.status));
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
    address(out, "upstream_host", record.upstream);
    text(out, "upstream_cluster", record.service.bytes());
    null(out, "upstream_local_address");
    address(out, "downstream_local_address", record.downstream_local);
    let peer = record.downstream_remote.map(RecordedAddress::Ip);
    address(out, "downstream_remote_address", peer);
    null(out, "requested_server_name");
    text(out, "route_name", record.route.bytes());
    text(
        out,
        "error",
        record.reason.map_or("", crate::Reason::name).as_bytes(),
    );
    number(out, "attempts", u64::from(record.attempts));
    null(out, "queue_us");
    let connect = (record.connect_ns != 0).then_some(us(record.connect_ns));
    optional(out, "connect_us", connect);
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
    end_of_request_line(record, out);
    digits(out, u64::from(record.status));
    out.push(' ');
    out.push_str(flag(record));
    out.push(' ');
    out.push_str(details(record));
    out.push_str(" - \"-\" ");
    for value in [
        record.bytes_received,
        record.bytes_sent,
        record.duration_ns / 1_000_000,
    ] {
        digits(out, value);
        out.push(' ');
    }
    let ttfb_ms = record.ttfb_ns / 1_000_000;
    dashed(out, (record.ttfb_ns != 0).then_some(ttfb_ms), digits);
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
    dashed(out, record.upstream, write_address);
    out.push_str("\" ");
    escaped(out, or_dash(record.service.bytes()));
    out.push_str(" - ");
    dashed(out, record.downstream_local, write_address);
    out.push(' ');
    let peer = record.downstream_remote.map(RecordedAddress::Ip);
    dashed(out, peer, write_address);
    out.push_str(" - ");
    escaped(out, or_dash(record.route.bytes()));
}

fn write_apache(record: &AccessRecord, unix_ns: u64, out: &mut String) {
    let peer = record.downstream_remote.map(|address| address.ip());
    dashed(out, peer, write_ip);
    let time = Time::of(unix_ns);
    out.push_str(" - - [");
    padded(out, time.day, 2);
    out.push('/');
    out.push_str(MONTHS[time.month as usize - 1]);
    out.push('/');
    padded(out, time.year, 4);
    out.push(':');
    write_clock(out, &time);
    out.push_str(" +0000] \"");
    escaped(out, or_dash(record.method.bytes()));
    out.push(' ');
    escaped(out, or_dash(record.path.bytes()));
    end_of_request_line(record, out);
    digits(out, u64::from(record.status));
    out.push(' ');
    let bytes_sent = (record.bytes_sent > 0).then_some(record.bytes_sent);
    dashed(out, bytes_sent, digits);
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
    match record.reason {
        Some(reason) => reason.name(),
        None if record.minor.is_none() => "-",
        None => "via_upstream",
    }
}

fn or_dash(bytes: &[u8]) -> &[u8] {
    if bytes.is_empty() { b"-" } else { bytes }
}

fn end_of_request_line(record: &AccessRecord, out: &mut String) {
    out.push_str(match record.minor {
        Some(0) => " HTTP/1.0\" ",
        Some(_) => " HTTP/1.1\" ",
        None => " -\" ",
    });
}

fn dashed<T>(out: &mut String, value: Option<T>, write: impl FnOnce(&mut String, T)) {
    match value {
        Some(value) => write(out, value),
        None => out.push('-'),
    }
}

fn key(out: &mut String, key: &str) {
    out.push_str(",\"");
    out.push_str(key);
    out.push_str("\":");
}

fn null(out: &mut String, name: &str) {
    key(out, name);
    out.push_str("null");
}

fn number(out: &mut String, name: &str, value: u64) {
    key(out, name);
    digits(out, value);
}

fn optional(out: &mut String, name: &str, value: Option<u64>) {
    match value {
        Some(value) => number(out, name, value),
        None => null(out, name),
    }
}

fn address(out: &mut String, name: &str, value: Option<RecordedAddress>) {
    let Some(value) = value else {
        return null(out, name);
    };
    key(out, name);
    out.push('"');
    write_address(out, value);
    out.push('"');
}

/// A text as a JSON string; one that is not known as null.
fn text(out: &mut String, name: &str, bytes: &[u8]) {
    if bytes.is_empty() {
        return null(out, name);
    }
    key(out, name);
    out.push('"');
    if let Some(plain) = plain(bytes) {
        out.push_str(plain);
        out.push('"');
        return;
    }
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' | '\\' => out.extend(['\\', character]),
                // The separators of Unicode end a line for some readers.
                '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' => {
                    // Writing into a String never fails, here and below.
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

/// The text, when it needs no escape in any format.
fn plain(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    bytes.iter().all(|&byte| is_plain(byte)).then_some(text)
}

fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\'
}

/// Printable ASCII as it is; every other byte, and what ends a quotation, as `\xhh`.
fn escaped(out: &mut String, bytes: &[u8]) {
    if let Some(plain) = plain(bytes) {
        return out.push_str(plain);
    }
    for &byte in bytes {
        if is_plain(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
}

fn write_address(out: &mut String, address: RecordedAddress) {
    let address = match address {
        RecordedAddress::Ip(SocketAddr::V4(address)) => address,
        RecordedAddress::Ip(SocketAddr::V6(address)) => {
            let _ = write!(out, "{address}");
            return;
        }
        RecordedAddress::Unix(path) => {
            out.push_str("unix:");
            return escaped(out, path.bytes());
        }
    };
    write_ip(out, IpAddr::V4(*address.ip()));
    out.push(':');
    digits(out, u64::from(address.port()));
}

fn write_ip(out: &mut String, ip: IpAddr) {
    let IpAddr::V4(ip) = ip else {
        let _ = write!(out, "{ip}");
        return;
    };
    for (place, octet) in ip.octets().into_iter().enumerate() {
        if place > 0 {
            out.push('.');
        }
        digits(out, u64::from(octet));
    }
}

fn digits(out: &mut String, value: u64) {
    out.push_str(itoa::Buffer::new().format(value));
}

/// With zeros in front, up to `width` digits.
fn padded(out: &mut String, value: u64, width: usize) {
    let mut buffer = itoa::Buffer::new();
    let text = buffer.format(value);
    for _ in text.len()..width {
        out.push('0');
    }
    out.push_str(text);
}

fn write_time(unix_ns: u64, out: &mut String) {
    let time = Time::of(unix_ns);
    padded(out, time.year, 4);
    out.push('-');
    padded(out, time.month, 2);
    out.push('-');
    padded(out, time.day, 2);
    out.push('T');
    write_clock(out, &time);
    out.push('.');
    padded(out, time.millisecond, 3);
    out.push('Z');
}

fn write_clock(out: &mut String, time: &Time) {
    padded(out, time.hour, 2);
    out.push(':');
    padded(out, time.minute, 2);
    out.push(':');
    padded(out, time.second, 2);
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
