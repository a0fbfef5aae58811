//! The same seeds each time, some new ones, and faults planted on purpose, which have to be found.

use std::time::{SystemTime, UNIX_EPOCH};

use heddle_sim::{Options, Sabotage, run};

const FIXED_SEEDS: u64 = 300;
const NEW_SEEDS: u64 = 60;

fn check(seed: u64) {
    let result = run(Options {
        seed,
        sabotage: None,
    });
    assert!(
        result.is_ok(),
        "HEDDLE_SIM_SEED={seed} replays this: {result:?}"
    );
}

#[test]
fn fixed_seeds_keep_every_invariant() {
    (0..FIXED_SEEDS).for_each(check);
}

#[test]
fn new_seeds_or_the_one_that_is_asked_for_keep_every_invariant() {
    #[allow(clippy::disallowed_methods)] // the one place where a run shall differ from the last
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_nanos() as u64;
    let asked = std::env::var("HEDDLE_SIM_SEED")
        .ok()
        .map(|seed| seed.parse().unwrap());
    let first = asked.unwrap_or(now);
    let count = if asked.is_some() { 1 } else { NEW_SEEDS };
    (0..count).for_each(|step| check(first.wrapping_add(step)));
}

#[test]
fn a_seed_plays_the_same_twice() {
    let play = || {
        run(Options {
            seed: 7,
            sabotage: None,
        })
        .unwrap()
    };
    assert_eq!(play(), play());
}

#[test]
fn the_runs_do_something() {
    let total = (0..40).map(|seed| {
        run(Options {
            seed,
            sabotage: None,
        })
        .unwrap()
    });
    let (answered, local, retried, upgraded) = total.fold((0, 0, 0, 0), |sum, run| {
        (
            sum.0 + run.answered,
            sum.1 + run.local,
            sum.2 + run.retried,
            sum.3 + run.upgraded,
        )
    });
    assert!(upgraded > 50, "{upgraded}");
    assert!(answered > 800, "{answered}");
    assert!(local > 50, "{local}");
    assert!(retried > 10, "{retried}");
}

#[test]
fn a_planted_mix_up_is_found() {
    assert!(is_found(Sabotage::MixUp, "I1 no mix-up"));
}

#[test]
fn a_planted_truncation_is_found() {
    assert!(is_found(
        Sabotage::Truncation,
        "I4 truncated is never complete"
    ));
}

#[test]
fn a_planted_change_of_a_relayed_byte_is_found() {
    assert!(is_found(
        Sabotage::FlippedByte,
        "I12 relayed bytes are identical"
    ));
}

#[test]
fn a_lost_event_is_found() {
    assert!(is_found(Sabotage::LostEvent, "liveness"));
}

#[test]
fn a_request_counted_twice_is_found() {
    assert!(is_found(Sabotage::DoubleCount, "I8 statistics reconcile"));
}

#[test]
fn a_request_with_effects_that_comes_twice_is_found() {
    assert!(is_found(Sabotage::Repetition, "I2 executed once at most"));
}

/// Whether the planted fault breaks the named invariant, in the runs without other faults.
fn is_found(sabotage: Sabotage, invariant: &str) -> bool {
    let seeds = (0..80).step_by(4);
    let mut results = seeds.map(|seed| {
        run(Options {
            seed,
            sabotage: Some(sabotage),
        })
    });
    results.any(|result| result.is_err_and(|found| found.invariant == invariant))
}
