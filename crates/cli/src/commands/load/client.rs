//! A client of the simulated WCS: connects, does its hooks, leaves, and comes again.

use std::sync::Arc;

use wcs_hooks_dispatcher::{
    App, Declined, Dispatcher, HookContext, HookName, Object, Session, Verdict,
    status::{SessionStatus, StreamStatus},
};

use crate::fields::{Field, with_fields};

/// What a session sends.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Connect,
    Session(SessionStatus),
    Hook(HookName, Option<StreamStatus>),
}

/// What all clients do.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) steps: Vec<Step>,
    pub(super) connect_fields: Vec<Field>,
    pub(super) fields: Vec<Field>,
}

impl Script {
    /// A session that sends these hooks; without any, one that publishes a stream.
    pub(super) fn of(hooks: &[HookName], connect_fields: Vec<Field>, fields: Vec<Field>) -> Self {
        let stream = [
            Step::Hook(HookName::PublishStream, Some(StreamStatus::Pending)),
            Step::Hook(HookName::StreamStatus, Some(StreamStatus::Publishing)),
            Step::Hook(HookName::UnPublishStream, Some(StreamStatus::Publishing)),
            Step::Hook(HookName::StreamStatus, Some(StreamStatus::Unpublished)),
        ];
        let between = if hooks.is_empty() {
            stream.to_vec()
        } else {
            hooks.iter().map(|hook| Step::Hook(*hook, None)).collect()
        };
        let mut steps = vec![Step::Connect, Step::Session(SessionStatus::Established)];
        steps.extend(between);
        steps.push(Step::Session(SessionStatus::Disconnected));
        Self { steps, connect_fields, fields }
    }

    fn connection(&self) -> String {
        with_fields("{}", &self.connect_fields)
    }

