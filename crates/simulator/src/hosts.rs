//! Requests for another machine than the simulated one.

use http::Request;
use wcs_hooks_host_guard::public_name;

/// Whether the request is for another machine, as that of a page whose name leads to this one is. Backends ask for the address in
/// the `nodeId`, which may be such a name.
pub(crate) fn is_for_another<B>(request: &Request<B>, node_id: &str) -> bool {
    let is_ours =
        |name: &str| node_id.rsplit('@').next().is_some_and(|known| known.eq_ignore_ascii_case(name));
    public_name(request).is_some_and(|name| !is_ours(name))
}
