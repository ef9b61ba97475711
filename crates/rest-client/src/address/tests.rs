use proptest::prelude::*;

use super::*;

fn of_node_id(node_id: &str) -> Result<String, String> {
    Address::of_node_id(node_id, "http", 8081).map(|address| address.url)
}

#[test]
fn a_node_is_found_behind_the_last_at() {
    for (node_id, url) in [
        ("Hw47CFMB@192.168.1.101", "http://192.168.1.101:8081/rest-api"),
        ("a@b@wcs-1.example.com", "http://wcs-1.example.com:8081/rest-api"),
        ("Hw47CFMB@2001:db8::1", "http://[2001:db8::1]:8081/rest-api"),
        ("Hw47CFMB@[::1]", "http://[::1]:8081/rest-api"),
    ] {
        assert_eq!(of_node_id(node_id).as_deref(), Ok(url));
    }
}

#[test]
fn what_is_no_host_is_not_made_one() {
    for node_id in ["Hw47CFMB", "Hw47CFMB@", ""] {
        assert!(of_node_id(node_id).unwrap_err().contains("names no address"), "{node_id}");
    }
    for node_id in [
        "a@b:1",
        "a@b/c",
        "a@b?c",
        "a@b#c",
        "a@1",
        "a@1.2.3.4.5",
        "a@0x7f.1",
        "a@1.2.3.0x4",
        "a@127.1",
        "a@b c",
        "a@fe80::1%eth0",
        "a@b\n",
        "a@é",
    ] {
        assert!(of_node_id(node_id).unwrap_err().contains("no IP address"), "{node_id}");
    }
}

#[test]
fn a_url_without_a_path_means_the_one_of_wcs() {
    for (text, url) in [
        ("http://h:8081", "http://h:8081/rest-api"),
        ("https://h:8444/", "https://h:8444/rest-api"),
        ("http://h/wcs-1/rest-api/", "http://h/wcs-1/rest-api"),
    ] {
        assert_eq!(Address::of_url(text).map(|address| address.url).as_deref(), Ok(url));
    }
    for text in ["h:8081", "ftp://h", "http://", "http://h/?a=1", "http://h/#a", "/rest-api"] {
        assert!(Address::of_url(text).is_err(), "{text}");
    }
}

#[test]
fn credentials_are_taken_out_of_a_url() {
    let address = Address::of_url("http://me:p%40w@h:8081").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(address.url, "http://h:8081/rest-api");
    let credentials = address.credentials.unwrap();
    assert_eq!((&*credentials.user, credentials.password.expose()), ("me", "p@w"));
}

proptest! {
    /// Whoever can send a hook chooses the `nodeId`.
    #[test]
    fn a_node_id_chooses_a_host_and_nothing_else(id in "(.|[@/:?#.0-9a-z\\[\\]%-]){0,24}") {
        if let Ok(url) = of_node_id(&id) {
            let host = id.rsplit('@').next().unwrap();
            let url = Url::parse(&url).unwrap();
            prop_assert_eq!((url.scheme(), url.port(), url.path()), ("http", Some(8081), "/rest-api"));
            prop_assert!(url.username().is_empty() && url.password().is_none() && url.query().is_none());
            let found = url.host_str().unwrap();
            let is_same = found.eq_ignore_ascii_case(host) || found.starts_with('[');
            prop_assert!(is_same, "{} became {}", host, found);
        }
    }

    #[test]
    fn any_text_is_a_url_or_none(text in "(https?://)?(.|[@/:?#a-z]){0,16}") {
        if let Ok(address) = Address::of_url(&text) {
            let url = Url::parse(&address.url).unwrap();
            prop_assert!(url.username().is_empty() && url.password().is_none() && !address.url.ends_with('/'));
        }
    }
}
