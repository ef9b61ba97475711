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
