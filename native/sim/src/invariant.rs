//! What must hold, each rule by its name.

use proxy::Usage;
use snapshot::HeaderEdit;
use stats::{Reason, Stats};

use crate::agenda::MS;
use crate::chance::hash;
use crate::host::CLIENT;
use crate::ledger::{Answer, Arrival, Entry, Ledger, Outcome, Request, Verdict, require};
use crate::mesh::{Mesh, NAMES, ROUTED, edited, end_to_end, service_of};
use crate::message::{Head, Headers};
use crate::plan::SPOOFED;

/// Time by which one shard may take over a configuration later than another.
pub(crate) const PUBLISH_SLACK_NS: u64 = 5 * MS;

/// A whole answer as the client read it.
pub(crate) struct Received<'a> {
    pub head: &'a Head,
    pub content: &'a [u8],
    pub trailers: &'a Headers,
    pub chunked: bool,
}

/// I1, for requests: what an origin gets as request `tag` is what was sent as it.
pub(crate) fn i1_request_is_the_one_sent(entry: &Entry, (tag, head): (usize, &Head)) -> Verdict {
    let line = format!("{} {} HTTP/1.1", entry.request.method, entry.request.path);
    require("I1 no mix-up", head.start_line == line, || {
        format!(
            "request {tag}: sent {line:?}, arrived {:?}",
            head.start_line
        )
    })
}

/// I2: a request with effects is executed once at most. Another one comes a second time only beside a connection that
/// may have been closed for being idle, and never a third time.
pub(crate) fn i2_repeated_only_when_safe(
    entry: &Entry,
    (tag, on_reused): (usize, bool),
) -> Verdict {
    let idempotent = matches!(entry.request.method, "GET" | "HEAD" | "PUT" | "DELETE");
    let safe = match &entry.arrivals[..] {
        [] => true,
        [other] => idempotent && (other.on_reused || on_reused),
        _ => false,
    };
    require("I2 executed once at most", safe, || {
        let (method, count) = (entry.request.method, entry.arrivals.len() + 1);
        format!("request {tag} {method} arrived {count} times")
    })
}

/// I4, for requests: a body that an origin takes for whole is the one sent.
pub(crate) fn i4_request_body_is_whole(
    request: &Request,
    (content, trailers): (&[u8], &Headers),
) -> Verdict {
    let same = content == request.message.body && *trailers == request.message.trailers;
    require("I4 truncated is never complete", same, || {
        let sent = request.message.body.len();
        format!(
            "{}: {} of {sent} bytes arrived",
            request.path,
            content.len()
        )
    })
}

/// I11, for requests: the headers are those of the model under a rule in force. Returns the rule's marker.
pub(crate) fn i11_request_headers(
    mesh: &Mesh,
    entry: &Entry,
    (head, arrival): (&Head, (std::net::SocketAddr, u64)),
) -> Result<Option<String>, crate::ledger::Violation> {
    let (origin, now) = arrival;
    let request = &entry.request;
    let got = end_to_end(&head.headers);
    let service = service_of(origin);
    let marker = head.value("x-rule").map(str::to_owned);
    let mut fits = false;
    let from = entry.sent_at.unwrap_or(0);
    // A second attempt goes to an endpoint of its own moment, under the rule that the request began with.
    let reachable = |since: u64| {
        mesh.in_force(from, now, PUBLISH_SLACK_NS)
            .any(|version| version.since >= since && version.has_endpoint(service, origin))
    };
    for version in mesh.in_force(from, now, PUBLISH_SLACK_NS) {
        let rule = if request.listener == ROUTED {
            let Some(rule) = version.rule(&request.path, &request.message.headers) else {
                continue;
            };
            Some(rule)
        } else {
            None
        };
        let target = |backend: &snapshot::Backend| {
            let service = service as u32;
            backend.weight > 0 && backend.target == snapshot::Target::Service { service }
        };
        let leads_here = rule.map_or(service == 1, |rule| rule.backends.iter().any(target));
        let edit = rule.map(|rule| &rule.request_headers);
        fits |= leads_here && reachable(version.since) && got == expected_request(request, edit);
    }
    require("I11 headers are those of the model", fits, || {
        format!(
            "{} on listener {} at {origin}: {got:?}",
            request.path, request.listener
        )
    })?;
    Ok(marker)
}

