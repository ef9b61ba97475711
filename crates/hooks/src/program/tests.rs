use std::{fs, path::Path, time::Duration};

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use rcgen::{CertificateParams, KeyPair};
use tokio::time::{advance, sleep};
use tower::ServiceExt;

use super::*;
use crate::{AllowAll, Callers, Hooks};

struct Running {
    _directory: tempfile::TempDir,
    file: std::path::PathBuf,
    program: Program,
}

impl Running {
    fn with(text: &str) -> Self {
        Self::of(text, Backend::builder(Hooks::new(AllowAll)))
    }

    fn of(text: &str, backend: BackendBuilder) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("hooks.toml");
        fs::write(&file, text).unwrap();
        let given = ["--listen", "127.0.0.1:0", "--config", file.to_str().unwrap()].map(String::from);
        let (arguments, _) = Arguments::take(given).unwrap();
        let backend = backend.callers(Callers::anyone());
        let config = arguments.config().unwrap();
        let program = Program::listen(arguments, config, backend).unwrap();
        Self { _directory: directory, file, program }
    }

    fn change(&self, text: &str) {
        fs::write(&self.file, text).unwrap();
        self.program.current.reload();
    }

    async fn metric(&self, name: &str) -> Option<u64> {
        let (_, metrics) = self.get("/metrics").await;
        let mut lines = metrics.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
    }

    async fn get(&self, path: &str) -> (StatusCode, String) {
        let router = operations::router(Arc::clone(&self.program.current));
        let answer = router.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

#[tokio::test]
async fn operations_tell_how_it_goes_and_no_secret() {
    let running = Running::with("callers.signed = ['top-secret']\n");
    for (path, expected) in [
        ("/live", "live"),
        ("/ready", "ready"),
        ("/metrics", "wcs_hooks_connections 0"),
        ("/build", concat!("version = \"", env!("CARGO_PKG_VERSION"), "\"")),
        ("/build", "rustc = \"1."),
        ("/config", "signed = [\"[hidden]\"]"),
    ] {
        let (status, body) = running.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(body.contains(expected) && !body.contains("top-secret"), "{path}: {body}");
    }
    running.program.current.server.stop();
    assert_eq!(running.get("/ready").await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(running.get("/live").await.0, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_runtime_that_is_late_is_not_ready_for_a_while() {
    let running = Running::with("");
    let watching = tokio::spawn(lag::watch(Arc::clone(&running.program.current)));
    let second = Duration::from_secs(1);
    let status = async || running.get("/ready").await.0;
    sleep(20 * second).await;
    assert_eq!(status().await, StatusCode::OK);
    // As if all threads were blocked for so long.
    advance(6 * second).await;
    assert_eq!(status().await, StatusCode::SERVICE_UNAVAILABLE);
    sleep(10 * second).await;
    assert_eq!(status().await, StatusCode::SERVICE_UNAVAILABLE);
    let (_, metrics) = running.get("/metrics").await;
    // When its next turn is differs by a turn.
    let is_lag = |lag: &str| metrics.contains(&format!("\nwcs_hooks_runtime_lag_seconds {lag}"));
    assert!(is_lag("5.9") || is_lag("6.0"), "{metrics}");
    for (max_lag, expected) in
        [("7s", StatusCode::OK), ("5s", StatusCode::SERVICE_UNAVAILABLE), ("0s", StatusCode::OK)]
    {
        running.change(&format!("operations.max_lag = '{max_lag}'"));
        assert_eq!(status().await, expected, "{max_lag}");
    }
    running.change("");
    sleep(10 * second).await;
    assert_eq!(status().await, StatusCode::OK);
    assert_eq!(running.get("/live").await.0, StatusCode::OK);
    watching.abort();
}

#[tokio::test]
async fn a_changed_file_is_taken_and_a_bad_one_is_not() {
    let running = Running::with("limits.hooks = 10\n");
    let hooks = || running.program.backend().settings().limits.hooks;
    running.change("limits.hooks = 20\n");
    assert_eq!(hooks(), 20);
    for bad in [
        "limits.hooks = 'x'\n",
        "limits.hooks = 0\n",
        "limits.hooks = 30\nserver.tls = { certificate = '/', key = '/' }",
    ] {
        running.change(bad);
        assert_eq!(hooks(), 20, "{bad}");
        assert!(running.get("/config").await.1.starts_with("# not in force: "));
        assert!(running.get("/metrics").await.1.contains("wcs_hooks_config_rejected 1"));
    }
    running.change("limits.hooks = 30\n");
    assert_eq!(hooks(), 30);
    let (_, metrics) = running.get("/metrics").await;
    for line in [
        "wcs_hooks_config_rejected 0",
        "wcs_hooks_config_applied_timestamp_seconds ",
        "wcs_hooks_config_reloads_total{result=\"applied\"} 2",
        "wcs_hooks_config_reloads_total{result=\"rejected\"} 3",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
}

/// As a whole, so that it is another file.
fn replace(file: &Path, text: &str) {
    let new = file.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(new, file).unwrap();
}

/// A certificate that expires with this year, and its key, in PEM.
fn certificate(year: i32) -> [String; 2] {
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(year, 1, 1);
    let key = KeyPair::generate().unwrap();
    [params.self_signed(&key).unwrap().pem(), key.serialize_pem()]
}

#[tokio::test(start_paused = true)]
async fn certificate_files_that_are_replaced_are_taken() {
    const EXPIRES: &str = "wcs_hooks_certificate_expires_timestamp_seconds";
    const IN_2050: Option<u64> = Some(2_524_608_000);
    const IN_2060: Option<u64> = Some(2_840_140_800);
    let directory = tempfile::tempdir().unwrap();
    let [pem, key] = ["backend.pem", "backend.key"].map(|name| directory.path().join(name));
    let [of_2050, of_2060] = [2050, 2060].map(certificate);
    replace(&pem, &of_2050[0]);
    replace(&key, &of_2050[1]);
    let running = Running::with(&format!("server.tls = {{ certificate = {pem:?}, key = {key:?} }}"));
    let watching = tokio::spawn(reload::watch(Arc::clone(&running.program.current)));
    sleep(Duration::from_secs(10)).await;
    assert_eq!(running.metric(EXPIRES).await, IN_2050);

    // One after the other, as they are renewed: a certificate without its key is not taken.
    replace(&pem, &of_2060[0]);
    sleep(2 * reload::EVERY).await;
    assert_eq!(
        (running.metric(EXPIRES).await, running.metric("wcs_hooks_config_rejected").await),
        (IN_2050, Some(1))
    );
    replace(&key, &of_2060[1]);
    sleep(2 * reload::EVERY).await;
    assert_eq!(
        (running.metric(EXPIRES).await, running.metric("wcs_hooks_config_rejected").await),
        (IN_2060, Some(0))
    );
    watching.abort();
}

#[tokio::test]
async fn a_mistake_elsewhere_leaves_tls_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let [pem, key] = ["backend.pem", "backend.key"].map(|name| directory.path().join(name));
    let of_2050 = certificate(2050);
    replace(&pem, &of_2050[0]);
    replace(&key, &of_2050[1]);
    let running = Running::with(&format!("server.tls = {{ certificate = {pem:?}, key = {key:?} }}"));
    for file in [&pem, &key] {
        std::fs::remove_file(file).unwrap();
    }
    running.change("limits.hooks = 0\n");
    assert_eq!(running.metric("wcs_hooks_config_rejected").await, Some(1));
    let expires = running.metric("wcs_hooks_certificate_expires_timestamp_seconds").await;
    assert_eq!(expires, Some(2_524_608_000));
}

#[cfg(feature = "password")]
#[tokio::test(start_paused = true)]
async fn files_of_keys_that_are_replaced_are_taken() {
    use crate::{
        payloads::Connection,
        ready::{PasswordAuth, PasswordFile},
    };

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("users");
    let line = |user: &str| PasswordFile::hash_line(user, &"demo".into()).unwrap();
    replace(&file, &line("alice"));
    let auth = PasswordAuth::new(PasswordFile::read(&file).unwrap());
    let backend = Backend::builder(Hooks::new(auth.clone())).reloading(auth.clone());
    let running = Running::of("", backend);
    let watching = tokio::spawn(reload::watch(Arc::clone(&running.program.current)));
    let comes_in = async |user: &str| {
        let mut connection = Connection::default();
        connection.custom.insert("login".into(), user.into());
        connection.custom.insert("password".into(), "demo".into());
        auth.admit(&mut connection).await.is_ok()
    };
    sleep(Duration::from_secs(10)).await;
    assert_eq!((comes_in("alice").await, comes_in("bob").await), (true, false));
    for (text, is_rejected) in [(line("bob"), 0), ("bob:bob".to_owned(), 1)] {
        replace(&file, &text);
        sleep(2 * reload::EVERY).await;
        assert_eq!(running.metric("wcs_hooks_config_rejected").await, Some(is_rejected));
        assert_eq!((comes_in("alice").await, comes_in("bob").await), (false, true), "{text}");
    }
    watching.abort();
}
