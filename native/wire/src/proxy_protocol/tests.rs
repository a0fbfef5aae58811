//! The examples and the limits of the specification.

use super::*;

#[test]
fn the_lines_of_the_specification_are_read() {
    let cases = [
        (
            "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
            client("192.168.0.1:56324"),
        ),
        (
            "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
            client("255.255.255.255:65535"),
        ),
        ("PROXY TCP6 ffff::1 ::1 0 65535\r\n", client("[ffff::1]:0")),
        ("PROXY UNKNOWN\r\n", Source::Peer),
        (
            "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n",
            Source::Peer,
        ),
    ];
    for (line, source) in cases {
        let bytes = [line.as_bytes(), b"GET / HTTP/1.1\r\n"].concat();
        assert_eq!(
            parse(&bytes),
            Ok(Parsed::Done(source, line.len())),
            "{line}"
        );
    }
}

#[test]
fn a_line_that_is_not_exactly_right_is_refused() {
    for line in [
        "proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
        "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        "PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3 1 2\r\n",
        "PROXY TCP4 ::1 ::1 1 2\r\n",
        "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
        "PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY UNKNOWNS\r\n",
        "PROXY \u{e9}\r\n",
        "GET / HTTP/1.1\r\n",
    ] {
        assert_eq!(parse(line.as_bytes()), Err(Malformed), "{line:?}");
    }
}

#[test]
fn a_line_ends_after_107_bytes_at_the_latest() {
    let line = |length: usize| {
        let fill = "x".repeat(length - "PROXY UNKNOWN \r\n".len());
        format!("PROXY UNKNOWN {fill}\r\n")
    };
    assert_eq!(
        parse(line(107).as_bytes()),
        Ok(Parsed::Done(Source::Peer, 107))
    );
    assert_eq!(parse(line(108).as_bytes()), Err(Malformed));
    assert_eq!(parse(&line(108).as_bytes()[..107]), Err(Malformed));
    assert_eq!(parse(&line(108).as_bytes()[..106]), Ok(Parsed::Partial));
}

#[test]
fn binary_headers_are_read_and_their_properties_skipped() {
    let v4 = [10, 0, 0, 7, 10, 0, 0, 8, 0x12, 0x67, 0x01, 0xbb];
    let v6: Vec<u8> = [
        &[0; 15][..],
        &[1],
        &[0; 15],
        &[2],
        &[0x12, 0x67, 0x01, 0xbb],
    ]
    .concat();
    let property = [0x02, 0, 3, b'a', b'p', b'i'];
    let cases = [
        (0x21, 0x11, v4.to_vec(), client("10.0.0.7:4711")),
        (
            0x21,
            0x11,
            [&v4[..], &property, &[0x04, 0, 0]].concat(),
            client("10.0.0.7:4711"),
        ),
        (0x21, 0x21, v6, client("[::1]:4711")),
        (0x21, 0x00, vec![], Source::Peer),
        (0x21, 0x31, vec![0; 216], Source::Peer),
        (0x20, 0x00, vec![], Source::Peer),
        (0x20, 0x11, vec![1, 2, 3], Source::Peer),
    ];
    for (command, family, body, source) in cases {
        let header = binary(command, family, &body);
        let length = header.len();
        let bytes = [&header[..], b"GET"].concat();
        assert_eq!(
            parse(&bytes),
            Ok(Parsed::Done(source, length)),
            "{header:?}"
        );
        for cut in 0..length {
            assert_eq!(
                parse(&bytes[..cut]),
                Ok(Parsed::Partial),
                "{header:?} cut at {cut}"
            );
        }
    }
}

#[test]
fn a_binary_header_that_does_not_add_up_is_refused() {
    let v4 = [10, 0, 0, 7, 10, 0, 0, 8, 0x12, 0x67, 0x01, 0xbb];
    for header in [
        binary(0x11, 0x11, &v4),
        binary(0x22, 0x11, &v4),
        binary(0x21, 0x12, &v4),
        binary(0x21, 0x41, &v4),
        binary(0x21, 0x11, &v4[..11]),
        binary(0x21, 0x21, &v4),
        binary(0x21, 0x31, &v4),
        binary(0x21, 0x11, &[&v4[..], &[0x02, 0]].concat()),
        binary(0x21, 0x11, &[&v4[..], &[0x02, 0, 2, 1]].concat()),
        binary(0x21, 0x00, &vec![0; HEADER_BYTES_MAX]),
    ] {
        assert_eq!(parse(&header), Err(Malformed), "{header:?}");
    }
}

fn client(address: &str) -> Source {
    Source::Client(address.parse().unwrap())
}

fn binary(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    [V2_SIGNATURE, &[command, family], &length, body].concat()
}
