//! Closed-loop load: a fixed set of connections, each with one request in flight.
//!
//! Latency is measured from sending, not from an intended start, so a stall of the proxy hides
//! requests that open-loop callers would have sent: percentiles are comparable between sides of
//! one run, not promises about users.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::TcpStream;

use crate::clock;
use crate::events::Events;
use crate::plan::{Answers, Plan};
use crate::report::{Latencies, Report};
use crate::slots::Slots;

/// When an interval ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Until {
    /// After this many nanoseconds.
    Elapsed(u64),
    /// After this many answers.
    Answered(u64),
}

/// The generator with its open connections.
pub struct Generator {
    plan: Plan,
    events: Events,
    connections: Slots<Connection>,
    buffer: Vec<u8>,
    interval: Interval,
    latencies: Latencies,
    in_flight: usize,
    sending: bool,
    failures_left: u32,
}

struct Connection {
    stream: TcpStream,
    answers: Answers,
    sent_ns: Option<u64>,
}

#[derive(Default)]
struct Interval {
    answered: u64,
    received_bytes: u64,
    errors: BTreeMap<String, u64>,
    end_ns: u64,
    answered_max: u64,
}

impl Generator {
    /// Opens all connections; nothing is sent yet.
    pub fn connect(plan: Plan) -> io::Result<Self> {
        let mut generator = Self {
            events: Events::new()?,
            connections: Slots::new(),
            buffer: vec![0; READ_BYTES],
            interval: Interval::default(),
            latencies: Latencies::new()?,
            in_flight: 0,
            sending: false,
            failures_left: FAILURES_MAX,
            plan,
        };
        for _ in 0..generator.plan.connections {
            generator.open()?;
        }
        Ok(generator)
    }

    /// Sends on every connection until the interval ends, then waits for the last answers.
    pub fn run(&mut self, until: Until) -> io::Result<Report> {
        let start_ns = clock::now_ns();
        let start_cpu_ns = clock::cpu_ns();
        self.latencies.reset();
        self.interval = Interval::new(until, start_ns);
        self.sending = true;
        for index in 0..self.plan.connections {
            self.send(index, clock::now_ns());
        }
        while self.sending {
            self.turn()?;
            if clock::now_ns() >= self.interval.end_ns {
                self.sending = false;
            }
        }
        self.wait_for_last_answers()?;
        let seconds = seconds_since(start_ns, clock::now_ns());
        Ok(Report {
            requests: self.interval.answered,
            errors: std::mem::take(&mut self.interval.errors),
            seconds,
            rps: self.interval.answered as f64 / seconds,
            bytes: self.interval.received_bytes,
            latency: self.latencies.summary()?,
            cpu_seconds: seconds_since(start_cpu_ns, clock::cpu_ns()),
        })
    }

    fn wait_for_last_answers(&mut self) -> io::Result<()> {
        let deadline_ns = clock::now_ns() + LAST_ANSWER_NS;
        while self.in_flight > 0 && clock::now_ns() < deadline_ns {
            self.turn()?;
        }
        for index in 0..self.plan.connections {
            let stalled = self
                .connections
                .get_mut(index)
                .is_some_and(|it| it.sent_ns.is_some());
            if stalled {
                self.replace(index, Some("stalled"))?;
            }
        }
        Ok(())
    }

    fn turn(&mut self) -> io::Result<()> {
        let count = self.events.wait(Some(TURN_MS_MAX))?;
        for at in 0..count {
            let Some(ready) = self.events.get(at) else {
                break;
            };
            if ready.readable {
                self.receive(ready.token as usize, ready.ended)?;
            }
        }
        Ok(())
    }

