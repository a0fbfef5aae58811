//! Endpoints as one shard sees them: load, open connections and the idle ones waiting for use.
//!
//! A slot outlives changes of the configuration as long as its service keeps the address, so what was learned about
//! an endpoint is kept; a removed endpoint keeps its slot until its last connection is closed.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use decide::balance::{Candidates, EndpointLoad, Moment, Picker};
use decide::rand::Rng;
use snapshot::{Address, Endpoints};

use crate::bounds::{stream_idle_ns, upstream_idle_ns};
use crate::compiled::{Compiled, weighted};
use crate::health::Verdicts;
use crate::io::Token;
use crate::view::ServiceView;

#[derive(Default)]
pub(crate) struct EndpointTable {
    slots: Vec<Slot>,
    free: Vec<u32>,
    by_name: HashMap<Name, u32>,
    /// Idle connections of removed endpoints; the shard closes them.
    orphans: Vec<Token>,
}

/// Namespace, service and address.
type Name = (String, String, Address);

struct Slot {
    name: Name,
    load: EndpointLoad,
    idle: Vec<Token>,
    open_count: u32,
    current: bool,
    /// It may get traffic: it is current, and its health check does not speak against it.
    in_use: Cell<bool>,
    /// When it came into use while others were; 0 once its share has grown.
    warm_from: Cell<u64>,
}

impl EndpointTable {
    /// Takes over new endpoints and returns each service's slots.
    pub fn replace(
        &mut self,
        (compiled, endpoints, verdicts): (&Compiled, &Endpoints, &[Option<Arc<Verdicts>>]),
        rng: &mut Rng,
        now: u64,
    ) -> Vec<ServiceView> {
        let warming = self.in_use_before(compiled);
        for slot in &mut self.slots {
            slot.current = false;
        }
        let services = compiled
            .snapshot()
            .services
            .iter()
            .enumerate()
            .map(|(index, service)| ServiceView {
                endpoints: weighted(endpoints, index)
                    .map(|(address, weight)| {
                        let name = (service.namespace.clone(), service.name.clone(), address);
                        let at_once = !warming.contains(&(name.0.clone(), name.1.clone()));
                        (self.slot(name, at_once, now), weight)
                    })
                    .collect(),
                candidates: RefCell::default(),
                verdicts: verdicts.get(index).cloned().flatten(),
                generation: Cell::new(0),
                due: Cell::new(u64::MAX),
                warm_up_ns: u64::from(service.warm_up_ms) * 1_000_000,
                picker: RefCell::new(Picker::new(service.balancer, rng.next_u64())),
                connect_ms: service.timeouts.connect_ms,
                idle_ns: upstream_idle_ns(&service.timeouts),
                stream_idle_ns: stream_idle_ns(service),
            });
        let services: Vec<ServiceView> = services.collect();
        for service in &services {
            self.refresh(service, now);
        }
        for index in 0..self.slots.len() as u32 {
            let slot = &mut self.slots[index as usize];
            if !slot.current {
                slot.in_use.set(false);
                self.orphans.append(&mut slot.idle);
                self.retire(index);
            }
        }
        services
    }

    /// An idle connection of a removed endpoint.
    pub fn pop_orphan(&mut self) -> Option<Token> {
        self.orphans.pop()
    }

    #[inline]
    pub fn pick(&self, service: &ServiceView, rng: &mut Rng, now: u64) -> Option<u32> {
        if service.is_stale(now) {
            self.refresh(service, now);
        }
        let moment = Moment {
            now_ns: now,
            random: rng.next_u64(),
        };
        let load = |slot: u32| &self.slots[slot as usize].load;
        service
            .picker
            .borrow_mut()
            .pick(&service.candidates.borrow(), load, moment)
    }

    /// The pick for a second attempt: another endpoint than `failed`, if there is one.
    pub fn pick_other(
        &self,
        service: &ServiceView,
        failed: u32,
        (rng, now): (&mut Rng, u64),
    ) -> Option<u32> {
        let picked = self.pick(service, rng, now)?;
        if picked != failed {
            return Some(picked);
        }
        let candidates = service.candidates.borrow();
        let slots = candidates.slots();
        let place = slots.iter().position(|&one| one == failed)?;
        Some(slots[(place + 1) % slots.len()])
    }

    #[inline]
    pub fn pop_idle(&mut self, endpoint: u32) -> Option<Token> {
        self.slots[endpoint as usize].idle.pop()
    }

    #[inline]
    pub fn push_idle(&mut self, endpoint: u32, token: Token) {
        self.slots[endpoint as usize].idle.push(token);
    }

    pub fn idle_count(&self, endpoint: u32) -> usize {
        self.slots[endpoint as usize].idle.len()
    }

    pub fn accepts_idle(&self, endpoint: u32) -> bool {
        self.slots[endpoint as usize].current
    }

    pub fn remove_idle(&mut self, endpoint: u32, token: Token) {
        let idle = &mut self.slots[endpoint as usize].idle;
        if let Some(at) = idle.iter().rposition(|&other| other == token) {
            idle.remove(at);
        }
    }

    pub fn is_full(&self, endpoint: u32, most: u32) -> bool {
        self.slots[endpoint as usize].open_count >= most
    }

    /// Counts a connection that is about to be opened; `None` when the endpoint has its most.
    pub fn opened(&mut self, endpoint: u32, most: u32) -> Option<()> {
        if self.is_full(endpoint, most) {
            return None;
        }
        let slot = &mut self.slots[endpoint as usize];
        slot.open_count += 1;
        Some(())
    }

    pub fn closed(&mut self, endpoint: u32) {
        self.slots[endpoint as usize].open_count -= 1;
        self.retire(endpoint);
    }

