//! Cells across snapshots, shards and threads, and the JSON that leaves the process.

use std::{sync::Arc, thread};

use serde_json::{Value, json};

use super::{CellKey, Protocol, Registry};
use crate::{Cell, FailureCount, Limit, Outcome, Reason, ShardStats, Versions, duration_index};

#[test]
fn a_key_keeps_its_cell_and_its_counts_when_other_keys_come_and_go() {
    let mut registry = Registry::new(1);
    let first = registry.cell_id(&key("web"));
    registry.cell(0, first).record_request(&answered(200));
    assert_ne!(registry.cell_id(&key("api")), first);
    assert_eq!(registry.cell_id(&key("web")), first);
    registry.cells(0)[first].record_request(&answered(200));
    let stats = registry.stats(Versions::default());
    assert_eq!(stats.cells[first].requests[0].count, 2);
}

#[test]
fn shards_have_cells_of_their_own_and_are_merged_on_read() {
    let mut registry = Registry::new(2);
    let id = registry.cell_id(&key("web"));
    registry.cell(0, id).record_request(&answered(200));
    registry.cell(1, id).record_request(&answered(200));
    registry.cell(1, id).record_request(&Outcome {
        reason: Some(Reason::NoRoute),
        duration_ns: 5,
        ..answered(404)
    });
    let cell = &registry.stats(Versions::default()).cells[0];
    let counts: Vec<_> = cell
        .requests
        .iter()
        .map(|row| (row.status, row.error, row.count))
        .collect();
    assert_eq!(counts, [(200, None, 2), (404, Some(Reason::NoRoute), 1)]);
    assert_eq!(
        cell.duration[0].buckets,
        [(duration_index(2_000) as u32, 2)]
    );
    assert_eq!(
        (cell.duration[0].count, cell.duration[0].sum_ns),
        (2, 4_000)
    );
    assert_eq!(cell.duration[1].buckets, [(0, 1)]);
}

#[test]
fn the_json_is_that_of_the_contract() {
    let mut registry = Registry::new(1);
    let id = registry.cell_id(&key("web"));
    let cell = registry.cell(0, id);
    cell.record_connection_opened();
    cell.record_received(90);
    cell.record_sent(70);
    cell.record_request(&answered(200));
    cell.record_request(&Outcome {
        reason: Some(Reason::ConnectionRefused),
        ..answered(503)
    });
    registry.shard(0).record_failure(Reason::NoRoute);
    registry.shard(0).record_limit(Limit::Head);
    registry.shard(0).turns.add(4);
    registry.shard(0).events.add(9);
    registry.shard(0).downstream_connections.increment();
    let stats = registry.stats(Versions {
        configuration: 3,
        endpoints: 8,
    });
    let bucket = duration_index(2_000);
    let duration = |class: &str| json!({ "class": class, "count": 1, "sumNs": 2000, "buckets": [[bucket, 1]] });
    let expected: Value = json!({
        "shards": [
            { "index": 0, "turns": 4, "events": 9, "downstreamConnections": 1, "upstreamConnections": 0, "panics": 0, "retries": 0, "heldBytes": 0 },
        ],
        "cells": [{
            "listener": "edge", "source": "unknown", "service": "web", "namespace": "default", "protocol": "http",
            "requests": [
                { "status": 200, "count": 1 },
                { "status": 503, "error": "connection_refused", "count": 1 },
            ],
            "duration": [duration("success"), duration("serverError")],
            "requestBytes": { "count": 2, "sum": 0, "buckets": [[0, 2]] },
            "responseBytes": { "count": 2, "sum": 200, "buckets": [[7, 2]] },
            "connectionsOpened": 1, "connectionsClosed": 0, "receivedBytes": 90, "sentBytes": 70,
        }],
        "failures": [{ "error": "no_route", "count": 1 }],
        "limits": [{ "limit": "head", "count": 1 }],
        "logDropped": 0, "health": [], "memory": { "budgetBytes": 0, "baseBytes": 0, "measuredBytes": 0 },
        "configurationVersion": 3, "endpointsVersion": 8,
    });
    assert_eq!(serde_json::to_value(stats).unwrap(), expected);
}

#[test]
fn a_reader_in_another_thread_never_sees_a_number_fall() {
    let mut registry = Registry::new(1);
    let id = registry.cell_id(&key("web"));
    let cell = registry.cell(0, id);
    let writer =
        thread::spawn(move || (0..100_000).for_each(|_| cell.record_request(&answered(200))));
    let mut last = 0;
    while !writer.is_finished() {
        let cells = registry.stats(Versions::default()).cells;
        let count = cells[id].requests.first().map_or(0, |row| row.count);
        assert!(count >= last, "{count} after {last}");
        last = count;
    }
    writer.join().unwrap();
    assert_eq!(
        registry.stats(Versions::default()).cells[id].requests[0].count,
        100_000
    );
}

#[test]
fn p7_keys_beyond_the_limit_are_counted_together_as_other() {
    let mut registry = Registry::with_limit(1, 5);
    let ids: Vec<_> = ["a", "b", "c", "d", "e"]
        .map(|name| registry.cell_id(&key(name)))
        .to_vec();
    assert_eq!(ids, [0, 1, 2, 3, 3]);
    assert_eq!(registry.cell_id(&key("a")), 0);
    assert_eq!(
        registry.stats(Versions::default()).cells[3].key.service,
        "other"
    );
}

#[test]
fn failures_without_a_cell_are_added_up_by_reason() {
    let registry = Registry::new(2);
    registry
        .shard(0)
        .record_failure(Reason::DownstreamProtocolError);
    registry
        .shard(1)
        .record_failure(Reason::DownstreamProtocolError);
    let expected = FailureCount {
        error: Reason::DownstreamProtocolError,
        count: 2,
    };
    assert_eq!(registry.stats(Versions::default()).failures, [expected]);
}

#[test]
fn what_two_shards_write_lies_on_cache_lines_of_its_own() {
    assert_eq!((align_of::<Cell>(), size_of::<Cell>() % 128), (128, 0));
    assert_eq!(
        (align_of::<ShardStats>(), size_of::<ShardStats>() % 128),
        (128, 0)
    );
    // Behind the reference counts of an `Arc` the alignment holds as well.
    let cells = [Arc::new(Cell::new()), Arc::new(Cell::new())];
    assert!(cells.iter().all(|cell| Arc::as_ptr(cell).addr() % 128 == 0));
}

fn key(service: &str) -> CellKey {
    CellKey {
        listener: "edge".into(),
        source: "unknown".into(),
        service: service.into(),
        namespace: "default".into(),
        protocol: Protocol::Http,
    }
}

fn answered(status: u16) -> Outcome {
    Outcome {
        status,
        reason: None,
        duration_ns: 2_000,
        request_bytes: 0,
        response_bytes: 100,
    }
}
