//! One run: two shards, their peers and the network between them, from a seed, on one thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use proxy::{ConnectFailure, Publication, Shard, ShardOptions};
use stats::{Cell, CellKey, Registry, Versions};

use crate::agenda::{Agenda, Event, MS, Phase, SECOND, Way};
use crate::chance::{Chance, hash};
use crate::client::Client;
use crate::host::{Host, Order};
use crate::invariant::{
    PUBLISH_SLACK_NS, every_request_ended, i7_back_to_baseline, i8_statistics_reconcile,
    i12_relays_are_faithful,
};
use crate::ledger::{Ledger, Outcome, Verdict, Violation, require};
use crate::mesh::Mesh;
use crate::network::{Network, Peer};
use crate::origin::OriginConnection;
use crate::relay::RelayOrigin;

/// What is run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Everything random follows from it.
    pub seed: u64,
    /// A fault that the simulation plants in what the ledger is told, to prove that it would be found.
    pub sabotage: Option<Sabotage>,
}

/// Planted faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// A response carries the name of another request.
    MixUp,
    /// An answer that should have broken off looks whole.
    Truncation,
    /// A relayed byte is changed.
    FlippedByte,
    /// A connection's first bytes are announced to nobody.
    LostEvent,
    /// A request is counted twice.
    DoubleCount,
    /// A request with effects comes to an origin a second time.
    Repetition,
}

/// What happened in a run that held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Equal for equal seeds.
    pub trace: u64,
    /// Requests sent.
    pub requests: usize,
    /// Those that an origin answered.
    pub answered: usize,
    /// Those that the proxy answered itself.
    pub local: usize,
    /// Those that a shard sent a second time.
    pub retried: u64,
    /// Connections that were upgraded.
    pub upgraded: usize,
    /// Configurations published.
    pub versions: usize,
}

pub(crate) struct World {
    pub network: Network,
    pub hosts: Vec<Host>,
    pub clients: Vec<Client>,
    pub origins: BTreeMap<usize, OriginConnection>,
    pub relay_origins: BTreeMap<usize, RelayOrigin>,
    pub mesh: Mesh,
    pub ledger: Ledger,
    pub chance: Chance,
    pub sabotage: Option<Sabotage>,
    registry: Registry,
    /// No fault at all in this run: then the books have to agree exactly.
    clean: bool,
    trace: u64,
}

/// Runs the mesh of a seed until everything is over.
pub fn run(options: Options) -> Result<Summary, Violation> {
    let mut world = World::new(options);
    world.plan();
    let mut events = 0;
    while let Some(event) = world.network.agenda.next() {
        events += 1;
        require("liveness", events < EVENTS_MAX, || {
            format!("the run does not end: {event:?}")
        })?;
        let mark = format!("{} {event:?}", world.network.agenda.now);
        world.trace = hash(mark.as_bytes(), world.trace);
        world.handle(event)?;
        world.carry_out();
    }
    world.check_books()?;
    let count = |wanted: fn(&Outcome) -> bool| {
        let ended = world
            .ledger
            .requests
            .iter()
            .filter_map(|entry| entry.outcome.as_ref());
        ended.filter(|outcome| wanted(outcome)).count()
    };
    Ok(Summary {
        trace: world.trace,
        requests: world
            .ledger
            .requests
            .iter()
            .filter(|entry| entry.sent_at.is_some())
            .count(),
        answered: count(|outcome| matches!(outcome, Outcome::Answered(_))),
        local: count(|outcome| matches!(outcome, Outcome::Local(..))),
        retried: world
            .hosts
            .iter()
            .map(|host| host.shard.stats().retries.get())
            .sum(),
        upgraded: world
            .ledger
            .upgrades
            .iter()
            .filter(|(status, _)| *status == 101)
            .count(),
        versions: world.mesh.versions.len(),
    })
}

impl World {
    fn new(options: Options) -> Self {
        let mut chance = Chance::new(options.seed);
        let clean = options.seed.is_multiple_of(4);
        let registry = Registry::new(SHARDS);
        let host = |index: usize| {
            let stats = registry.shard(index);
            let seed = options.seed ^ (index as u64) << 56;
            let now = START_NS;
            Host::new(index, Shard::new(ShardOptions { seed, stats, now }))
        };
        Self {
            hosts: (0..SHARDS).map(host).collect(),
            network: Network {
                agenda: Agenda::new(START_NS),
                chance: Chance::new(chance.number()),
                faulty: !clean,
                connections: Vec::new(),
            },
            clients: Vec::new(),
            origins: BTreeMap::new(),
            relay_origins: BTreeMap::new(),
            mesh: Mesh {
                versions: Vec::new(),
            },
            ledger: Ledger::default(),
            chance,
            sabotage: options.sabotage,
            registry,
            clean,
            trace: 0,
        }
    }

