use http::Response;
use http_body_util::Full;

use super::*;

async fn reply(status: u16, content_type: &str, reason: Option<&'static [u8]>, body: &'static str) -> Reply {
    let response = Response::builder().status(status).header(CONTENT_TYPE, content_type);
    let (mut parts, body) =
        response.body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap().into_parts();
    if let Some(reason) = reason {
        parts.extensions.insert(ReasonPhrase::try_from(reason).unwrap());
    }
    Reply::read(parts, body, 100).await.unwrap()
}

#[tokio::test]
async fn the_client_is_told_the_reason_of_the_body_or_of_the_status_line() {
    const BODY: &str = r#"{"status":403,"reason":"Wrong credentials"}"#;
    const THREE: &str = r#"{"status":403,"reason":"Wrong credentials","code":7}"#;
    for (status, content_type, reason, body, info) in [
        (403, "application/json", None, BODY, "Wrong credentials"),
        (403, "Application/JSON; charset=UTF-8", Some(&b"No"[..]), BODY, "Wrong credentials"),
        (403, "application/problem+json", None, BODY, "Wrong credentials"),
        (401, "application/json", None, BODY, "Wrong credentials"),
        (403, "application/json", None, THREE, "Forbidden"),
        (403, "application/json", Some(b"Go away"), THREE, "Go away"),
        (403, "text/html", Some(b"Go away"), BODY, "Go away"),
        (403, "application/jsonp", None, BODY, "Forbidden"),
        (403, "", None, "", "Forbidden"),
        (403, "", Some(b""), "", "Forbidden"),
        (403, "", Some(b"N\xffo"), "", "N\u{fffd}o"),
        (500, "application/json", None, BODY, "Internal Server Error"),
        (302, "application/json", None, BODY, "Found"),
        (599, "application/json", None, BODY, ""),
    ] {
        let reply = reply(status, content_type, reason, body).await;
        assert_eq!(reply.info(), info, "{status} {content_type} {body}");
    }
}

#[tokio::test]
async fn an_object_needs_a_json_content_type() {
    assert!(reply(200, "application/json", None, "{}").await.object().is_some());
    for (content_type, body) in
        [("text/plain", "{}"), ("", "{}"), ("application/json", "[]"), ("application/json", "")]
    {
        assert!(reply(200, content_type, None, body).await.object().is_none(), "{content_type} {body}");
    }
}

/// A body that comes in these pieces.
struct Pieces(Vec<&'static [u8]>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        let piece = self.0.pop().map(|piece| Ok(http_body::Frame::data(Bytes::from_static(piece))));
        std::task::Poll::Ready(piece)
    }
}

#[tokio::test]
async fn pieces_are_put_together_up_to_the_limit() {
    let pieces = || Pieces(vec![b"ghi", b"def", b"", b"abc"]);
    assert_eq!(collect(pieces(), 9).await.unwrap(), "abcdefghi");
    let error = collect(pieces(), 8).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (FailureKind::TooLarge, "the answer's body is too large".into())
    );
}
