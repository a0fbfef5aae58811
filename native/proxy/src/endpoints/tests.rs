//! Shares of a service's endpoints while they come into use, by a clock that is moved by hand.

#![allow(clippy::expect_used)] // a test that cannot set up its snapshot has failed

use super::*;
use crate::health::Verdict;

const S: u64 = 1_000_000_000;
/// Of the service.
const WARM_UP_S: u64 = 20;

struct Stage {
    table: EndpointTable,
    compiled: Compiled,
    services: Vec<ServiceView>,
    rng: Rng,
}

impl Stage {
    fn new(ports: &[u16]) -> Self {
        let text = format!(
            r#"{{"version":1,"mesh":"m","listeners":[],"services":[{{"name":"web","namespace":"default",
            "protocol":"http","balancer":"roundRobin","timeouts":{{"connectMs":0,"requestMs":0}},"rules":[],
            "warmUpMs":{},"origin":0}}],"rules":[],"endpoints":{{"version":1,"services":[[]]}},
            "origins":[{{"file":"mesh.yaml","line":1,"resource":"service/web"}}]}}"#,
            WARM_UP_S * 1_000
        );
        let snapshot = snapshot::decode(text.as_bytes()).expect("a snapshot");
        let mut stage = Self {
            table: EndpointTable::default(),
            compiled: Compiled::new(snapshot).expect("no listeners"),
            services: Vec::new(),
            rng: Rng::new(7),
        };
        stage.publish(ports, None, S);
        stage
    }

    fn publish(&mut self, ports: &[u16], verdicts: Option<&Arc<Verdicts>>, now: u64) {
        let endpoint = |port: &u16| snapshot::Endpoint {
            address: format!("127.0.0.1:{port}"),
            weight: 1,
        };
        let endpoints = Endpoints {
            version: 1,
            services: vec![ports.iter().map(endpoint).collect()],
        };
        let sources = (&self.compiled, &endpoints, &[verdicts.cloned()][..]);
        self.services = self.table.replace(sources, &mut self.rng, now);
    }

    /// Of a thousand picks those of the endpoint with this port.
    fn picks(&mut self, port: u16, now: u64) -> usize {
        let picks = (0..1_000).filter_map(|_| {
            let slot = self.table.pick(&self.services[0], &mut self.rng, now)?;
            Some(self.table.address(slot).to_string())
        });
        let wanted = format!("127.0.0.1:{port}");
        picks.filter(|picked| *picked == wanted).count()
    }
}

#[test]
fn endpoints_of_a_service_that_begins_have_their_whole_share() {
    let mut stage = Stage::new(&[1, 2]);
    assert_eq!(stage.picks(1, S), 500);
}

#[test]
fn the_share_of_a_new_endpoint_grows_from_a_tenth_to_the_whole() {
    let mut stage = Stage::new(&[1]);
    stage.publish(&[1, 2], None, 100 * S);
    // A weight of 10 beside one of 100, then 50, then 100.
    let begin = stage.picks(2, 100 * S);
    let middle = stage.picks(2, (100 + WARM_UP_S / 2) * S);
    let end = stage.picks(2, (100 + WARM_UP_S) * S);
    assert!((86..=96).contains(&begin), "{begin}");
    assert!((328..=338).contains(&middle), "{middle}");
    assert_eq!(end, 500);
}

#[test]
fn another_publication_does_not_begin_the_time_anew() {
    let mut stage = Stage::new(&[1]);
    stage.publish(&[1, 2], None, 100 * S);
    stage.publish(&[2, 1], None, (100 + WARM_UP_S / 2) * S);
    let middle = stage.picks(2, (100 + WARM_UP_S / 2) * S);
    assert!((328..=338).contains(&middle), "{middle}");
}

#[test]
fn an_endpoint_that_passes_its_tests_again_warms_up() {
    let mut stage = Stage::new(&[1, 2, 3]);
    let verdicts = Arc::new(Verdicts::new([Verdict::Healthy; 3]));
    stage.publish(&[1, 2, 3], Some(&verdicts), 2 * S);
    let before = stage.picks(3, 3 * S);
    assert!((333..=334).contains(&before), "{before}");

    verdicts.set(2, Verdict::Unhealthy);
    assert_eq!(stage.picks(3, 4 * S), 0);
    verdicts.set(2, Verdict::Healthy);
    let begin = stage.picks(3, 100 * S);
    assert!((43..=52).contains(&begin), "{begin}");
    let end = stage.picks(3, (100 + WARM_UP_S) * S);
    assert!((332..=334).contains(&end), "{end}");
}