    fn receive(&mut self, index: usize, ended: bool) -> io::Result<()> {
        loop {
            let Some(connection) = self.connections.get_mut(index) else {
                return Ok(());
            };
            match connection.stream.read(&mut self.buffer) {
                Ok(0) => return self.replace(index, Some("closed")),
                Ok(length) => {
                    self.interval.received_bytes += length as u64;
                    let drained = length < READ_BYTES && !ended;
                    if !self.understand(index, length)? || drained {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(_) => return self.replace(index, Some("reset")),
            }
        }
    }

    /// Takes the answers out of what was read; whether the connection lives on.
    fn understand(&mut self, index: usize, length: usize) -> io::Result<bool> {
        let mut at = 0;
        while at < length {
            let Some(connection) = self.connections.get_mut(index) else {
                return Ok(false);
            };
            let (used, answer) = match connection.answers.feed(&self.buffer[at..length]) {
                Ok(progress) if connection.sent_ns.is_some() => progress,
                _ => return self.replace(index, Some("malformed")).map(|()| false),
            };
            at += used;
            let Some(answer) = answer else { continue };
            let now_ns = clock::now_ns();
            let sent_ns = connection.sent_ns.take().unwrap_or(now_ns);
            self.in_flight -= 1;
            self.interval.answered += 1;
            self.latencies.record(now_ns - sent_ns);
            if let Some(status) = answer.refused {
                self.interval.fail(&format!("status_{status}"));
            }
            if self.interval.is_over(now_ns) {
                self.sending = false;
            }
            if answer.close {
                return self.replace(index, None).map(|()| false);
            }
            if self.sending {
                self.send(index, now_ns);
            }
        }
        Ok(true)
    }

    fn send(&mut self, index: usize, now_ns: u64) {
        let Some(connection) = self.connections.get_mut(index) else {
            return;
        };
        let request = self.plan.requests.take();
        let sent = connection.stream.write(request);
        connection.sent_ns = Some(now_ns);
        self.in_flight += 1;
        if !sent.is_ok_and(|length| length == request.len()) {
            // The peer has gone; the read side reports how, and replaces the connection.
            let _ = connection.stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Closes a connection, counts why, and opens another in its place.
    fn replace(&mut self, index: usize, failure: Option<&str>) -> io::Result<()> {
        let old = self.connections.remove(index);
        if old.is_some_and(|connection| connection.sent_ns.is_some()) {
            self.in_flight -= 1;
        }
        if let Some(kind) = failure {
            self.interval.fail(kind);
            self.failures_left = self.failures_left.saturating_sub(1);
            if self.failures_left == 0 {
                let kinds = &self.interval.errors;
                return Err(io::Error::other(format!("too many failures: {kinds:?}")));
            }
        }
        let index = self.open()?;
        if self.sending {
            self.send(index, clock::now_ns());
        }
        Ok(())
    }

    fn open(&mut self) -> io::Result<usize> {
        let stream = TcpStream::connect(self.plan.address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        self.events
            .add(&stream, self.connections.next_index() as u64)?;
        Ok(self.connections.insert(Connection {
            stream,
            answers: Answers::new(self.plan.exchange),
            sent_ns: None,
        }))
    }
}

impl Interval {
    fn new(until: Until, start_ns: u64) -> Self {
        let (end_ns, answered_max) = match until {
            Until::Elapsed(length_ns) => (start_ns + length_ns, u64::MAX),
            Until::Answered(count) => (u64::MAX, count),
        };
        Self {
            end_ns,
            answered_max,
            ..Self::default()
        }
    }

    fn is_over(&self, now_ns: u64) -> bool {
        now_ns >= self.end_ns || self.answered >= self.answered_max
    }

    fn fail(&mut self, kind: &str) {
        *self.errors.entry(kind.to_owned()).or_default() += 1;
    }
}

fn seconds_since(start_ns: u64, end_ns: u64) -> f64 {
    (end_ns - start_ns) as f64 / 1e9
}

/// Holds several small answers, or a good part of a large body.
const READ_BYTES: usize = 262_144;
/// An interval's end is noticed at the latest after this long without any answer.
const TURN_MS_MAX: u32 = 100;
/// An answer that is later than this after the end of an interval counts as `stalled`.
const LAST_ANSWER_NS: u64 = 5_000_000_000;
/// A run with more broken connections than this has nothing to say and gives up.
const FAILURES_MAX: u32 = 1000;

#[cfg(test)]
mod tests;
