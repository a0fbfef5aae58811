//! Authorities; the forms of a target are tested with the request line.

use super::*;

#[test]
fn h1_11_an_authority_is_a_name_with_an_optional_port() {
    assert!(is_authority(b"a"));
    assert!(is_authority(b"A-b_c.d~e.test."));
    assert!(is_authority(b"127.0.0.1:80"));
    assert!(is_authority(b"a:"));
    assert!(is_authority(b"a:0"));
    assert!(is_authority(b"a:65535"));
    assert!(!is_authority(b"a:65536"));
    assert!(!is_authority(b"a:000080"));
    assert!(!is_authority(b"a:80a"));
    assert!(!is_authority(b"a:+80"));
    assert!(!is_authority(b"a:80:80"));
    assert!(!is_authority(b":80"));
    assert!(!is_authority(b""));
}

#[test]
fn h1_11_an_authority_holds_no_list_path_user_information_or_escape() {
    assert!(!is_authority(b"a,b"));
    assert!(!is_authority(b"a/b"));
    assert!(!is_authority(b"a?b"));
    assert!(!is_authority(b"a#b"));
    assert!(!is_authority(b"a\\b"));
    assert!(!is_authority(b"u@a"));
    assert!(!is_authority(b"u:80@a"));
    assert!(!is_authority(b"a b"));
    assert!(!is_authority(b"%61"));
    assert!(!is_authority(b"a%00"));
    assert!(!is_authority(b"\xc3\xa4"));
}

#[test]
fn h1_11_brackets_hold_an_ipv6_address() {
    assert!(is_authority(b"[::]"));
    assert!(is_authority(b"[2001:DB8::1]:443"));
    assert!(is_authority(b"[::ffff:192.0.2.1]"));
    assert!(!is_authority(b"[]"));
    assert!(!is_authority(b"[:]"));
    assert!(!is_authority(b"[::::]"));
    assert!(!is_authority(b"[127.0.0.1]"));
    assert!(!is_authority(b"[fe80::1%25eth0]"));
    assert!(!is_authority(b"[v1.a:b]"));
    assert!(!is_authority(b"[::1"));
    assert!(!is_authority(b"[::1]a"));
    assert!(!is_authority(b"[::1]:65536"));
    assert!(!is_authority(b"a[::1]"));
}

#[test]
fn an_endless_port_is_refused_without_overflow() {
    assert!(!is_authority(&[b"a:", &[b'9'; 4096][..]].concat()));
}
