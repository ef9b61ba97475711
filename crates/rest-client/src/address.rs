//! From a `nodeId` or a URL to the address of a REST API.

use std::net::{Ipv4Addr, Ipv6Addr};

use reqwest::Url;
use wcs_hooks_protocol::Secret;

/// Where WCS serves its REST API. Spec §10.
const API_PATH: &str = "/rest-api";

/// The URL of a REST API without a slash at its end, and the credentials that stood in it.
#[derive(Clone, PartialEq)]
pub(crate) struct Address {
    pub(crate) url: String,
    pub(crate) credentials: Option<Credentials>,
}

/// User and password of Basic authentication.
#[derive(Clone, PartialEq)]
pub(crate) struct Credentials {
    pub(crate) user: String,
    pub(crate) password: Secret,
}

impl Address {
    /// Reads the URL of a node. Without a path, the one that WCS has is meant.
    pub(crate) fn of_url(text: &str) -> Result<Self, String> {
        let mut url = Url::parse(text).map_err(|error| format!("not a URL: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
            return Err("a URL must begin with http:// or https://".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("a URL must end with its path: no `?` or `#`".to_owned());
        }
        let credentials = take_credentials(&mut url);
        if url.path() == "/" {
            url.set_path(API_PATH);
        }
        Ok(Self { url: url.as_str().trim_end_matches('/').to_owned(), credentials })
    }

    /// The REST API of the host that a `nodeId` names.
    pub(crate) fn of_node_id(node_id: &str, scheme: &str, port: u16) -> Result<Self, String> {
        let host = host(node_id).ok_or(
            "the nodeId names no address behind an `@`: map it with RestClientBuilder::node, or use \
             RestClient::node_at",
        )?;
        let host = url_host(host)
            .ok_or("what stands behind the last `@` of the nodeId is no IP address or host name")?;
        Self::of_url(&format!("{scheme}://{host}:{port}"))
    }
}

/// What stands behind the last `@` of a `nodeId`.
pub(crate) fn host(node_id: &str) -> Option<&str> {
    node_id.rsplit_once('@').map(|(_, host)| host).filter(|host| !host.is_empty())
}

/// A host as it stands in a URL. Anything else that a URL could hold, such as a port or a path, is no host.
fn url_host(host: &str) -> Option<String> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if bare.parse::<Ipv6Addr>().is_ok() {
        return Some(format!("[{bare}]"));
    }
    let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    // Names such as `1` and `0x7f.1` are addresses to a URL, and not the ones that they look like.
    let is_domain = || Url::parse(&format!("http://{host}")).is_ok_and(|url| url.domain().is_some());
    (host.parse::<Ipv4Addr>().is_ok() || (is_name && is_domain())).then(|| host.to_owned())
}

fn take_credentials(url: &mut Url) -> Option<Credentials> {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let user = decoded(url.username());
    let password = url.password().map(decoded);
    // Both can fail only for URLs without a host, which are not accepted.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    (!user.is_empty() || password.is_some())
        .then(|| Credentials { user, password: password.unwrap_or_default().into() })
}

#[cfg(test)]
mod tests;
