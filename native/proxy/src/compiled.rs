//! A snapshot made ready for traffic, once per process and away from the data threads; all shards share it.

use std::sync::Arc;

use decide::rand::Rng;
use decide::route::RouteTable;
use decide::split::Split;
use snapshot::{
    Address, Backend, Endpoints, Header, HeaderEdit, Redirect, Rewrite, RuleTimeouts, Snapshot,
    Target,
};
use stats::Reason;
use wire::h1::Edit;

use crate::cors::{self, Cors, OriginText};
use crate::request::Request;
use crate::rule_answer::is_preflight;
use crate::view::RuleAnswer;

/// A listener that is the same before and after a change: same address.
pub type ListenerKey = Address;

/// Indexes over a consistent snapshot.
#[derive(Debug)]
pub struct Compiled {
    snapshot: Snapshot,
    listeners: Vec<ListenerKey>,
    tables: Vec<RouteTable>,
    /// Those of the snapshot, and behind them those of `branches`.
    rules: Vec<Rule>,
    /// A backend with filters of its own beside others is a rule of its own, so that whoever knows the rule of a request
    /// knows all that happens to it; here is the rule that each belongs to.
    branches: Vec<u32>,
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
    pub cors: Option<Arc<Cors>>,
    pub direct: Option<Direct>,
}

/// A response that a rule gives itself.
#[derive(Debug)]
pub(crate) struct Direct {
    pub status: u16,
    /// Lines of its head that are always the same.
    pub lines: Vec<u8>,
    pub body: Vec<u8>,
}

/// Where a rule leads.
#[derive(Debug)]
enum Backends {
    /// The service; `None` for one that names nothing.
    One(Option<u32>),
    Split(Box<(Split, Vec<Way>)>),
}

/// One backend of several.
#[derive(Debug)]
struct Way {
    service: Option<u32>,
    /// Rule that its requests take: the one it stands in, or its own.
    rule: u32,
}

/// A header filter in the form in which it is applied.
#[derive(Debug)]
pub(crate) struct HeaderChange {
    drops: Vec<Vec<u8>>,
    lines: Vec<u8>,
    /// Of a response: what is added by its origin.
    cors: Option<Arc<Cors>>,
}

/// A change to one response.
pub(crate) struct ResponseEdit<'a> {
    change: &'a HeaderChange,
    origin: Option<&'a OriginText>,
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
        let (rules, branches) = compile_rules(&snapshot.rules);
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
            branches,
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

    /// The rule as the snapshot has it.
    pub(crate) fn written_rule(&self, rule: u32) -> Option<&snapshot::Rule> {
        let rules = &self.snapshot.rules;
        rules.get(rule as usize).or_else(|| {
            let branch = (rule as usize).checked_sub(rules.len())?;
            rules.get(*self.branches.get(branch)? as usize)
        })
    }
}

