//! Tests the endpoints of services that have a health check: one thread, which tests each endpoint once for all shards,
//! with sockets and an epoll set of its own. Neither JavaScript nor a busy shard delays a test or its verdict; should the
//! thread end, the last verdicts stay. What a test says and what follows from it is in `proxy/health`.

#![allow(clippy::disallowed_types)] // the locks are taken by control calls and by the thread, never by a shard

mod tester;

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use proxy::Compiled;
use proxy::health::{Failure, Verdict, Verdicts};
use rustix::event::{EventfdFlags, eventfd};
use snapshot::{Address, Endpoints, HealthCheck};
use stats::{EndpointHealth, HealthReport, NamedCount};

use crate::descriptors::Descriptors;
use tester::Tester;

/// The tests as control calls see them.
pub(crate) struct Health {
    descriptors: Arc<Descriptors>,
    services: HashMap<ServiceName, Arc<Checked>>,
    /// From the first configuration on that has a health check.
    orders: Option<Arc<Orders>>,
}

/// Namespace and name.
type ServiceName = (String, String);

/// A service whose endpoints are tested, as of one publication.
pub(crate) struct Checked {
    pub name: ServiceName,
    pub check: HealthCheck,
    pub addresses: Vec<Address>,
    pub verdicts: Arc<Verdicts>,
    pub counts: Arc<Counts>,
}

/// What became of the tests of a service; lives as long as it has a check.
#[derive(Default)]
pub(crate) struct Counts {
    passed: AtomicU64,
    failed: [AtomicU64; Failure::ALL.len()],
    /// Endpoints that fell, by the failure that decided it.
    ejected: [AtomicU64; Failure::ALL.len()],
    /// Endpoints that are used again.
    recovered: AtomicU64,
}

impl Counts {
    fn add(&self, result: Result<(), Failure>) {
        let counter = match result {
            Ok(()) => &self.passed,
            Err(failure) => &self.failed[failure as usize],
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn add_ejection(&self, failure: Failure) {
        self.ejected[failure as usize].fetch_add(1, Ordering::Relaxed);
    }

    fn add_recovery(&self) {
        self.recovered.fetch_add(1, Ordering::Relaxed);
    }
}

/// What the thread is to do from now on.
pub(crate) struct Orders {
    services: Mutex<Option<Vec<Arc<Checked>>>>,
    wake: OwnedFd,
}

impl Health {
    pub fn new(descriptors: Arc<Descriptors>) -> Self {
        Self {
            descriptors,
            services: HashMap::new(),
            orders: None,
        }
    }

    /// Has the endpoints of a publication tested from now on; for each service its verdicts, which begin with what is
    /// known. Fails when the thread cannot be started, and then nothing has changed.
    pub fn publish(
        &mut self,
        compiled: &Compiled,
        endpoints: &Endpoints,
    ) -> io::Result<Vec<Option<Arc<Verdicts>>>> {
        let services = compiled.snapshot().services.iter().zip(&endpoints.services);
        let checked = services.map(|(service, endpoints)| {
            let check = service.health_check.clone()?;
            let name = (service.namespace.clone(), service.name.clone());
            let before = self.services.get(&name);
            let addresses: Vec<Address> = endpoints
                .iter()
                .filter_map(|endpoint| endpoint.address.parse().ok())
                .collect();
            let known = before.map(|before| before.known()).unwrap_or_default();
            let known = addresses
                .iter()
                .map(|address| known.get(address).copied().unwrap_or_default());
            Some(Arc::new(Checked {
                verdicts: Arc::new(Verdicts::new(known)),
                counts: before.map_or_else(Arc::default, |before| Arc::clone(&before.counts)),
                name,
                check,
                addresses,
            }))
        });
        let checked: Vec<Option<Arc<Checked>>> = checked.collect();
        if self.orders.is_none() && checked.iter().any(Option::is_some) {
            self.orders = Some(self.start()?);
        }
        let present = checked.iter().flatten();
        self.services = present
            .clone()
            .map(|service| (service.name.clone(), Arc::clone(service)))
            .collect();
        if let Some(orders) = &self.orders {
            orders.give(present.cloned().collect());
        }
        let verdicts = checked
            .into_iter()
            .map(|service| service.map(|service| Arc::clone(&service.verdicts)));
        Ok(verdicts.collect())
    }

    /// States and counts of every service with a check, by name.
    pub fn report(&self) -> Vec<HealthReport> {
        let mut reports: Vec<_> = self.services.values().map(|one| one.report()).collect();
        reports.sort_by(|one, other| {
            (&one.namespace, &one.service).cmp(&(&other.namespace, &other.service))
        });
        reports
    }

    fn start(&self) -> io::Result<Arc<Orders>> {
        let orders = Arc::new(Orders {
            services: Mutex::new(None),
            wake: eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?,
        });
        let tester = Tester::new(Arc::clone(&orders), Arc::clone(&self.descriptors))?;
        let thread = std::thread::Builder::new().name("heddle-health".to_owned());
        thread.spawn(move || tester.run())?;
        Ok(orders)
    }
}

impl Orders {
    fn give(&self, services: Vec<Arc<Checked>>) {
        *self.services.lock().unwrap_or_else(PoisonError::into_inner) = Some(services);
        // A full counter means that the thread is being woken already.
        let _ = rustix::io::write(&self.wake, &1u64.to_ne_bytes());
    }

    /// The newest, if the thread does not have them yet.
    pub fn take(&self) -> Option<Vec<Arc<Checked>>> {
        let _ = rustix::io::read(&self.wake, &mut [0; 8]);
        self.services
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    pub fn wake(&self) -> impl AsFd + '_ {
        self.wake.as_fd()
    }
}

impl Checked {
    fn known(&self) -> HashMap<Address, Verdict> {
        let places = self.addresses.iter().enumerate();
        places
            .map(|(place, address)| (address.clone(), self.verdicts.get(place)))
            .collect()
    }

    fn report(&self) -> HealthReport {
        let endpoints = self.addresses.iter().enumerate();
        HealthReport {
            namespace: self.name.0.clone(),
            service: self.name.1.clone(),
            endpoints: endpoints
                .map(|(place, address)| EndpointHealth {
                    address: address.to_string(),
                    state: self.verdicts.get(place).name(),
                })
                .collect(),
            passed: self.counts.passed.load(Ordering::Relaxed),
            failed: by_name(&self.counts.failed),
            ejected: by_name(&self.counts.ejected),
            recovered: self.counts.recovered.load(Ordering::Relaxed),
        }
    }
}

/// Failures that occurred.
fn by_name(counts: &[AtomicU64; Failure::ALL.len()]) -> Vec<NamedCount> {
    let named = Failure::ALL.iter().zip(counts).map(|(failure, count)| {
        let count = count.load(Ordering::Relaxed);
        NamedCount {
            reason: failure.name(),
            count,
        }
    });
    named.filter(|named| named.count > 0).collect()
}
