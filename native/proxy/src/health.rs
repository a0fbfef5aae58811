//! Health checks: what one test of an endpoint sends and expects, when the tests of an endpoint change its verdict, and
//! how the verdicts of a service reach the shards.
//!
//! One thread of the process tests every endpoint once for all shards (`driver/health`); the machines of it are here and
//! know neither a clock nor a socket. A shard learns of a change with the next request that it picks an endpoint for.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use snapshot::{HealthCheck, HttpCheck};
use wire::h1::{ResponseHead, parse_response};

/// What tests have said of an endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Verdict {
    /// Nothing yet. It gets no traffic while there are enough that are healthy.
    #[default]
    Unchecked,
    /// Its last tests passed.
    Healthy,
    /// Its last tests failed.
    Unhealthy,
}

impl Verdict {
    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }
}

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The connection was refused.
    Refused,
    /// Nothing came in time.
    TimedOut,
    /// The connection ended before an answer.
    Closed,
    /// The answer was not HTTP/1.1.
    Malformed,
    /// The status was none of those expected.
    Status,
}

impl Failure {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Refused,
        Self::TimedOut,
        Self::Closed,
        Self::Malformed,
        Self::Status,
    ];

    /// Name in metrics and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "connection_refused",
            Self::TimedOut => "timeout",
            Self::Closed => "connection_terminated",
            Self::Malformed => "protocol_error",
            Self::Status => "unexpected_status",
        }
    }
}

/// Verdicts of a service's endpoints, in the order of the publication that they came with. Written by the thread that
/// tests, read by every shard.
#[derive(Debug)]
pub struct Verdicts {
    /// Grows with each change.
    generation: AtomicU64,
    all: Box<[AtomicU8]>,
}

impl Verdicts {
    /// Begins with what is known.
    pub fn new(known: impl IntoIterator<Item = Verdict>) -> Self {
        let all = known
            .into_iter()
            .map(|verdict| AtomicU8::new(verdict as u8));
        Self {
            generation: AtomicU64::new(1),
            all: all.collect(),
        }
    }

    /// Verdict of the endpoint at this place.
    pub fn get(&self, place: usize) -> Verdict {
        let verdict = self.all.get(place).map(|one| one.load(Ordering::Relaxed));
        match verdict {
            Some(1) => Verdict::Healthy,
            Some(2) => Verdict::Unhealthy,
            _ => Verdict::Unchecked,
        }
    }

    /// Changes one.
    pub fn set(&self, place: usize, verdict: Verdict) {
        if let Some(one) = self.all.get(place) {
            one.store(verdict as u8, Ordering::Relaxed);
            self.generation.fetch_add(1, Ordering::Release);
        }
    }

    /// Differs from that of before when a verdict does.
    #[inline]
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Whether each endpoint may be used: the healthy ones, or all when fewer than half are healthy. A test that fails
    /// everywhere says more about the test, or the way to the endpoints, than about them.
    pub fn usable(&self) -> impl Iterator<Item = bool> {
        let is_healthy = |place| self.get(place) == Verdict::Healthy;
        let healthy_count = (0..self.all.len())
            .filter(|&place| is_healthy(place))
            .count();
        let all = healthy_count * 2 < self.all.len();
        (0..self.all.len()).map(move |place| all || is_healthy(place))
    }
}

/// The verdict of one endpoint and the tests in a row that speak against it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Record {
    verdict: Verdict,
    against: u32,
}

impl Record {
    /// A record that begins with what was found before.
    pub fn new(verdict: Verdict) -> Self {
        Self {
            verdict,
            against: 0,
        }
    }

    /// What holds.
    pub fn verdict(self) -> Verdict {
        self.verdict
    }

    /// Takes a test in; true when the verdict is another one now. The first test of an endpoint decides alone.
    pub fn add(&mut self, passed: bool, check: &HealthCheck) -> bool {
        let (says, needed) = match (self.verdict, passed) {
            (Verdict::Unchecked, true) => (Verdict::Healthy, 1),
            (Verdict::Unchecked, false) => (Verdict::Unhealthy, 1),
            (Verdict::Healthy, false) => (Verdict::Unhealthy, check.fall),
            (Verdict::Unhealthy, true) => (Verdict::Healthy, check.rise),
            (Verdict::Healthy, true) | (Verdict::Unhealthy, false) => {
                self.against = 0;
                return false;
            }
        };
        self.against += 1;
        if self.against < needed {
            return false;
        }
        *self = Self::new(says);
        true
    }
}

/// One test over a connection of its own.
#[derive(Debug, Default)]
pub struct Probe {
    received: Vec<u8>,
}

impl Probe {
    /// The request to send once the connection is established; `None` when that is all that was asked for.
    pub fn request(check: &HealthCheck) -> Option<Vec<u8>> {
        check.http.as_ref().map(request)
    }

