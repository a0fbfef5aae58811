//! A shard between peers that a test plays by hand: bytes in, bytes out, and a clock that it moves.

#![allow(dead_code)] // each test program uses its part
#![allow(clippy::expect_used)] // what cannot fail in a test that is right

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use heddle_proxy::{Compiled, Io, Publication, Shard, ShardOptions, Token};
use snapshot::Snapshot;
use stats::{Cell, CellKey, Registry, Stats, Versions};

/// A mesh with one shard and one listener.
pub struct Mesh {
    pub shard: Shard,
    registry: Registry,
    effects: Effects,
    now: u64,
    /// What the peers have received and no call has taken yet.
    received: HashMap<Token, Vec<u8>>,
    /// Peers that read nothing.
    deaf: HashSet<Token>,
}

/// What the shard asked for.
#[derive(Default)]
struct Effects {
    connects: VecDeque<Token>,
    addresses: HashMap<Token, String>,
    dirty: Vec<Token>,
    finished: HashSet<Token>,
    closed: HashMap<Token, bool>,
}

/// How the shard ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Open,
    /// FIN was sent, and bytes are still taken.
    Finished,
    Closed,
    Reset,
}

impl Mesh {
    /// One edge listener that leads to one service with one endpoint.
    pub fn new() -> Self {
        Self::of(&edge_to_one_service())
    }

    pub fn of(snapshot: &str) -> Self {
        let snapshot = snapshot::decode(snapshot.as_bytes()).expect("a snapshot");
        snapshot::consistent(&snapshot).expect("a consistent snapshot");
        let mut registry = Registry::new(1);
        let now = SECOND;
        let mut shard = Shard::new(ShardOptions {
            seed: 1,
            stats: registry.shard(0),
            now,
        });
        let publication = publication(snapshot, &mut registry);
        let mut effects = Effects::default();
        shard.publish(publication, now, &mut effects);
        Self {
            shard,
            registry,
            effects,
            now,
            received: HashMap::new(),
            deaf: HashSet::new(),
        }
    }

    /// A peer connects.
    pub fn client(&mut self) -> Token {
        self.shard
            .handle_accept((0, Some(CLIENT)), self.now, &mut self.effects)
            .expect("a connection that is wanted")
    }

    /// A client that has sent these bytes.
    pub fn client_with(&mut self, bytes: impl AsRef<[u8]>) -> Token {
        let client = self.client();
        self.send(client, bytes);
        client
    }

    /// The next connection that the shard opens; it is established at once.
    pub fn upstream(&mut self) -> Token {
        self.try_upstream().expect("a connection to an endpoint")
    }

    pub fn try_upstream(&mut self) -> Option<Token> {
        let token = self.effects.connects.pop_front()?;
        self.shard
            .handle_connected(token, Ok(()), self.now, &mut self.effects);
        self.turn();
        Some(token)
    }

    /// A peer sends bytes. Returns how many the shard took: it stops to read when it does not want more.
    pub fn send(&mut self, peer: Token, bytes: impl AsRef<[u8]>) -> usize {
        let bytes = bytes.as_ref();
        let mut taken = 0;
        while taken < bytes.len() {
            let Some(mut buffer) = self.shard.read_target(peer) else {
                break;
            };
            let room = buffer.spare();
            let count = room.len().min(bytes.len() - taken);
            let filled = count == room.len();
            room[..count].copy_from_slice(&bytes[taken..taken + count]);
            buffer.grow(count);
            taken += count;
            self.shard
                .handle_bytes(peer, (buffer, filled), self.now, &mut self.effects);
            self.turn();
        }
        taken
    }

    /// A peer sends FIN. It is seen when the shard reads.
    pub fn finish(&mut self, peer: Token) {
        if let Some(buffer) = self.shard.read_target(peer) {
            self.shard.return_buffer(peer, buffer);
            self.shard.handle_end(peer, self.now, &mut self.effects);
            self.turn();
        }
    }

    /// A peer's connection breaks.
    pub fn break_off(&mut self, peer: Token) {
        self.shard.handle_broken(peer, self.now, &mut self.effects);
        self.turn();
    }

    /// A peer stops to read.
    pub fn deafen(&mut self, peer: Token) {
        self.deaf.insert(peer);
    }

    /// It reads again, everything.
    pub fn listen(&mut self, peer: Token) {
        self.deaf.remove(&peer);
        self.effects.dirty.push(peer);
        self.turn();
    }

    /// Nothing new is taken from now on.
    pub fn drain(&mut self) {
        let deadline = self.now + 30 * SECOND;
        self.shard.drain(deadline, self.now, &mut self.effects);
        self.turn();
    }

    /// Time passes.
    pub fn wait_ms(&mut self, ms: u64) {
        self.now += ms * 1_000_000;
        self.shard.handle_timeouts(self.now, &mut self.effects);
        self.turn();
    }

    /// Takes what a peer has received, but for the lines that name an exchange by chance.
    pub fn received(&mut self, peer: Token) -> String {
        let bytes = self.received.remove(&peer).unwrap_or_default();
        let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        let lines = text.split_inclusive("\r\n");
        lines
            .filter(|line| !line.starts_with("x-request-id: "))
            .collect()
    }

