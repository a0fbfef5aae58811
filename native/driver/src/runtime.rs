//! All shards of the process as the other threads see them.

#![allow(clippy::disallowed_types)] // taken by control calls only, never by a shard

use std::collections::HashMap;
use std::fmt;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use proxy::{Compiled, Publication};
use rustix::io::Errno;
use snapshot::{Address, Endpoints, Inconsistency};
use stats::{Account, Cell, CellKey, MemoryReport, Registry, ShardStats, Stats, Versions};

use crate::clock::monotonic_ns;
use crate::descriptors::Descriptors;
use crate::faults::Faults;
use crate::health::Health;
use crate::keeper::{Keeper, Kept, spread};
use crate::log::{Log, Producer};
use crate::mailbox::Mailbox;
use crate::memory;
use crate::message::{Message, OpenedListener};
use crate::shard_loop::{Common, ShardLoop};
use crate::socket;
use crate::unix_listener::{self, SocketFile};
use crate::watchdog::{Running, watch};

/// Time that a shard has beyond a drain's deadline before the watchdog ends the process.
const DRAIN_GRACE: Duration = Duration::from_secs(5);

/// Time that a process which is to be replaced has for what runs.
const RETIRE_LIMIT: Duration = Duration::from_secs(30);

/// How the process is set up.
#[derive(Debug, Clone, Copy)]
pub struct RuntimeOptions {
    /// Number of shards, each to be run by one thread.
    pub shards: usize,
    /// Bind although another process serves the same addresses.
    pub share: bool,
    /// Memory that the process may hold.
    pub memory_bytes: u64,
}

/// Why a configuration was refused; the one before stays in force.
#[derive(Debug)]
#[non_exhaustive]
pub enum PublishError {
    /// It could not be decoded.
    Malformed(String),
    /// It contradicts itself.
    Inconsistent(Vec<Inconsistency>),
    /// A listener could not be bound.
    Bind {
        /// Name of the listener.
        listener: String,
        /// Its address.
        address: Address,
        /// What the kernel said.
        error: Errno,
    },
    /// A shard has not taken earlier messages.
    NotResponding,
    /// Endpoints came before any configuration.
    NotConfigured,
    /// The thread that tests endpoints could not be started.
    HealthChecks(std::io::Error),
    /// The file of the access log could not be opened.
    AccessLog {
        /// Its path.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
}

/// The process's data plane.
pub struct Runtime {
    options: RuntimeOptions,
    mailboxes: Vec<Arc<Mailbox>>,
    shards: Vec<Arc<ShardStats>>,
    account: Arc<Account>,
    running: Arc<Running>,
    faults: Arc<Faults>,
    descriptors: Arc<Descriptors>,
    state: Mutex<State>,
}

struct State {
    registry: Registry,
    compiled: Option<Arc<Compiled>>,
    endpoints: Option<Arc<Endpoints>>,
    /// The listeners that are bound.
    bound: HashMap<Address, Bound>,
    /// Slots are never used again: a connection may outlive its listener.
    slot_count: u32,
    /// Configurations that were replaced and that a running request may still hold. They are freed here, not on a
    /// data thread.
    replaced: Vec<Arc<Compiled>>,
    keeper: Keeper,
    /// What the keeper had; given back or taken over with the first publish.
    kept: Kept,
    /// From the first configuration on that has an access log.
    log: Option<Log>,
    health: Health,
}

struct Bound {
    slot: u32,
    /// Of a socket in the file system.
    file: Option<SocketFile>,
}

/// What an address is listened on with: one descriptor for each shard, and the file of a path.
type Sockets = (Vec<OwnedFd>, Option<SocketFile>);

/// Sockets for an address that was not bound, one for each shard.
struct Opened {
    address: Address,
    bound: Bound,
    fds: Vec<OwnedFd>,
    /// The sockets are those that the keeper has.
    is_kept: bool,
}

impl Runtime {
    /// Makes the mailboxes and counters; the shards are started by [`Runtime::shard`] on their own threads.
    pub fn new(options: RuntimeOptions) -> Result<Self, Errno> {
        let mailboxes = (0..options.shards)
            .map(|_| Mailbox::new().map(Arc::new))
            .collect::<Result<_, _>>()?;
        let registry = Registry::new(options.shards);
        let (keeper, kept) = Keeper::find();
        let descriptors = Arc::new(Descriptors::of_process());
        let shards: Vec<_> = (0..options.shards)
            .map(|shard| registry.shard(shard))
            .collect();
        let account = Account::new(options.memory_bytes, shards.clone());
        Ok(Self {
            options,
            mailboxes,
            shards,
            account: Arc::new(account),
            running: Arc::default(),
            faults: Arc::default(),
            descriptors: Arc::clone(&descriptors),
            state: Mutex::new(State {
                registry,
                compiled: None,
                endpoints: None,
                bound: HashMap::new(),
                slot_count: 0,
                replaced: Vec::new(),
                keeper,
                kept,
                log: None,
                health: Health::new(Arc::clone(&descriptors)),
            }),
        })
    }

