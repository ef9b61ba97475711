//! By which names a listener is asked.
//!
//! A page whose name its owner points at an address of this machine or its network reads what is answered there, and its
//! browser sends no `Origin` with that (DNS rebinding). The name stands in `Host`. A listener that a browser could be led to
//! answers no name that is not its own: [`foreign_name`] where the names are known, [`public_name`] where they are not.

use std::net::IpAddr;

use http::{Request, header::HOST};

/// Ends of names that the public DNS does not have.
const PRIVATE: [&str; 3] = [".localhost", ".internal", ".local"];

/// The name that a request asks for, if anybody could own it: one with a dot that is no IP address and does not end in
/// `.localhost`, `.internal` or `.local`.
///
/// What a developer reaches by an address, and a container by a name of its network, need not be answered under such a name.
/// In a network of strangers [`foreign_name`] is the safe one: they may claim names that end in `.local`.
///
/// ```
/// use wcs_hooks_host_guard::public_name;
///
/// let request = |host: &str| http::Request::get("/demo/").header("host", host).body(()).unwrap();
/// assert_eq!(public_name(&request("127.0.0.1:8888")), None);
/// assert_eq!(public_name(&request("simulator:8888")), None);
/// assert_eq!(public_name(&request("page.example:8888")), Some("page.example"));
/// ```
pub fn public_name<B>(request: &Request<B>) -> Option<&str> {
    names(request).find(|host| !is_private(host))
}

/// The name that a request asks for, if it is none of these: IP addresses, `localhost`, and `own`, in any case. Ports do not
/// count. A request without a name, which no browser makes, asks for none.
///
/// ```
/// use wcs_hooks_host_guard::foreign_name;
///
/// let request = |host: &str| http::Request::get("/config").header("host", host).body(()).unwrap();
/// let own = ["ops.example".to_owned()];
/// assert_eq!(foreign_name(&request("127.0.0.1:9464"), &own), None);
/// assert_eq!(foreign_name(&request("Ops.Example"), &own), None);
/// assert_eq!(foreign_name(&request("page.example:9464"), &own), Some("page.example"));
/// ```
pub fn foreign_name<'r, B>(request: &'r Request<B>, own: &[String]) -> Option<&'r str> {
    let is_own = |host: &str| {
        is_address(host)
            || host.eq_ignore_ascii_case("localhost")
            || own.iter().any(|own| own.eq_ignore_ascii_case(host))
    };
    names(request).find(|host| !is_own(host))
}

/// All of them: a proxy and a server may read different ones.
fn names<B>(request: &Request<B>) -> impl Iterator<Item = &str> {
    let target = request.uri().authority().map(http::uri::Authority::as_str);
    let headers = request.headers().get_all(HOST).iter();
    // No browser sends one that cannot be read: it is taken for a foreign one.
    let headers = headers.map(|host| host.to_str().unwrap_or("unreadable."));
    target.into_iter().chain(headers).map(without_port)
}

fn without_port(host: &str) -> &str {
    let address = host.strip_prefix('[').and_then(|host| host.split_once(']'));
    match address {
        Some((address, rest)) if rest.is_empty() || rest.starts_with(':') => address,
        Some(_) => host,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    }
}

fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
}

fn is_private(host: &str) -> bool {
    is_address(host) || !host.contains('.') || PRIVATE.iter().any(|end| ends_with(host, end))
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
            ("[::1].page.example", Some("[::1].page.example")),
            ("\u{e9}.example", Some("unreadable.")),
        ] {
            let request = Request::get("/").header(HOST, host.as_bytes()).body(()).unwrap();
            assert_eq!(public_name(&request), expected, "{host}");
        }
    }

    #[test]
    fn names_that_are_not_ours() {
        let own = ["ops".to_owned(), "ops.example".to_owned()];
        for (host, expected) in [
            ("127.0.0.1", None),
            ("10.1.2.3:9464", None),
            ("[::1]:9464", None),
            ("localhost:9464", None),
            ("LocalHost", None),
            ("ops", None),
            ("OPS.example:9464", None),
            ("", Some("")),
            ("other", Some("other")),
            ("printer.local", Some("printer.local")),
            ("page.example", Some("page.example")),
            ("ops.example.", Some("ops.example.")),
            ("x.ops.example", Some("x.ops.example")),
            ("[::1].page.example", Some("[::1].page.example")),
            ("127.0.0.1.page.example", Some("127.0.0.1.page.example")),
            ("\u{e9}.example", Some("unreadable.")),
        ] {
            let request = Request::get("/").header(HOST, host.as_bytes()).body(()).unwrap();
            assert_eq!(foreign_name(&request, &own), expected, "{host}");
        }
        let both = Request::get("/").header(HOST, "localhost").header(HOST, "page.example").body(()).unwrap();
        assert_eq!(foreign_name(&both, &own), Some("page.example"));
        assert_eq!(foreign_name(&Request::get("/").body(()).unwrap(), &own), None);
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
