//! A process that is out of descriptors refuses connections at once, goes on serving those it has, answers what it cannot
//! connect with 503, and recovers as soon as descriptors are free. In a process of its own, whose limit it lowers.

#![allow(clippy::expect_used)] // a test that cannot set up its sockets has failed

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use heddle_driver::{Runtime, RuntimeOptions, Served, monotonic_ns};
use rustix::process::{Resource, Rlimit, setrlimit};
use stats::{Limit, Reason};

const LIMIT: u64 = 256;
const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";

#[test]
fn exhaustion_refuses_and_recovers_within_a_second() {
    let limit = Rlimit {
        current: Some(LIMIT),
        maximum: Some(LIMIT),
    };
    setrlimit(Resource::Nofile, limit).expect("a lower limit");
    let origin = origin();
    let edge = free_address();
    let options = RuntimeOptions {
        shards: 1,
        share: false,
        memory_bytes: u64::MAX,
    };
    let runtime = Arc::new(Runtime::new(options).expect("a runtime"));
    let shard = {
        let runtime = Arc::clone(&runtime);
        thread::spawn(move || {
            let mut shard = runtime.shard(0).expect("shard 0").expect("its descriptors");
            assert_eq!(shard.serve(None), Served::Stopped);
            runtime.ended();
        })
    };
    let snapshot = snapshot(edge, origin);
    runtime
        .publish(snapshot.as_bytes())
        .expect("a snapshot that is taken");
    let mut first = connect(edge).expect("a first client");
    assert_eq!(status(&mut first).as_deref(), Some("200"));

    // Both ends are in this process: it runs out long before its connections reach their own limit.
    let mut clients = Vec::new();
    while let Ok(client) = connect(edge) {
        clients.push(client);
    }
    assert!(clients.len() > 80, "{} clients", clients.len());
    assert_eq!(
        status(&mut first).as_deref(),
        Some("200"),
        "the first is still served"
    );

    // A client whose connection the shard could not take sees its end, not silence.
    let last = clients.last_mut().expect("a client");
    assert_eq!(status(last), None);
    assert!(failures(&runtime, Reason::Overloaded) > 0);
    let limits = runtime.stats().limits;
    assert!(
        limits
            .iter()
            .any(|row| row.limit == Limit::Connections.name())
    );

    drop(clients);
    let freed = monotonic_ns();
    let took = loop {
        let answer = connect(edge)
            .ok()
            .and_then(|mut client| status(&mut client));
        let took = monotonic_ns() - freed;
        assert!(took < 1_000_000_000, "not back within a second");
        if answer.as_deref() == Some("200") {
            break took;
        }
    };
    println!(
        "served again {} ms after descriptors were free",
        took / 1_000_000
    );

    runtime.stop(Duration::from_secs(5));
    shard.join().expect("a shard that ends");
}

fn failures(runtime: &Runtime, reason: Reason) -> u64 {
    let failures = runtime.stats().failures;
    let found = failures.iter().find(|failure| failure.error == reason);
    found.map_or(0, |failure| failure.count)
}

fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    Ok(stream)
}

/// Status of the answer to a request; `None` when the connection ended. Silence fails the test.
fn status(client: &mut TcpStream) -> Option<String> {
    client.write_all(GET).ok()?;
    let mut bytes = [0; 1024];
    let count = match client.read(&mut bytes) {
        Ok(count) => count,
        Err(error) => {
            assert_ne!(
                error.kind(),
                ErrorKind::WouldBlock,
                "neither answer nor end"
            );
            return None;
        }
    };
    let text = std::str::from_utf8(&bytes[..count]).ok()?;
    Some(text.split(' ').nth(1)?.to_owned())
}

/// Answers every request of its connections, one after the other.
fn origin() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut bytes = [0; 1024];
                while stream.read(&mut bytes).is_ok_and(|count| count > 0) {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                }
            });
        }
    });
    address
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address")
}

fn snapshot(edge: SocketAddr, origin: SocketAddr) -> String {
    format!(
        r#"{{"version":1,"mesh":"m","listeners":[{{"name":"edge","address":"{edge}","protocol":"http","service":0,"origin":0}}],
        "services":[{{"name":"web","namespace":"default","protocol":"http","balancer":"peakEwma",
        "timeouts":{{"connectMs":1000,"requestMs":15000}},"rules":[],"origin":0}}],"rules":[],
        "endpoints":{{"version":1,"services":[[{{"address":"{origin}"}}]]}},
        "origins":[{{"file":"mesh.yaml","line":1,"resource":"Mesh/m"}}]}}"#
    )
}