    fn handle(&mut self, event: Event) -> Verdict {
        match event {
            Event::Deliver(id, Way::ToShard) => {
                self.deliver_to_shard(id);
                Ok(())
            }
            Event::Deliver(id, Way::ToPeer) => {
                if self.network.deliver(id, Way::ToPeer) {
                    return self.peer_reads(id);
                }
                Ok(())
            }
            Event::PeerReads(id) => self.peer_reads(id),
            Event::Writable(id) => {
                let connection = &self.network.connections[id];
                let (shard, token) = (connection.shard, connection.token);
                if let Some(token) = token.filter(|_| self.network.take_blocked(id)) {
                    self.hosts[shard].writable(token, &mut self.network);
                }
                Ok(())
            }
            Event::Accept(id) => {
                self.accept(id);
                Ok(())
            }
            Event::Connected(id, result) => {
                let connection = &mut self.network.connections[id];
                connection.peer_closed |= result.is_err();
                if let Some(token) = connection.token {
                    let shard = connection.shard;
                    self.hosts[shard].connected(token, result, &mut self.network);
                }
                Ok(())
            }
            Event::Turn(shard) => {
                let usage = self.hosts[shard].turn(&mut self.network);
                usage.map(|_| ()).map_err(|rule| Violation {
                    invariant: "the tables agree",
                    detail: rule.to_owned(),
                })
            }
            Event::Client(index) => self.client_acts(index),
            Event::Relay(index) => {
                self.relay_starts(index);
                Ok(())
            }
            Event::Origin(id) => self.origin_acts(id),
            Event::Publish(shard) => {
                if let Some(publication) = self.publication(shard) {
                    self.hosts[shard].publish(publication, &mut self.network);
                }
                Ok(())
            }
            Event::Change => {
                let good = self.chance.one_in(2);
                self.change(good && self.clean);
                Ok(())
            }
            Event::Phase(phase) => self.enter(phase),
        }
    }

    fn deliver_to_shard(&mut self, id: usize) {
        if !self.network.deliver(id, Way::ToShard) {
            return;
        }
        let (bytes, _, failed) = self.network.state(id);
        let known = self.network.connections[id].token.is_some();
        if bytes && known && self.sabotage == Some(Sabotage::LostEvent) {
            self.sabotage = None;
            return;
        }
        let connection = &self.network.connections[id];
        if let Some(token) = connection.token {
            self.hosts[connection.shard].readable(token, failed, &mut self.network);
        }
    }

    fn peer_reads(&mut self, id: usize) -> Verdict {
        let connection = &self.network.connections[id];
        if connection.peer_reads_at > self.network.agenda.now || connection.peer_closed {
            return Ok(());
        }
        match connection.peer {
            Peer::Client(index) => self.client_reads(index, id),
            Peer::Relay(index) => self.relay_client_reads(index, id),
            Peer::Origin if self.relay_origins.contains_key(&id) => self.relay_origin_reads(id),
            Peer::Origin => self.origin_reads(id),
        }
    }

    fn accept(&mut self, id: usize) {
        let connection = &self.network.connections[id];
        let (shard, listener) = (connection.shard, connection.place);
        let host = &mut self.hosts[shard];
        if host.over || host.shard.lifecycle().is_draining() {
            return self.network.shard_closes(id, true);
        }
        // A relay without an endpoint is closed by the call itself.
        self.ledger.accepted[listener] += 1;
        match host.accept(id, &mut self.network) {
            Some(token) => self.network.connections[id].token = Some(token),
            None => self.network.shard_closes(id, true),
        }
    }

    /// Does what the shards asked for.
    fn carry_out(&mut self) {
        for shard in 0..self.hosts.len() {
            for order in self.hosts[shard].take_orders() {
                match order {
                    Order::Shutdown(id) => self.network.shard_finishes(id),
                    Order::Close(id, reset) => self.network.shard_closes(id, reset),
                    Order::Connect(token, address) => self.connect(shard, token, address),
                }
            }
        }
    }

    fn connect(&mut self, shard: usize, token: proxy::Token, address: std::net::SocketAddr) {
        let id = self.network.open(Peer::Origin, shard, 0);
        if !self.hosts[shard].attach(token, id) {
            return;
        }
        self.network.connections[id].token = Some(token);
        let delay = 2 * self.network.delay(id);
        let fails = self.network.faulty && self.chance.one_in(12);
        if fails && self.chance.one_in(2) {
            // A black hole: only a deadline of the shard ends it.
            return;
        }
        let failure = self.chance.pick(&[
            ConnectFailure::Refused,
            ConnectFailure::TimedOut,
            ConnectFailure::LocalLimit,
        ]);
        let result = if fails { Err(failure) } else { Ok(()) };
        if !fails && crate::mesh::service_of(address) == RAW_SERVICE {
            self.relay_origins.insert(id, RelayOrigin::default());
        } else if !fails {
            self.origins.insert(id, OriginConnection::new(address));
        }
        self.network
            .agenda
            .after(delay, Event::Connected(id, result));
    }

