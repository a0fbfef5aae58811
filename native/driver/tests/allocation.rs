//! A warm shard allocates nothing: ten thousand requests over real sockets, each with a line in the access log, counted
//! on the shard's own thread. The service has all that a pick of an endpoint looks at: weights and health checks.

#![allow(clippy::expect_used)] // a test that cannot set up its sockets has failed

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use heddle_driver::{Runtime, RuntimeOptions, Served};

#[test]
fn ten_thousand_requests_on_warm_connections_allocate_nothing() {
    let origins = [origin(), origin()];
    let edge = free_address();
    let runtime = Arc::new(
        Runtime::new(RuntimeOptions {
            shards: 1,
            share: false,
            memory_bytes: u64::MAX,
        })
        .expect("a runtime"),
    );
    let shard = {
        let runtime = Arc::clone(&runtime);
        thread::spawn(move || run_shard(&runtime))
    };
    runtime
        .publish(snapshot(edge, origins).as_bytes())
        .expect("a snapshot that is taken");
    while runtime.stats().health[0]
        .endpoints
        .iter()
        .any(|endpoint| endpoint.state != "healthy")
    {
        thread::yield_now();
    }
    let mut clients: Vec<TcpStream> = (0..8).map(|_| connect(edge)).collect();

    exchange(&mut clients, 250);
    let before = COUNT.load(Ordering::SeqCst);
    exchange(&mut clients, 1250);
    let during = COUNT.load(Ordering::SeqCst) - before;

    runtime.stop(Duration::from_secs(5));
    shard.join().expect("a shard that ends");
    let lines = std::fs::read_to_string(log_path())
        .expect("an access log")
        .lines()
        .count();
    std::fs::remove_file(log_path()).expect("an access log");
    assert!(before > 0, "the counter does not count");
    assert_eq!(during, 0, "allocations while warm");
    let dropped = runtime.stats().log_dropped;
    assert_eq!(lines as u64 + dropped, 12_000, "one line for each request");
}

/// Sends `rounds` requests on each client, of every framing in turn, and reads each answer.
fn exchange(clients: &mut [TcpStream], rounds: usize) {
    for round in 0..rounds {
        let request = REQUESTS[round % REQUESTS.len()];
        for client in &mut *clients {
            client
                .write_all(request.as_bytes())
                .expect("a request that goes out");
        }
        for client in &mut *clients {
            let answer = read_message(client).expect("an answer");
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
            assert!(answer.ends_with("hello") || answer.ends_with("0\r\n\r\n"));
        }
    }
}

const REQUESTS: [&str; 4] = [
    "GET /length?a=%32 HTTP/1.1\r\nhost: a\r\naccept: */*\r\n\r\n",
    "GET /chunked HTTP/1.1\r\nhost: a\r\norigin: https://a.example\r\nte: trailers\r\nconnection: te\r\n\r\n",
    "POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nx-request-id: a-name-that-is-longer-than-those-of-uuids\r\n\r\nhello",
    "POST /chunked HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
];

fn run_shard(runtime: &Runtime) {
    let mut shard = runtime.shard(0).expect("shard 0").expect("its descriptors");
    IS_COUNTED.set(true);
    assert_eq!(shard.serve(None), Served::Stopped);
    IS_COUNTED.set(false);
    runtime.ended();
}

/// A server that answers by path, with a length or in chunks; one thread for each connection.
fn origin() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    address
}

fn serve(mut stream: TcpStream) {
    while let Some(request) = read_message(&mut stream) {
        let answer: &[u8] = if request.contains("/chunked ") {
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        } else {
            b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
        };
        if stream.write_all(answer).is_err() {
            return;
        }
    }
}

/// One whole message of the few forms that this test sends.
fn read_message(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    let mut bytes = [0; 4096];
    loop {
        let count = stream.read(&mut bytes).ok().filter(|&count| count > 0)?;
        text.push_str(std::str::from_utf8(&bytes[..count]).ok()?);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let complete = if head.contains("chunked\r") || head.ends_with("chunked") {
            body.ends_with("0\r\n\r\n")
        } else {
            !head.contains("content-length: 5") || body.len() == 5
        };
        if complete {
            return Some(text);
        }
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a listening shard");
    stream.set_nodelay(true).expect("an open socket");
    let limit = Some(Duration::from_secs(10));
    stream.set_read_timeout(limit).expect("an open socket");
    stream
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address")
}

fn log_path() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("heddle-allocation-{}.log", std::process::id()))
}

fn snapshot(edge: SocketAddr, [one, other]: [SocketAddr; 2]) -> String {
    let log = log_path();
    let log = log.display();
    format!(
        r#"{{"version":1,"mesh":"m","listeners":[{{"name":"edge","address":"{edge}","protocol":"http","service":0,
        "requestId":"keep","origin":0}}],
        "services":[{{"name":"web","namespace":"default","protocol":"http","balancer":"peakEwma",
        "timeouts":{{"connectMs":1000,"requestMs":15000}},"rules":[0],
        "healthCheck":{{"http":{{"host":"web","path":"/length","statuses":[{{"first":200,"last":299}}]}},
        "intervalMs":20,"timeoutMs":1000,"rise":1,"fall":9}},"origin":0}}],
        "rules":[{{"route":"default/r","matches":[
        {{"path":{{"kind":"regex","value":"/(length|chunked)"}},"headers":[{{"kind":"regex","name":"host","value":"[b-z]+"}}]}},
        {{"path":{{"kind":"regex","value":"/l.*"}},"headers":[],"queryParams":[{{"kind":"regex","name":"a","value":"[3-9]"}}]}},
        {{"path":{{"kind":"regex","value":"(.|/)*l(.|/){{60}}"}},"headers":[]}},
        {{"path":{{"kind":"prefix","value":"/"}},"headers":[]}}],
        "requestHeaders":{{"set":[{{"name":"x-a","value":"b"}}],"add":[],"remove":["accept"]}},
        "responseHeaders":{{"set":[],"add":[{{"name":"x-c","value":"d"}}],"remove":[]}},
        "cors":{{"allowOrigins":["https://*.example"],"maxAgeSeconds":5}},
        "backends":[{{"weight":1,"target":{{"kind":"service","service":0}}}}],"origin":0}}],
        "endpoints":{{"version":1,"services":[[{{"address":"{one}","weight":2}},{{"address":"{other}"}}]]}},
        "accessLog":{{"path":"{log}","format":"json","sample":1}},
        "origins":[{{"file":"mesh.yaml","line":1,"resource":"Mesh/m"}}]}}"#
    )
}

/// Counts the allocations of the shard's thread; growing in place counts too.
struct Counting;

static COUNT: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static IS_COUNTED: Cell<bool> = const { Cell::new(false) };
}

fn count() {
    // A thread that is ending has no such flag any more, and is none of ours.
    if IS_COUNTED.try_with(Cell::get).unwrap_or(false) {
        COUNT.fetch_add(1, Ordering::SeqCst);
    }
}

// SAFETY: every call goes to the system's allocator unchanged; counting touches a flag of the thread and a number only.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's contract is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is handed on.
        unsafe { System.dealloc(pointer, layout) };
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's contract is handed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