/// I1, I4 and I11, for responses: a whole answer is what the origin that got the request meant to say.
pub(crate) fn response_is_the_one_given(
    mesh: &Mesh,
    (tag, entry): (usize, &Entry),
    got: &Received<'_>,
) -> Verdict {
    let name = tag.to_string();
    require(
        "I1 no mix-up",
        got.head.value("x-tag") == Some(&name),
        || {
            format!(
                "request {tag} got the answer to {:?}",
                got.head.value("x-tag")
            )
        },
    )?;
    let mut verdict = require("I1 no mix-up", false, || {
        format!("request {tag} was answered by nobody")
    });
    // Of a request that was sent twice, whichever of the two was answered.
    for arrival in &entry.arrivals {
        let Some(answer) = &arrival.answer else {
            continue;
        };
        verdict = i4_response_is_whole(&entry.request, (tag, answer), got)
            .and_then(|()| i11_response_headers(mesh, (entry, arrival, answer), got));
        if verdict.is_ok() {
            break;
        }
    }
    verdict
}

fn i4_response_is_whole(
    request: &Request,
    (tag, answer): (usize, &Answer),
    got: &Received<'_>,
) -> Verdict {
    let same = answer.whole.as_deref() == Some(got.content);
    require("I4 truncated is never complete", same, || {
        let meant = answer.whole.as_ref().map(Vec::len);
        let hash = hash(got.content, 0);
        format!(
            "request {tag}: {} bytes ({hash:x}) of {meant:?}",
            got.content.len()
        )
    })?;
    let trailers = if request.accepts_trailers && got.chunked {
        answer.trailers.clone()
    } else {
        Headers::new()
    };
    require(
        "I11 headers are those of the model",
        *got.trailers == trailers,
        || {
            format!(
                "request {tag}: trailers {:?} for {trailers:?}",
                got.trailers
            )
        },
    )
}

fn i11_response_headers(
    mesh: &Mesh,
    (entry, arrival, answer): (&Entry, &Arrival, &Answer),
    got: &Received<'_>,
) -> Verdict {
    let marker = got.head.value("x-response-rule").map(str::to_owned);
    require(
        "I11 headers are those of the model",
        marker == arrival.rule,
        || {
            format!(
                "request under {:?}, response under {marker:?}",
                arrival.rule
            )
        },
    )?;
    let edit = mesh
        .versions
        .iter()
        .flat_map(|version| &version.compiled.snapshot().rules)
        .find_map(|rule| {
            let set = &rule.response_headers.set;
            set.iter()
                .any(|header| Some(&header.value) == marker.as_ref())
                .then_some(&rule.response_headers)
        });
    let plain = HeaderEdit::default();
    let mut headers = without_hop_by_hop(&answer.headers);
    let sent = &entry.request.message.headers;
    let ids = sent.iter().filter(|(name, _)| name == "X-Request-Id");
    headers.extend(ids.cloned());
    let meant = end_to_end(&edited(&headers, edit.unwrap_or(&plain)));
    let found = end_to_end(&got.head.headers);
    require(
        "I11 headers are those of the model",
        found == meant && got.head.status() == answer.status,
        || {
            format!(
                "{}: {} {found:?} for {} {meant:?}",
                entry.request.path,
                got.head.status(),
                answer.status
            )
        },
    )
}

