//! The configurations of a run, and an own, naive answer to what each of them does with a request.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use proxy::Compiled;
use snapshot::{
    Backend, Balancer, Endpoint, Endpoints, Errors, Header, HeaderEdit, Listener, ListenerBounds,
    Match, Origin, PathMatch, Protocol, RequestIds, Rule, Service, Snapshot, Target, Timeouts,
    ValueMatch,
};

use crate::chance::Chance;
use crate::message::Headers;

/// Listener slots, which are their indexes too.
pub(crate) const ROUTED: usize = 0;
pub(crate) const DIRECT: usize = 1;
pub(crate) const OPAQUE: usize = 2;

/// Services: `front` has rules, `a` and `b` are where they lead, `raw` is opaque.
pub(crate) const NAMES: [&str; 4] = ["front", "a", "b", "raw"];
const RAW: usize = 3;
/// Addresses of each service.
const ORIGINS: u8 = 3;
/// Longest time of a request; short, so that a run is.
const REQUEST_MS: u32 = 3_000;
const CONNECT_MS: u32 = 300;
/// Age at which connections are to close, where there is one; short, for the same reason.
const AGE_MS: u32 = 200;
/// Life of an unused connection to an origin, where it is set.
const POOL_IDLE_MS: u32 = 300;

/// One configuration in force since `since` on the first shard and, a little later, on the other.
pub(crate) struct Version {
    pub since: u64,
    pub compiled: Arc<Compiled>,
    pub endpoints: Arc<Endpoints>,
}

pub(crate) struct Mesh {
    pub versions: Vec<Version>,
}

impl Mesh {
    /// Makes the next configuration; a `good` one answers every request.
    pub fn change(&mut self, chance: &mut Chance, good: bool, now: u64) {
        let number = self.versions.len() as u64 + 1;
        let endpoints = endpoints(chance, good, number);
        let same_rules = !good && chance.one_in(2);
        let compiled = match self.versions.last() {
            Some(last) if same_rules => Arc::clone(&last.compiled),
            _ => {
                let snapshot = snapshot(chance, good, (number, &endpoints));
                let found = snapshot::consistent(&snapshot);
                assert!(found.is_ok(), "{found:?}");
                let Some(compiled) = Compiled::new(snapshot) else {
                    unreachable!("the addresses are written here")
                };
                Arc::new(compiled)
            }
        };
        self.versions.push(Version {
            since: now,
            compiled,
            endpoints: Arc::new(endpoints),
        });
    }

    /// The configurations that some shard may have had in force between two moments.
    pub fn in_force(&self, from: u64, to: u64, slack: u64) -> impl Iterator<Item = &Version> {
        self.versions
            .iter()
            .enumerate()
            .filter_map(move |(index, version)| {
                let next = self
                    .versions
                    .get(index + 1)
                    .map_or(u64::MAX, |next| next.since);
                (version.since <= to && next.saturating_add(slack) >= from).then_some(version)
            })
    }

    pub fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }
}

impl Version {
    /// The rule that a request on a listener takes: the longest prefix, then the most headers, then the first.
    /// `None` when there is none to take; the direct listener has no rules at all.
    pub fn rule(&self, path: &str, headers: &Headers) -> Option<&Rule> {
        let path = path.split('?').next().unwrap_or_default();
        let mut best: Option<(usize, usize, &Rule)> = None;
        for rule in &self.compiled.snapshot().rules {
            for condition in &rule.matches {
                let PathMatch::Prefix { value } = &condition.path else {
                    continue;
                };
                let fits = value == "/" || path == value || path.starts_with(&format!("{value}/"));
                let held = |wanted: &ValueMatch| {
                    headers.iter().any(|(name, found)| {
                        name.eq_ignore_ascii_case(wanted.name())
                            && matches!(wanted, ValueMatch::Exact { value, .. } if value == found)
                    })
                };
                let rank = (value.len(), condition.headers.len());
                let better = best.is_none_or(|(length, count, _)| rank > (length, count));
                if fits && condition.headers.iter().all(held) && better {
                    best = Some((rank.0, rank.1, rule));
                }
            }
        }
        best.map(|(_, _, rule)| rule)
    }

    pub fn has_endpoint(&self, service: usize, address: SocketAddr) -> bool {
        let list = &self.endpoints.services[service];
        list.iter()
            .any(|endpoint| endpoint.address == address.to_string())
    }
}

/// Applies a header filter the slow way.
pub(crate) fn edited(headers: &Headers, edit: &HeaderEdit) -> Headers {
    let mut result: Headers = headers.clone();
    result.retain(|(name, _)| {
        let set = edit
            .set
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case(name));
        !set && !edit
            .remove
            .iter()
            .any(|removed| removed.eq_ignore_ascii_case(name))
    });
    for header in edit.set.iter().chain(&edit.add) {
        result.push((header.name.clone(), header.value.clone()));
    }
    result
}

/// Without what concerns one connection only, in lower case and in a comparable order.
pub(crate) fn end_to_end(headers: &Headers) -> BTreeMap<String, Vec<String>> {
    const HOP: [&str; 6] = [
        "connection",
        "keep-alive",
        "te",
        "transfer-encoding",
        "content-length",
        "expect",
    ];
    let named: Vec<String> = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("connection"))
        .flat_map(|(_, value)| {
            value
                .split(',')
                .map(|name| name.trim().to_ascii_lowercase())
        })
        .collect();
    let mut result = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        if !HOP.contains(&name.as_str()) && !named.contains(&name) {
            result.entry(name).or_default().push(value.clone());
        }
    }
    result
}

