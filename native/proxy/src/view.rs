//! One shard's view of a configuration: the shared indexes, its own counters and its own endpoint slots.

use std::cell::{self, RefCell};
use std::sync::Arc;

use decide::balance::{Candidates, Picker};
use decide::rand::Rng;
use decide::route::Scratch;
use snapshot::{
    AccessLog, Endpoints, Errors, Network, Protocol, Redirect, RequestIds, Rewrite, RuleTimeouts,
};
use stats::access::{AccessRecord, RecordedAddress};
use stats::{Cell, Reason};
use wire::h1::Edit;

use crate::access::recorded;
use crate::bounds::Bounds;
use crate::compiled::{Compiled, Direct, Extras, HeaderChange, ListenerKey};
use crate::cors::Cors;
use crate::endpoints::EndpointTable;
use crate::exchange::NO_RULE;
use crate::health::Verdicts;
use crate::request::Request;

/// What a shard is told when something changed.
pub struct Publication {
    /// Listeners, services and rules.
    pub compiled: Arc<Compiled>,
    /// Addresses of the services.
    pub endpoints: Arc<Endpoints>,
    /// For each listener of the snapshot its slot in this process, stable while its address lives.
    pub listener_slots: Vec<u32>,
    /// For each listener this shard's cells, in the order of [`Compiled::destinations`].
    pub cells: Vec<Vec<Arc<Cell>>>,
    /// For each service what is known of the health of its endpoints; absent, or not in here: they are not tested.
    pub verdicts: Vec<Option<Arc<Verdicts>>>,
}

pub(crate) struct View {
    compiled: Arc<Compiled>,
    listeners: Vec<Option<ListenerView>>,
    services: Vec<ServiceView>,
    /// For each service what its route table needs.
    scratches: Vec<Scratch>,
}

pub(crate) struct ListenerView {
    pub service: u32,
    pub protocol: Protocol,
    pub address: ListenerKey,
    pub errors: Errors,
    pub request_id: RequestIds,
    /// Peers that begin with a PROXY header; none: there are no such headers.
    pub proxies: Box<[Network]>,
    /// Peers come from outside the mesh: it is not the door of a workload to its own proxy.
    pub is_edge: bool,
    pub bounds: Bounds,
    destinations: Vec<u32>,
    cells: Vec<Arc<Cell>>,
}

pub(crate) struct ServiceView {
    /// Its endpoints by their slots in the shard's table, with their weights.
    pub endpoints: Vec<(u32, u32)>,
    /// Those of them that may be picked.
    pub candidates: RefCell<Candidates>,
    pub verdicts: Option<Arc<Verdicts>>,
    /// Of the verdicts that the candidates were made from.
    pub generation: cell::Cell<u64>,
    /// When the candidates are to be made anew, because shares grow.
    pub due: cell::Cell<u64>,
    /// Time in which the share of an endpoint that comes into use grows; 0: none.
    pub warm_up_ns: u64,
    pub picker: RefCell<Picker>,
    pub connect_ms: u32,
    /// Life of an unused connection.
    pub idle_ns: u64,
    /// Time in which nothing moves in an exchange or a relayed connection.
    pub stream_idle_ns: u64,
}

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    pub rule: u32,
    pub service: u32,
    /// Index of the destination's cell.
    pub cell: u32,
}

/// What happens to a request that goes nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instead {
    /// It fails.
    Fail(Reason),
    /// This rule answers it.
    Answer(u32, RuleAnswer),
}

/// What a rule answers itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuleAnswer {
    /// Another place to go to.
    Redirect,
    /// Who may ask from another origin.
    Preflight,
    /// A response of its own.
    Direct,
}

impl From<Reason> for Instead {
    fn from(reason: Reason) -> Self {
        Self::Fail(reason)
    }
}

