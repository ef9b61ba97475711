//! Sockets that listen.

use std::{
    fs,
    io::{self, ErrorKind},
    net::SocketAddr,
    os::unix::{
        fs::{FileTypeExt, MetadataExt},
        net::UnixStream as Probe,
    },
    path::{Path, PathBuf},
};

use tokio::net::{TcpListener, TcpSocket, UnixListener};

use super::{Listen, ServerError, ServerSettings, transport::Socket};

/// How many connections wait in the kernel until they are accepted; the kernel's own limit (`somaxconn`) may be lower.
pub(super) const BACKLOG: u32 = 4096;

#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener, SocketFile),
}

/// All of them, or none.
pub(super) fn all(settings: &ServerSettings) -> Result<Vec<Listener>, ServerError> {
    if settings.listen.is_empty() {
        return Err(ServerError::NowhereToListen);
    }
    let mut listeners = Vec::new();
    for listen in &settings.listen {
        let bound = match listen {
            Listen::Tcp(address) => tcp(*address, settings.reuse_port).map(Listener::Tcp),
            Listen::Unix(path) => unix(path).map(|(listener, file)| Listener::Unix(listener, file)),
        };
        let cannot_listen = |error| ServerError::CannotListen { listen: listen.clone(), error };
        listeners.push(bound.map_err(cannot_listen)?);
    }
    Ok(listeners)
}

fn tcp(address: SocketAddr, reuse_port: bool) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(reuse_port)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn unix(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    remove_if_stale(path)?;
    let listener = UnixListener::bind(path)?;
    Ok((listener, SocketFile::of(path)?))
}

/// A file that nobody listens at any more; that of a running server, or one that is no socket, stays.
fn remove_if_stale(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(found) if !found.file_type().is_socket() => {
            return Err(io::Error::new(ErrorKind::AlreadyExists, "the file is there and is not a socket"));
        }
        Ok(_) => {}
    }
    match Probe::connect(path) {
        Ok(_) => Err(io::Error::new(ErrorKind::AddrInUse, "another process listens there")),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
    }
}

/// The file of a socket; it is removed when this is dropped, unless another has taken its place.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    inode: (u64, u64),
}

impl SocketFile {
    fn of(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), inode: inode(path)? })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if inode(&self.path).is_ok_and(|inode| inode == self.inode) {
            // It is gone already, or cannot be removed: there is nothing else to do about it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn inode(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|metadata| (metadata.dev(), metadata.ino()))
}

impl Listener {
    pub(super) async fn accept(&self) -> io::Result<Socket> {
        match self {
            Self::Tcp(listener) => listener.accept().await.map(|(stream, peer)| Socket::tcp(stream, peer)),
            Self::Unix(listener, _) => listener.accept().await.map(|(stream, _)| Socket::unix(stream)),
        }
    }

    /// Where it listens, with the port that it got.
    pub(super) fn address(&self) -> Option<Listen> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok().map(Listen::Tcp),
            Self::Unix(_, file) => Some(Listen::Unix(file.path.clone())),
        }
    }
}
