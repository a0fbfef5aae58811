use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use super::*;

fn token(raw: u64) -> Token {
    Token::from_raw(raw)
}

fn descriptors() -> Arc<Descriptors> {
    Arc::new(Descriptors::of_process())
}

/// Sockets that do not block: what is written to the first of a pair is read from the second.
fn pair() -> (UnixStream, UnixStream) {
    let (near, far) = UnixStream::pair().unwrap();
    near.set_nonblocking(true).unwrap();
    far.set_nonblocking(true).unwrap();
    (near, far)
}

#[test]
fn bytes_and_the_end_go_through_the_pipe() {
    let mut splices = Splices::default();
    let id = splices.open(token(1), token(2), &descriptors()).unwrap();
    let ((mut client, from), (to, mut server)) = (pair(), pair());
    client.write_all(b"hello").unwrap();
    drop(client);
    let splice = splices.get_mut(id);
    assert_eq!(splice.fill(&from), Ok(Moved::Bytes(5)));
    assert_eq!(splice.fill(&from), Ok(Moved::End));
    assert!(splice.source_ended && !splice.is_empty());
    splice.drain(&to).unwrap();
    assert!(splice.is_empty());
    let mut bytes = [0; 16];
    assert_eq!(server.read(&mut bytes).unwrap(), 5);
}

#[test]
fn a_destination_that_does_not_read_stops_the_source() {
    let mut splices = Splices::default();
    let id = splices.open(token(1), token(2), &descriptors()).unwrap();
    let ((mut client, from), (to, mut server)) = (pair(), pair());
    let splice = splices.get_mut(id);
    let mut sent = 0;
    let mut taken = 0;
    for _ in 0..10_000 {
        sent += client.write(&[7; 4096]).unwrap_or(0);
        taken += match splice.fill(&from) {
            Ok(Moved::Bytes(count)) => count,
            _ => 0,
        };
        splice.drain(&to).unwrap();
    }
    assert!(taken < sent, "{taken} of {sent} were taken from the source");
    let (mut received, mut bytes) = (0, vec![0; 1 << 20]);
    while let Ok(count) = server.read(&mut bytes) {
        received += count;
        splice.drain(&to).unwrap();
    }
    assert_eq!(received, taken);
}

#[test]
fn what_cannot_be_spliced_says_so_and_loses_nothing() {
    let mut splices = Splices::default();
    let id = splices.open(token(1), token(2), &descriptors()).unwrap();
    let folder = std::fs::File::open("/").unwrap();
    assert_eq!(splices.get_mut(id).fill(&folder), Err(Errno::INVAL));
    assert!(splices.get_mut(id).is_empty());
}

#[test]
fn an_empty_pipe_is_used_again_and_one_with_bytes_is_not() {
    let mut splices = Splices::default();
    let first = splices.open(token(1), token(2), &descriptors()).unwrap();
    splices.close(first);
    assert_eq!(splices.spare.len(), 1);
    let second = splices.open(token(3), token(4), &descriptors()).unwrap();
    assert_eq!((second, splices.spare.len()), (first, 0));
    let (mut client, from) = pair();
    client.write_all(b"hello").unwrap();
    splices.get_mut(second).fill(&from).unwrap();
    splices.close(second);
    assert_eq!(splices.spare.len(), 0);
}