    /// Bytes came; `Some` when they decide how the test ends.
    pub fn handle_bytes(
        &mut self,
        bytes: &[u8],
        check: &HealthCheck,
    ) -> Option<Result<(), Failure>> {
        let http = check.http.as_ref()?;
        self.received.extend_from_slice(bytes);
        let mut head = ResponseHead::default();
        loop {
            match parse_response(&self.received, false, &mut head) {
                // A head that is too long is an error of the parser, so what is gathered is bounded.
                Ok(None) => return None,
                Ok(Some(length)) if head.status < 200 => drop(self.received.drain(..length)),
                Ok(Some(_)) if is_expected(http, head.status) => return Some(Ok(())),
                Ok(Some(_)) => return Some(Err(Failure::Status)),
                Err(_) => return Some(Err(Failure::Malformed)),
            }
        }
    }
}

fn is_expected(http: &HttpCheck, status: u16) -> bool {
    http.statuses
        .iter()
        .any(|range| (range.first..=range.last).contains(&status))
}

fn request(HttpCheck { host, path, .. }: &HttpCheck) -> Vec<u8> {
    let head = [
        "GET ",
        path,
        " HTTP/1.1\r\nHost: ",
        host,
        "\r\nUser-Agent: heddle-health-check\r\nConnection: close\r\n\r\n",
    ];
    head.concat().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapshot::StatusRange;

    fn check() -> HealthCheck {
        HealthCheck {
            http: Some(HttpCheck {
                host: "api:80".into(),
                path: "/ok".into(),
                statuses: vec![
                    StatusRange {
                        first: 200,
                        last: 299,
                    },
                    StatusRange {
                        first: 404,
                        last: 404,
                    },
                ],
            }),
            interval_ms: 1_000,
            timeout_ms: 100,
            rise: 2,
            fall: 3,
        }
    }

    fn verdicts_after(tests: &[bool]) -> Vec<Verdict> {
        let (check, mut record) = (check(), Record::default());
        let verdict_after = |passed: &bool| {
            record.add(*passed, &check);
            record.verdict()
        };
        tests.iter().map(verdict_after).collect()
    }

    #[test]
    fn the_first_test_of_an_endpoint_decides_alone() {
        assert_eq!(verdicts_after(&[true]), [Verdict::Healthy]);
        assert_eq!(verdicts_after(&[false]), [Verdict::Unhealthy]);
    }

    #[test]
    fn a_verdict_falls_and_rises_after_so_many_tests_in_a_row() {
        use Verdict::{Healthy as Up, Unhealthy as Down};
        let tests = [
            true, false, false, true, false, false, false, true, false, true, true,
        ];
        let expected = [Up, Up, Up, Up, Up, Up, Down, Down, Down, Down, Up];
        assert_eq!(verdicts_after(&tests), expected);
    }

    #[test]
    fn all_endpoints_are_used_while_fewer_than_half_are_healthy() {
        let usable = |known: [Verdict; 4]| Verdicts::new(known).usable().collect::<Vec<_>>();
        let [up, down, new] = [Verdict::Healthy, Verdict::Unhealthy, Verdict::Unchecked];
        assert_eq!(usable([up, up, down, new]), [true, true, false, false]);
        assert_eq!(usable([up, down, down, new]), [true; 4]);
        assert_eq!(usable([new; 4]), [true; 4]);
        assert_eq!(usable([up; 4]), [true; 4]);
    }

    #[test]
    fn a_change_of_a_verdict_is_seen_by_its_generation() {
        let verdicts = Verdicts::new([Verdict::Unchecked; 2]);
        let before = verdicts.generation();
        verdicts.set(1, Verdict::Healthy);
        assert_eq!(
            [verdicts.get(0), verdicts.get(1)],
            [Verdict::Unchecked, Verdict::Healthy]
        );
        assert_ne!(verdicts.generation(), before);
    }

    #[test]
    fn a_probe_asks_for_the_path_and_judges_the_status_however_it_arrives() {
        let check = check();
        let request = Probe::request(&check).unwrap();
        assert!(request.starts_with(b"GET /ok HTTP/1.1\r\nHost: api:80\r\n"));
        let answer = |bytes: &[u8]| {
            let mut probe = Probe::default();
            let mut bytes = bytes.iter();
            bytes.find_map(|byte| probe.handle_bytes(&[*byte], &check))
        };
        assert_eq!(answer(b"HTTP/1.1 204 No Content\r\n\r\n"), Some(Ok(())));
        assert_eq!(answer(b"HTTP/1.1 404 Gone\r\n\r\n"), Some(Ok(())));
        assert_eq!(
            answer(b"HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
            Some(Ok(()))
        );
        assert_eq!(
            answer(b"HTTP/1.1 503 No\r\n\r\n"),
            Some(Err(Failure::Status))
        );
        assert_eq!(
            answer(b"SSH-2.0-OpenSSH\r\n"),
            Some(Err(Failure::Malformed))
        );
        assert_eq!(answer(b"HTTP/1.1 200 OK\r\n"), None);
    }

    #[test]
    fn a_check_without_a_request_sends_nothing() {
        let check = HealthCheck {
            http: None,
            ..check()
        };
        assert_eq!(Probe::request(&check), None);
    }
}
