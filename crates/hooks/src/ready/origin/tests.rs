use serde_json::{Value, json};

use super::*;
use crate::{Hooks, ready::testing::Wcs};

fn auth(origins: &[&str]) -> OriginAuth {
    OriginAuth::new(origins).unwrap()
}

#[test]
fn origins_are_compared_as_rfc_6454_says() {
    #[rustfmt::skip]
    let cases = [
        ("https://example.com", "https://example.com", true),
        ("https://example.com", "HTTPS://Example.COM", true),
        ("HTTPS://Example.COM", "https://example.com", true),
        ("https://example.com", "https://example.com:443", true),
        ("https://example.com:443", "https://example.com", true),
        ("http://example.com", "http://example.com:80", true),
        ("https://example.com", "https://example.com:8443", false),
        ("https://example.com", "https://example.com:80", false),
        ("https://example.com", "http://example.com", false),
        ("https://example.com", "https://a.example.com", false),
        ("https://example.com", "https://example.com.evil.org", false),
        ("https://example.com", "https://evilexample.com", false),
        ("https://example.com", "https://example.com@evil.org", false),
        ("https://example.com", "https://user@example.com", false),
        ("https://example.com", "https://example.com/page", false),
        ("https://example.com", "https://example.com?q", false),
        ("https://example.com", "https://example.com:", false),
        ("https://example.com", "https://example.com:443x", false),
        ("https://example.com", "https://example.com:65979", false),
        ("https://example.com", "https://evil.org https://example.com", false),
        ("https://example.com", "example.com", false),
        ("https://example.com", "null", false),
        ("https://example.com", "*", false),
        ("https://*.example.com", "https://a.example.com", true),
        ("https://*.example.com", "https://a.B.example.com", true),
        ("https://*.example.com", "https://example.com", false),
        ("https://*.example.com", "https://.example.com", false),
        ("https://*.example.com", "https://aexample.com", false),
        ("https://*.example.com", "http://a.example.com", false),
        ("https://*.example.com", "https://a.example.com:8443", false),
        ("https://*.example.com:8443", "https://a.example.com:8443", true),
        ("https://*.example.com", "https://evil.org#.example.com", false),
        ("http://[::1]:8080", "http://[::1]:8080", true),
        ("http://[::1]:8080", "http://[::2]:8080", false),
        ("capacitor://localhost", "capacitor://localhost", true),
    ];
    for (allowed, origin, expected) in cases {
        assert_eq!(auth(&[allowed]).allows(origin), expected, "{allowed} {origin}");
    }
}

#[test]
fn a_mistaken_origin_is_an_error_at_the_start() {
    let mistaken = [
        "example.com",
        "",
        "*",
        "null",
        "https://",
        "https://*",
        "https://*.",
        "https://a.*.example.com",
        "https://*example.com",
        "https://example.com/page",
        "https://example.com?q=1",
        "https://user@example.com",
        "https://example.com:x",
        "https://exämple.com",
    ];
    for origin in mistaken {
        let error = OriginAuth::new([origin]).expect_err(origin);
        assert_eq!(error.place(), format!("origin {origin:?}"));
    }
    let none: [&str; 0] = [];
    assert_eq!(OriginAuth::new(none).unwrap_err().to_string(), "origins: none is allowed: give at least one");
}

#[test]
fn the_log_has_the_origin_escaped_and_cut() {
    let told_log = |origin: &str| {
        let connection = Connection { origin: Some(origin.to_owned()), ..Connection::default() };
        auth(&["https://example.com"]).admit(&connection).unwrap_err().to_string()
    };
    assert_eq!(told_log("https://a\n"), r#"403 origin not allowed ("https://a\n")"#);
    assert_eq!(told_log(&"ä".repeat(300)), format!(r#"403 origin not allowed ("{}"…)"#, "ä".repeat(200)));
}

#[tokio::test]
async fn a_client_without_an_origin_is_refused_unless_that_is_allowed() {
    let refused = (403, "origin not allowed".to_owned());
    let let_in = (200, String::new());
    let strict = Wcs::with(Hooks::new(auth(&["https://example.com"])));
    let lenient = Wcs::with(Hooks::new(auth(&["https://example.com"]).allow_missing()));
    let cases: [(Value, bool, bool); 5] = [
        (json!({"origin": "https://example.com"}), true, true),
        (json!({"origin": "https://evil.org"}), false, false),
        (json!({"origin": "null"}), false, false),
        (json!({"origin": ""}), false, true),
        (json!({}), false, true),
    ];
    for (body, by_strict, by_lenient) in cases {
        for (wcs, expected) in [(&strict, by_strict), (&lenient, by_lenient)] {
            let expected = if expected { &let_in } else { &refused };
            assert_eq!(&wcs.told("connect", &body).await, expected, "{body}");
        }
    }
}
