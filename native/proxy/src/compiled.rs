//! A snapshot made ready for traffic, once per process and away from the data threads; all shards share it.

use std::net::SocketAddr;

use decide::rand::Rng;
use decide::route::RouteTable;
use decide::split::Split;
use snapshot::{Endpoints, HeaderEdit, Redirect, Rewrite, RuleTimeouts, Snapshot, Target};
use stats::Reason;
use wire::h1::Edit;

/// A listener that is the same before and after a change: same address.
pub type ListenerKey = SocketAddr;

/// Indexes over a consistent snapshot.
#[derive(Debug)]
pub struct Compiled {
    snapshot: Snapshot,
    listeners: Vec<ListenerKey>,
    tables: Vec<RouteTable>,
    rules: Vec<Rule>,
    destinations: Vec<Vec<u32>>,
}

/// Small, because a request that takes a rule nobody took lately waits for each of its cache lines.
#[derive(Debug)]
pub(crate) struct Rule {
    backends: Backends,
    pub request_edit: Option<Box<HeaderChange>>,
    pub response_edit: Option<Box<HeaderChange>>,
    pub extras: Option<Box<Extras>>,
}

/// What few rules have.
#[derive(Debug)]
pub(crate) struct Extras {
    pub timeouts: Option<RuleTimeouts>,
    pub redirect: Option<Redirect>,
    pub rewrite: Option<Rewrite>,
}

/// Where a rule leads: services, `None` for a backend that names nothing.
#[derive(Debug)]
enum Backends {
    One(Option<u32>),
    Split(Box<(Split, Vec<Option<u32>>)>),
}

/// A header filter in the form in which it is applied.
#[derive(Debug)]
pub(crate) struct HeaderChange {
    drops: Vec<Vec<u8>>,
    lines: Vec<u8>,
}

impl Compiled {
    /// Builds the indexes. The snapshot is consistent (see [`snapshot::consistent`]); addresses that do not parse are
    /// refused there.
    pub fn new(snapshot: Snapshot) -> Option<Self> {
        let listeners = snapshot
            .listeners
            .iter()
            .map(|listener| listener.address.parse().ok())
            .collect::<Option<_>>()?;
        let tables = (0..snapshot.services.len())
            .map(|service| RouteTable::build(&snapshot, service))
            .collect();
        let rules = snapshot.rules.iter().map(Rule::new).collect();
        let destinations = snapshot
            .listeners
            .iter()
            .map(|listener| destinations(&snapshot, listener.service))
            .collect();
        Some(Self {
            snapshot,
            listeners,
            tables,
            rules,
            destinations,
        })
    }

    /// What it was made from.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Address of each listener, in the snapshot's order.
    pub fn listeners(&self) -> &[ListenerKey] {
        &self.listeners
    }

    /// Services that each listener can lead to, its own first: the order of its statistics cells.
    pub fn destinations(&self, listener: usize) -> &[u32] {
        &self.destinations[listener]
    }

    pub(crate) fn table(&self, service: u32) -> &RouteTable {
        &self.tables[service as usize]
    }

    pub(crate) fn rule(&self, rule: u32) -> Option<&Rule> {
        self.rules.get(rule as usize)
    }
}

/// Addresses of a service, parsed, with their weights; one that does not parse is refused before it gets here.
pub(crate) fn weighted(
    endpoints: &Endpoints,
    service: usize,
) -> impl Iterator<Item = (SocketAddr, u32)> {
    let list = endpoints
        .services
        .get(service)
        .map_or(&[][..], Vec::as_slice);
    list.iter()
        .filter_map(|endpoint| Some((endpoint.address.parse().ok()?, endpoint.weight)))
}

fn destinations(snapshot: &Snapshot, service: u32) -> Vec<u32> {
    let mut list = vec![service];
    for rule in snapshot.services[service as usize]
        .rules
        .iter()
        .map(|&rule| &snapshot.rules[rule as usize])
    {
        for backend in &rule.backends {
            match backend.target {
                Target::Service { service } if !list.contains(&service) => list.push(service),
                _ => {}
            }
        }
    }
    list[1..].sort_unstable();
    list
}

impl Rule {
    fn new(rule: &snapshot::Rule) -> Self {
        let service = |target: &Target| match target {
            Target::Service { service } => Some(*service),
            Target::Invalid { .. } => None,
        };
        let backends = match &rule.backends[..] {
            [only] if only.weight > 0 => Backends::One(service(&only.target)),
            several => Backends::Split(Box::new((
                Split::new(several.iter().map(|backend| backend.weight)),
                several
                    .iter()
                    .map(|backend| service(&backend.target))
                    .collect(),
            ))),
        };
        Self {
            backends,
            request_edit: HeaderChange::new(&rule.request_headers).map(Box::new),
            response_edit: HeaderChange::new(&rule.response_headers).map(Box::new),
            extras: Extras::new(rule).map(Box::new),
        }
    }

    /// Service that this request goes to.
    #[inline]
    pub fn pick(&self, rng: &mut Rng) -> Result<u32, Reason> {
        let service = match &self.backends {
            Backends::One(service) => *service,
            Backends::Split(split) => {
                let (split, services) = &**split;
                let backend = split.pick(rng.next_u64());
                services[backend.ok_or(Reason::NoHealthyEndpoint)?]
            }
        };
        service.ok_or(Reason::InternalError)
    }
}

impl Extras {
    fn new(rule: &snapshot::Rule) -> Option<Self> {
        let extras = Self {
            timeouts: rule.timeouts,
            redirect: rule.redirect.clone(),
            rewrite: rule.rewrite.clone(),
        };
        let none =
            extras.timeouts.is_none() && extras.redirect.is_none() && extras.rewrite.is_none();
        (!none).then_some(extras)
    }
}

impl HeaderChange {
    fn new(edit: &HeaderEdit) -> Option<Self> {
        let mut change = Self {
            drops: Vec::new(),
            lines: Vec::new(),
        };
        change
            .drops
            .extend(edit.remove.iter().map(|name| name.as_bytes().to_vec()));
        change.drops.extend(
            edit.set
                .iter()
                .map(|header| header.name.as_bytes().to_vec()),
        );
        for header in edit.set.iter().chain(&edit.add) {
            for part in [
                header.name.as_bytes(),
                b": ",
                header.value.as_bytes(),
                b"\r\n",
            ] {
                change.lines.extend_from_slice(part);
            }
        }
        (!change.drops.is_empty() || !change.lines.is_empty()).then_some(change)
    }
}

impl Edit for HeaderChange {
    fn drops(&self, name: &[u8]) -> bool {
        self.drops
            .iter()
            .any(|dropped| dropped.eq_ignore_ascii_case(name))
    }

    fn append(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.lines);
    }
}
