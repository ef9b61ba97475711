//! By which names this machine is asked: [`public_name`].

use std::net::IpAddr;

use http::{Request, header::HOST};

/// Ends of names that the public DNS does not have.
const PRIVATE: [&str; 3] = [".localhost", ".internal", ".local"];

/// The name that a request asks for, if anybody could own it: one with a dot that is no IP address and does not end in
/// `.localhost`, `.internal` or `.local`.
///
/// A page whose name its owner points at `127.0.0.1` reads what is answered there, and its browser sends no `Origin`
/// with that (DNS rebinding). What a developer reaches by an address, and a container by a name of its network, need not be
/// answered under such a name.
///
/// ```
/// use wcs_hooks_simulator::public_name;
///
/// let request = |host: &str| http::Request::get("/demo/").header("host", host).body(()).unwrap();
/// assert_eq!(public_name(&request("127.0.0.1:8888")), None);
/// assert_eq!(public_name(&request("simulator:8888")), None);
/// assert_eq!(public_name(&request("page.example:8888")), Some("page.example"));
/// ```
pub fn public_name<B>(request: &Request<B>) -> Option<&str> {
    let target = request.uri().authority().map(http::uri::Authority::as_str);
    let headers = request.headers().get_all(HOST).iter();
    // No browser sends one that cannot be read: it is taken for a foreign one.
    let headers = headers.map(|host| host.to_str().unwrap_or("unreadable."));
    target.into_iter().chain(headers).map(without_port).find(|host| !is_private(host))
}

/// Whether the request is for another machine, as that of a page whose name leads to this one is. Backends ask for the address in
/// the `nodeId`, which may be such a name.
pub(crate) fn is_for_another<B>(request: &Request<B>, node_id: &str) -> bool {
    let is_ours =
        |name: &str| node_id.rsplit('@').next().is_some_and(|known| known.eq_ignore_ascii_case(name));
    public_name(request).is_some_and(|name| !is_ours(name))
}

fn without_port(host: &str) -> &str {
    let address = host.strip_prefix('[').and_then(|host| host.split_once(']'));
    address.or_else(|| host.split_once(':')).map_or(host, |(name, _)| name)
}

fn is_private(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok() || !host.contains('.') || PRIVATE.iter().any(|end| ends_with(host, end))
}

fn ends_with(host: &str, end: &str) -> bool {
    let start = host.len().checked_sub(end.len());
    start.and_then(|start| host.get(start..)).is_some_and(|last| last.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_anybody_could_own() {
        for (host, expected) in [
            ("127.0.0.1", None),
            ("192.168.1.5:8888", None),
            ("[::1]:8888", None),
            ("[::1]", None),
            ("localhost:8888", None),
            ("LOCALHOST", None),
            ("simulator:8888", None),
            ("host.docker.internal:8888", None),
            ("simulator.tests.svc.cluster.LOCAL", None),
            ("page.localhost", None),
            ("", None),
            ("page.example", Some("page.example")),
            ("page.example:8888", Some("page.example")),
            ("page.example.", Some("page.example.")),
            ("127.0.0.1.page.example", Some("127.0.0.1.page.example")),
            ("local.example", Some("local.example")),
            ("\u{e9}.example", Some("unreadable.")),
        ] {
            let request = Request::get("/").header(HOST, host.as_bytes()).body(()).unwrap();
            assert_eq!(public_name(&request), expected, "{host}");
        }
    }

    #[test]
    fn every_name_of_a_request_is_looked_at() {
        let request = Request::get("http://page.example/").header(HOST, "localhost").body(()).unwrap();
        assert_eq!(public_name(&request), Some("page.example"));
        let request = Request::get("/").header(HOST, "localhost").header(HOST, "page.example");
        assert_eq!(public_name(&request.body(()).unwrap()), Some("page.example"));
        assert_eq!(public_name(&Request::get("/").body(()).unwrap()), None);
    }
}
