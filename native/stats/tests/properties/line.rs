//! What holds for a line of the access log whatever bytes a peer sent. Shared by the fuzz target and the corpus replay.

use super::access::{AccessRecord, LogFormat, write_line};

/// Panics when a record is not exactly one line of printable text, or when its JSON is not one object with the method
/// that was sent. The first byte cuts the rest into the texts of a record.
pub fn holds(bytes: &[u8]) {
    let Some((&first, rest)) = bytes.split_first() else {
        return;
    };
    let mut texts = rest.chunks(usize::from(first).max(1)).cycle();
    let mut next = || texts.next().unwrap_or_default();
    let mut record = AccessRecord::EMPTY;
    record.method.set(next());
    record.path.set(next());
    record.authority.set(next());
    record.user_agent.set(next());
    record.forwarded_for.set(next());
    record.referer.set(next());
    record.request_id.set(next());
    for format in [LogFormat::Json, LogFormat::Envoy, LogFormat::Apache] {
        let mut line = String::new();
        write_line(&record, rest.len() as u64, format, &mut line);
        let text = line.strip_suffix('\n').expect("a line has an end");
        assert!(!text.contains(char::is_control), "{text:?}");
        if format == LogFormat::Json {
            let value: serde_json::Value = serde_json::from_str(text).expect("a JSON line parses");
            let method = String::from_utf8_lossy(record.method.bytes());
            assert_eq!(value["method"].as_str().unwrap_or_default(), method);
        }
    }
}
