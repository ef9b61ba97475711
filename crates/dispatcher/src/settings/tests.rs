use super::*;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/flashphoner.properties");

#[test]
fn a_real_file_is_read() {
    let expected = Settings {
        requests_disabled: true,
        request_timeout: Some(Duration::from_secs(5)),
        retry: RetryRule { count: 1, after_sent: false },
        hook_secret: Some("1234567890".into()),
        keep_alive_enabled: true,
        keep_alive_interval: Duration::from_secs(2),
        keep_alive_app_keys: vec!["defaultApp".to_owned(), "flashStreamingApp".to_owned()],
        hls_auth_enabled: true,
        hls_auth_token_cache: Duration::from_secs(30),
        client_acl_property_name: "aclä".to_owned(),
        rtsp_auth_enabled: true,
    };
    assert_eq!(Settings::from_file(FILE).unwrap(), expected);
}

#[test]
fn an_empty_file_has_the_defaults_of_wcs() {
    let settings = Settings::parse(b"", "f").unwrap();
    assert_eq!(settings, Settings::default());
    assert_eq!(settings.request_timeout, Some(Duration::from_secs(15)));
    assert_eq!(settings.keep_alive_interval, Duration::from_secs(10));
    assert_eq!(settings.keep_alive_app_keys, ["defaultApp"]);
}

#[test]
fn texts_are_read_as_java_and_people_write_them() {
    let acl = |text: &[u8]| Settings::parse(text, "f").unwrap().client_acl_property_name;
    assert_eq!(acl("client_acl_property_name=ключ".as_bytes()), "ключ");
    assert_eq!(acl(b"client_acl_property_name=cl\xe9"), "cl\u{e9}");
    assert_eq!(acl(b"\xef\xbb\xbfclient_acl_property_name=a\r\n"), "a");
    assert_eq!(acl(b"client_acl_property_name=a\nclient_acl_property_name=b"), "b");
    assert_eq!(Settings::parse(b"rest_request_timeout=0", "f").unwrap().request_timeout, None);
    let unused_key = Settings::parse(b"rest_hook_secret_key=k\nrest_hook_send_hash=false", "f").unwrap();
    assert_eq!(unused_key.hook_secret, None);
}

#[test]
fn what_cannot_be_used_is_an_error_with_its_place() {
    for (text, error) in [
        ("\n\ndisable_rest_requests=yes", "f:3: disable_rest_requests must be true or false"),
        (
            "rest_request_timeout=15s",
            "f:1: rest_request_timeout must be a whole number of seconds, 0 or more",
        ),
        ("rest_request_timeout=-1", "f:1: rest_request_timeout must be a whole number of seconds, 0 or more"),
        (
            "a=1\\\n  2\nrest_client_request_retry_count=",
            "f:3: rest_client_request_retry_count must be a whole number from 0 to 4294967295",
        ),
        (
            "rest_client_request_sent_retry_enabled=1",
            "f:1: rest_client_request_sent_retry_enabled must be true or false",
        ),
        ("#\nrest_hook_send_hash=on", "f:2: rest_hook_send_hash must be true or false"),
        (
            "rest_hook_secret_key=\nrest_hook_send_hash=true",
            "f:2: rest_hook_send_hash is true, so rest_hook_secret_key must be set too",
        ),
        (
            "streaming_sessions_keep_alive_interval=0",
            "f:1: streaming_sessions_keep_alive_interval must be a whole number of milliseconds, 1 or more",
        ),
        (
            "keep_alive_streaming_sessions_enabled=t",
            "f:1: keep_alive_streaming_sessions_enabled must be true or false",
        ),
        ("hls_auth_enabled=", "f:1: hls_auth_enabled must be true or false"),
        ("hls_auth_token_cache=x", "f:1: hls_auth_token_cache must be a whole number of seconds, 0 or more"),
        ("client_acl_property_name=", "f:1: client_acl_property_name must be a name"),
        ("rtsp_server_auth_enabled=0", "f:1: rtsp_server_auth_enabled must be true or false"),
        ("a=b\nc=\\u12x4", "f:2: is not the syntax of Java properties"),
    ] {
        assert_eq!(Settings::parse(text.as_bytes(), "f").unwrap_err().to_string(), error, "{text}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Settings::from_file("/nonexistent/flashphoner.properties").unwrap_err();
    assert!(error.to_string().starts_with("/nonexistent/flashphoner.properties: cannot be read: "));
    assert_eq!(error.line(), None);
}

#[test]
fn every_key_is_documented_and_in_the_test_file() {
    let text = fs::read_to_string(FILE).unwrap();
    for (key, docs) in Settings::keys() {
        assert!(text.contains(key) && !docs.is_empty(), "{key}");
    }
    assert_eq!(Settings::keys().count(), 13);
}

#[test]
fn bytes_that_look_like_the_mark_of_utf_16_are_letters() {
    for bytes in [&b"\xfe\xff\xff"[..], b"\xff\xfe\xff", b"\xfe\xff=1\nhls_auth_enabled=true"] {
        let settings = Settings::parse(bytes, "a file").unwrap();
        assert_eq!(settings.hls_auth_enabled, bytes.len() > 3);
    }
}
