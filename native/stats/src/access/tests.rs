//! Lines as their readers expect them, and what no peer can do to them.

use super::*;

#[test]
fn a_json_line_has_the_keys_of_the_contract() {
    let mut line = String::new();
    write_line(&record(), UNIX_NS, LogFormat::Json, &mut line);
    let expected = concat!(
        r#"{"start_time":"2026-11-25T12:41:23.042Z","method":"GET","path":"/pay?x=1","protocol":"HTTP/1.1","#,
        r#""response_code":503,"response_flags":"UF","response_code_details":"connection_refused","#,
        r#""connection_termination_details":null,"upstream_transport_failure_reason":null,"#,
        r#""bytes_received":5,"bytes_sent":49,"duration":2,"upstream_service_time":null,"x_forwarded_for":null,"#,
        r#""user_agent":"curl/8","request_id":"0123456789ab","authority":"api","upstream_host":"127.0.0.1:9102","#,
        r#""upstream_cluster":"api","upstream_local_address":null,"downstream_local_address":"127.0.0.1:8080","#,
        r#""downstream_remote_address":null,"requested_server_name":null,"route_name":"default/pay","#,
        r#""error":"connection_refused","attempts":1,"queue_us":null,"connect_us":null,"tls_us":null,"#,
        r#""ttfb_us":null,"added_us":null,"trace_id":null}"#,
        "\n"
    );
    assert_eq!(line, expected);
}

#[test]
fn an_envoy_line_is_istios_default() {
    let mut line = String::new();
    write_line(&record(), UNIX_NS, LogFormat::Envoy, &mut line);
    let expected = concat!(
        r#"[2026-11-25T12:41:23.042Z] "GET /pay?x=1 HTTP/1.1" 503 UF connection_refused - "-" 5 49 2 - "#,
        r#""-" "curl/8" "0123456789ab" "api" "127.0.0.1:9102" api - 127.0.0.1:8080 - - default/pay"#,
        "\n"
    );
    assert_eq!(line, expected);
}

#[test]
fn an_apache_line_is_the_combined_format() {
    let mut record = record();
    record.downstream_remote = Some("10.0.0.7:4711".parse().unwrap());
    record.referer.set(b"http://a/\"b");
    let mut line = String::new();
    write_line(&record, UNIX_NS, LogFormat::Apache, &mut line);
    let expected = concat!(
        r#"10.0.0.7 - - [25/Nov/2026:12:41:23 +0000] "GET /pay?x=1 HTTP/1.1" 503 49 "http://a/\x22b" "curl/8""#,
        "\n"
    );
    assert_eq!(line, expected);
}

#[test]
fn no_byte_of_a_peer_ends_a_line_or_a_string() {
    for format in [LogFormat::Json, LogFormat::Envoy, LogFormat::Apache] {
        for byte in 0..=255u8 {
            let mut record = record();
            record.path.set(&[b'/', byte, b'"', byte]);
            record.user_agent.set("\r\n\u{2028}\u{85}\\".as_bytes());
            let mut line = String::new();
            write_line(&record, UNIX_NS, format, &mut line);
            assert_eq!(line.lines().count(), 1, "{line:?}");
            assert!(!line.trim_end().contains(char::is_control), "{line:?}");
            let parsed: Result<serde_json::Value, _> = serde_json::from_str(&line);
            assert_eq!(parsed.is_ok(), format == LogFormat::Json, "{line}");
        }
    }
}

#[test]
fn a_connection_of_opaque_bytes_has_no_request_in_its_line() {
    let mut record = AccessRecord {
        minor: None,
        connect_ns: 250_000,
        bytes_received: 5,
        bytes_sent: 49,
        downstream_remote: Some("10.0.0.7:4711".parse().unwrap()),
        ..AccessRecord::EMPTY
    };
    record.service.set(b"db");
    let line = |format| {
        let mut line = String::new();
        write_line(&record, UNIX_NS, format, &mut line);
        line
    };
    let json = line(LogFormat::Json);
    for member in [
        r#""method":null,"path":null,"protocol":null,"response_code":0,"response_flags":"-","#,
        r#""upstream_cluster":"db""#,
        r#""connect_us":250"#,
    ] {
        assert!(json.contains(member), "{json}");
    }
    let envoy = concat!(
        r#"[2026-11-25T12:41:23.042Z] "- - -" 0 - - - "-" 5 49 0 - "-" "-" "-" "-" "-" db - - "#,
        "10.0.0.7:4711 - -\n"
    );
    assert_eq!(line(LogFormat::Envoy), envoy);
    let apache = "10.0.0.7 - - [25/Nov/2026:12:41:23 +0000] \"- - -\" 0 49 \"-\" \"-\"\n";
    assert_eq!(line(LogFormat::Apache), apache);
}

#[test]
fn a_socket_in_the_file_system_is_written_with_its_path() {
    let record = AccessRecord {
        upstream: Some(RecordedAddress::unix("/run/web.sock")),
        ..record()
    };
    let mut line = String::new();
    write_line(&record, UNIX_NS, LogFormat::Json, &mut line);
    assert!(
        line.contains(r#""upstream_host":"unix:/run/web.sock""#),
        "{line}"
    );
}

#[test]
fn a_text_that_is_too_long_is_cut() {
    let mut text = Text::<4>::EMPTY;
    text.set(b"longer");
    assert_eq!(text.bytes(), b"long");
}

/// 2026-11-25T12:41:23.042Z.
const UNIX_NS: u64 = 1_795_610_483_042_000_000;

fn record() -> AccessRecord {
    let mut record = AccessRecord {
        duration_ns: 2_900_000,
        bytes_received: 5,
        bytes_sent: 49,
        status: 503,
        reason: Some(Reason::ConnectionRefused),
        attempts: 1,
        upstream: Some(RecordedAddress::Ip("127.0.0.1:9102".parse().unwrap())),
        downstream_local: Some(RecordedAddress::Ip("127.0.0.1:8080".parse().unwrap())),
        ..AccessRecord::EMPTY
    };
    record.request_id.set(b"0123456789ab");
    record.method.set(b"GET");
    record.path.set(b"/pay?x=1");
    record.authority.set(b"api");
    record.user_agent.set(b"curl/8");
    record.service.set(b"api");
    record.route.set(b"default/pay");
    record
}
