//! The result of one measured interval, and the one JSON line that carries it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
use serde::Serialize;

/// Latencies of one interval, three significant digits, 1 ns to one minute.
#[derive(Debug)]
pub struct Latencies {
    histogram: Histogram<u64>,
}

impl Latencies {
    /// An empty record.
    pub fn new() -> io::Result<Self> {
        let histogram = Histogram::new_with_bounds(1, LATENCY_NS_MAX, 3);
        let histogram = histogram.map_err(io::Error::other)?;
        Ok(Self { histogram })
    }

    /// Adds one latency; a longer one than a minute counts as a minute.
    pub fn record(&mut self, latency_ns: u64) {
        self.histogram.saturating_record(latency_ns);
    }

    /// Forgets all.
    pub fn reset(&mut self) {
        self.histogram.reset();
    }

    /// The part of a report about latency.
    pub fn summary(&self) -> io::Result<LatencySummary> {
        let mut bytes = Vec::new();
        let mut serializer = V2DeflateSerializer::new();
        let written = serializer.serialize(&self.histogram, &mut bytes);
        written.map_err(|error| io::Error::other(error.to_string()))?;
        let at = |quantile| self.histogram.value_at_quantile(quantile);
        Ok(LatencySummary {
            unit: "ns",
            hdr: base64::engine::general_purpose::STANDARD.encode(bytes),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            p9999: at(0.9999),
            max: self.histogram.max(),
        })
    }
}

/// Percentiles in nanoseconds and the whole histogram in `HdrHistogram` V2 (deflated, base64).
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the names of percentiles say what they are")]
pub struct LatencySummary {
    pub unit: &'static str,
    pub hdr: String,
    pub p50: u64,
    pub p90: u64,
    pub p99: u64,
    pub p999: u64,
    pub p9999: u64,
    pub max: u64,
}

/// What one interval gave.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Answered requests, refused ones included.
    pub requests: u64,
    /// Failures by kind: `connect`, `closed`, `reset`, `malformed`, `stalled`, `status_503`, ...
    pub errors: BTreeMap<String, u64>,
    /// Length of the interval, from its first request to its last answer.
    pub seconds: f64,
    /// Requests per second.
    pub rps: f64,
    /// Bytes received.
    pub bytes: u64,
    /// Closed loop: an answer's arrival minus the moment its request was sent.
    pub latency: LatencySummary,
    /// CPU time that the generator itself used in the interval.
    pub cpu_seconds: f64,
}

/// Writes one JSON line to standard output and flushes it.
pub fn write_line(value: &impl Serialize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Writes `{"event": name}`, then waits until a line (or the end) arrives on standard input.
pub fn announce_and_wait(event: &str) -> io::Result<()> {
    write_line(&BTreeMap::from([("event", event)]))?;
    wait_for_line()
}

/// Waits until a line (or the end) arrives on standard input.
pub fn wait_for_line() -> io::Result<()> {
    let mut line = String::new();
    io::stdin().read_line(&mut line).map(|_| ())
}

const LATENCY_NS_MAX: u64 = 60_000_000_000;

#[cfg(test)]
mod tests {
    use super::Latencies;
    use base64::Engine;
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::Deserializer;

    #[test]
    fn the_written_histogram_reads_back_with_the_same_percentiles() {
        let mut latencies = Latencies::new().unwrap();
        (1..=1000).for_each(|index| latencies.record(index * 1000));
        let summary = latencies.summary().unwrap();
        let bytes = base64::engine::general_purpose::STANDARD.decode(&summary.hdr);
        let mut input = &bytes.unwrap()[..];
        let read: Histogram<u64> = Deserializer::new().deserialize(&mut input).unwrap();
        assert!(summary.hdr.starts_with("HISTFAAAA"));
        assert_eq!(read.len(), 1000);
        assert_eq!(read.value_at_quantile(0.99), summary.p99);
        assert!((989_000..=992_000).contains(&summary.p99));
    }
}
