//! Whether the values of a decoded snapshot hold together: references in range, strings well
//! formed, protocols equal along every reference. A snapshot that passes can be indexed and served
//! without a further check.

mod text;

pub use text::{DIRECT_BODY_BYTES_MAX, PREFIX_ELEMENTS_MAX};

use std::{collections::HashSet, fmt};

use crate::{Address, Endpoints, Match, Network, Protocol, Rule, Service, Snapshot, Target};
use text::{
    address_problem, cors_problems, direct_problems, edit_problems, header_match_problems,
    health_check_problems, path_problem, place_problems, query_match_problems, redirect_problems,
    token_problem,
};

/// Largest version: JavaScript holds it exactly as a number.
pub const VERSION_MAX: u64 = (1 << 53) - 1;

/// Largest permission bits: read, write and execute for owner, group and others.
const MODE_MAX: u32 = 0o777;

/// One thing that does not hold, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inconsistency {
    /// `listener edge`, `service default/web`, `rule 3 of default/route`, `endpoints` or
    /// `snapshot`.
    pub resource: String,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for Inconsistency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.resource, self.message)
    }
}

/// Checks a whole snapshot; the error lists everything that is wrong, in table order.
pub fn consistent(snapshot: &Snapshot) -> Result<(), Vec<Inconsistency>> {
    let mut findings = Findings::default();
    check_version(&mut findings, "snapshot", snapshot.version);
    check_listeners(&mut findings, snapshot);
    for service in &snapshot.services {
        check_service(&mut findings, snapshot, service);
    }
    for (index, rule) in snapshot.rules.iter().enumerate() {
        check_rule(&mut findings, snapshot, (index, rule));
    }
    check_endpoints(&mut findings, &snapshot.endpoints, &snapshot.services);
    findings.into_result()
}

/// Checks endpoints that are to replace those of a snapshot with these services.
pub fn consistent_endpoints(
    endpoints: &Endpoints,
    services: &[Service],
) -> Result<(), Vec<Inconsistency>> {
    let mut findings = Findings::default();
    check_endpoints(&mut findings, endpoints, services);
    findings.into_result()
}

fn check_listeners(findings: &mut Findings, snapshot: &Snapshot) {
    let mut names = HashSet::new();
    let mut addresses = HashSet::new();
    for listener in &snapshot.listeners {
        let resource = format!("listener {}", listener.name);
        if !names.insert(listener.name.as_str()) {
            findings.add(&resource, "another listener has the same name");
        }
        findings.add_all(&resource, address_problem(&listener.address));
        // Compared as addresses, so that two spellings of one IPv6 address are found.
        for network in &listener.proxies {
            if network.parse::<Network>().is_err() {
                findings.add(&resource, format!("'{network}' is not ip or ip/prefix"));
            }
        }
        if let Ok(address) = listener.address.parse::<Address>() {
            let is_unix = matches!(address, Address::Unix(_));
            if listener
                .mode
                .is_some_and(|mode| !is_unix || mode > MODE_MAX)
            {
                findings.add(&resource, "has a mode that no address of its kind can have");
            }
            if addresses.contains(&address) {
                findings.add(
                    &resource,
                    format!("another listener has the address {address}"),
                );
            }
            addresses.insert(address);
        }
        check_origin(findings, snapshot, (&resource, listener.origin));
        let Some(service) = snapshot.services.get(listener.service as usize) else {
            findings.add(
                &resource,
                format!(
                    "leads to service {}, which does not exist",
                    listener.service
                ),
            );
            continue;
        };
        if service.protocol != listener.protocol {
            let (ours, theirs) = (word(listener.protocol), word(service.protocol));
            findings.add(
                &resource,
                format!(
                    "speaks {ours} but leads to service {}, which speaks {theirs}",
                    service.name
                ),
            );
        }
    }
}

fn check_service(findings: &mut Findings, snapshot: &Snapshot, service: &Service) {
    let resource = service_resource(service);
    check_origin(findings, snapshot, (&resource, service.origin));
    if !service.rules.is_sorted_by(|left, right| left < right) {
        findings.add(&resource, "rule indexes are not in ascending order");
    }
    for rule in &service.rules {
        if *rule as usize >= snapshot.rules.len() {
            findings.add(
                &resource,
                format!("names rule {rule}, which does not exist"),
            );
        }
    }
    if let Some(check) = &service.health_check {
        findings.add_all(&resource, health_check_problems(check));
    }
    if service.protocol == Protocol::Tcp && !service.rules.is_empty() {
        findings.add(&resource, "speaks tcp but has rules, which need http");
    }
}

