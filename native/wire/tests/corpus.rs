//! Replays the seed corpora of the fuzz targets, so that every input that was ever worth keeping is tested for good.

#![allow(clippy::expect_used, clippy::print_stdout)] // helpers of a test; the last printed path names the seed

use std::fs;
use std::path::Path;

#[path = "properties/chunked.rs"]
mod chunked;
#[path = "properties/proxy_protocol.rs"]
mod proxy_protocol;
#[path = "properties/request.rs"]
mod request;
#[path = "properties/response.rs"]
mod response;

#[test]
fn d4_the_request_parser_holds_its_properties_on_the_whole_corpus() {
    replay("request", request::holds);
}

#[test]
fn d4_the_response_parser_holds_its_properties_on_the_whole_corpus() {
    replay("response", response::holds);
}

#[test]
fn d4_the_chunked_decoder_holds_its_properties_on_the_whole_corpus() {
    replay("chunked", chunked::holds);
}

#[test]
fn d4_the_parser_of_proxy_headers_holds_its_properties_on_the_whole_corpus() {
    replay("proxy_protocol", proxy_protocol::holds);
}

/// Each seed also goes to the other parsers, to which it is hostile input.
#[test]
fn no_parser_fails_on_the_seeds_of_another() {
    for target in ["request", "response", "chunked", "proxy_protocol"] {
        replay(target, |bytes| {
            request::holds(bytes);
            response::holds(bytes);
            chunked::holds(bytes);
            proxy_protocol::holds(bytes);
        });
    }
}

fn replay(target: &str, holds: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the corpus folder is there") {
        let path = entry.expect("a readable entry").path();
        println!("{}", path.display());
        holds(&fs::read(&path).expect("a readable seed"));
        count += 1;
    }
    assert!(count >= SEEDS_MIN, "{count} seeds in {}", folder.display());
}

/// Fewer seeds than this means that a corpus was lost.
const SEEDS_MIN: usize = 20;