/// Address of a service's origin.
pub(crate) fn address(service: usize, index: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, service as u8, index], 80))
}

/// Service of an origin.
pub(crate) fn service_of(address: SocketAddr) -> usize {
    match address {
        SocketAddr::V4(address) => usize::from(address.ip().octets()[2]),
        SocketAddr::V6(_) => unreachable!("origins have IPv4 addresses"),
    }
}

fn endpoints(chance: &mut Chance, good: bool, version: u64) -> Endpoints {
    let list = |chance: &mut Chance, service: usize| -> Vec<Endpoint> {
        let chosen = (1..=ORIGINS)
            .filter(|_| !chance.one_in(3))
            .collect::<Vec<_>>();
        let chosen = if chosen.is_empty() && (good || !chance.one_in(4)) {
            vec![1]
        } else {
            chosen
        };
        let mut endpoint = |index| Endpoint {
            address: address(service, index).to_string(),
            weight: chance.pick(&[1, 1, 3]),
        };
        chosen.into_iter().map(&mut endpoint).collect()
    };
    Endpoints {
        version,
        services: (0..NAMES.len())
            .map(|service| list(chance, service))
            .collect(),
    }
}

fn snapshot(chance: &mut Chance, good: bool, (version, endpoints): (u64, &Endpoints)) -> Snapshot {
    let paths = ["/", "/a", "/a/b", "/c"];
    let with_root = good || !chance.one_in(4);
    let mut chosen: Vec<&str> = paths
        .into_iter()
        .filter(|path| {
            if *path == "/" {
                with_root
            } else {
                chance.one_in(2)
            }
        })
        .collect();
    if chosen.is_empty() {
        chosen.push("/c");
    }
    let mut rules = Vec::new();
    for path in chosen {
        if chance.one_in(2) {
            rules.push(rule(chance, good, (version, rules.len(), path, true)));
        }
        rules.push(rule(chance, good, (version, rules.len(), path, false)));
    }
    let service = |index: usize, chance: &mut Chance| Service {
        name: NAMES[index].to_owned(),
        namespace: "default".to_owned(),
        protocol: if index == RAW {
            Protocol::Tcp
        } else {
            Protocol::Http
        },
        balancer: chance.pick(&[
            Balancer::PeakEwma,
            Balancer::RoundRobin,
            Balancer::LeastRequest,
        ]),
        timeouts: Timeouts {
            connect_ms: CONNECT_MS,
            request_ms: REQUEST_MS,
            idle_ms: chance.pick(&[None, Some(POOL_IDLE_MS)]),
            stream_idle_ms: None,
        },
        rules: if index == 0 {
            (0..rules.len() as u32).collect()
        } else {
            Vec::new()
        },
        health_check: None,
        warm_up_ms: chance.pick(&[0, 0, 500]),
        origin: 0,
    };
    let services = (0..NAMES.len())
        .map(|index| service(index, chance))
        .collect();
    let bounds = ListenerBounds {
        age_ms: chance.pick(&[None, Some(AGE_MS)]),
        ..ListenerBounds::default()
    };
    let listener = |(index, (name, service)): (usize, (&str, u32))| Listener {
        errors: Errors::Full,
        request_id: RequestIds::Keep,
        name: name.to_owned(),
        address: format!("127.0.0.1:{}", 8_000 + index),
        mode: None,
        protocol: if index == OPAQUE {
            Protocol::Tcp
        } else {
            Protocol::Http
        },
        source: None,
        service,
        proxies: Vec::new(),
        bounds,
        origin: 0,
    };
    let doors = [("routed", 0), ("direct", 1), ("opaque", RAW as u32)];
    Snapshot {
        access_log: None,
        version,
        mesh: "sim".to_owned(),
        listeners: doors.into_iter().enumerate().map(listener).collect(),
        services,
        rules,
        endpoints: endpoints.clone(),
        origins: vec![Origin {
            file: "sim".to_owned(),
            line: 1,
            resource: "Mesh/sim".to_owned(),
        }],
    }
}

fn rule(
    chance: &mut Chance,
    good: bool,
    (version, index, path, for_red): (u64, usize, &str, bool),
) -> Rule {
    let header = |name: &str, value: &str| Header {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let name = format!("v{version}-r{index}");
    let mut edit = |marker: &str| HeaderEdit {
        set: vec![header(marker, &name), header("x-set", &name)],
        add: if chance.one_in(2) {
            vec![header("x-multi", "added")]
        } else {
            Vec::new()
        },
        remove: if chance.one_in(2) {
            vec!["x-remove-me".to_owned()]
        } else {
            Vec::new()
        },
    };
    let (request_headers, response_headers) = (edit("x-rule"), edit("x-response-rule"));
    let count = chance.between(1, 3) as u32;
    let least = u64::from(good);
    let backend = |service: u32, chance: &mut Chance| Backend {
        weight: chance.between(least, 3) as u32,
        target: Target::Service { service },
        request_headers: HeaderEdit::default(),
        response_headers: HeaderEdit::default(),
    };
    Rule {
        route: "default/sim".to_owned(),
        matches: vec![Match {
            path: PathMatch::Prefix {
                value: path.to_owned(),
            },
            headers: if for_red {
                vec![ValueMatch::Exact {
                    name: "x-group".to_owned(),
                    value: "red".to_owned(),
                }]
            } else {
                Vec::new()
            },
            ..Match::default()
        }],
        request_headers,
        response_headers,
        backends: (0..count).map(|service| backend(service, chance)).collect(),
        ..Rule::default()
    }
}