    /// The loop of one shard, to be made on the thread that runs it; `None` for an index out of range.
    pub fn shard(&self, index: usize) -> Option<Result<ShardLoop, Errno>> {
        let mailbox = Arc::clone(self.mailboxes.get(index)?);
        let common = Common {
            faults: Arc::clone(&self.faults),
            descriptors: Arc::clone(&self.descriptors),
            account: Arc::clone(&self.account),
        };
        let shard = ShardLoop::new(index, mailbox, Arc::clone(&self.shards[index]), common);
        if shard.is_ok() {
            self.running.began();
        }
        Some(shard)
    }

    /// The thread of a shard is done with it.
    pub fn ended(&self) {
        if let Some(log) = &self.state().log {
            log.flush();
        }
        self.running.ended();
    }

    /// Decodes and checks a snapshot, binds what is new in it and swaps it into every shard.
    pub fn publish(&self, bytes: &[u8]) -> Result<(), PublishError> {
        let snapshot =
            snapshot::decode(bytes).map_err(|error| PublishError::Malformed(error.to_string()))?;
        snapshot::consistent(&snapshot).map_err(PublishError::Inconsistent)?;
        let endpoints = Arc::new(snapshot.endpoints.clone());
        let compiled = Compiled::new(snapshot)
            .ok_or_else(|| PublishError::Malformed("listener address".to_owned()))?;
        self.swap(Arc::new(compiled), endpoints)
    }

    /// The same for endpoints alone.
    pub fn publish_endpoints(&self, bytes: &[u8]) -> Result<(), PublishError> {
        let endpoints = snapshot::decode_endpoints(bytes)
            .map_err(|error| PublishError::Malformed(error.to_string()))?;
        let compiled = self
            .state()
            .compiled
            .clone()
            .ok_or(PublishError::NotConfigured)?;
        snapshot::consistent_endpoints(&endpoints, &compiled.snapshot().services)
            .map_err(PublishError::Inconsistent)?;
        self.swap(compiled, Arc::new(endpoints))
    }

    /// Asks every shard to finish what runs. They end when nothing is left, at the latest after `limit`.
    pub fn drain(&self, limit: Duration) {
        self.end_listening();
        let deadline =
            monotonic_ns().saturating_add(u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX));
        for mailbox in &self.mailboxes {
            mailbox.send(Message::Drain { deadline });
        }
        watch(Arc::clone(&self.running), limit + DRAIN_GRACE);
    }

    /// Faults of our own became too many ([`crate::Served::Faulty`]): the process is not ready any more. Where somebody can
    /// start a successor, that one is asked for and this process is told to drain when it serves; else it drains now, and
    /// who watches it starts another.
    pub fn retire(&self) {
        if !self.state().keeper.leaving() {
            self.drain(RETIRE_LIMIT);
        }
    }

    /// True after [`Runtime::retire`] was due.
    pub fn is_faulty(&self) -> bool {
        self.faults.too_many()
    }

    /// Ends every shard at its next turn; the watchdog ends the process when one does not within `grace`.
    pub fn stop(&self, grace: Duration) {
        self.end_listening();
        for mailbox in &self.mailboxes {
            mailbox.send(Message::Stop);
        }
        watch(Arc::clone(&self.running), grace);
    }

    /// Opens the file of the access log anew, after something moved it away.
    pub fn reopen_log(&self) {
        if let Some(log) = &self.state().log {
            log.reopen();
        }
    }

    /// Statistics of all shards, merged.
    pub fn stats(&self) -> Stats {
        let state = self.state();
        let mut stats = state.registry.stats(Versions {
            configuration: state
                .compiled
                .as_ref()
                .map_or(0, |compiled| compiled.snapshot().version),
            endpoints: state
                .endpoints
                .as_ref()
                .map_or(0, |endpoints| endpoints.version),
        });
        stats.health = state.health.report();
        stats.log_dropped = state.log.as_ref().map_or(0, Log::lost);
        stats.memory = MemoryReport {
            budget_bytes: self.account.budget_bytes(),
            base_bytes: self.account.base_bytes(),
            measured_bytes: self.account.measured_bytes(),
        };
        stats
    }

