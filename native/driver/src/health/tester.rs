//! The thread that tests: when each endpoint is due, and its connection while it is tested.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use proxy::health::{Failure, Probe, Record, Verdict};
use proxy::{ConnectFailure, Rng, Side};
use rustix::event::Timespec;
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};
use snapshot::{Address, HealthCheck};

use super::{Checked, Orders};
use crate::clock::monotonic_ns;
use crate::descriptors::Descriptors;
use crate::socket::dial;
use crate::sockets::connect_failure;

/// Tests that run at the same time; more wait, so that thousands of endpoints need no more descriptors than these.
const RUNNING_MAX: usize = 256;
/// How long a test waits that is one too many.
const CROWDED_NS: u64 = 10_000_000;
/// Time within which endpoints that are new are tested first, so that many are not at once.
const FIRST_NS_MAX: u64 = 500_000_000;
/// Tests go to an endpoint at intervals of this part more or less than was asked for, so that those of several processes
/// do not come together.
const JITTER: u64 = 10;
const EVENTS_MAX: usize = 64;
/// The part of an answer that one call takes; a head is mostly smaller.
const READ_BYTES: usize = 4 * 1024;
const NS_PER_MS: u64 = 1_000_000;
const NS_PER_SECOND: u64 = 1_000_000_000;
/// Name of the wake-up among events; tests count from 0.
const WAKE: u64 = u64::MAX;

pub(crate) struct Tester {
    orders: Arc<Orders>,
    descriptors: Arc<Descriptors>,
    epoll: OwnedFd,
    tests: HashMap<u64, Test>,
    ids: HashMap<Target, u64>,
    next_id: u64,
    /// When which test wants to be looked at; entries that its test does not stand by any more are passed over.
    due: BinaryHeap<Reverse<(u64, u64)>>,
    running: usize,
    rng: Rng,
}

/// What is tested, and how: one test for all services that ask for it, such as a whole and its parts.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Target {
    address: Address,
    check: HealthCheck,
}

/// Where a verdict goes: a service and the place of the endpoint in it.
type Member = (Arc<Checked>, usize);

/// One endpoint.
struct Test {
    target: Target,
    members: Vec<Member>,
    record: Record,
    /// Its entry in `due`: the beginning of the next test, or the deadline of this one.
    due: u64,
    run: Option<Run>,
}

struct Run {
    fd: OwnedFd,
    connecting: bool,
    unsent: Vec<u8>,
    probe: Probe,
}

/// How a test ended.
#[derive(Clone, Copy)]
enum Ending {
    Passed,
    Failed(Failure),
    /// It was not carried out, for a reason on this side: it says nothing of the endpoint.
    NotTested,
}

