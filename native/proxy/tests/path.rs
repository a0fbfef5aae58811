//! Replays the seed corpus of the path's fuzz target, and the paths that peers once got wrong.

#![allow(clippy::expect_used, clippy::print_stdout)] // helpers of a test; the last printed path names the seed

use std::fs;
use std::path::Path;

#[path = "properties/path.rs"]
mod path;
mod support;

use support::{Mesh, mesh_text};

#[test]
fn p2_the_path_that_is_matched_is_the_one_forwarded_on_the_whole_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/path");
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the corpus folder is there") {
        let seed = entry.expect("a readable entry").path();
        println!("{}", seed.display());
        path::holds(&fs::read(&seed).expect("a readable seed"));
        count += 1;
    }
    assert!(count >= SEEDS_MIN, "{count} seeds in {}", folder.display());
}

#[test]
fn p2_every_short_path_of_the_bytes_that_matter_is_matched_as_it_is_forwarded() {
    let mut paths = vec![String::new()];
    for _ in 0..4 {
        let longer = paths
            .iter()
            .flat_map(|path| PIECES.map(|piece| format!("{path}{piece}")));
        paths = longer.collect();
        for path in &paths {
            path::holds(path.as_bytes());
        }
    }
}

#[test]
fn p1_a_path_without_a_normal_form_reaches_no_upstream() {
    let mut mesh = Mesh::of(&mesh_text(r#""name":"edge","#, "[]", ""));
    let client = mesh.client_with("GET /a/%2e%2e/../b HTTP/1.1\r\nhost: a\r\n\r\n");
    assert!(
        mesh.received(client)
            .starts_with("HTTP/1.1 400 Bad Request\r\n")
    );
    assert_eq!(mesh.try_upstream(), None);
}

/// What normalization tells apart.
const PIECES: [&str; 9] = ["/", ".", "..", "a", "b", "%2e", "%2F", "%61", "\\"];
/// Fewer seeds than this means that the corpus was lost.
const SEEDS_MIN: usize = 20;
