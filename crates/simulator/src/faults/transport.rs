//! The way to a backend on which faults happen: [`Faulty`].

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::{sleep, timeout},
};
use wcs_hooks_dispatcher::{Attempt, Backend, Failure, Reply};
use wcs_hooks_protocol::{HookContext, HookName, Object};

use super::{Faults, plan::Plan, rule::WhenLost};

/// How long a backend may take for what nobody waits for.
const UNATTENDED: Duration = Duration::from_mins(1);

/// A backend, and the [`Faults`] on the way to it. Made by [`Faults::around`].
#[derive(Debug)]
pub struct Faulty<B> {
    backend: Arc<B>,
    faults: Faults,
}

impl<B> Faulty<B> {
    pub(super) fn new(backend: B, faults: Faults) -> Self {
        Self { backend: Arc::new(backend), faults }
    }
}

impl<B: Backend> Backend for Faulty<B> {
    fn attempt(&self, request: Request<Full<Bytes>>, limit: usize) -> Attempt {
        if !self.faults.is_active() {
            return self.backend.attempt(request, limit);
        }
        let plan = hook_of(&request).map(|hook| self.faults.plan(hook)).unwrap_or_default();
        let call = Call { backend: Arc::clone(&self.backend), faults: self.faults.clone(), request, limit };
        Box::pin(call.run(plan))
    }
}

fn hook_of(request: &Request<Full<Bytes>>) -> Option<HookName> {
    request.uri().path().rsplit('/').next()?.parse().ok()
}

/// One attempt.
struct Call<B> {
    backend: Arc<B>,
    faults: Faults,
    request: Request<Full<Bytes>>,
    limit: usize,
}

type Result<T> = std::result::Result<T, Failure>;

impl<B: Backend> Call<B> {
    async fn run(self, plan: Plan) -> Result<Reply> {
        let session_id = self.session_id().await;
        if let Some(reply) = self.held_back(&plan, &session_id).await {
            return reply;
        }
        if !plan.delay.is_zero() {
            sleep(plan.delay).await;
        }
        if plan.lost == Some(WhenLost::BeforeHandling) {
            return self.lost().await;
        }
        let result = self.sent(&plan).await;
        self.faults.state.held.release(&session_id);
        if plan.lost == Some(WhenLost::AfterHandling) { self.lost().await } else { result }
    }

    async fn sent(&self, plan: &Plan) -> Result<Reply> {
        match (plan.again, plan.again.and_then(|_| self.faults.unattended())) {
            (Some(after), Some(permit)) => self.sent_twice(after, permit).await,
            _ => self.attempt().await,
        }
    }

    fn attempt(&self) -> Attempt {
        self.backend.attempt(self.request.clone(), self.limit)
    }

    /// Both go on by themselves, so that the one that is answered later is handled too.
    async fn sent_twice(&self, after: Duration, permit: OwnedSemaphorePermit) -> Result<Reply> {
        self.faults.count(|counts| counts.duplicated += 1);
        let (answers, mut answered) = mpsc::channel(2);
        let permit = Arc::new(permit);
        for (delay, attempt) in [(Duration::ZERO, self.attempt()), (after, self.attempt())] {
            let (answers, permit) = (answers.clone(), Arc::clone(&permit));
            tokio::spawn(async move {
                sleep(delay).await;
                if let Ok(result) = timeout(UNATTENDED, attempt).await {
                    let _ = answers.send(result).await;
                }
                drop(permit);
            });
        }
        drop(answers);
        match answered.recv().await {
            Some(result) => result,
            None => self.lost().await,
        }
    }

    /// Lets WCS go on, and sends the event later. `None` if it is not to be held back, or cannot be.
    async fn held_back(&self, plan: &Plan, session_id: &str) -> Option<Result<Reply>> {
        let at_most = plan.held?;
        let permit = self.faults.unattended()?;
        let Some(released) = self.faults.state.held.hold(session_id) else {
            self.faults.count(|counts| counts.spared += 1);
            return None;
        };
        self.faults.count(|counts| counts.reordered += 1);
        let (attempt, faults, session_id) = (self.attempt(), self.faults.clone(), session_id.to_owned());
        tokio::spawn(async move {
            if timeout(at_most, released).await.is_err() {
                faults.state.held.release(&session_id);
            }
            let _ = timeout(UNATTENDED, attempt).await;
            drop(permit);
        });
        Some(self.accepted().await)
    }

    /// The session that the hook is about, as its body says.
    async fn session_id(&self) -> String {
        let body = self.request.body().clone().collect().await.map(http_body_util::Collected::to_bytes);
        let body = body.unwrap_or_default();
        Object::from_slice(&body).map(|object| HookContext::read(&object).session_id).unwrap_or_default()
    }

    /// What the dispatcher makes of a connection that is reset.
    async fn lost(&self) -> Result<Reply> {
        let reset = tower::service_fn(async |_: Request<Full<Bytes>>| {
            Err::<Response<Full<Bytes>>, _>(io::Error::from(io::ErrorKind::ConnectionReset))
        });
        reset.attempt(self.request.clone(), self.limit).await
    }

    async fn accepted(&self) -> Result<Reply> {
        let accepts = tower::service_fn(async |_: Request<Full<Bytes>>| {
            let response = Response::builder().header(CONTENT_TYPE, "application/json");
            response.body(Full::<Bytes>::from("{}"))
        });
        accepts.attempt(self.request.clone(), self.limit).await
    }
}
