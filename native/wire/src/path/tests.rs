//! What a path becomes, and what is refused.

use super::*;

#[test]
fn p1_a_normal_path_stays_as_it_is() {
    assert_stays("/");
    assert_stays("/a/b.c/..d/e../...");
    assert_stays("//a///b/");
    assert_stays("/a;x=1/b:c@d!$&'()*+,=");
    assert_stays("/%2F%5C%20%C3%A4%25%3B");
    assert_stays("/.well-known/x");
    assert_stays("/a._~-");
}

#[test]
fn p1_escapes_of_unreserved_characters_are_decoded_and_others_written_in_upper_case() {
    assert_eq!(normal("/%41%7a%30%2D%5f%7E"), Ok("/Az0-_~".into()));
    assert_eq!(normal("/%2f%5c%c3%a4"), Ok("/%2F%5C%C3%A4".into()));
    assert_eq!(
        normal("/%2541"),
        Ok("/%2541".into()),
        "decoded once, not twice"
    );
    assert_eq!(normal("/a%0d%0A"), Ok("/a%0D%0A".into()));
}

#[test]
fn p1_dot_segments_are_resolved_however_they_are_spelled() {
    assert_eq!(normal("/a/./b"), Ok("/a/b".into()));
    assert_eq!(normal("/a/../b"), Ok("/b".into()));
    assert_eq!(normal("/a/b/.."), Ok("/a/".into()));
    assert_eq!(normal("/a/."), Ok("/a/".into()));
    assert_eq!(normal("/."), Ok("/".into()));
    assert_eq!(normal("/a/.."), Ok("/".into()));
    assert_eq!(normal("/a/%2e%2E/b"), Ok("/b".into()));
    assert_eq!(normal("/a/.%2e/%2e/b"), Ok("/b".into()));
    assert_eq!(normal("/a//../b"), Ok("/a/b".into()));
    assert_eq!(normal("//../b"), Ok("/b".into()));
    assert_eq!(normal("/a/b/../../c/d/.."), Ok("/c/".into()));
}

#[test]
fn p1_a_path_that_climbs_above_its_root_is_refused() {
    assert_eq!(normal("/.."), Err(Malformed));
    assert_eq!(normal("/../a"), Err(Malformed));
    assert_eq!(normal("/a/../../a"), Err(Malformed));
    assert_eq!(normal("/./%2e%2e/a"), Err(Malformed));
    assert_eq!(normal("/a/..").as_deref(), Ok("/"));
}

#[test]
fn p1_a_broken_escape_and_an_escaped_nul_are_refused() {
    assert_eq!(normal("/%"), Err(Malformed));
    assert_eq!(normal("/%4"), Err(Malformed));
    assert_eq!(normal("/%4g"), Err(Malformed));
    assert_eq!(normal("/%%41"), Err(Malformed));
    assert_eq!(normal("/a%00b"), Err(Malformed));
    assert_eq!(
        normal("/%41%0"),
        Err(Malformed),
        "behind an escape that is fine"
    );
    assert_eq!(normal("/%01").as_deref(), Ok("/%01"));
}

#[test]
fn p1_a_backslash_is_refused_and_an_escaped_one_stays_escaped() {
    assert_eq!(normal("/a\\b"), Err(Malformed));
    assert_eq!(normal("/%41\\..\\b"), Err(Malformed));
    assert_eq!(normal("/a%5cb").as_deref(), Ok("/a%5Cb"));
}

fn normal(path: &str) -> Result<String, Malformed> {
    let mut bytes = path.as_bytes().to_vec();
    let length = normalize(&mut bytes)?;
    Ok(String::from_utf8(bytes[..length].to_vec()).expect("ASCII"))
}

fn assert_stays(path: &str) {
    assert_eq!(is_normal(path.as_bytes()), Ok(true), "{path}");
    assert_eq!(normal(path).as_deref(), Ok(path));
}