impl View {
    pub fn new(
        publication: Publication,
        table: &mut EndpointTable,
        rng: &mut Rng,
        now: u64,
    ) -> Self {
        let Publication {
            compiled,
            endpoints,
            listener_slots,
            cells,
            verdicts,
        } = publication;
        let services = table.replace((&compiled, &endpoints, &verdicts), rng, now);
        let mut listeners = Vec::new();
        for (index, ((listener, slot), cells)) in compiled
            .snapshot()
            .listeners
            .iter()
            .zip(listener_slots)
            .zip(cells)
            .enumerate()
        {
            let slot = slot as usize;
            if listeners.len() <= slot {
                listeners.resize_with(slot + 1, || None);
            }
            listeners[slot] = Some(ListenerView {
                service: listener.service,
                protocol: listener.protocol,
                address: compiled.listeners()[index].clone(),
                errors: listener.errors,
                request_id: listener.request_id,
                // One that does not parse is refused before it gets here.
                proxies: listener
                    .proxies
                    .iter()
                    .filter_map(|network| network.parse().ok())
                    .collect(),
                is_edge: listener.source.is_none(),
                bounds: Bounds::new(listener.bounds),
                destinations: compiled.destinations(index).to_vec(),
                cells,
            });
        }
        let scratches = (0..services.len() as u32)
            .map(|service| compiled.table(service).scratch())
            .collect();
        Self {
            compiled,
            listeners,
            services,
            scratches,
        }
    }

    #[inline]
    pub fn listener(&self, slot: u32) -> Option<&ListenerView> {
        self.listeners.get(slot as usize)?.as_ref()
    }

    pub fn service(&self, service: u32) -> &ServiceView {
        &self.services[service as usize]
    }

    /// Index of the service that `other` knows by the index of one of its own.
    pub fn same_service(&self, other: &Self, service: u32) -> Option<u32> {
        if std::ptr::eq(self, other) {
            return Some(service);
        }
        let wanted = &other.compiled.snapshot().services[service as usize];
        let services = &self.compiled.snapshot().services;
        let place = services
            .iter()
            .position(|one| one.namespace == wanted.namespace && one.name == wanted.name);
        place.map(|place| place as u32)
    }

    /// Service behind a cell of a listener.
    pub fn destination(&self, slot: u32, cell: u32) -> Option<u32> {
        self.listener(slot)?
            .destinations
            .get(cell as usize)
            .copied()
    }

    /// Limits of a request: what the rule leaves open is as the service has it.
    #[inline]
    pub fn timeouts(&self, rule: u32, service: u32) -> RuleTimeouts {
        let of_rule = self.extras(rule).and_then(|extras| extras.timeouts);
        let of_service = self.compiled.snapshot().services[service as usize].timeouts;
        RuleTimeouts {
            request_ms: of_rule
                .and_then(|timeouts| timeouts.request_ms)
                .or(Some(of_service.request_ms)),
            backend_request_ms: of_rule.map_or(0, |timeouts| timeouts.backend_request_ms),
        }
    }

    pub fn redirect(&self, rule: u32) -> Option<&Redirect> {
        self.extras(rule)?.redirect.as_ref()
    }

    pub fn rewrite(&self, rule: u32) -> Option<&Rewrite> {
        self.extras(rule)?.rewrite.as_ref()
    }

    fn extras(&self, rule: u32) -> Option<&Extras> {
        self.compiled.rule(rule)?.extras.as_deref()
    }

    /// The access log's settings; absent where there is none.
    #[inline]
    pub fn access_log(&self) -> Option<&AccessLog> {
        self.compiled.snapshot().access_log.as_ref()
    }

    /// Writes down where an exchange went: listener, cell and rule to address, service and route.
    pub fn name_exchange(&self, (slot, cell, rule): (u32, u32, u32), record: &mut AccessRecord) {
        let snapshot = self.compiled.snapshot();
        let Some(listener) = self.listener(slot) else {
            return;
        };
        record.downstream_local = self.recorded_address(slot);
        if let Some(&service) = listener.destinations.get(cell as usize) {
            let service = &snapshot.services[service as usize];
            record.service.set(service.name.as_bytes());
        }
        if let Some(rule) = self.compiled.written_rule(rule) {
            record.route.set(rule.route.as_bytes());
        }
    }

