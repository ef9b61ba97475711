//! The REST API of WCS, for what a gateway holds: [`RestApi`]. Spec §10.

mod access;
mod calls;
mod command;
mod connections;
mod data;
mod filter;
mod recorder;
mod startup;
mod streams;

use std::{fmt, sync::Arc};

use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn_with_state, routing::post};
use http::StatusCode;
use wcs_hooks_protocol::Secret;

use crate::{Gateway, control, gateway::Shared};
use access::Access;
pub(crate) use command::{Answer, Answered, Command};
pub(crate) use filter::Filter;
use recorder::Recordings;

/// The REST API of a gateway, at `/rest-api/…`: what a backend asks of WCS. Spec §10.
///
/// It holds sessions, streams, calls and recordings, and no RTMP, RTSP, mixers or CDN: such commands are answered `501`. Filters
/// compare any field; a filter that finds nothing is answered `404`. What WCS prints as `null` is left out. What comes from a
/// page, by its `Origin`, is answered `403`: any page that is open on this machine could give commands otherwise. What asks for
/// a [public name](crate::public_name) that does not stand in the `nodeId` is answered `421`.
///
/// ```no_run
/// use wcs_hooks_simulator::{Gateway, dispatcher::{App, Secret, Settings}};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let app = App::new("defaultApp", "http://127.0.0.1:8081")?;
/// let gateway = Gateway::builder(Settings::default()).app(app).build()?;
/// let rest = gateway.rest_api().credentials("admin", &Secret::from("admin")).into_router();
/// axum::serve(tokio::net::TcpListener::bind("127.0.0.1:8888").await?, rest).await?;
/// # Ok(())
/// # }
/// ```
pub struct RestApi {
    gateway: Gateway,
    has_control: bool,
    access: Access,
    max_body: usize,
}

impl fmt::Debug for RestApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestApi").field("max_body", &self.max_body).finish_non_exhaustive()
    }
}

impl Gateway {
    /// Its REST API, which WCS has at a port of its own: 8081.
    #[must_use]
    pub fn rest_api(&self) -> RestApi {
        RestApi { gateway: self.clone(), has_control: false, access: Access::default(), max_body: 4 << 20 }
    }
}

impl RestApi {
    /// Answers `401` without these credentials. By default anybody may ask.
    ///
    /// ```
    /// # use wcs_hooks_simulator::{Gateway, dispatcher::Secret};
    /// # fn run(gateway: Gateway) {
    /// let rest = gateway.rest_api().credentials("admin", &Secret::from("admin")).into_router();
    /// # }
    /// ```
    #[must_use]
    pub fn credentials(mut self, user: &str, password: &Secret) -> Self {
        self.access = Access::basic(user, password);
        self
    }

    /// The longest body of a command, in bytes; a longer one is answered `413`. Default 4 MiB.
    #[must_use]
    pub const fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Adds what makes the gateway misbehave, at `/simulator/…`: faults, storms, restarts (`docs/simulator.md`).
    ///
    /// ```
    /// # fn run(gateway: wcs_hooks_simulator::Gateway) {
    /// let rest = gateway.rest_api().with_control().into_router();
    /// # }
    /// ```
    #[must_use]
    pub const fn with_control(mut self) -> Self {
        self.has_control = true;
        self
    }

    /// The routes.
    pub fn into_router(self) -> Router {
        let rest = Rest { shared: Arc::clone(&self.gateway.shared), recordings: Arc::default() };
        let routes = Router::new().nest("/rest-api", commands()).with_state(rest);
        let control = self.has_control.then(|| control::router(self.gateway.clone()));
        routes
            .merge(control.unwrap_or_default())
            .layer(DefaultBodyLimit::max(self.max_body))
            .layer(from_fn_with_state((self.access, self.gateway), access::check))
    }
}

/// What commands are about.
#[derive(Clone)]
struct Rest {
    shared: Arc<Shared>,
    recordings: Arc<Recordings>,
}

fn commands() -> Router<Rest> {
    Router::new()
        .route("/data/send", post(data::send))
        .route("/stream/find", post(streams::find))
        .route("/stream/find_all", post(streams::find_all))
        .route("/stream/terminate", post(streams::terminate))
        .route("/stream/event/send", post(streams::send_event))
        .route("/stream/snapshot", post(streams::snapshot))
        .route("/stream/startRecording", post(recorder::startup))
        .route("/stream/stopRecording", post(recorder::terminate))
        .route("/recorder/startup", post(recorder::startup))
        .route("/recorder/terminate", post(recorder::terminate))
        .route("/recorder/find_all", post(recorder::find_all))
        .route("/connection/find", post(connections::find))
        .route("/connection/find_all", post(connections::find_all))
        .route("/connection/terminate", post(connections::terminate))
        .route("/connection/set_log_level", post(connections::set_log_level))
        .route("/call/startup", post(startup::startup))
        .route("/call/find", post(calls::find))
        .route("/call/find_all", post(calls::find_all))
        .route("/call/terminate", post(calls::terminate))
        .route("/call/send_dtmf", post(calls::send_dtmf))
        .fallback(not_held)
}

async fn not_held() -> Answer {
    Answer::error(StatusCode::NOT_IMPLEMENTED, "the simulator has no such command: see docs/simulator.md")
}