/// I10: an answer of the proxy's own says why, in words that belong to its status.
pub(crate) fn i10_local_answer_has_a_reason(
    head: &Head,
) -> Result<String, crate::ledger::Violation> {
    let status = head.value("proxy-status").unwrap_or_default();
    let details = status
        .split("details=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let error = status.contains("error=");
    require(
        "I10 every error has its reason",
        error && details.is_some(),
        || format!("{} with {status:?}", head.start_line),
    )?;
    let name = details.unwrap_or_default().split(';').next();
    Ok(name.unwrap_or_default().to_owned())
}

/// I3 and liveness, at the end: every request ended, and those that had to succeed did.
pub(crate) fn every_request_ended(ledger: &Ledger) -> Verdict {
    for (tag, entry) in ledger.requests.iter().enumerate() {
        if entry.sent_at.is_none() {
            continue;
        }
        require("I3 one terminal outcome", entry.outcome.is_some(), || {
            format!("request {tag} never ended")
        })?;
        let answered = matches!(entry.outcome, Some(Outcome::Answered(_)));
        require("liveness", answered || !entry.request.must_succeed, || {
            format!(
                "request {tag} {} ended as {:?}",
                entry.request.path, entry.outcome
            )
        })?;
    }
    Ok(())
}

/// I12: what comes out of a relay is what went in, and all of it when both ends were clean.
pub(crate) fn i12_relays_are_faithful(ledger: &Ledger) -> Verdict {
    for (index, relay) in ledger.relays.iter().enumerate() {
        for (name, stream) in [("up", &relay.up), ("down", &relay.down)] {
            let prefix = stream.sent.starts_with(&stream.got);
            require("I12 relayed bytes are identical", prefix, || {
                format!("relay {index}, {name}")
            })?;
            let cut = stream.ended && stream.got.len() < stream.sent.len() && !relay.broken;
            require("I12 relayed bytes are identical", !cut, || {
                let (got, sent) = (stream.got.len(), stream.sent.len());
                format!("relay {index}, {name}: a clean end after {got} of {sent} bytes")
            })?;
            let whole = stream.ended && stream.got.len() == stream.sent.len();
            require("liveness", whole || !relay.must_succeed, || {
                let (got, sent) = (stream.got.len(), stream.sent.len());
                format!(
                    "relay {index}, {name}: {got} of {sent} bytes, ended {}",
                    stream.ended
                )
            })?;
        }
    }
    Ok(())
}

/// I7: nothing is left.
pub(crate) fn i7_back_to_baseline(usage: Usage) -> Verdict {
    require("I7 back to the baseline", usage == Usage::default(), || {
        format!("{usage:?}")
    })
}

/// I8: the statistics tell what the ledger does. Answers that a client did not live to see make them count more.
pub(crate) fn i8_statistics_reconcile(ledger: &Ledger, stats: &Stats, exact: bool) -> Verdict {
    let rule = "I8 statistics reconcile";
    let sent = ledger
        .requests
        .iter()
        .filter(|entry| entry.sent_at.is_some());
    let mut seen = std::collections::BTreeMap::<(u16, Option<Reason>), u64>::new();
    for entry in sent.clone() {
        let key = match &entry.outcome {
            Some(Outcome::Answered(status)) => (*status, None),
            Some(Outcome::Local(status, details)) => {
                // A refusal names the broken rule instead; it is counted under a common reason.
                let Some(reason) = Reason::ALL.iter().find(|reason| reason.name() == details)
                else {
                    continue;
                };
                (*status, Some(*reason))
            }
            _ => continue,
        };
        *seen.entry(key).or_default() += 1;
    }
    for (status, details) in &ledger.upgrades {
        let reason = details.as_ref().map(|details| {
            Reason::ALL
                .iter()
                .find(|reason| reason.name() == details)
                .copied()
        });
        // As above.
        if reason != Some(None) {
            *seen.entry((*status, reason.flatten())).or_default() += 1;
        }
    }
    let mut counted = std::collections::BTreeMap::<(u16, Option<Reason>), u64>::new();
    for row in stats.cells.iter().flat_map(|cell| &cell.requests) {
        *counted.entry((row.status, row.error)).or_default() += row.count;
    }
    let total: u64 = counted.values().sum();
    // What stands behind an upgrade that was refused may be taken for a request.
    let most = sent.count() as u64 + ledger.malformed + 2 * ledger.upgrades_asked;
    let arrived = |entry: &&Entry| !entry.arrivals.is_empty();
    let least = ledger.requests.iter().filter(arrived).count() as u64;
    require(rule, (least..=most).contains(&total), || {
        format!("{total} requests counted, {most} sent, {least} arrived at origins")
    })?;
    for (key, count) in &seen {
        let found = counted.get(key).copied().unwrap_or(0);
        let fits = if exact {
            found == *count
        } else {
            found >= *count
        };
        require(rule, fits, || {
            format!("{key:?}: {found} counted, {count} seen")
        })?;
    }
    if exact {
        let arrived: u64 = seen.values().sum();
        require(rule, total == arrived, || {
            format!("{total} requests counted, {arrived} seen: {counted:?} {seen:?}")
        })?;
    }
    i8_retries_reconcile(ledger, stats)?;
    i8_connections_reconcile(ledger, stats)
}

/// Every repetition that an origin saw was counted; those that found no connection were seen by none.
fn i8_retries_reconcile(ledger: &Ledger, stats: &Stats) -> Verdict {
    let again = |entry: &Entry| entry.arrivals.len().saturating_sub(1) as u64;
    let seen: u64 = ledger.requests.iter().map(again).sum();
    let counted: u64 = stats.shards.iter().map(|shard| shard.retries).sum();
    require("I8 statistics reconcile", counted >= seen, || {
        format!("{counted} retries counted, {seen} seen")
    })
}

fn i8_connections_reconcile(ledger: &Ledger, stats: &Stats) -> Verdict {
    let rule = "I8 statistics reconcile";
    for shard in &stats.shards {
        let open = shard.downstream_connections + shard.upstream_connections;
        require(rule, open == 0, || {
            format!("shard {} counts {open} open connections", shard.index)
        })?;
    }
    for (accepted, service) in ledger.accepted.iter().zip([NAMES[0], NAMES[1], NAMES[3]]) {
        let own = |cell: &&stats::CellReport| {
            let door = if service == NAMES[0] {
                "routed"
            } else if service == NAMES[1] {
                "direct"
            } else {
                "opaque"
            };
            cell.key.service == service && cell.key.listener == door
        };
        let sum =
            |of: fn(&stats::CellReport) -> u64| stats.cells.iter().filter(own).map(of).sum::<u64>();
        let (opened, closed) = (
            sum(|cell| cell.connections_opened),
            sum(|cell| cell.connections_closed),
        );
        require(rule, opened == *accepted && closed == *accepted, || {
            format!("{service}: {accepted} connections, {opened} opened, {closed} closed")
        })?;
    }
    Ok(())
}

fn expected_request(
    request: &Request,
    edit: Option<&HeaderEdit>,
) -> std::collections::BTreeMap<String, Vec<String>> {
    let plain = HeaderEdit::default();
    let mut headers = without_hop_by_hop(&request.message.headers);
    // Every listener here is an edge: what the client says of itself does not count.
    headers.retain(|(name, _)| !SPOOFED.iter().any(|(spoofed, _)| name == spoofed));
    let own = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("host"));
    let host = own
        .map_or(NAMES[request.listener], |(_, host)| host)
        .to_owned();
    if own.is_none() {
        headers.push(("host".to_owned(), host.clone()));
    }
    headers.extend([
        ("x-forwarded-for".to_owned(), CLIENT.to_string()),
        ("x-forwarded-host".to_owned(), host),
        ("x-forwarded-proto".to_owned(), "http".to_owned()),
    ]);
    headers.push(("via".to_owned(), format!("1.{} heddle", request.minor)));
    end_to_end(&edited(&headers, edit.unwrap_or(&plain)))
}

fn without_hop_by_hop(headers: &Headers) -> Headers {
    let kept = end_to_end(headers);
    let mut list = headers.clone();
    list.retain(|(name, _)| kept.contains_key(&name.to_ascii_lowercase()));
    list
}
