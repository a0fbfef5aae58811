//! Replays the seed corpus of the fuzz target `log`.

#![allow(clippy::expect_used)] // helpers of a test

use std::fs;
use std::path::Path;

use heddle_stats::access;

#[path = "properties/line.rs"]
mod line;

#[test]
fn the_access_log_holds_its_properties_on_the_whole_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/log");
    let seeds = fs::read_dir(folder).expect("the corpus folder is there");
    let mut count = 0;
    for seed in seeds {
        line::holds(&fs::read(seed.expect("a readable entry").path()).expect("a readable seed"));
        count += 1;
    }
    assert!(count > 0, "there are seeds");
}