    fn swap(&self, compiled: Arc<Compiled>, endpoints: Arc<Endpoints>) -> Result<(), PublishError> {
        let mut state = self.state();
        if !self.mailboxes.iter().all(|mailbox| mailbox.has_room()) {
            return Err(PublishError::NotResponding);
        }
        let opened = self.bind_new(&state, &compiled)?;
        let mut logs = open_log(&mut state.log, &compiled, self.options.shards)?;
        if state.compiled.is_none() {
            // Nothing was accepted yet: what the process holds now it holds without connections.
            memory::measure(&self.account);
        }
        let verdicts = state
            .health
            .publish(&compiled, &endpoints)
            .map_err(PublishError::HealthChecks)?;
        let closed: Vec<(Address, Bound)> = state
            .bound
            .extract_if(|address, _| !compiled.listeners().contains(address))
            .collect();
        self.keep(&mut state, (&opened, &closed), &compiled);
        state.slot_count += opened.len() as u32;
        let mut sockets = Vec::new();
        for Opened {
            address,
            bound,
            fds,
            ..
        } in opened
        {
            sockets.push((bound.slot, fds));
            state.bound.insert(address, bound);
        }
        let listener_slots: Vec<u32> = compiled
            .listeners()
            .iter()
            .map(|address| state.bound[address].slot)
            .collect();
        for (index, mailbox) in self.mailboxes.iter().enumerate() {
            let publication = Publication {
                compiled: Arc::clone(&compiled),
                endpoints: Arc::clone(&endpoints),
                listener_slots: listener_slots.clone(),
                cells: cells(&mut state.registry, index, &compiled),
                verdicts: verdicts.clone(),
            };
            let opened = sockets.iter_mut().filter_map(|(slot, fds)| {
                Some(OpenedListener {
                    slot: *slot,
                    fd: fds.pop()?,
                })
            });
            mailbox.send(Message::Publish {
                publication,
                opened: opened.collect(),
                closed: closed.iter().map(|(_, bound)| bound.slot).collect(),
                log: logs.pop(),
            });
        }
        match state.compiled.replace(compiled) {
            Some(replaced) => state.replaced.push(replaced),
            None => state.keeper.ready(),
        }
        state.endpoints = Some(endpoints);
        state
            .replaced
            .retain(|replaced| Arc::strong_count(replaced) > 1);
        Ok(())
    }

    /// Has the sockets that begin kept, and those that end no longer. What was kept before and is not wanted, or has another
    /// number than there are shards, is made right with the first publish.
    fn keep(
        &self,
        state: &mut State,
        (opened, closed): (&[Opened], &[(Address, Bound)]),
        compiled: &Compiled,
    ) {
        let kept = std::mem::take(&mut state.kept);
        let keeper = &mut state.keeper;
        for (address, _) in closed {
            keeper.release(&address.to_string());
        }
        let wanted: Vec<String> = compiled
            .listeners()
            .iter()
            .map(ToString::to_string)
            .collect();
        for address in kept.keys().filter(|address| !wanted.contains(address)) {
            keeper.release(address);
        }
        for Opened {
            address,
            fds,
            is_kept,
            ..
        } in opened
        {
            let address = address.to_string();
            match kept.get(&address).map(Vec::len) {
                Some(count) if *is_kept && count <= self.options.shards => continue,
                Some(_) => keeper.release(&address),
                None => {}
            }
            for (index, fd) in fds.iter().enumerate() {
                keeper.hold(index, &address, fd);
            }
        }
    }

    /// Files go with the listeners, except those of sockets that are kept for a successor.
    fn end_listening(&self) {
        let mut state = self.state();
        let is_kept = state.keeper.keeps();
        for file in state.bound.drain().filter_map(|(_, bound)| bound.file) {
            if is_kept {
                file.leave();
            }
        }
    }

