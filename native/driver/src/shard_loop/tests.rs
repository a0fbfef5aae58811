//! A shard with real sockets, one thread, and a fault in the middle of a turn.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use stats::Reason;

use crate::fault_point;
use crate::monotonic_ns;
use crate::runtime::{Runtime, RuntimeOptions};

use super::*;

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[test]
fn a_panic_in_a_turn_ends_one_connection_and_the_turn_goes_on() {
    for place in 1..6 {
        let mut bench = Bench::new();
        let mut clients = [(); 4].map(|()| bench.client());
        for client in &mut clients {
            client.write_all(GET).unwrap();
        }

        fault_point::arm(place);
        let answers = bench.answers(&mut clients);

        let lost = answers.iter().filter(|answer| answer.is_empty()).count();
        assert_eq!(lost, 1, "at effect {place}: {answers:?}");
        assert_eq!(bench.shard.shard.stats().panics.get(), 1);
        assert_eq!(bench.shard.shard.stats().failures(Reason::InternalError), 1);
        let usage = bench.shard.shard.audit().unwrap();
        assert_eq!(usage.downstreams, 3, "at effect {place}");
        for client in &mut clients {
            // Fails on the connection that ended.
            let _ = client.write_all(GET);
        }
        let again = bench.answers(&mut clients);
        assert_eq!(again.iter().filter(|answer| !answer.is_empty()).count(), 3);
    }
}

#[test]
fn a_panic_while_a_deadline_passes_ends_that_connection_alone() {
    let mut bench = Bench::new();
    let mut clients = [bench.client(), bench.client()];
    clients[0].write_all(b"GET").unwrap();
    bench.turns();

    fault_point::arm(1);
    let later = monotonic_ns() + 11_000_000_000;
    bench.shard.turn(later);
    assert_eq!(bench.shard.shard.stats().panics.get(), 1);

    clients[1].write_all(GET).unwrap();
    let answers = bench.answers(&mut clients);
    assert_eq!(answers.map(|answer| answer.is_empty()), [true, false]);
}

#[test]
fn the_eleventh_panic_within_a_minute_asks_for_another_process() {
    let mut bench = Bench::new();
    for _ in 0..11 {
        let mut clients = [bench.client()];
        clients[0].write_all(GET).unwrap();
        assert!(!bench.runtime.is_faulty());
        fault_point::arm(1);
        bench.answers(&mut clients);
    }
    assert!(bench.runtime.is_faulty());
    bench.turns();
    assert_eq!(bench.faulty_count, 1, "it is said once");
}

struct Bench {
    runtime: Runtime,
    shard: ShardLoop,
    edge: SocketAddr,
    faulty_count: usize,
}

impl Bench {
    fn new() -> Self {
        let origin = origin();
        let edge = free_address();
        let options = RuntimeOptions {
            shards: 1,
            share: false,
            memory_bytes: u64::MAX,
        };
        let runtime = Runtime::new(options).unwrap();
        runtime.publish(snapshot(edge, origin).as_bytes()).unwrap();
        let shard = runtime.shard(0).unwrap().unwrap();
        let mut bench = Self {
            runtime,
            shard,
            edge,
            faulty_count: 0,
        };
        bench.turns();
        bench
    }

    fn client(&mut self) -> TcpStream {
        let client = TcpStream::connect(self.edge).unwrap();
        client.set_nonblocking(true).unwrap();
        self.turns();
        client
    }

    fn turns(&mut self) {
        for _ in 0..3 {
            self.serve();
        }
    }

    fn serve(&mut self) {
        let served = self.shard.serve(Some(monotonic_ns() + 2_000_000));
        self.faulty_count += usize::from(served == Served::Faulty);
    }

    /// Serves until each client has an answer or the end of its connection, and returns which; nothing for an end.
    fn answers<const COUNT: usize>(&mut self, clients: &mut [TcpStream; COUNT]) -> [String; COUNT] {
        let mut answers = [const { None }; COUNT];
        let limit = monotonic_ns() + 5_000_000_000;
        while answers.iter().any(Option::is_none) {
            assert!(
                monotonic_ns() < limit,
                "neither answer nor end: {answers:?}"
            );
            self.serve();
            for (client, answer) in clients.iter_mut().zip(&mut answers) {
                let mut bytes = [0; 1024];
                match client.read(&mut bytes) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Ok(0) | Err(_) => *answer = Some(String::new()),
                    Ok(count) => {
                        *answer = Some(String::from_utf8_lossy(&bytes[..count]).into_owned());
                    }
                }
            }
        }
        answers.map(Option::unwrap_or_default)
    }
}

/// Answers every request of every connection.
fn origin() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut bytes = [0; 1024];
                while stream.read(&mut bytes).is_ok_and(|count| count > 0) {
                    let _ = stream.write_all(OK);
                }
            });
        }
    });
    address
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
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