    /// Makes a new configuration; the shards take it over a little apart.
    pub(crate) fn change(&mut self, good: bool) {
        let now = self.network.agenda.now;
        self.mesh.change(&mut self.chance, good, now);
        for shard in 0..self.hosts.len() {
            let delay = self.chance.between(0, PUBLISH_SLACK_NS);
            self.network.agenda.after(delay, Event::Publish(shard));
        }
    }

    fn publication(&mut self, shard: usize) -> Option<Publication> {
        let version = self.mesh.latest()?;
        let snapshot = version.compiled.snapshot();
        let registry = &mut self.registry;
        let mut cell = |listener: &snapshot::Listener, service: u32| -> Arc<Cell> {
            let service = &snapshot.services[service as usize];
            let id = registry.cell_id(&CellKey {
                listener: listener.name.clone(),
                source: "unknown".to_owned(),
                service: service.name.clone(),
                namespace: service.namespace.clone(),
                protocol: stats::Protocol::Http,
            });
            registry.cell(shard, id)
        };
        let listeners = snapshot.listeners.iter().enumerate();
        let cells = listeners
            .map(|(index, listener)| {
                version
                    .compiled
                    .destinations(index)
                    .iter()
                    .map(|&service| cell(listener, service))
                    .collect()
            })
            .collect();
        Some(Publication {
            compiled: Arc::clone(&version.compiled),
            endpoints: Arc::clone(&version.endpoints),
            listener_slots: (0..snapshot.listeners.len() as u32).collect(),
            cells,
            verdicts: Vec::new(),
        })
    }

    fn enter(&mut self, phase: Phase) -> Verdict {
        let now = self.network.agenda.now;
        match phase {
            Phase::Calm => {
                self.network.heal();
                self.change(true);
            }
            Phase::Liveness => self.plan_liveness(),
            Phase::LastRequests => self.plan_last_requests(),
            Phase::Drain => {
                for host in &mut self.hosts {
                    host.drain(now + DRAIN_NS, &mut self.network);
                }
            }
            Phase::End => {
                for host in &mut self.hosts {
                    require("I7 back to the baseline", host.over, || {
                        format!(
                            "{} downstream connections outlived the drain",
                            host.shard.downstream_count()
                        )
                    })?;
                    let usage = host.shard.audit().map_err(|rule| Violation {
                        invariant: "the tables agree",
                        detail: rule.to_owned(),
                    })?;
                    i7_back_to_baseline(usage)?;
                }
            }
        }
        Ok(())
    }

    fn check_books(&mut self) -> Verdict {
        if self.sabotage == Some(Sabotage::DoubleCount) {
            let sent = self
                .ledger
                .requests
                .iter()
                .filter(|entry| entry.sent_at.is_some())
                .count();
            let cell = self.registry.cell(0, 0);
            for _ in 0..=sent {
                cell.record_request(&stats::Outcome {
                    status: 200,
                    reason: None,
                    duration_ns: 1,
                    request_bytes: 0,
                    response_bytes: 0,
                });
            }
        }
        every_request_ended(&self.ledger)?;
        i12_relays_are_faithful(&self.ledger)?;
        let stats = self.registry.stats(Versions::default());
        i8_statistics_reconcile(&self.ledger, &stats, self.clean)?;
        let broken = self
            .ledger
            .requests
            .iter()
            .position(|entry| entry.outcome == Some(Outcome::Broken));
        require("liveness", !self.clean || broken.is_none(), || {
            format!("request {broken:?} broke without a fault")
        })
    }
}

/// Virtual time does not begin at 0, as no clock does.
const START_NS: u64 = 1_000 * SECOND;
/// A run takes some thousand events; one that takes so many goes round in circles.
const EVENTS_MAX: u64 = 1_000_000;
const SHARDS: usize = 2;
pub(crate) const DRAIN_NS: u64 = 10 * SECOND;
const RAW_SERVICE: usize = 3;
/// From the last fault to requests that have to succeed: longer than any request may take.
pub(crate) const SETTLE_NS: u64 = 6 * SECOND;
/// Faults last so long.
pub(crate) const STORM_NS: u64 = 4 * SECOND;
/// From the first of those requests to the last.
pub(crate) const LIVENESS_NS: u64 = 10 * SECOND;
/// From the last requests to the drain.
pub(crate) const LAST_NS: u64 = 20 * MS;