fn check_rule(findings: &mut Findings, snapshot: &Snapshot, (index, rule): (usize, &Rule)) {
    let resource = format!("rule {index} of {}", rule.route);
    check_origin(findings, snapshot, (&resource, rule.origin));
    if rule.matches.is_empty() {
        findings.add(&resource, "has no match");
    }
    for condition in &rule.matches {
        check_match(findings, &resource, condition);
    }
    check_redirect(findings, &resource, rule);
    findings.add_all(&resource, rule.cors.iter().flat_map(cors_problems));
    if let Some(direct) = &rule.direct_response {
        if !rule.backends.is_empty() || rule.redirect.is_some() || rule.rewrite.is_some() {
            findings.add(&resource, "answers itself and does something else");
        }
        findings.add_all(&resource, direct_problems(direct));
    }
    findings.add_all(&resource, edit_problems(&rule.request_headers));
    findings.add_all(&resource, edit_problems(&rule.response_headers));
    for backend in &rule.backends {
        findings.add_all(&resource, edit_problems(&backend.request_headers));
        findings.add_all(&resource, edit_problems(&backend.response_headers));
        let Target::Service { service } = &backend.target else {
            continue;
        };
        match snapshot.services.get(*service as usize) {
            None => findings.add(
                &resource,
                format!("has a backend service {service}, which does not exist"),
            ),
            Some(target) if target.protocol != Protocol::Http => {
                findings.add(
                    &resource,
                    format!("has the backend {}, which does not speak http", target.name),
                );
            }
            Some(_) => {}
        }
    }
}

fn check_redirect(findings: &mut Findings, resource: &str, rule: &Rule) {
    if let Some(redirect) = &rule.redirect {
        if !rule.backends.is_empty() || rule.rewrite.is_some() {
            findings.add(resource, "redirects and forwards at once");
        }
        findings.add_all(resource, redirect_problems(redirect));
    }
    if let Some(rewrite) = &rule.rewrite {
        let problems = place_problems(rewrite.hostname.as_deref(), rewrite.path.as_ref());
        findings.add_all(resource, problems);
    }
    let changes = [
        rule.redirect
            .as_ref()
            .and_then(|change| change.path.as_ref()),
        rule.rewrite
            .as_ref()
            .and_then(|change| change.path.as_ref()),
    ];
    for change in changes.into_iter().flatten() {
        let crate::PathChange::Prefix { matched, .. } = change else {
            continue;
        };
        let is_matched = |condition: &Match| matches!(&condition.path, crate::PathMatch::Prefix { value } if value == matched);
        if !rule.matches.iter().all(is_matched) {
            findings.add(
                resource,
                format!("replaces the prefix {matched:?}, which it does not match"),
            );
        }
    }
}

fn check_match(findings: &mut Findings, resource: &str, condition: &Match) {
    findings.add_all(resource, path_problem(&condition.path));
    findings.add_all(
        resource,
        condition.method.as_deref().and_then(token_problem),
    );
    for header in &condition.headers {
        findings.add_all(resource, header_match_problems(header));
    }
    for parameter in &condition.query_params {
        findings.add_all(resource, query_match_problems(parameter));
    }
}

fn check_endpoints(findings: &mut Findings, endpoints: &Endpoints, services: &[Service]) {
    check_version(findings, "endpoints", endpoints.version);
    let (count, expected) = (endpoints.services.len(), services.len());
    if count != expected {
        findings.add(
            "endpoints",
            format!("lists {count} services where the configuration has {expected}"),
        );
    }
    for (service, addresses) in services.iter().zip(&endpoints.services) {
        let problems = addresses
            .iter()
            .filter_map(|endpoint| address_problem(&endpoint.address));
        findings.add_all(&service_resource(service), problems);
    }
}

fn check_origin(findings: &mut Findings, snapshot: &Snapshot, (resource, origin): (&str, u32)) {
    if origin as usize >= snapshot.origins.len() {
        findings.add(
            resource,
            format!("names origin {origin}, which does not exist"),
        );
    }
}

fn check_version(findings: &mut Findings, resource: &str, version: u64) {
    if version > VERSION_MAX {
        findings.add(
            resource,
            format!("version {version} is beyond {VERSION_MAX}"),
        );
    }
}

fn service_resource(service: &Service) -> String {
    format!("service {}/{}", service.namespace, service.name)
}

fn word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Http => "http",
        Protocol::Tcp => "tcp",
    }
}

#[derive(Default)]
struct Findings(Vec<Inconsistency>);

impl Findings {
    fn add(&mut self, resource: &str, message: impl Into<String>) {
        self.0.push(Inconsistency {
            resource: resource.to_owned(),
            message: message.into(),
        });
    }

    fn add_all(&mut self, resource: &str, messages: impl IntoIterator<Item = String>) {
        for message in messages {
            self.add(resource, message);
        }
    }

    fn into_result(self) -> Result<(), Vec<Inconsistency>> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.0)
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
