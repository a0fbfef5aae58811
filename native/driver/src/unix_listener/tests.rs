use std::fs;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;

use super::*;
use crate::socket::accept;

#[test]
fn only_the_owner_may_connect_unless_a_mode_says_more() {
    let folder = Folder::new("mode");
    let path = folder.path("a");
    let (_fds, file) = listeners(&path, None, (1, false)).unwrap();
    assert_eq!(mode_of(&path), 0o600);
    file.set_mode(Some(0o660)).unwrap();
    assert_eq!(mode_of(&path), 0o660);
}

#[test]
fn every_shard_can_accept_from_the_one_socket() {
    let folder = Folder::new("shared");
    let path = folder.path("a");
    let (fds, _file) = listeners(&path, None, (2, false)).unwrap();
    let _first = UnixStream::connect(&*path).unwrap();
    let _second = UnixStream::connect(&*path).unwrap();
    assert!(accept(&fds[0]).is_ok());
    assert!(accept(&fds[1]).is_ok());
    assert_eq!(accept(&fds[1]).map(drop), Err(Errno::AGAIN));
}

#[test]
fn the_file_goes_with_its_listener() {
    let folder = Folder::new("end");
    let path = folder.path("a");
    drop(listeners(&path, None, (1, false)).unwrap());
    assert!(symlink_metadata(&*path).is_err());
}

#[test]
fn the_file_of_a_socket_that_is_kept_stays() {
    let folder = Folder::new("kept");
    let path = folder.path("a");
    let (_fds, file) = listeners(&path, None, (1, false)).unwrap();
    file.leave();
    drop(SocketFile::of(&path).unwrap());
    assert!(SocketFile::of(&path).is_none());
}

#[test]
fn a_file_that_nobody_serves_is_replaced() {
    let folder = Folder::new("stale");
    let path = folder.path("a");
    // Closing does not remove it: this is what a killed process leaves.
    drop(UnixListener::bind(&*path).unwrap());
    let (fds, _file) = listeners(&path, None, (1, false)).unwrap();
    let _client = UnixStream::connect(&*path).unwrap();
    assert!(accept(&fds[0]).is_ok());
}

#[test]
fn a_file_that_another_process_serves_is_refused() {
    let folder = Folder::new("served");
    let path = folder.path("a");
    let _served = UnixListener::bind(&*path).unwrap();
    let refused = listeners(&path, None, (1, false)).map(drop);
    assert_eq!(refused, Err(Errno::ADDRINUSE));
}

#[test]
fn a_successor_takes_the_path_over_and_its_predecessor_leaves_it_alone() {
    let folder = Folder::new("successor");
    let path = folder.path("a");
    let old = listeners(&path, None, (1, false)).unwrap();
    let (fds, _file) = listeners(&path, None, (1, true)).unwrap();
    drop(old);
    let _client = UnixStream::connect(&*path).unwrap();
    assert!(accept(&fds[0]).is_ok());
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_no_socket_is_never_removed() {
    let folder = Folder::new("file");
    let path = folder.path("a");
    fs::write(&*path, "precious").unwrap();
    let refused = listeners(&path, None, (1, true)).map(drop);
    assert_eq!(refused, Err(Errno::EXIST));
    assert_eq!(fs::read_to_string(&*path).unwrap(), "precious");
}

fn mode_of(path: &str) -> u32 {
    symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

/// A folder that is removed with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("heddle-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> Arc<str> {
        self.0.join(name).to_str().unwrap().into()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
