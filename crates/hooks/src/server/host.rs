//! The `Host` of a request. RFC 9112 §3.2.

use http::{Version, header, request::Parts};

/// Whether it has one, which HTTP/1.0 and HTTP/2 need not have; none has two, and none is no host.
pub(super) fn is_in_order(head: &Parts) -> bool {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.as_bytes().iter().all(|byte| is_of_host(*byte)),
        (None, _) => head.version != Version::HTTP_11,
        (Some(_), Some(_)) => false,
    }
}

/// `uri-host [ ":" port ]`. A comma stands in names only where a proxy has made one header of two.
fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+;=[]:".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_is_needed() {
        for (version, hosts, is_fine) in [
            (Version::HTTP_11, &["backend.example:8081"][..], true),
            (Version::HTTP_11, &["[2001:db8::1]:8081"], true),
            (Version::HTTP_11, &[""], true),
            (Version::HTTP_11, &[], false),
            (Version::HTTP_10, &[], true),
            (Version::HTTP_2, &[], true),
            (Version::HTTP_11, &["a", "a"], false),
            (Version::HTTP_10, &["a", "b"], false),
            (Version::HTTP_2, &["a", "b"], false),
            (Version::HTTP_11, &["a, b"], false),
            (Version::HTTP_11, &["a,b"], false),
            (Version::HTTP_11, &["user@a"], false),
            (Version::HTTP_11, &["a/b"], false),
            (Version::HTTP_11, &["a b"], false),
            (Version::HTTP_11, &["b\u{e4}"], false),
        ] {
            let request = http::Request::post("/connect").version(version);
            let request = hosts.iter().fold(request, |request, host| request.header("host", host.as_bytes()));
            let (head, ()) = request.body(()).unwrap().into_parts();
            assert_eq!(is_in_order(&head), is_fine, "{version:?} {hosts:?}");
        }
    }
}