    /// A request or relay begins on the endpoint.
    #[inline]
    pub fn started(&mut self, endpoint: u32) {
        self.slots[endpoint as usize].load.on_start();
    }

    /// Its response head, or its connection, took so long.
    #[inline]
    pub fn answered(&mut self, endpoint: u32, took_ns: u64, now: u64) {
        self.slots[endpoint as usize]
            .load
            .on_response_head(took_ns, now);
    }

    #[inline]
    pub fn ended(&mut self, endpoint: u32) {
        self.slots[endpoint as usize].load.on_end();
    }

    pub fn address(&self, endpoint: u32) -> &Address {
        &self.slots[endpoint as usize].name.2
    }

    /// Takes all connections off the books; those that there are come back by [`EndpointTable::remember`].
    pub fn forget_connections(&mut self) {
        for slot in &mut self.slots {
            slot.load.in_flight = 0;
            slot.open_count = 0;
            slot.idle.clear();
        }
    }

    /// Counts a connection that is open, idle or in use.
    pub fn remember(&mut self, endpoint: u32, token: Token, idle: bool) {
        let slot = &mut self.slots[endpoint as usize];
        slot.open_count += 1;
        if idle {
            slot.idle.push(token);
        } else {
            slot.load.on_start();
        }
    }

    /// Frees the slots of removed endpoints whose last connection is gone.
    pub fn retire_unused(&mut self) {
        for index in 0..self.slots.len() as u32 {
            self.retire(index);
        }
    }

    /// Sums over all slots: requests in flight, open connections, idle connections.
    pub fn totals(&self) -> (usize, usize, usize) {
        self.slots
            .iter()
            .fold((0, 0, 0), |(in_flight, opened, idle), slot| {
                (
                    in_flight + slot.load.in_flight as usize,
                    opened + slot.open_count as usize,
                    idle + slot.idle.len(),
                )
            })
    }

    /// `at_once`: it is in use from the beginning, without a time to warm up.
    fn slot(&mut self, name: Name, at_once: bool, now: u64) -> u32 {
        if let Some(&index) = self.by_name.get(&name) {
            self.slots[index as usize].current = true;
            return index;
        }
        let slot = Slot {
            name: name.clone(),
            load: EndpointLoad::new(now),
            idle: Vec::new(),
            open_count: 0,
            current: true,
            in_use: Cell::new(at_once),
            warm_from: Cell::new(0),
        };
        let index = if let Some(index) = self.free.pop() {
            self.slots[index as usize] = slot;
            index
        } else {
            self.slots.push(slot);
            self.slots.len() as u32 - 1
        };
        self.by_name.insert(name, index);
        index
    }

    /// Frees the slot of a removed endpoint without connections.
    fn retire(&mut self, index: u32) {
        let slot = &self.slots[index as usize];
        if slot.current || slot.open_count > 0 {
            return;
        }
        if self.by_name.get(&slot.name) == Some(&index) {
            self.by_name.remove(&slot.name);
            self.free.push(index);
        }
    }

    /// Services with a time to warm up of which endpoints are in use: those that come now are the new ones.
    fn in_use_before(&self, compiled: &Compiled) -> HashSet<(String, String)> {
        let services = &compiled.snapshot().services;
        if services.iter().all(|service| service.warm_up_ms == 0) {
            return HashSet::new();
        }
        let in_use = self.slots.iter().filter(|slot| slot.in_use.get());
        in_use
            .map(|slot| (slot.name.0.clone(), slot.name.1.clone()))
            .collect()
    }

    /// Makes the candidates of a service from what is known now.
    fn refresh(&self, service: &ServiceView, now: u64) {
        let verdicts = service.verdicts.as_ref();
        service
            .generation
            .set(verdicts.map_or(0, |verdicts| verdicts.generation()));
        service.due.set(u64::MAX);
        let all = (0..service.endpoints.len()).map(|_| true);
        let candidates = match verdicts {
            Some(verdicts) => self.candidates(service, verdicts.usable(), now),
            None => self.candidates(service, all, now),
        };
        service.candidates.replace(candidates);
    }

    fn candidates(
        &self,
        service: &ServiceView,
        usable: impl Iterator<Item = bool>,
        now: u64,
    ) -> Candidates {
        let both = service.endpoints.iter().zip(usable);
        Candidates::new(both.map(|(&(index, weight), usable)| {
            let slot = &self.slots[index as usize];
            if slot.in_use.replace(usable) != usable && service.warm_up_ns > 0 {
                slot.warm_from.set(if usable { now.max(1) } else { 0 });
            }
            let share = if usable {
                slot.percent(service, now)
            } else {
                0
            };
            (index, weight.saturating_mul(share))
        }))
    }
}

impl Slot {
    /// Its share of what its weight stands for: it grows evenly, so that caches fill and code is compiled before the
    /// whole load comes (Envoy's slow start with aggression 1).
    fn percent(&self, service: &ServiceView, now: u64) -> u32 {
        let from = self.warm_from.get();
        if from == 0 {
            return 100;
        }
        let age = now.saturating_sub(from);
        if age >= service.warm_up_ns {
            self.warm_from.set(0);
            return 100;
        }
        let next = now + service.warm_up_ns / WARM_UP_STEPS;
        service.due.set(service.due.get().min(next));
        ((age * 100 / service.warm_up_ns) as u32).max(WARM_UP_PERCENT_MIN)
    }
}

/// How often the shares of a service are made anew while one of them grows.
const WARM_UP_STEPS: u64 = 20;
/// Share of an endpoint that has just come into use.
const WARM_UP_PERCENT_MIN: u32 = 10;

#[cfg(test)]
mod tests;
