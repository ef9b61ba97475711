//! What backends say of later hooks in their answer to `connect`: [`Policies`].

use std::sync::{Arc, Mutex, PoisonError};

use wcs_hooks_protocol::RestClientConfig;

use crate::{App, Reply, Verdict};

/// The policies that were read last. A backend says the same to almost every session, and they are many times the size of the
/// rest of a session.
pub(crate) struct Policies {
    default: Arc<RestClientConfig>,
    last: Mutex<Option<(Box<str>, Arc<RestClientConfig>)>>,
}

impl Policies {
    pub(crate) fn new() -> Self {
        Self { default: Arc::default(), last: Mutex::default() }
    }

    /// Those without a word from the backend.
    pub(crate) fn default_ones(&self) -> Arc<RestClientConfig> {
        Arc::clone(&self.default)
    }

    /// What the answer to `connect` says. What in it WCS could not have understood is logged for each session.
    pub(crate) fn of(&self, opening: &Verdict, app: &App) -> Arc<RestClientConfig> {
        let answer = opening.reply().and_then(Reply::object);
        let json = answer.as_ref().and_then(|answer| answer.get(RestClientConfig::FIELD));
        match json {
            None | Some("null") => self.default_ones(),
            Some(json) => self.known(json).unwrap_or_else(|| self.read(json, app)),
        }
    }

    fn known(&self, json: &str) -> Option<Arc<RestClientConfig>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|(known, _)| **known == *json).map(|(_, policies)| Arc::clone(policies))
    }

    fn read(&self, json: &str, app: &App) -> Arc<RestClientConfig> {
        let (policies, problems) = RestClientConfig::read_strictly(json);
        for problem in &problems {
            tracing::warn!(app = app.name(), "{problem}");
        }
        let policies = Arc::new(policies);
        if problems.is_empty() {
            let known = (json.into(), Arc::clone(&policies));
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        }
        policies
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use http::{Request, Response};
    use http_body_util::Full;
    use wcs_hooks_protocol::{RestOnError, payloads::Connection};

    use super::*;
    use crate::{Dispatcher, Session, Settings};

    const FAIL: &str = r#"{"restClientConfig":{"call":{"restOnError":"FAIL"}}}"#;
    const ODD: &str = r#"{"restClientConfig":{"call":{"restOnError":"PERHAPS"}}}"#;

    /// Sessions with the answers of a backend to their connect.
    async fn sessions<const N: usize>(answers: [&'static str; N]) -> [Session; N] {
        let answers = Arc::new(Mutex::new(answers.into_iter()));
        let backend = tower::service_fn(move |_: Request<Full<Bytes>>| {
            let answer = answers.lock().unwrap().next().unwrap_or_default();
            let reply = Response::builder().header("content-type", "application/json");
            std::future::ready(Ok::<_, Infallible>(reply.body(Full::<Bytes>::from(answer)).unwrap()))
        });
        let app = App::new("defaultApp", "http://host").unwrap();
        let dispatcher = Dispatcher::new(Settings::default(), backend);
        let mut sessions = Vec::new();
        for _ in 0..N {
            sessions.push(dispatcher.connect(&app, Connection::default()).await.unwrap());
        }
        sessions.try_into().unwrap()
    }

    #[tokio::test]
    async fn sessions_share_what_is_the_same() {
        let [first, second, other, again] = sessions([FAIL, FAIL, "{}", FAIL]).await;
        assert_eq!(first.policies().policy_of("call").rest_on_error, RestOnError::Fail);
        assert!(std::ptr::eq(first.policies(), second.policies()));
        assert!(std::ptr::eq(first.policies(), again.policies()));
        assert_eq!(*other.policies(), RestClientConfig::default());
    }

    #[tokio::test]
    async fn what_cannot_be_understood_is_read_each_time() {
        let [first, second] = sessions([ODD, ODD]).await;
        assert_eq!(first.policies(), second.policies());
        assert!(!std::ptr::eq(first.policies(), second.policies()));
    }
}
