//! Writes the TypeScript types of the contract to `src/snapshot/generated/`, one file per type, in
//! every test run. Files that already hold the right text are left alone; files of types that are
//! gone are removed.

use std::{collections::BTreeMap, fs, path::Path};

use ts_rs::{Config, TS};

use crate::Snapshot;

#[test]
fn typescript_types_are_written_beside_their_reader() {
    let wanted = generate();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/snapshot/generated");
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in &wanted {
        let path = folder.join(name);
        if fs::read_to_string(&path).ok().as_ref() != Some(text) {
            fs::write(&path, text).unwrap();
        }
    }
    for (name, _) in read_all(&folder) {
        if !wanted.contains_key(&name) {
            fs::remove_file(folder.join(&name)).unwrap();
        }
    }
    assert_eq!(read_all(&folder), wanted);
}

#[test]
fn versions_are_numbers_and_imports_name_the_source_file() {
    let files = generate();
    assert!(files["Snapshot.ts"].contains("version: number"));
    assert!(files["Snapshot.ts"].contains(r#"import type { Endpoints } from "./Endpoints.ts""#));
    assert!(files["Listener.ts"].contains("source?: string"));
}

/// File name to text of every type that `Snapshot` reaches.
fn generate() -> BTreeMap<String, String> {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("main").replace("::", "-");
    let folder =
        std::env::temp_dir().join(format!("heddle-snapshot-{}-{test}", std::process::id()));
    let config = Config::new()
        .with_out_dir(&folder)
        .with_import_extension(Some("ts"))
        .with_large_int("number");
    Snapshot::export_all(&config).unwrap();
    let files = read_all(&folder);
    fs::remove_dir_all(&folder).unwrap();
    files
}

fn read_all(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}
