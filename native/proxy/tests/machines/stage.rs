//! A shard, its effects as lists, and its peers as plain strings.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use heddle_proxy::{Compiled, ConnectFailure, Io, Publication, Shard, ShardOptions, Token, Usage};
use snapshot::Address;
use stats::{Account, Cell, Limit, Reason, Registry, Versions};

pub const SECOND: u64 = 1_000_000_000;

/// Everything that a test may touch.
pub struct Stage {
    pub shard: Shard,
    pub now: u64,
    proxies: String,
    bounds: String,
    timeouts: String,
    rules: String,
    wishes: Wishes,
    registry: Registry,
    account: Arc<Account>,
    cell: Arc<Cell>,
}

/// What the shard asked for.
#[derive(Default)]
struct Wishes {
    connects: Vec<(Token, Address)>,
    connecting: HashSet<Token>,
    dirty: Vec<Token>,
    written: HashMap<Token, Vec<u8>>,
    closed: HashMap<Token, bool>,
}

impl Stage {
    /// One listener that leads to a service with so many endpoints, at 10.0.0.1:80 and up.
    pub fn new(endpoint_count: usize) -> Self {
        let mut stage = Self::empty();
        stage.publish(endpoint_count);
        stage
    }

    /// One endpoint, with bounds of the listener and timeouts of the service as JSON members.
    pub fn with(bounds: &str, timeouts: &str) -> Self {
        let mut stage = Self {
            bounds: bounds.to_owned(),
            timeouts: timeouts.to_owned(),
            ..Self::empty()
        };
        stage.publish(1);
        stage
    }

    /// One endpoint, and connections that begin with a PROXY header, from networks as a JSON list's content.
    pub fn behind(proxies: &str) -> Self {
        let mut stage = Self {
            proxies: proxies.to_owned(),
            ..Self::empty()
        };
        stage.publish(1);
        stage
    }

    /// One endpoint behind a rule for everything, with timeouts of its own as JSON members.
    pub fn with_rule(timeouts: &str) -> Self {
        let mut stage = Self {
            rules: RULE.replace("TIMEOUTS", timeouts),
            ..Self::empty()
        };
        stage.publish(1);
        stage
    }

    fn empty() -> Self {
        let registry = Registry::new(1);
        Self {
            proxies: String::new(),
            bounds: String::new(),
            timeouts: r#""requestMs":15000"#.to_owned(),
            rules: String::new(),
            shard: Shard::new(ShardOptions {
                seed: 1,
                stats: registry.shard(0),
                now: START_NS,
            }),
            now: START_NS,
            wishes: Wishes::default(),
            registry,
            account: Arc::new(Account::new(u64::MAX, Vec::new())),
            cell: Arc::new(Cell::new()),
        }
    }

    /// The same listener and service, with other endpoints.
    pub fn publish(&mut self, endpoint_count: usize) {
        let list = |number| format!(r#"{{"address":"10.0.0.{number}:80"}}"#);
        let endpoints: Vec<String> = (1..=endpoint_count).map(list).collect();
        let text = MESH
            .replace("ENDPOINTS", &endpoints.join(","))
            .replace("PROXIES", &self.proxies)
            .replace("BOUNDS", &self.bounds)
            .replace("TIMEOUTS", &self.timeouts)
            .replace("RULE_INDEXES", if self.rules.is_empty() { "" } else { "0" })
            .replace("RULES", &self.rules);
        let snapshot = snapshot::decode(text.as_bytes()).unwrap();
        let endpoints = Arc::new(snapshot.endpoints.clone());
        let publication = Publication {
            compiled: Arc::new(Compiled::new(snapshot).unwrap()),
            endpoints,
            listener_slots: vec![0],
            cells: vec![vec![Arc::clone(&self.cell)]],
            verdicts: Vec::new(),
        };
        self.shard.publish(publication, self.now, &mut self.wishes);
    }

    /// A client connects.
    pub fn accept(&mut self) -> Token {
        self.shard
            .handle_accept((0, None), self.now, &mut self.wishes)
            .unwrap()
    }

    /// A client connects from this IP address; `None` when it is refused.
    pub fn accept_from(&mut self, ip: &str) -> Option<Token> {
        let peer = Some(ip.parse().unwrap());
        self.shard
            .handle_accept((0, peer), self.now, &mut self.wishes)
    }

    /// A peer's bytes are read, as far as they fit into a buffer at a time; false when the shard does not want them.
    pub fn receives(&mut self, token: Token, text: &str) -> bool {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let Some(mut buffer) = self.shard.read_target(token) else {
                return false;
            };
            let room = buffer.spare();
            let count = room.len().min(rest.len());
            room[..count].copy_from_slice(&rest[..count]);
            buffer.grow(count);
            rest = &rest[count..];
            self.shard
                .handle_bytes(token, (buffer, false), self.now, &mut self.wishes);
        }
        true
    }

    /// The same, and everything that follows is written.
    pub fn says(&mut self, token: Token, text: &str) {
        assert!(self.receives(token, text), "the connection is not read");
        self.settle();
    }

    /// A peer sends FIN.
    pub fn ends(&mut self, token: Token) {
        self.shard.handle_end(token, self.now, &mut self.wishes);
        self.settle();
    }

    /// A peer resets.
    pub fn breaks(&mut self, token: Token) {
        self.shard.handle_broken(token, self.now, &mut self.wishes);
        self.settle();
    }

    /// The connection that the shard asked for last, and where to; it is not established yet.
    pub fn dialled(&mut self) -> (Token, Address) {
        self.wishes.connects.pop().unwrap()
    }