    /// The object of a hook. Each has an id of its own, since a backend may answer twins from memory.
    fn object(&self, id: &str, status: Option<&StreamStatus>) -> String {
        let status = status.map(|status| format!(r#","status":"{status}""#)).unwrap_or_default();
        let object = format!(r#"{{"mediaSessionId":"{id}","name":"{id}","published":true{status}}}"#);
        with_fields(&object, &self.fields)
    }
}

/// A client.
pub(super) struct Client {
    number: u64,
    wcs: Dispatcher,
    app: App,
    script: Arc<Script>,
    session: Option<Session>,
    /// The next one.
    step: usize,
    calls: u64,
    /// When its session began.
    since: u64,
}

impl Client {
    pub(super) fn new(number: u64, wcs: Dispatcher, app: App, script: Arc<Script>) -> Self {
        Self { number, wcs, app, script, session: None, step: 0, calls: 0, since: 0 }
    }

    /// Makes the next call, and hands what came of it to a function. A session that was declined is tried again.
    pub(super) async fn call<T>(&mut self, take: impl FnOnce(&Verdict) -> T) -> T {
        self.calls += 1;
        let script = Arc::clone(&self.script);
        let Some(session) = &self.session else {
            return self.connect(&script, take).await;
        };
        let verdict = match &script.steps[self.step] {
            Step::Connect => return self.connect(&script, take).await,
            Step::Session(status) => session.send_status(status.clone()).await,
            Step::Hook(hook, status) => {
                // A stream keeps its id; what has no status is another thing each time.
                let of = if status.is_some() { self.since } else { self.calls };
                let object = script.object(&format!("load-{}-{of}", self.number), status.as_ref());
                send(session, *hook, &object).await
            }
        };
        self.step += 1;
        if self.step == script.steps.len() {
            self.session = None;
        }
        take(&verdict)
    }

    async fn connect<T>(&mut self, script: &Script, take: impl FnOnce(&Verdict) -> T) -> T {
        let connection = script.connection();
        (self.since, self.step) = (self.calls, 1);
        match connect(&self.wcs, &self.app, &connection).await {
            Ok(session) => {
                let taken = take(session.opening());
                self.session = Some(session);
                taken
            }
            Err(declined) => take(declined.verdict()),
        }
    }

    /// Leaves, if it is there.
    pub(super) async fn leave(self) {
        if let Some(session) = self.session {
            session.send_status(SessionStatus::Disconnected).await;
        }
    }
}

/// What is put together here always is an object.
fn object(json: &str) -> Object<'_> {
    Object::parse(json).unwrap_or_else(|_| unreachable!("an object with fields is an object"))
}

async fn send(session: &Session, hook: HookName, json: &str) -> Verdict {
    session.send_raw(hook.as_str(), &object(json)).await
}

async fn connect(wcs: &Dispatcher, app: &App, json: &str) -> Result<Session, Declined> {
    wcs.connect_raw(app, HookContext::default(), &object(json)).await
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, sync::Mutex};

    use bytes::Bytes;
    use http::{Request, Response};
    use http_body_util::{BodyExt, Full};
    use wcs_hooks_dispatcher::Settings;

    use super::*;

    /// What a backend gets that accepts everything, or declines every second session.
    async fn calls(script: Script, count: usize, declines: bool) -> Vec<String> {
        let got = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&got);
        let backend = tower::service_fn(move |request: Request<Full<Bytes>>| {
            let kept = Arc::clone(&kept);
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let object: serde_json::Value = serde_json::from_slice(&body).unwrap();
                let hook = head.uri.path().rsplit('/').next().unwrap();
                let mut kept = kept.lock().unwrap();
                let is_declined = declines && hook == HookName::Connect.as_str() && kept.len() % 2 == 0;
                kept.push(format!("{hook} {} {}", object["status"], object["name"]).replace('"', ""));
                let answer = Response::builder().status(if is_declined { 403 } else { 200 });
                Ok::<_, Infallible>(
                    answer.header("content-type", "application/json").body(Full::new(body)).unwrap(),
                )
            }
        });
        let app = App::new("defaultApp", "http://h").unwrap();
        let mut client = Client::new(7, Dispatcher::new(Settings::default(), backend), app, Arc::new(script));
        for _ in 0..count {
            client.call(|_| ()).await;
        }
        client.leave().await;
        got.lock().unwrap().clone()
    }

    #[tokio::test]
    async fn a_client_publishes_leaves_and_comes_again() {
        let got = calls(Script::of(&[], vec![], vec![]), 9, false).await;
        let expected = [
            "connect null null",
            "ConnectionStatusEvent ESTABLISHED null",
            "publishStream PENDING load-7-1",
            "StreamStatusEvent PUBLISHING load-7-1",
            "unPublishStream PUBLISHING load-7-1",
            "StreamStatusEvent UNPUBLISHED load-7-1",
            "ConnectionStatusEvent DISCONNECTED null",
            "connect null null",
            "ConnectionStatusEvent ESTABLISHED null",
            "ConnectionStatusEvent DISCONNECTED null",
        ];
        assert_eq!(got, expected);
    }

    #[tokio::test]
    async fn hooks_of_ones_own_have_ids_and_fields_of_their_own() {
        let connect = ["status=x".parse().unwrap()].to_vec();
        let script = Script::of(
            &[HookName::PlayStream, HookName::PlayStream],
            connect,
            vec!["status=y".parse().unwrap()],
        );
        let got = calls(script, 4, false).await;
        assert_eq!(got[0], "connect x null");
        assert_eq!(got[2..4], ["playStream y load-7-3", "playStream y load-7-4"]);
    }

    #[tokio::test]
    async fn a_session_that_is_declined_is_tried_again() {
        let got = calls(Script::of(&[], vec![], vec![]), 3, true).await;
        assert_eq!(got[..2], ["connect null null", "connect null null"]);
        assert!(got[2].starts_with("ConnectionStatusEvent"), "{got:?}");
    }
}
