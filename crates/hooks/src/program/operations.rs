//! What operations are told, at a listener of its own.

use std::sync::{Arc, PoisonError};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use wcs_hooks_host_guard::foreign_name;
use wcs_hooks_metrics::{CONTENT_TYPE, Page, Source};
use wcs_hooks_protocol::quoted;

use super::{listener, reload::Current};

const TOML: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/toml")];
const BUILD: [(&str, &str); 3] = [
    ("name", env!("CARGO_PKG_NAME")),
    ("version", env!("CARGO_PKG_VERSION")),
    // Of the build script.
    ("rustc", env!("WCS_HOOKS_RUSTC")),
];

/// Until it is dropped.
pub(super) async fn serve(listener: std::net::TcpListener, current: Arc<Current>) {
    match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener::serve(listener, router(current)).await,
        Err(error) => tracing::error!(%error, "operations are not served"),
    }
}

pub(super) fn router(current: Arc<Current>) -> Router {
    Router::new()
        .route("/live", get(async || "live\n"))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/build", get(async || (TOML, build())))
        .route("/config", get(config))
        .route("/policy", get(policy))
        .layer(from_fn_with_state(Arc::clone(&current), check_host))
        .with_state(current)
}

/// A page whose name leads here, and whoever looks at it, are to learn nothing.
async fn check_host(State(current): State<Arc<Current>>, request: Request, next: Next) -> Response {
    if foreign_name(&request, &current.config.load().operations.hosts).is_some() {
        let hint = "ask for an IP address, localhost or a name of operations.hosts\n";
        return (StatusCode::MISDIRECTED_REQUEST, hint).into_response();
    }
    next.run(request).await
}

async fn ready(State(current): State<Arc<Current>>) -> (StatusCode, &'static str) {
    if !current.server.is_ready() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else if current.is_late() {
        (StatusCode::SERVICE_UNAVAILABLE, "late: handlers keep the threads\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

async fn metrics(State(current): State<Arc<Current>>) -> impl IntoResponse {
    // The server's are the backend's too.
    let sources: [&dyn Source; 2] = [&current.server, &*current];
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], Page::of(sources).to_text())
}

/// What is in force, secrets hidden, and what is wrong with the files if they are not in force.
async fn config(State(current): State<Arc<Current>>) -> impl IntoResponse {
    let mut effective = (*current.config.load_full()).clone();
    effective.backend = current.backend.settings();
    let mistake = current.mistake.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mistake = mistake.map(|mistake| format!("# not in force: {}\n", mistake.replace('\n', " ")));
    (TOML, mistake.unwrap_or_default() + &effective.to_toml())
}

/// What WCS is told of each app's hooks, and which of them it allows since nobody decides them.
async fn policy(State(current): State<Arc<Current>>) -> impl IntoResponse {
    let live = current.backend.shared.live();
    let apps = current.backend.undecided_hooks().zip(&live.policies).map(|((app, undecided), policy)| {
        let undecided: Vec<_> = undecided.iter().map(|hook| quoted(hook.as_str())).collect();
        let (app, undecided) = (quoted(app), undecided.join(","));
        format!(r#"{{"app":{app},"undecided":[{undecided}],"restClientConfig":{}}}"#, policy.json())
    });
    ([(header::CONTENT_TYPE, "application/json")], format!("[{}]\n", apps.collect::<Vec<_>>().join(",\n")))
}

fn build() -> String {
    let texts: String = BUILD.map(|(name, text)| format!("{name} = {text:?}\n")).concat();
    texts + &format!("features = {:?}\n", features())
}

/// Of this build.
fn features() -> Vec<&'static str> {
    let all = [
        ("jwt", cfg!(feature = "jwt")),
        ("otel", cfg!(feature = "otel")),
        ("password", cfg!(feature = "password")),
    ];
    all.into_iter().filter(|(_, is_on)| *is_on).map(|(name, _)| name).collect()
}
