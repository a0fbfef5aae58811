//! A listening socket in the file system. Nobody can connect to it before it has its mode, it takes no path away from
//! a process that still serves it, and it leaves no file behind.

use std::fs::{Metadata, Permissions, remove_file, rename, set_permissions, symlink_metadata};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::sync::Arc;

use rustix::io::Errno;
use rustix::net::{SocketAddrUnix, bind, connect, listen};

use crate::socket::{BACKLOG, unix};

/// The owner alone may connect.
const MODE_DEFAULT: u32 = 0o600;

/// The file of a listening socket; removed with this value, unless another process has put its own in that place.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: Arc<str>,
    /// Device and inode; none once it is left to somebody else.
    identity: Option<(u64, u64)>,
}

impl SocketFile {
    /// The file of a socket that listens already; `None` when it is gone.
    pub fn of(path: &Arc<str>) -> Option<Self> {
        let file = symlink_metadata(&**path).ok()?;
        file.file_type().is_socket().then(|| Self {
            path: Arc::clone(path),
            identity: Some(identity(&file)),
        })
    }

    /// Leaves the file to whoever takes the socket over.
    pub fn leave(mut self) {
        self.identity = None;
    }

    /// Who may connect from now on.
    pub fn set_mode(&self, mode: Option<u32>) -> Result<(), Errno> {
        allow(&self.path, mode)
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours =
            symlink_metadata(&*self.path).is_ok_and(|file| Some(identity(&file)) == self.identity);
        if ours {
            // A folder that has become read-only keeps the file; the next start finds that nobody serves it.
            let _ = remove_file(&*self.path);
        }
    }
}

/// Listens on a path with one socket that all shards share: each gets a descriptor of it. A file that another process
/// serves is taken over when `share` is set, and else refused; one that nobody serves is replaced.
pub(crate) fn listeners(
    path: &Arc<str>,
    mode: Option<u32>,
    (count, share): (usize, bool),
) -> Result<(Vec<OwnedFd>, SocketFile), Errno> {
    let fd = match symlink_metadata(&**path) {
        Err(_) => open(path, mode)?,
        Ok(file) if !file.file_type().is_socket() => return Err(Errno::EXIST),
        Ok(_) if !share && is_served(path)? => return Err(Errno::ADDRINUSE),
        Ok(_) => replace(path, mode)?,
    };
    let file = SocketFile::of(path).ok_or(Errno::NOENT)?;
    let clones = (0..count).map(|_| fd.try_clone().map_err(errno));
    Ok((clones.collect::<Result<_, _>>()?, file))
}

/// Puts a new socket in the place of the file in one step, so that whoever connects finds the old one or the new one.
fn replace(path: &str, mode: Option<u32>) -> Result<OwnedFd, Errno> {
    let beside = format!("{path}.{}", std::process::id());
    // Left by a process of the same number that ended in between.
    let _ = remove_file(&beside);
    let fd = open(&beside, mode)?;
    if let Err(error) = rename(&beside, path) {
        let _ = remove_file(&beside);
        return Err(errno(error));
    }
    Ok(fd)
}

fn open(path: &str, mode: Option<u32>) -> Result<OwnedFd, Errno> {
    let fd = unix()?;
    bind(&fd, &SocketAddrUnix::new(path)?)?;
    // Before it listens, connecting is refused whatever the mode is.
    allow(path, mode)?;
    listen(&fd, BACKLOG)?;
    Ok(fd)
}

fn allow(path: &str, mode: Option<u32>) -> Result<(), Errno> {
    let permissions = Permissions::from_mode(mode.unwrap_or(MODE_DEFAULT));
    set_permissions(path, permissions).map_err(errno)
}

/// True unless the kernel says that nobody listens: a full queue or a missing permission is an answer too.
fn is_served(path: &str) -> Result<bool, Errno> {
    let result = connect(&unix()?, &SocketAddrUnix::new(path)?);
    Ok(result != Err(Errno::CONNREFUSED))
}

fn identity(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

#[expect(clippy::needless_pass_by_value, reason = "maps an error to another")]
fn errno(error: std::io::Error) -> Errno {
    Errno::from_io_error(&error).unwrap_or(Errno::IO)
}

#[cfg(test)]
mod tests;
