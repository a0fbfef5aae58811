//! Shares with a fixed seed, the arithmetic of peak EWMA against the exact exponential, the edges
//! of each balancer.

use super::{
    Balancer, Candidates, DECAY_NS, DEFAULT_RTT_NS, EndpointLoad, Moment, Picker,
    candidates::two_distinct,
    decay::{RELATIVE_ERROR_MAX, exp_negative},
    peak_ewma,
};
use crate::rand::Rng;

const MS: u64 = 1_000_000;
const S: u64 = 1_000 * MS;

#[test]
fn the_decay_is_within_its_stated_error_of_the_exact_exponential() {
    let mut worst: f64 = 0.0;
    let mut x: f64 = 1e-9;
    while x < 699.0 {
        worst = worst.max((exp_negative(x) / (-x).exp() - 1.0).abs());
        x *= 1.000_31;
    }
    assert!(worst <= RELATIVE_ERROR_MAX, "{worst}");
    assert!(exp_negative(0.0).to_bits() == 1.0_f64.to_bits());
    assert!(exp_negative(1e6).to_bits() == 0.0_f64.to_bits());
}

#[test]
fn an_estimate_read_after_the_decay_time_has_fallen_to_one_over_e() {
    let load = EndpointLoad::new(5 * S);
    assert_close(peak_ewma::cost(&load, 5 * S), DEFAULT_RTT_NS);
    assert_close(
        peak_ewma::cost(&load, 15 * S),
        DEFAULT_RTT_NS * (-1.0_f64).exp(),
    );
    assert_close(
        peak_ewma::cost(&load, 6 * S),
        DEFAULT_RTT_NS * (-0.1_f64).exp(),
    );
}

#[test]
fn a_sample_above_the_estimate_becomes_the_estimate() {
    let mut load = EndpointLoad::new(0);
    load.on_response_head(200 * MS, S);
    assert_close(load.ewma_ns, 200e6);
}

#[test]
fn a_sample_below_the_estimate_is_averaged_by_the_time_since_the_last() {
    let mut load = EndpointLoad::new(0);
    load.on_response_head(10 * MS, 2 * S);
    let kept = (-2e9 / DECAY_NS).exp();
    assert_close(load.ewma_ns, 30e6 * kept + 10e6 * (1.0 - kept));
    assert_eq!(load.last_ns, 2 * S);
}

#[test]
fn a_sample_from_before_the_last_one_does_not_turn_time_back() {
    let mut load = EndpointLoad::new(2 * S);
    load.on_response_head(10 * MS, S);
    assert_eq!(load.last_ns, 2 * S);
    assert_close(load.ewma_ns, DEFAULT_RTT_NS);
}

#[test]
fn cost_counts_the_requests_in_flight_and_the_one_to_come() {
    let mut load = EndpointLoad::new(0);
    load.on_start();
    load.on_start();
    assert_close(peak_ewma::cost(&load, 0), 3.0 * DEFAULT_RTT_NS);
    load.on_end();
    assert_close(peak_ewma::cost(&load, 0), 2.0 * DEFAULT_RTT_NS);
}

#[test]
fn peak_ewma_prefers_the_faster_of_two_endpoints_always() {
    let mut loads = [EndpointLoad::new(0); 2];
    loads[0].on_response_head(50 * MS, MS);
    assert_eq!(counts(Balancer::PeakEwma, &loads), [0, 1000]);
}

#[test]
fn peak_ewma_of_three_gives_the_slowest_nothing_and_the_fastest_two_thirds() {
    let mut loads = [EndpointLoad::new(0); 3];
    loads[0].on_response_head(90 * MS, MS);
    loads[1].on_response_head(60 * MS, MS);
    let counts = counts(Balancer::PeakEwma, &loads);
    assert_eq!(counts[0], 0);
    assert!((600..=733).contains(&counts[2]), "{counts:?}");
}

#[test]
fn peak_ewma_returns_to_an_endpoint_whose_slowness_is_long_past() {
    let mut loads = [EndpointLoad::new(0); 2];
    loads[0].on_response_head(400 * MS, MS);
    loads[1].on_response_head(31 * MS, 29 * S);
    let mut picker = Picker::new(Balancer::PeakEwma, 0);
    let moment = Moment {
        now_ns: 30 * S,
        random: u64::MAX,
    };
    assert_eq!(
        picker.pick(&equal(&[0, 1]), |slot| &loads[slot as usize], moment),
        Some(0)
    );
}

#[test]
fn least_request_prefers_fewer_in_flight_whatever_the_latency() {
    let mut loads = [EndpointLoad::new(0); 2];
    loads[0].on_response_head(900 * MS, MS);
    loads[1].on_start();
    assert_eq!(counts(Balancer::LeastRequest, &loads), [1000, 0]);
}