    /// Sockets for the addresses that are not listened on yet: taken over where they are kept, else bound.
    fn bind_new(&self, state: &State, compiled: &Compiled) -> Result<Vec<Opened>, PublishError> {
        let mut opened = Vec::new();
        for (address, listener) in compiled
            .listeners()
            .iter()
            .zip(&compiled.snapshot().listeners)
        {
            let failed = |error| PublishError::Bind {
                listener: listener.name.clone(),
                address: address.clone(),
                error,
            };
            match state.bound.get(address).map(|bound| &bound.file) {
                Some(None) => continue,
                Some(Some(file)) => {
                    file.set_mode(listener.mode).map_err(failed)?;
                    continue;
                }
                None => {}
            }
            let kept = self.take_over(address, state.kept.get(&address.to_string()));
            let is_kept = kept.is_some();
            let (fds, file) = kept
                .map_or_else(|| self.bind(address, listener.mode), Ok)
                .map_err(failed)?;
            if let Some(file) = &file {
                file.set_mode(listener.mode).map_err(failed)?;
            }
            opened.push(Opened {
                address: address.clone(),
                bound: Bound {
                    slot: state.slot_count + opened.len() as u32,
                    file,
                },
                fds,
                is_kept,
            });
        }
        Ok(opened)
    }

    /// What a keeper has of an address; a path whose file is gone leads nowhere any more.
    fn take_over(&self, address: &Address, kept: Option<&Vec<OwnedFd>>) -> Option<Sockets> {
        let fds = spread(kept?, self.options.shards).ok()?;
        match address {
            Address::Ip(_) => Some((fds, None)),
            Address::Unix(path) => Some((fds, Some(SocketFile::of(path)?))),
        }
    }

    fn bind(&self, address: &Address, mode: Option<u32>) -> Result<Sockets, Errno> {
        let RuntimeOptions { shards, share, .. } = self.options;
        match address {
            Address::Ip(address) => Ok((socket::listeners(*address, shards, share)?, None)),
            Address::Unix(path) => {
                let (fds, file) = unix_listener::listeners(path, mode, (shards, share))?;
                Ok((fds, Some(file)))
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins the access log, or changes it; returns the shards' ends of it when it is new.
fn open_log(
    log: &mut Option<Log>,
    compiled: &Compiled,
    shards: usize,
) -> Result<Vec<Producer>, PublishError> {
    let Some(settings) = &compiled.snapshot().access_log else {
        return Ok(Vec::new());
    };
    let opened = match log {
        Some(log) => log.change(settings).map(|()| Vec::new()),
        None => Log::start(settings, shards).map(|(started, producers)| {
            *log = Some(started);
            producers
        }),
    };
    opened.map_err(|error| PublishError::AccessLog {
        path: settings.path.clone(),
        error,
    })
}

/// For each listener the cells of one shard, in the order of its destinations.
fn cells(registry: &mut Registry, shard: usize, compiled: &Compiled) -> Vec<Vec<Arc<Cell>>> {
    let snapshot = compiled.snapshot();
    let mut cell = |listener: &snapshot::Listener, service: u32| {
        let service = &snapshot.services[service as usize];
        let id = registry.cell_id(&CellKey {
            listener: listener.name.clone(),
            source: listener
                .source
                .clone()
                .unwrap_or_else(|| "unknown".to_owned()),
            service: service.name.clone(),
            namespace: service.namespace.clone(),
            protocol: match listener.protocol {
                snapshot::Protocol::Http => stats::Protocol::Http,
                snapshot::Protocol::Tcp => stats::Protocol::Tcp,
            },
        });
        registry.cell(shard, id)
    };
    let listeners = snapshot.listeners.iter().enumerate();
    listeners
        .map(|(index, listener)| {
            compiled
                .destinations(index)
                .iter()
                .map(|&service| cell(listener, service))
                .collect()
        })
        .collect()
}

impl PublishError {
    /// Stable code, documented with the other error codes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "HED2901",
            Self::Inconsistent(_) | Self::NotConfigured => "HED2902",
            Self::Bind { .. } => "HED5101",
            Self::NotResponding => "HED5102",
            Self::AccessLog { .. } => "HED5103",
            Self::HealthChecks(_) => "HED5104",
        }
    }
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(cause) => write!(f, "snapshot cannot be decoded: {cause}"),
            Self::Inconsistent(list) => {
                let text: Vec<String> = list
                    .iter()
                    .map(|one| format!("{}: {}", one.resource, one.message))
                    .collect();
                write!(f, "snapshot contradicts itself: {}", text.join("; "))
            }
            Self::Bind {
                listener,
                address,
                error,
            } => {
                let cause = std::io::Error::from(*error);
                write!(f, "listener {listener} cannot listen on {address}: {cause}")
            }
            Self::AccessLog { path, error } => {
                write!(f, "access log {path} cannot be opened: {error}")
            }
            Self::HealthChecks(error) => write!(f, "health checks cannot be begun: {error}"),
            Self::NotResponding => f.write_str("a shard does not take messages"),
            Self::NotConfigured => f.write_str("endpoints arrived before any configuration"),
        }
    }
}

impl std::error::Error for PublishError {}
