//! From which pages browsers may connect: [`Origins`].

use std::net::IpAddr;

use axum::extract::Request;
use http::{StatusCode, Uri, header::HOST, header::ORIGIN};

use crate::hosts::is_for_another;

/// Pages of this machine, and those that are named.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins {
    named: Vec<String>,
}

/// Stands for all pages.
const ANY: &str = "*";

/// Why a client is turned away.
pub(crate) type Denied = (StatusCode, &'static str);

impl Origins {
    pub(crate) fn add(&mut self, origin: String) {
        self.named.push(origin);
    }

    /// Whether a WebSocket of this request may be opened. Browsers name the page with each, and nobody else does: any page that a
    /// developer looks at could be a client otherwise, since its browser reaches `127.0.0.1`.
    pub(crate) fn check(&self, request: &Request, node_id: &str) -> Result<(), Denied> {
        let origin = request.headers().get(ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
        if origin.is_some_and(|origin| self.has(origin)) {
            return Ok(());
        }
        check_host(request, node_id)?;
        let is_allowed = |origin| self.has(ANY) || is_of_this_machine(origin) || is_same(origin, request);
        match origin {
            Some(origin) if !is_allowed(origin) => Err((
                StatusCode::FORBIDDEN,
                "this page's origin is not allowed: see Builder::origin or --origin\n",
            )),
            _ => Ok(()),
        }
    }

    fn has(&self, origin: &str) -> bool {
        self.named.iter().any(|named| named.eq_ignore_ascii_case(origin))
    }
}

/// A page whose name leads to this machine is no page of this machine.
pub(crate) fn check_host(request: &Request, node_id: &str) -> Result<(), Denied> {
    if is_for_another(request, node_id) {
        return Err((StatusCode::MISDIRECTED_REQUEST, "ask for an IP address or the nodeId's name\n"));
    }
    Ok(())
}

fn is_of_this_machine(origin: &str) -> bool {
    let Some(host) = web_page(origin).and_then(|page| page.host().map(str::to_ascii_lowercase)) else {
        return false;
    };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address
        .map_or_else(|_| host == "localhost" || host.ends_with(".localhost"), |address| address.is_loopback())
}

/// The page has come from where it connects to, as the demo's has.
fn is_same(origin: &str, request: &Request) -> bool {
    let page = web_page(origin);
    let of_page = page.as_ref().and_then(Uri::authority);
    let asked = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    of_page.zip(asked).is_some_and(|(page, asked)| page.as_str().eq_ignore_ascii_case(asked))
}

fn web_page(origin: &str) -> Option<Uri> {
    let page: Uri = origin.parse().ok()?;
    matches!(page.scheme_str(), Some("http" | "https")).then_some(page)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    const NODE: &str = "Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@wcs.example";

    /// What is named, the `Origin`, the `Host` and the status; 101 if there is nothing against it.
    const CASES: &[(&[&str], Option<&str>, &str, u16)] = &[
        (&[], None, "127.0.0.1:8080", 101),
        (&[], None, "wcs.example:8080", 101),
        (&[], None, "page.example:8080", 421),
        (&[], Some("http://127.0.0.1:3000"), "127.0.0.1:8080", 101),
        (&[], Some("https://[::1]"), "127.0.0.1:8080", 101),
        (&[], Some("http://LOCALHOST:3000"), "localhost:8080", 101),
        (&[], Some("http://app.localhost"), "localhost:8080", 101),
        (&[], Some("http://192.168.1.5:8080"), "192.168.1.5:8080", 101),
        (&[], Some("http://192.168.1.5:3000"), "192.168.1.5:8080", 403),
        (&[], Some("https://page.example"), "127.0.0.1:8080", 403),
        (&[], Some("http://page.example:8080"), "page.example:8080", 421),
        (&[], Some("http://127.0.0.1.page.example"), "127.0.0.1:8080", 403),
        (&[], Some("http://127.0.0.1@page.example"), "127.0.0.1:8080", 403),
        (&[], Some("http://notlocalhost"), "127.0.0.1:8080", 403),
        (&[], Some("chrome-extension://localhost"), "127.0.0.1:8080", 403),
        (&[], Some("null"), "127.0.0.1:8080", 403),
        (&[], Some(""), "127.0.0.1:8080", 403),
        (&[], Some("\u{e9}"), "127.0.0.1:8080", 403),
        (&["https://page.example"], Some("https://page.example"), "127.0.0.1:8080", 101),
        (&["https://page.example"], Some("https://page.example"), "wss.example", 101),
        (&["https://page.example"], Some("http://page.example"), "127.0.0.1:8080", 403),
        (&["https://page.example"], Some("https://page.example:444"), "127.0.0.1:8080", 403),
        (&["https://page.example"], Some("http://localhost"), "127.0.0.1:8080", 101),
        (&["null"], Some("null"), "127.0.0.1:8080", 101),
        (&["*"], Some("https://page.example"), "127.0.0.1:8080", 101),
        (&["*"], Some("https://page.example"), "page.example", 421),
    ];

    #[test]
    fn pages_of_this_machine_and_those_that_are_named_may_connect() {
        for (named, origin, host, status) in CASES {
            let origins = Origins { named: named.iter().map(|&origin| origin.to_owned()).collect() };
            let mut request = Request::get("/").header(HOST, *host);
            if let Some(origin) = origin {
                request = request.header(ORIGIN, *origin);
            }
            let checked = origins.check(&request.body(Body::empty()).unwrap(), NODE);
            assert_eq!(
                checked.map_or_else(|(status, _)| status.as_u16(), |()| 101),
                *status,
                "{origin:?} {host}"
            );
        }
    }
}
