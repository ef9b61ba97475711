//! What the tests of several ready guards need.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tower::ServiceExt;

use crate::{Backend, Callers, Hooks, Settings};

/// The secret of the tests' tokens.
#[cfg(feature = "jwt")]
pub(crate) const SECRET: &str = "the secret of the tests' tokens.";

/// Sends hooks to the backend of an app, as WCS does.
pub(crate) struct Wcs(Backend);

impl Wcs {
    pub(crate) fn with(hooks: Hooks) -> Self {
        // The tests send the same bodies again, and want to be asked each time.
        let mut settings = Settings { callers: Some(Callers::anyone()), ..Settings::default() };
        settings.duplicates.within = Duration::ZERO;
        Self(Backend::builder(hooks).settings(settings).build().unwrap())
    }

    pub(crate) fn of(backend: Backend) -> Self {
        Self(backend)
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.0
    }

    /// The answer's status and body.
    pub(crate) async fn send(&self, hook: &str, body: &Value) -> (u16, Value) {
        let request = Request::post(format!("/app/{hook}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body.to_string())))
            .unwrap();
        let response = self.0.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// The status, and what the client is told if it is not 200.
    pub(crate) async fn told(&self, hook: &str, body: &Value) -> (u16, String) {
        let (status, body) = self.send(hook, body).await;
        (status, body["reason"].as_str().unwrap_or_default().to_owned())
    }
}

/// A file that is gone when the test is over.
#[cfg(any(feature = "jwt", feature = "password"))]
pub(crate) struct TempFile(pub(super) std::path::PathBuf);

#[cfg(any(feature = "jwt", feature = "password"))]
impl TempFile {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("wcs-hooks-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

#[cfg(any(feature = "jwt", feature = "password"))]
impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