#[test]
fn equal_endpoints_share_equally_under_two_choices() {
    let counts = counts(Balancer::PeakEwma, &[EndpointLoad::new(0); 4]);
    assert!(
        counts.iter().all(|count| (200..=300).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn round_robin_takes_each_in_turn_and_survives_a_change_of_the_list() {
    let loads = [EndpointLoad::new(0); 4];
    let mut picker = Picker::new(Balancer::RoundRobin, 2);
    let moment = Moment {
        now_ns: 0,
        random: 0,
    };
    let mut next = |slots: &[u32]| picker.pick(&equal(slots), |slot| &loads[slot as usize], moment);
    let turns: Vec<_> = (0..4).map(|_| next(&[0, 1, 2])).collect();
    assert_eq!(turns, [Some(2), Some(0), Some(1), Some(2)]);
    assert_eq!(
        [next(&[0, 1]), next(&[0, 1]), next(&[0, 1, 2, 3])],
        [Some(1), Some(0), Some(1)]
    );
}

#[test]
fn every_balancer_takes_the_only_endpoint_and_none_of_none() {
    let loads = [EndpointLoad::new(0)];
    for kind in [
        Balancer::PeakEwma,
        Balancer::RoundRobin,
        Balancer::LeastRequest,
    ] {
        let mut picker = Picker::new(kind, 9);
        let moment = Moment {
            now_ns: 0,
            random: u64::MAX,
        };
        assert_eq!(
            picker.pick(&equal(&[0]), |slot| &loads[slot as usize], moment),
            Some(0)
        );
        assert_eq!(
            picker.pick(&equal(&[]), |slot| &loads[slot as usize], moment),
            None
        );
    }
}

#[test]
fn the_two_choices_are_distinct_and_every_ordered_pair_is_equally_likely() {
    let mut rng = Rng::new(11);
    let mut pairs = [[0_u32; 5]; 5];
    for _ in 0..100_000 {
        let (first, second) = two_distinct(5, rng.next_u64());
        pairs[first][second] += 1;
    }
    for (first, row) in pairs.iter().enumerate() {
        for (second, count) in row.iter().enumerate() {
            let expected = if first == second {
                0..=0
            } else {
                4_650..=5_350
            };
            assert!(expected.contains(count), "{pairs:?}");
        }
    }
}

#[test]
fn weights_are_shares_under_every_balancer_while_endpoints_are_equally_good() {
    for kind in [
        Balancer::PeakEwma,
        Balancer::RoundRobin,
        Balancer::LeastRequest,
    ] {
        let weighted = Candidates::new([(0, 7), (1, 2), (2, 0), (3, 1)]);
        let counts = counts_of(kind, &[EndpointLoad::new(0); 4], &weighted);
        let shares = [650..=750, 160..=240, 0..=0, 70..=130];
        for (count, share) in counts.iter().zip(shares) {
            assert!(share.contains(count), "{kind:?}: {counts:?}");
        }
    }
}

#[test]
fn a_heavy_endpoint_that_is_slow_loses_what_two_draws_may_take_from_it() {
    let mut loads = [EndpointLoad::new(0); 2];
    loads[0].on_response_head(900 * MS, MS);
    let counts = counts_of(
        Balancer::PeakEwma,
        &loads,
        &Candidates::new([(0, 1), (1, 1), (0, 0)]),
    );
    assert_eq!(counts, [0, 1000]);
    let counts = counts_of(
        Balancer::PeakEwma,
        &loads,
        &Candidates::new([(0, 3), (1, 1)]),
    );
    // Three quarters of three quarters.
    assert!((510..=615).contains(&counts[0]), "{counts:?}");
}

#[test]
fn weighted_turns_are_spread_and_not_taken_in_a_row() {
    let weighted = Candidates::new([(0, 3), (1, 1)]);
    let loads = [EndpointLoad::new(0); 2];
    let mut picker = Picker::new(Balancer::RoundRobin, 0);
    let moment = Moment {
        now_ns: 0,
        random: 0,
    };
    let turns: Vec<_> = (0..400)
        .filter_map(|_| picker.pick(&weighted, |slot| &loads[slot as usize], moment))
        .collect();
    let longest = turns.split(|slot| *slot == 1).map(<[u32]>::len).max();
    assert!(longest <= Some(4), "{longest:?} in a row");
    let ones = turns.iter().filter(|slot| **slot == 1).count();
    assert!((99..=101).contains(&ones), "{ones}");
}

/// How often each of the endpoints, all of one weight, is picked in 1,000 independent picks at one moment.
fn counts(kind: Balancer, loads: &[EndpointLoad]) -> Vec<u32> {
    let slots: Vec<u32> = (0..loads.len() as u32).collect();
    counts_of(kind, loads, &equal(&slots))
}

fn counts_of(kind: Balancer, loads: &[EndpointLoad], candidates: &Candidates) -> Vec<u32> {
    let mut picker = Picker::new(kind, 0);
    let mut rng = Rng::new(3);
    let mut counts = vec![0; loads.len()];
    for _ in 0..1_000 {
        let moment = Moment {
            now_ns: 2 * MS,
            random: rng.next_u64(),
        };
        let slot = picker
            .pick(candidates, |slot| &loads[slot as usize], moment)
            .unwrap();
        counts[slot as usize] += 1;
    }
    counts
}

fn equal(slots: &[u32]) -> Candidates {
    Candidates::new(slots.iter().map(|slot| (*slot, 1)))
}

fn assert_close(found: f64, expected: f64) {
    let error = (found / expected - 1.0).abs();
    assert!(error <= RELATIVE_ERROR_MAX, "{found} is not {expected}");
}
