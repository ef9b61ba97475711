//! Who sent a request: [`PeerAddress`].

use std::net::IpAddr;

/// The address that a request came from: an extension of requests that do not come from `Server`, which knows it without.
/// A layer of yours may put it there; [`Context::peer_address`](crate::Context::peer_address) gives it to handlers.
///
/// ```
/// use std::net::SocketAddr;
/// use axum::{extract::{ConnectInfo, Request}, middleware::map_request};
/// use wcs_hooks::{AllowAll, Backend, Callers, Hooks, PeerAddress};
///
/// async fn name_peer(ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request) -> Request {
///     request.extensions_mut().insert(PeerAddress(peer.ip()));
///     request
/// }
///
/// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build()?;
/// let app: axum::Router = backend.into_router().layer(map_request(name_peer));
/// # Ok::<(), wcs_hooks::SetupError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PeerAddress(pub IpAddr);

impl PeerAddress {
    /// What limits by address count by.
    pub(crate) fn network(self) -> IpAddr {
        network(self.0)
    }
}

/// The address, or the /64 of an IPv6 address: whoever has one of its addresses has the 2^64 others.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & (!0 << 64)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}