/// Addresses of a service, parsed, with their weights; one that does not parse is refused before it gets here.
pub(crate) fn weighted(
    endpoints: &Endpoints,
    service: usize,
) -> impl Iterator<Item = (Address, u32)> {
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

/// The rules of a snapshot, then those of single backends with the rules they belong to.
fn compile_rules(written: &[snapshot::Rule]) -> (Vec<Rule>, Vec<u32>) {
    let mut rules = Vec::with_capacity(written.len());
    let (mut branches, mut branch_rules) = (Vec::new(), Vec::new());
    for (index, rule) in (0..).zip(written) {
        if let [only] = &rule.backends[..]
            && only.weight > 0
        {
            rules.push(Rule::new(rule, Some(only), Backends::only(only)));
            continue;
        }
        let ways = rule.backends.iter().map(|backend| {
            let mut way = Way {
                service: service_of(backend),
                rule: index,
            };
            if !backend.request_headers.is_empty() || !backend.response_headers.is_empty() {
                way.rule = (written.len() + branches.len()) as u32;
                branches.push(index);
                branch_rules.push(Rule::new(rule, Some(backend), Backends::only(backend)));
            }
            way
        });
        let split = Split::new(rule.backends.iter().map(|backend| backend.weight));
        let backends = Backends::Split(Box::new((split, ways.collect())));
        rules.push(Rule::new(rule, None, backends));
    }
    rules.append(&mut branch_rules);
    (rules, branches)
}

fn service_of(backend: &Backend) -> Option<u32> {
    match backend.target {
        Target::Service { service } => Some(service),
        Target::Invalid { .. } => None,
    }
}

impl Backends {
    fn only(backend: &Backend) -> Self {
        Self::One(service_of(backend))
    }
}

impl Rule {
    /// A request passes the filters of the rule and then those of the backend, a response goes the other way.
    fn new(rule: &snapshot::Rule, backend: Option<&Backend>, backends: Backends) -> Self {
        let cors = rule.cors.as_ref().map(|filter| Arc::new(Cors::new(filter)));
        let own_request = backend.map(|backend| &backend.request_headers);
        let own_response = backend.map(|backend| &backend.response_headers);
        let request_edits = [Some(&rule.request_headers), own_request];
        let response_edits = [own_response, Some(&rule.response_headers)];
        Self {
            backends,
            request_edit: HeaderChange::new(request_edits, None).map(Box::new),
            response_edit: HeaderChange::new(response_edits, cors.clone()).map(Box::new),
            extras: Extras::new(rule, cors).map(Box::new),
        }
    }

    /// Service that a request of the rule `own` goes to, and the rule that it takes from here on.
    #[inline]
    pub fn pick(&self, own: u32, rng: &mut Rng) -> Result<(u32, u32), Reason> {
        let (service, rule) = match &self.backends {
            Backends::One(service) => (*service, own),
            Backends::Split(split) => {
                let (split, ways) = &**split;
                let backend = split.pick(rng.next_u64());
                let way = &ways[backend.ok_or(Reason::NoHealthyEndpoint)?];
                (way.service, way.rule)
            }
        };
        Ok((service.ok_or(Reason::InternalError)?, rule))
    }
}

impl Extras {
    /// What the rule answers itself instead of sending the request on.
    pub fn answer(&self, request: &Request<'_>) -> Option<RuleAnswer> {
        if self.cors.is_some() && is_preflight(request) {
            return Some(RuleAnswer::Preflight);
        }
        if self.direct.is_some() {
            return Some(RuleAnswer::Direct);
        }
        self.redirect.is_some().then_some(RuleAnswer::Redirect)
    }

    fn new(rule: &snapshot::Rule, cors: Option<Arc<Cors>>) -> Option<Self> {
        let extras = Self {
            timeouts: rule.timeouts,
            redirect: rule.redirect.clone(),
            rewrite: rule.rewrite.clone(),
            cors,
            direct: rule.direct_response.as_ref().map(Direct::new),
        };
        let none = extras.timeouts.is_none()
            && extras.redirect.is_none()
            && extras.rewrite.is_none()
            && extras.cors.is_none()
            && extras.direct.is_none();
        (!none).then_some(extras)
    }
}

impl Direct {
    fn new(response: &snapshot::DirectResponse) -> Self {
        let mut lines = Vec::new();
        if let Some(value) = &response.content_type {
            lines.extend_from_slice(format!("content-type: {value}\r\n").as_bytes());
        }
        // RFC 9110 section 8.6: a length belongs to neither of the two.
        if !matches!(response.status, 204 | 304) {
            let length = response.body.len();
            lines.extend_from_slice(format!("content-length: {length}\r\n").as_bytes());
        }
        Self {
            status: response.status,
            lines,
            body: response.body.clone().into_bytes(),
        }
    }
}

impl HeaderChange {
    /// One change that does what these do one after the other.
    fn new<'a>(
        edits: impl IntoIterator<Item = Option<&'a HeaderEdit>>,
        cors: Option<Arc<Cors>>,
    ) -> Option<Self> {
        let mut change = Self {
            drops: Vec::new(),
            lines: Vec::new(),
            cors,
        };
        let mut headers: Vec<&Header> = Vec::new();
        for edit in edits.into_iter().flatten() {
            let set = edit.set.iter().map(|header| &header.name);
            for name in edit.remove.iter().chain(set) {
                headers.retain(|header| !header.name.eq_ignore_ascii_case(name));
                change.drops.push(name.as_bytes().to_vec());
            }
            headers.extend(edit.set.iter().chain(&edit.add));
        }
        if change.cors.is_some() {
            headers.retain(|header| !cors::DROPPED.contains(&&*header.name.to_ascii_lowercase()));
            let dropped = cors::DROPPED.iter().map(|name| name.as_bytes().to_vec());
            change.drops.extend(dropped);
        }
        for header in headers {
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

impl HeaderChange {
    /// The change to a response which a page of this origin may read.
    #[inline]
    pub fn of_response<'a>(&'a self, origin: Option<&'a OriginText>) -> ResponseEdit<'a> {
        ResponseEdit {
            change: self,
            origin,
        }
    }

    /// Appends the lines of such a change.
    pub fn append_for(&self, origin: Option<&OriginText>, out: &mut Vec<u8>) {
        self.of_response(origin).append(out);
    }
}

impl Edit for ResponseEdit<'_> {
    fn drops(&self, name: &[u8]) -> bool {
        self.change.drops(name)
    }

    fn append(&self, out: &mut Vec<u8>) {
        self.change.append(out);
        if let Some(cors) = &self.change.cors {
            cors.write_shared(self.origin.map(OriginText::bytes), out);
        }
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