    /// Where a listener is.
    pub fn recorded_address(&self, slot: u32) -> Option<RecordedAddress> {
        Some(recorded(&self.listener(slot)?.address))
    }

    /// Cell of a destination, by the index that [`Choice`] carries.
    #[inline]
    pub fn cell(&self, slot: u32, cell: u32) -> Option<&Arc<Cell>> {
        self.listener(slot)?.cells.get(cell as usize)
    }

    /// Cell that counts the connections of a listener: the one of its own service.
    pub fn connection_cell(&self, slot: u32) -> Option<Arc<Cell>> {
        self.listener(slot)?.cells.first().map(Arc::clone)
    }

    /// What answers of the proxy's own tell on a listener.
    pub fn errors(&self, slot: u32) -> Errors {
        self.listener(slot)
            .map_or(Errors::Brief, |listener| listener.errors)
    }

    pub fn host_default(&self, slot: u32) -> &[u8] {
        let service = self.listener(slot).map_or(0, |listener| listener.service);
        self.compiled
            .snapshot()
            .services
            .get(service as usize)
            .map_or(b"", |service| service.name.as_bytes())
    }

    /// Rule and backend for a request.
    #[inline]
    pub fn choose(
        &self,
        listener: &ListenerView,
        request: &Request<'_>,
        rng: &mut Rng,
    ) -> Result<Choice, Instead> {
        let table = self.compiled.table(listener.service);
        if table.is_empty() {
            return Ok(Choice {
                rule: NO_RULE,
                service: listener.service,
                cell: 0,
            });
        }
        let scratch = &self.scratches[listener.service as usize];
        let index = table.route(request, scratch).ok_or(Reason::NoRoute)?;
        let rule = self.compiled.rule(index).ok_or(Reason::InternalError)?;
        if let Some(answer) = rule
            .extras
            .as_ref()
            .and_then(|extras| extras.answer(request))
        {
            return Err(Instead::Answer(index, answer));
        }
        let (service, rule) = rule.pick(index, rng)?;
        Ok(Choice {
            rule,
            service,
            cell: listener.cell_index(service),
        })
    }

    pub fn request_edit(&self, rule: u32) -> Option<&dyn Edit> {
        self.compiled
            .rule(rule)?
            .request_edit
            .as_deref()
            .map(|edit| edit as &dyn Edit)
    }

    pub fn response_edit(&self, rule: u32) -> Option<&HeaderChange> {
        self.compiled.rule(rule)?.response_edit.as_deref()
    }

    /// The response that a rule gives itself.
    pub fn direct(&self, rule: u32) -> Option<&Direct> {
        self.extras(rule)?.direct.as_ref()
    }

    /// The CORS filter of a rule.
    pub fn cors(&self, rule: u32) -> Option<&Cors> {
        self.extras(rule)?.cors.as_deref()
    }
}

/// Bounds of a listener; those of every listener when it is gone.
pub(crate) fn bounds(view: Option<&View>, slot: u32) -> Bounds {
    view.and_then(|view| view.listener(slot))
        .map_or_else(Bounds::default, |listener| listener.bounds)
}

impl ServiceView {
    /// Its candidates do not show what is known now.
    #[inline]
    pub fn is_stale(&self, now: u64) -> bool {
        let verdicts = self.verdicts.as_ref();
        self.due.get() <= now
            || verdicts.is_some_and(|verdicts| verdicts.generation() != self.generation.get())
    }
}

impl ListenerView {
    /// Destinations beyond the first are sorted.
    #[inline]
    fn cell_index(&self, service: u32) -> u32 {
        if self.destinations[0] == service {
            return 0;
        }
        self.destinations[1..]
            .binary_search(&service)
            .map_or(0, |at| at as u32 + 1)
    }
}
