//! Who sent a request: [`PeerAddress`].

use std::net::IpAddr;

/// The address that a connection came from, in the extensions of every request that `Server` passes
/// on; a proxy's, if one stands between. A request from a unix socket has none.
///
/// ```
/// use wcs_hooks::{Context, PeerAddress};
///
/// fn sender(ctx: &Context) -> Option<std::net::IpAddr> {
///     ctx.extensions().get::<PeerAddress>().map(|peer| peer.0)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PeerAddress(pub IpAddr);
