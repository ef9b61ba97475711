use serde_json::json;
use wcs_hooks_protocol::Payload;

use super::*;

fn read<P: Payload>(body: &Value) -> P {
    P::from_json(body.to_string().as_bytes()).unwrap()
}

#[test]
fn the_first_place_that_has_a_text_counts_at_connect() {
    let by_default = TokenSource::default();
    let wide = TokenSource::custom(["jwt", "token"]).or_auth_token();
    let cases = [
        (json!({}), None, None),
        (json!({"custom": {"token": "t"}}), Some("t"), Some("t")),
        (json!({"custom": {"token": "t", "jwt": "j"}, "authToken": "a"}), Some("t"), Some("j")),
        (json!({"custom": {"token": "", "jwt": ""}, "authToken": "a"}), None, Some("a")),
        (json!({"custom": {"token": 1}, "authToken": ""}), None, None),
        (json!({"custom": {"token": {"token": "t"}, "Token": "t"}}), None, None),
        (json!({"custom": null, "token": "t"}), None, None),
    ];
    for (body, expected, by_wide) in cases {
        let connection: Connection = read(&body);
        assert_eq!(by_default.of_connection(&connection), expected, "{body}");
        assert_eq!(wide.of_connection(&connection), by_wide, "{body}");
    }
}

#[test]
fn every_generation_of_hls_is_read() {
    let source = TokenSource::default();
    let renamed = TokenSource::default().access_key("key");
    let cases = [
        (json!({"token": "1"}), Some("1"), Some("1")),
        (json!({"token": "1", "custom": {"token": "2"}}), Some("1"), Some("1")),
        (json!({"token": "", "custom": {"token": "2"}}), Some("2"), Some("2")),
        (json!({"custom": {"token": "2", "aclAuth": "3"}}), Some("2"), Some("2")),
        (json!({"custom": {"aclAuth": "3", "key": "4"}}), Some("3"), Some("4")),
        (json!({"custom": {"other": "5"}}), None, None),
    ];
    for (body, expected, by_renamed) in cases {
        let play: HlsPlay = read(&body);
        assert_eq!(source.of_hls(&play), expected, "{body}");
        assert_eq!(renamed.of_hls(&play), by_renamed, "{body}");
    }
}

#[test]
fn rtsp_is_also_read_from_its_url() {
    let source = TokenSource::default();
    let cases = [
        (json!({"custom": {"aclAuth": "3"}, "name": "rtsp://wcs/s?token=4"}), Some("3")),
        (json!({"name": "rtsp://wcs:5554/s?aclAuth=1254789"}), Some("1254789")),
        (json!({"rtspUrl": "rtsp://wcs/s?x=1&aclAuth=a%2Eb"}), Some("a.b")),
        (json!({"name": "rtsp://wcs/s?aclAuth=a&token=t"}), Some("t")),
        (json!({"name": "rtsp://wcs/s?token=t/trackID=1"}), Some("t")),
        (json!({"name": "rtsp://wcs/s?token=&token=t"}), Some("t")),
        (json!({"name": "rtsp://wcs/s?token=%ff"}), None),
        (json!({"name": "rtsp://wcs/s?tokens=t&Token=t"}), None),
        (json!({"name": "rtsp://wcs/token=t"}), None),
        (json!({}), None),
    ];
    for (body, expected) in cases {
        let play: RtspPlay = read(&body);
        assert_eq!(source.of_rtsp(&play).as_deref(), expected, "{body}");
    }
}
