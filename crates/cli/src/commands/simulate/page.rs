//! The demo's page: it plays a browser with plain WebSocket messages, and shows the hooks that went out.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn},
    response::{
        IntoResponse, Redirect, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::get,
};
use http::{
    HeaderName, StatusCode,
    header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE},
};
use tokio::sync::broadcast::error::RecvError;

use super::hooks::Hooks;

/// Pages at one time.
const PAGES: usize = 64;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src data:; base-uri 'none'";

/// What stands under `/demo`.
pub(super) fn router(hooks: Hooks) -> Router {
    Router::new()
        .route("/demo", get(|| ready(Redirect::permanent("/demo/"))))
        .route("/demo/", get(|| file("text/html", include_str!("page/index.html"))))
        .route("/demo/page.css", get(|| file("text/css", include_str!("page/page.css"))))
        .route("/demo/page.js", get(|| file("text/javascript", include_str!("page/page.js"))))
        .route("/demo/hooks", get(events))
        .with_state(hooks)
        .route_layer(from_fn(check))
}

/// Hooks carry what nobody else is to read: a page whose name leads to this machine, for one.
async fn check(request: Request, next: Next) -> Response {
    if wcs_hooks_simulator::public_name(&request).is_some() {
        return (StatusCode::MISDIRECTED_REQUEST, "ask for an IP address or localhost\n").into_response();
    }
    next.run(request).await
}

type File = Ready<([(HeaderName, String); 2], &'static str)>;

fn file(kind: &str, text: &'static str) -> File {
    ready((
        [(CONTENT_TYPE, format!("{kind};charset=utf-8")), (CONTENT_SECURITY_POLICY, POLICY.to_owned())],
        text,
    ))
}

/// Every hook that goes out from now on, as server-sent events.
async fn events(State(hooks): State<Hooks>) -> Response {
    if hooks.readers() >= PAGES {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let stream = futures_util::stream::unfold(hooks.subscribe(), |mut hooks| async {
        loop {
            match hooks.recv().await {
                Ok(sent) => {
                    let json = serde_json::to_string(&*sent).unwrap_or_default();
                    return Some((Ok::<_, Infallible>(Event::default().data(json)), hooks));
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::default()).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn pages_of_other_names_see_no_hooks() {
        for (host, expected) in [("127.0.0.1:8080", 200), ("localhost", 200), ("page.example:8080", 421)] {
            let request = Request::get("/demo/hooks").header("host", host).body(Body::empty()).unwrap();
            let response = router(Hooks::default()).oneshot(request).await.unwrap();
            assert_eq!(response.status().as_u16(), expected, "{host}");
        }
    }
}