impl Tester {
    pub fn new(orders: Arc<Orders>, descriptors: Arc<Descriptors>) -> Result<Self, Errno> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(
            &epoll,
            orders.wake(),
            EventData::new_u64(WAKE),
            EventFlags::IN,
        )?;
        Ok(Self {
            orders,
            descriptors,
            epoll,
            tests: HashMap::new(),
            ids: HashMap::new(),
            next_id: 0,
            due: BinaryHeap::new(),
            running: 0,
            rng: Rng::new(monotonic_ns()),
        })
    }

    pub fn run(mut self) {
        let mut events = Vec::with_capacity(EVENTS_MAX);
        loop {
            self.wait(&mut events);
            let now = monotonic_ns();
            // Answers before deadlines: after a pause of the process both are there.
            for event in events.drain(..) {
                match event.data.u64() {
                    WAKE => {
                        if let Some(services) = self.orders.take() {
                            self.follow(&services, now);
                        }
                    }
                    id => self.handle_event(id, event.flags, now),
                }
            }
            while let Some(id) = self.next_due(now) {
                self.handle_due(id, now);
            }
        }
    }

    fn wait(&self, events: &mut Vec<epoll::Event>) {
        let wait_ns = self
            .due
            .peek()
            .map(|Reverse((at, _))| at.saturating_sub(monotonic_ns()));
        let wait = wait_ns.map(|ns| Timespec {
            tv_sec: (ns / NS_PER_SECOND).cast_signed(),
            tv_nsec: (ns % NS_PER_SECOND).cast_signed(),
        });
        // An interrupted wait is an empty one.
        let _ = epoll::wait(
            &self.epoll,
            rustix::buffer::spare_capacity(events),
            wait.as_ref(),
        );
    }

    /// Takes over a publication. What is tested in it as before goes on, tests under way too.
    fn follow(&mut self, services: &[Arc<Checked>], now: u64) {
        let mut wanted: HashMap<Target, Vec<Member>> = HashMap::new();
        for service in services {
            for (place, address) in service.addresses.iter().enumerate() {
                let target = Target {
                    address: address.clone(),
                    check: service.check.clone(),
                };
                let members = wanted.entry(target).or_default();
                members.push((Arc::clone(service), place));
            }
        }
        let before = std::mem::take(&mut self.ids);
        for (target, id) in before {
            match wanted.remove(&target) {
                Some(members) => {
                    self.ids.insert(target, id);
                    if let Some(test) = self.tests.get_mut(&id) {
                        test.moved(members);
                    }
                }
                None => self.forget(id),
            }
        }
        for (target, members) in wanted {
            self.begin(target, members, now);
        }
    }

    fn forget(&mut self, id: u64) {
        let test = self.tests.remove(&id);
        if test.is_some_and(|test| test.run.is_some()) {
            self.ended();
        }
    }

    fn begin(&mut self, target: Target, members: Vec<Member>, now: u64) {
        let id = self.next_id;
        self.next_id += 1;
        let interval = u64::from(target.check.interval_ms) * NS_PER_MS;
        let due = now + self.rng.below(interval.min(FIRST_NS_MAX));
        let mut known = members
            .iter()
            .map(|(service, place)| service.verdicts.get(*place));
        let verdict = known.find(|verdict| *verdict != Verdict::Unchecked);
        self.ids.insert(target.clone(), id);
        let mut test = Test {
            target,
            members: Vec::new(),
            record: Record::new(verdict.unwrap_or_default()),
            due,
            run: None,
        };
        test.moved(members);
        self.tests.insert(id, test);
        self.due.push(Reverse((due, id)));
    }

    /// Takes the next test that is due, if one is.
    fn next_due(&mut self, now: u64) -> Option<u64> {
        while let Some(&Reverse((at, id))) = self.due.peek() {
            if at > now {
                return None;
            }
            self.due.pop();
            if self.tests.get(&id).is_some_and(|test| test.due == at) {
                return Some(id);
            }
        }
        None
    }

    fn handle_due(&mut self, id: u64, now: u64) {
        match self.tests.get(&id).map(|test| test.run.is_some()) {
            Some(true) => self.finish(id, Ending::Failed(Failure::TimedOut), now),
            Some(false) if self.running >= RUNNING_MAX => self.plan(id, now + CROWDED_NS),
            Some(false) => {
                if let Err(ending) = self.start(id, now) {
                    self.finish(id, ending, now);
                }
            }
            None => {}
        }
    }

    fn start(&mut self, id: u64, now: u64) -> Result<(), Ending> {
        let Some(test) = self.tests.get_mut(&id) else {
            return Ok(());
        };
        if !self.descriptors.admit(Side::Upstream) {
            return Err(Ending::NotTested);
        }
        self.running += 1;
        let timeout = u64::from(test.target.check.timeout_ms) * NS_PER_MS;
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        let fd = dial(&test.target.address).and_then(|fd| {
            epoll::add(&self.epoll, &fd, EventData::new_u64(id), flags)?;
            Ok(fd)
        });
        match fd {
            Ok(fd) => {
                test.run = Some(Run {
                    fd,
                    connecting: true,
                    unsent: Vec::new(),
                    probe: Probe::default(),
                });
                self.plan(id, now + timeout);
                Ok(())
            }
            Err(error) => {
                self.ended();
                Err(not_connected(error))
            }
        }
    }

    fn handle_event(&mut self, id: u64, flags: EventFlags, now: u64) {
        let Some(test) = self.tests.get_mut(&id) else {
            return;
        };
        let Some(run) = &mut test.run else {
            return;
        };
        if let Some(ending) = run.advance(&test.target.check, flags) {
            self.finish(id, ending, now);
        }
    }

    fn finish(&mut self, id: u64, ending: Ending, now: u64) {
        let Some(test) = self.tests.get_mut(&id) else {
            return;
        };
        match ending {
            Ending::Passed => test.conclude(Ok(())),
            Ending::Failed(failure) => test.conclude(Err(failure)),
            Ending::NotTested => {}
        }
        if let Some(run) = test.run.take() {
            drop(run);
            self.ended();
        }
        let interval = self.tests.get(&id).map_or(0, |test| {
            u64::from(test.target.check.interval_ms) * NS_PER_MS
        });
        let jitter = self.rng.below(interval / JITTER * 2);
        self.plan(id, now + interval - interval / JITTER + jitter);
    }

    fn plan(&mut self, id: u64, at: u64) {
        if let Some(test) = self.tests.get_mut(&id) {
            test.due = at;
            self.due.push(Reverse((at, id)));
        }
    }

    fn ended(&mut self) {
        self.running -= 1;
        self.descriptors.release();
    }
}