    /// What is known of connections that are over is forgotten.
    pub fn forget(&mut self) {
        self.received.clear();
        self.effects = Effects::default();
    }

    /// Endpoint that an upstream connection leads to.
    pub fn address_of(&self, upstream: Token) -> String {
        self.effects.addresses[&upstream].clone()
    }

    /// Bytes that wait to be written to a peer.
    pub fn queued(&self, peer: Token) -> usize {
        self.shard.queue(peer).map_or(0, heddle_proxy::Queue::len)
    }

    pub fn end_of(&self, peer: Token) -> End {
        match self.effects.closed.get(&peer) {
            Some(true) => End::Reset,
            Some(false) => End::Closed,
            None if self.effects.finished.contains(&peer) => End::Finished,
            None => End::Open,
        }
    }

    /// What the shard has counted.
    pub fn stats(&self) -> Stats {
        self.registry.stats(Versions::default())
    }

    /// Answers what is pipelined and writes what waits, as the driver does at the end of a turn.
    fn turn(&mut self) {
        loop {
            if self.shard.has_pipelined() {
                self.shard.handle_pipelined(self.now, &mut self.effects);
            }
            let Some(peer) = self.effects.dirty.pop() else {
                break;
            };
            let connecting = self.effects.connects.contains(&peer);
            if connecting || self.deaf.contains(&peer) {
                continue;
            }
            let Some(queue) = self.shard.queue(peer) else {
                continue;
            };
            let mut slices = [std::io::IoSlice::new(&[]); 16];
            let slices = queue.slices(&mut slices).iter();
            let bytes: Vec<u8> = slices.flat_map(|slice| slice.iter().copied()).collect();
            self.received.entry(peer).or_default().extend(&bytes);
            self.shard
                .written(peer, bytes.len(), self.now, &mut self.effects);
            if self.queued(peer) > 0 {
                self.effects.dirty.push(peer);
            }
        }
        self.shard.audit().expect("tables that agree");
    }
}

impl Io for Effects {
    fn connect(&mut self, token: Token, address: &snapshot::Address) {
        self.connects.push_back(token);
        self.addresses.insert(token, address.to_string());
    }

    fn flush(&mut self, token: Token) {
        self.dirty.push(token);
    }

    fn read(&mut self, _: Token) {}

    fn shutdown(&mut self, token: Token) {
        self.finished.insert(token);
    }

    fn close(&mut self, token: Token, reset: bool) {
        self.closed.insert(token, reset);
    }
}

fn publication(snapshot: Snapshot, registry: &mut Registry) -> Publication {
    let endpoints = Arc::new(snapshot.endpoints.clone());
    let compiled = Arc::new(Compiled::new(snapshot).expect("addresses that parse"));
    let mut cell = |listener: &snapshot::Listener, service: u32| -> Arc<Cell> {
        let service = &compiled.snapshot().services[service as usize];
        let id = registry.cell_id(&CellKey {
            listener: listener.name.clone(),
            source: "unknown".to_owned(),
            service: service.name.clone(),
            namespace: service.namespace.clone(),
            protocol: stats::Protocol::Http,
        });
        registry.cell(0, id)
    };
    let listeners = &compiled.snapshot().listeners;
    let cells = listeners.iter().enumerate().map(|(index, listener)| {
        let services = compiled.destinations(index).iter();
        services.map(|&service| cell(listener, service)).collect()
    });
    let cells = cells.collect();
    Publication {
        listener_slots: (0..listeners.len() as u32).collect(),
        compiled: Arc::clone(&compiled),
        endpoints,
        cells,
        verdicts: Vec::new(),
    }
}

/// The snapshot of [`Mesh::new`].
pub fn edge_to_one_service() -> String {
    mesh_text(r#""name":"edge","#, "[]", "")
}

/// A listener that leads to the first of two services, `web` and `other`. `own_rules` are the indexes of its rules.
pub fn mesh_text(listener: &str, own_rules: &str, rules: &str) -> String {
    let service = |name: &str, rules: &str| {
        format!(
            r#"{{"name":"{name}","namespace":"default","protocol":"http","balancer":"roundRobin",
            "timeouts":{{"connectMs":1000,"requestMs":15000}},"rules":{rules},"origin":0}}"#
        )
    };
    let (web, other) = (service("web", own_rules), service("other", "[]"));
    format!(
        r#"{{"version":1,"mesh":"test",
        "listeners":[{{{listener}"address":"127.0.0.1:1","protocol":"http","service":0,"origin":0}}],
        "services":[{web},{other}],"rules":[{rules}],
        "endpoints":{{"version":1,"services":[[{{"address":"10.0.0.1:80"}}],[{{"address":"10.0.0.2:80"}}]]}},
        "origins":[{{"file":"mesh.yaml","line":1,"resource":"Mesh/test"}}]}}"#
    )
}

/// Where clients come from.
pub const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

/// One second in nanoseconds; the clock does not begin at 0.
const SECOND: u64 = 1_000_000_000;