    /// The shard asked for no connection that the test has not taken.
    pub fn dials_nothing(&self) -> bool {
        self.wishes.connects.is_empty()
    }

    pub fn connects(&mut self, token: Token, result: Result<(), ConnectFailure>) {
        self.wishes.connecting.remove(&token);
        self.shard
            .handle_connected(token, result, self.now, &mut self.wishes);
        self.settle();
    }

    /// The connection that the shard asked for last, established.
    pub fn connected(&mut self) -> Token {
        let (token, _) = self.dialled();
        self.connects(token, Ok(()));
        token
    }

    /// What was written to a peer since the test asked last.
    pub fn heard(&mut self, token: Token) -> String {
        let bytes = self.wishes.written.remove(&token).unwrap_or_default();
        String::from_utf8(bytes).unwrap()
    }

    /// Whether the connection was closed, and if so, whether by a reset.
    pub fn closed(&self, token: Token) -> Option<bool> {
        self.wishes.closed.get(&token).copied()
    }

    /// What runs has so long to finish.
    pub fn drains(&mut self, ns: u64) {
        self.shard.drain(self.now + ns, self.now, &mut self.wishes);
        self.settle();
    }

    /// Time passes, and deadlines with it.
    pub fn passes(&mut self, ns: u64) {
        self.passes_unwritten(ns);
        self.settle();
    }

    /// The same while no peer takes a byte.
    pub fn passes_unwritten(&mut self, ns: u64) {
        let end = self.now + ns;
        while self.now < end {
            self.now = (self.now + SECOND / 4).min(end);
            self.shard.handle_timeouts(self.now, &mut self.wishes);
        }
    }

    /// Writes all that waits.
    pub fn settle(&mut self) {
        while self.shard.has_pipelined() || !self.wishes.dirty.is_empty() {
            self.shard.handle_pipelined(self.now, &mut self.wishes);
            for token in std::mem::take(&mut self.wishes.dirty) {
                self.writes(token, usize::MAX);
            }
        }
    }

    /// Writes at most so many bytes of what waits on a connection.
    pub fn writes(&mut self, token: Token, most: usize) {
        if self.wishes.connecting.contains(&token) {
            return;
        }
        let Some(queue) = self.shard.queue(token) else {
            return;
        };
        let mut slices = [std::io::IoSlice::new(&[]); 64];
        let bytes: Vec<u8> = queue
            .slices(&mut slices)
            .iter()
            .flat_map(|slice| slice.iter().copied())
            .take(most)
            .collect();
        let count = bytes.len();
        let written = self.wishes.written.entry(token).or_default();
        written.extend(bytes);
        self.shard.written(token, count, self.now, &mut self.wishes);
    }

    /// Puts the shard under a budget.
    pub fn set_budget(&mut self, bytes: u64) {
        self.account = Arc::new(Account::new(bytes, vec![self.registry.shard(0)]));
        self.shard.set_account(Arc::clone(&self.account));
    }

    /// What the process holds without connections.
    pub fn set_base(&mut self, bytes: u64) {
        self.account.set_base_bytes(bytes);
    }

    /// What the process holds by the kernel's count.
    pub fn set_measured(&mut self, bytes: u64) {
        self.account.set_measured_bytes(bytes);
    }

    pub fn held_bytes(&self) -> u64 {
        self.account.held_bytes()
    }

    /// What the account comes to.
    pub fn account_bytes(&self) -> u64 {
        self.account.used_bytes()
    }

    pub fn reached(&self, limit: Limit) -> u64 {
        self.shard.stats().reached(limit)
    }

    pub fn failures(&self, reason: Reason) -> u64 {
        self.shard.stats().failures(reason)
    }

    pub fn retries(&self) -> u64 {
        let stats = self.registry.stats(Versions::default());
        stats.shards.iter().map(|shard| shard.retries).sum()
    }

    /// What the shard holds, when its tables agree.
    pub fn usage(&self) -> Usage {
        self.shard.audit().unwrap()
    }
}

impl Io for Wishes {
    fn connect(&mut self, token: Token, address: &Address) {
        self.connects.push((token, address.clone()));
        self.connecting.insert(token);
    }

    fn flush(&mut self, token: Token) {
        if !self.dirty.contains(&token) {
            self.dirty.push(token);
        }
    }

    fn read(&mut self, _: Token) {}

    fn shutdown(&mut self, _: Token) {}

    fn close(&mut self, token: Token, reset: bool) {
        self.closed.insert(token, reset);
    }
}

/// No clock begins at 0.
const START_NS: u64 = 1_000 * SECOND;

const MESH: &str = r#"{"version":1,"mesh":"m","listeners":[{"name":"edge","address":"127.0.0.1:8080",
"protocol":"http","errors":"full","service":0,"proxies":[PROXIES],"bounds":{BOUNDS},"origin":0}],"services":[{"name":"web","namespace":"default","protocol":"http",
"balancer":"roundRobin","timeouts":{"connectMs":1000,TIMEOUTS},"rules":[RULE_INDEXES],"origin":0}],"rules":[RULES],
"endpoints":{"version":1,"services":[[ENDPOINTS]]},
"origins":[{"file":"mesh.yaml","line":1,"resource":"Mesh/m"}]}"#;

const RULE: &str = r#"{"route":"default/all","matches":[{"path":{"kind":"prefix","value":"/"},"headers":[]}],
"requestHeaders":{"set":[],"add":[],"remove":[]},"responseHeaders":{"set":[],"add":[],"remove":[]},
"backends":[{"weight":1,"target":{"kind":"service","service":0}}],"timeouts":{TIMEOUTS},"origin":0}"#;