impl Test {
    /// The endpoint stands in another publication. What was found meanwhile is told there too.
    fn moved(&mut self, members: Vec<Member>) {
        self.members = members;
        self.tell();
    }

    fn tell(&self) {
        let verdict = self.record.verdict();
        for (service, place) in &self.members {
            if service.verdicts.get(*place) != verdict {
                service.verdicts.set(*place, verdict);
            }
        }
    }

    fn conclude(&mut self, result: Result<(), Failure>) {
        let before = self.record.verdict();
        let changed = self.record.add(result.is_ok(), &self.target.check);
        for (service, _) in &self.members {
            service.counts.add(result);
            match (changed, result) {
                (true, Err(failure)) => service.counts.add_ejection(failure),
                (true, Ok(())) if before == Verdict::Unhealthy => service.counts.add_recovery(),
                _ => {}
            }
        }
        if changed {
            self.tell();
        }
    }
}

impl Run {
    /// Does what the connection is ready for; `Some` when the test is over.
    fn advance(&mut self, check: &HealthCheck, flags: EventFlags) -> Option<Ending> {
        if self.connecting {
            if !flags.intersects(EventFlags::OUT | EventFlags::ERR | EventFlags::HUP) {
                return None;
            }
            self.connecting = false;
            if let Ok(Err(error)) | Err(error) = rustix::net::sockopt::socket_error(&self.fd) {
                return Some(not_connected(error));
            }
            match Probe::request(check) {
                Some(request) => self.unsent = request,
                None => return Some(Ending::Passed),
            }
        }
        self.exchange(check)
            .map(|result| result.map_or_else(Ending::Failed, |()| Ending::Passed))
    }

    fn exchange(&mut self, check: &HealthCheck) -> Option<Result<(), Failure>> {
        while !self.unsent.is_empty() {
            match rustix::net::send(&self.fd, &self.unsent, SendFlags::NOSIGNAL) {
                Ok(count) => drop(self.unsent.drain(..count)),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(_) => return Some(Err(Failure::Closed)),
            }
        }
        let mut bytes = [0; READ_BYTES];
        loop {
            match rustix::net::recv(&self.fd, &mut bytes, RecvFlags::empty()) {
                Ok((0, _)) => return Some(Err(Failure::Closed)),
                Ok((count, _)) => {
                    let result = self.probe.handle_bytes(&bytes[..count], check);
                    if result.is_some() {
                        return result;
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return None,
                Err(_) => return Some(Err(Failure::Closed)),
            }
        }
    }
}

fn not_connected(error: Errno) -> Ending {
    match connect_failure(error) {
        ConnectFailure::Refused => Ending::Failed(Failure::Refused),
        ConnectFailure::TimedOut => Ending::Failed(Failure::TimedOut),
        _ => Ending::NotTested,
    }
}
