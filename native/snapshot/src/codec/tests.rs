//! The codec against the golden files of the compiler and against bytes it has to refuse.

use std::{fs, path::Path};

use super::{DecodeError, decode, decode_endpoints, encode};

/// Every stored snapshot is either in canonical form or its indented spelling (for readable
/// differences).
#[test]
fn golden_snapshots_survive_decoding_and_encoding_byte_for_byte() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/compile/golden");
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the folder of golden snapshots exists") {
        let path = entry.expect("a folder entry is readable").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let stored = fs::read_to_string(&path).expect("a golden snapshot is readable");
        let snapshot =
            decode(stored.as_bytes()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let canonical = String::from_utf8(encode(&snapshot)).expect("JSON is UTF-8");
        let indented = serde_json::to_string_pretty(&snapshot).expect("a snapshot has a JSON form");
        let stored = stored.trim_end_matches('\n');
        assert!(
            stored == canonical || stored == indented,
            "{}: not what encoding gives",
            path.display()
        );
        crate::consistent(&snapshot)
            .unwrap_or_else(|found| panic!("{}: {found:?}", path.display()));
        count += 1;
    }
    assert!(count > 0, "{} holds no snapshot", folder.display());
}

#[test]
fn encoding_is_camel_case_without_white_space_and_omits_an_absent_source() {
    let snapshot = crate::consistent::tests::sample();
    let text = String::from_utf8(encode(&snapshot)).unwrap();
    let expected = r#"{"version":3,"mesh":"shop","listeners":[{"name":"edge","address":"127.0.0.1:8080","protocol":"http","service":0,"origin":0},"#;
    assert_eq!(&text[..expected.len()], expected);
    assert_eq!(decode(text.as_bytes()), Ok(snapshot));
}

#[test]
fn an_unknown_field_is_refused_as_shape() {
    let text = r#"{"version":1,"services":[],"extra":0}"#;
    assert!(matches!(
        decode_endpoints(text.as_bytes()),
        Err(DecodeError::Shape { .. })
    ));
}

#[test]
fn a_missing_field_is_refused_as_shape() {
    assert!(matches!(
        decode_endpoints(br#"{"version":1}"#),
        Err(DecodeError::Shape { .. })
    ));
}

#[test]
fn a_truncated_document_and_trailing_bytes_are_refused_as_syntax() {
    assert!(matches!(
        decode_endpoints(br#"{"version":1,"#),
        Err(DecodeError::Syntax { .. })
    ));
    assert!(matches!(
        decode_endpoints(br#"{"version":1,"services":[]}x"#),
        Err(DecodeError::Syntax { .. })
    ));
}

#[test]
fn endpoints_decode_alone() {
    let endpoints =
        decode_endpoints(br#"{"version":7,"services":[[{"address":"[::1]:80"}],[]]}"#).unwrap();
    assert_eq!((endpoints.version, endpoints.services.len()), (7, 2));
    assert_eq!(endpoints.services[0][0].address, "[::1]:80");
}
