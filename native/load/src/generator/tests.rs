//! The generator against the upstream and the relay, in one process over loopback.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use super::{Generator, Until};
use crate::plan::{Exchange, Plan, Requests};
use crate::relay::{Protocol, relay};
use crate::upstream::{Service, serve};

fn upstream(service: Service) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || serve(&listener, service));
    address
}

fn relay_to(upstream: SocketAddr, protocol: Protocol) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || relay(&listener, upstream, protocol));
    address
}

fn http(address: SocketAddr) -> Plan {
    Plan {
        address,
        connections: 4,
        requests: Requests::http(&["/".to_owned()], "api", &[]),
        exchange: Exchange::Http,
    }
}

#[test]
fn every_request_through_the_relay_is_answered_whole() {
    let address = relay_to(
        upstream(Service::Http {
            body_bytes: 300_000,
        }),
        Protocol::Http,
    );
    let mut generator = Generator::connect(http(address)).unwrap();
    let report = generator.run(Until::Answered(50)).unwrap();
    assert!((50..54).contains(&report.requests));
    assert!(report.bytes > report.requests * 300_000);
    assert!(report.errors.is_empty());
}

#[test]
fn a_second_interval_counts_only_its_own_requests() {
    let mut generator =
        Generator::connect(http(upstream(Service::Http { body_bytes: 10 }))).unwrap();
    generator.run(Until::Answered(100)).unwrap();
    let report = generator.run(Until::Answered(10)).unwrap();
    assert!((10..14).contains(&report.requests));
}

#[test]
fn downloads_through_the_relay_count_every_byte() {
    let body_bytes = 1_000_000;
    let address = relay_to(upstream(Service::Raw { body_bytes }), Protocol::Tcp);
    let plan = Plan {
        connections: 2,
        requests: Requests::download(),
        exchange: Exchange::Download {
            answer_bytes: body_bytes,
        },
        ..http(address)
    };
    let report = Generator::connect(plan)
        .unwrap()
        .run(Until::Answered(20))
        .unwrap();
    assert_eq!(report.bytes, report.requests * body_bytes as u64);
    assert!(report.errors.is_empty());
}

#[test]
fn a_refusal_is_an_error_and_an_announced_close_is_none() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1000]);
            let answer = b"HTTP/1.1 503 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            let _ = stream.write_all(answer);
        }
    });
    let plan = Plan {
        connections: 1,
        ..http(address)
    };
    let report = Generator::connect(plan)
        .unwrap()
        .run(Until::Answered(3))
        .unwrap();
    assert_eq!(report.requests, 3);
    assert_eq!(report.errors.get("status_503"), Some(&3));
    assert_eq!(report.errors.len(), 1);
}

#[test]
fn a_peer_that_closes_without_answer_makes_the_run_fail() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().for_each(drop));
    let run = Generator::connect(http(address))
        .unwrap()
        .run(Until::Answered(1));
    assert!(run.is_err());
}
