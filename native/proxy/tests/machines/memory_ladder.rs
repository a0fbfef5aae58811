//! what is given up, step by step, as the process nears its budget, and that it comes back.

use heddle_proxy::{Pressure, Token};
use stats::{Limit, Reason};

use crate::stage::{SECOND, Stage};

const GET: &str = "GET /a HTTP/1.1\r\nhost: x\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const MB: u64 = 1_000_000;

/// A budget of 100 MB, of which so many are held by something else.
fn squeezed(base_mb: u64) -> Stage {
    let mut stage = Stage::new(1);
    stage.set_budget(100 * MB);
    stage.set_base(base_mb * MB);
    stage.passes(SECOND);
    stage
}

#[test]
fn each_step_is_taken_at_its_threshold_and_taken_back_5_percent_below() {
    let mut stage = squeezed(50);
    let mut at = |base_mb: u64| {
        stage.set_base(base_mb * MB);
        stage.passes(SECOND);
        stage.shard.pressure()
    };
    assert_eq!(at(79), Pressure::None);
    assert_eq!(at(81), Pressure::Shrink);
    assert_eq!(at(86), Pressure::Hurry);
    assert_eq!(at(91), Pressure::Last);
    assert_eq!(at(96), Pressure::Refuse);
    assert_eq!(at(98), Pressure::Shed);
    assert_eq!(at(93), Pressure::Shed);
    assert_eq!(at(91), Pressure::Refuse);
    assert_eq!(at(76), Pressure::Shrink);
    assert_eq!(at(74), Pressure::None);
}

#[test]
fn from_80_percent_on_each_endpoint_keeps_one_idle_connection() {
    let mut stage = squeezed(10);
    let clients = [stage.accept(), stage.accept()];
    let upstreams = clients.map(|client| {
        stage.says(client, GET);
        stage.connected()
    });
    for upstream in upstreams {
        stage.says(upstream, OK);
    }
    assert_eq!(stage.usage().idle_upstreams, 2);
    stage.set_base(82 * MB);
    stage.passes(SECOND);
    assert_eq!(stage.usage().idle_upstreams, 1);
    assert_eq!(stage.reached(Limit::MemoryShrink), 1);
}

#[test]
fn nearer_the_budget_an_idle_connection_lives_shorter() {
    let mut stage = squeezed(94);
    let client = stage.accept();
    stage.passes(15 * SECOND);
    assert!(stage.closed(client).is_some(), "60 s are less than 12");
}

#[test]
fn from_90_percent_on_a_response_ends_its_connection() {
    let mut stage = squeezed(92);
    let client = stage.accept();
    stage.says(client, GET);
    let upstream = stage.connected();
    stage.says(upstream, OK);
    assert!(stage.heard(client).contains("connection: close\r\n"));
}

#[test]
fn from_95_percent_on_nothing_is_accepted_until_there_is_room() {
    let mut stage = squeezed(96);
    assert!(!stage.shard.accepts());
    stage.set_base(80 * MB);
    stage.passes(SECOND);
    assert!(stage.shard.accepts());
}

#[test]
fn from_97_percent_on_the_connection_that_holds_most_is_given_up_first() {
    let mut stage = Stage::new(1);
    stage.set_budget(10 * MB);
    let small = stage.accept();
    stage.says(small, "GET / HT");
    let waiting = hold(&mut stage);
    let large = stage.accept();
    stage.says(large, GET);
    let upstream = stage.connected();
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n";
    assert!(stage.receives(upstream, head));
    while stage.receives(upstream, &"x".repeat(8000)) {}
    stage.passes_unwritten(SECOND / 4);
    stage.set_base(9_710_000 - stage.held_bytes());
    stage.passes_unwritten(SECOND / 4);
    assert_eq!(stage.closed(large), Some(true));
    assert_eq!(stage.closed(small), None);
    assert_eq!(stage.closed(waiting), None);
    assert_eq!(stage.reached(Limit::MemoryReset), 1);
}

#[test]
fn what_comes_in_one_turn_stays_within_the_budget_too() {
    let mut stage = Stage::new(1);
    stage.set_budget(10 * MB);
    stage.passes(SECOND / 4);
    let mut upstreams = Vec::new();
    for _ in 0..100 {
        hold(&mut stage);
        upstreams.push(stage.connected());
    }
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n";
    for &upstream in &upstreams {
        assert!(stage.receives(upstream, head));
    }
    for _ in 0..20 {
        for &upstream in &upstreams {
            stage.receives(upstream, &"x".repeat(8000));
        }
    }
    assert!(stage.reached(Limit::MemoryReset) > 0);
    assert!(stage.account_bytes() < 10 * MB);
}

#[test]
fn what_the_kernel_counts_is_in_force_when_it_is_more() {
    let mut stage = squeezed(10);
    stage.set_measured(91 * MB);
    stage.passes(SECOND);
    assert_eq!(stage.shard.pressure(), Pressure::Last);
    stage.set_measured(20 * MB);
    stage.passes(SECOND);
    assert_eq!(stage.shard.pressure(), Pressure::None);
}

/// A request that waits for its answer.
fn hold(stage: &mut Stage) -> Token {
    let client = stage.accept();
    stage.says(client, GET);
    client
}

#[test]
fn a_request_that_is_given_up_before_its_response_is_answered_with_overloaded() {
    let mut stage = squeezed(10);
    let client = hold(&mut stage);
    stage.set_base(99 * MB);
    stage.passes(SECOND / 4);
    let answer = stage.heard(client);
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains(&format!("details=\"{}\"", Reason::Overloaded.name())));
}
