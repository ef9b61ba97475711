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
        Self::as_it_is(text, backend.callers(Callers::anyone()))
    }

    fn as_it_is(text: &str, backend: BackendBuilder) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("hooks.toml");
        fs::write(&file, text).unwrap();
        let given = ["--listen", "127.0.0.1:0", "--config", file.to_str().unwrap()].map(String::from);
        let (arguments, _) = Arguments::take(given).unwrap();
        let config = arguments.config().unwrap();
        let program = Program::listen(arguments, config, backend).unwrap();
        Self { _directory: directory, file, program }
    }

    fn change(&self, text: &str) {
        fs::write(&self.file, text).unwrap();
        self.program.current.reload(self.program.current.read());
    }

    /// What it answers to a hook of the app that is not signed.
    async fn unsigned(&self, app: &str) -> StatusCode {
        let body = format!(r#"{{"nodeId":"n","appKey":"{app}","sessionId":"s","name":"x"}}"#);
        let call = Request::post("/publishStream").header("content-type", "application/json");
        let call = call.body(Body::from(body)).unwrap();
        self.program.backend().clone().oneshot(call).await.unwrap().status()
    }

    fn has_tls(&self) -> bool {
        self.program.current.server.certificate_expires().is_some()
    }

    fn mistake(&self) -> String {
        self.program.current.mistake.lock().unwrap().clone().unwrap_or_default()
    }

    async fn metric(&self, name: &str) -> Option<u64> {
        let (_, metrics) = self.get("/metrics").await;
        let mut lines = metrics.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
    }

    async fn get(&self, path: &str) -> (StatusCode, String) {
        self.ask(Request::get(path)).await
    }

    async fn ask(&self, request: http::request::Builder) -> (StatusCode, String) {
        let router = operations::router(Arc::clone(&self.program.current));
        let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

/// What everybody knows is good for loopback, and for nothing that a file was written for.
#[tokio::test]
async fn a_demo_is_on_loopback_and_has_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (empty, callers) = (file("empty.toml", ""), file("callers.toml", "callers.signed = ['a key']\n"));
    let [signed, local] = ["callers.signed=a key", "server.listen=['127.0.0.1:0', '[::1]:0']"];
    #[rustfmt::skip]
    let cases: [(&[&str], &str); 11] = [
        (&[], ""),
        (&["--listen", "127.3.2.1:0"], ""),
        (&["--listen", "[::ffff:127.0.0.1]:0"], ""),
        (&["--set", local], ""),
        (&["--listen", "0.0.0.0:0"], "callers.signed, X"),
        (&["--listen", "[::]:0"], "callers.signed, X"),
        (&["--set", "server.listen=['127.0.0.1:0', '10.0.0.1:0']"], "callers.signed, X"),
        (&["--listen", "unix:/run/hooks.sock"], "callers.signed, X"),
        (&["--config", &empty], "callers.signed, X"),
        (&["--config", &callers], "X"),
        (&["--listen", "0.0.0.0:0", "--set", signed], "X"),
    ];
    for (given, missing) in cases {
        let arguments = Arguments::take(given.iter().map(|&flag| flag.to_owned())).unwrap().0;
        let backend = || Backend::builder(Hooks::new(AllowAll)).demo_callers(Callers::anyone());
        let said = Program::check(&arguments, backend().demo("X")).err().map(|error| error.to_string());
        let said = said.unwrap_or_default();
        assert_eq!(
            said.split_once(": not set. ").map_or("", |(settings, _)| settings),
            missing,
            "{given:?}: {said}"
        );
        let of_callers = Program::check(&arguments, backend()).is_err();
        assert_eq!(of_callers, missing.contains("callers"), "{given:?}");
    }
    assert!(Backend::builder(Hooks::new(AllowAll)).demo_callers(Callers::anyone()).build().is_err());
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
        ("/policy", r#"[{"app":"default","undecided":["publishStream","#),
        ("/policy", r#""restClientConfig":{"BugReportStatusEvent":{"#),
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
async fn operations_answer_to_their_own_names() {
    let running = Running::with("operations.hosts = []\n");
    let asked = async |host: &str, path: &str| running.ask(Request::get(path).header("host", host)).await;
    for path in ["/live", "/ready", "/metrics", "/build", "/config", "/nothing"] {
        for (host, is_own) in [
            ("127.0.0.1:9464", true),
            ("[::1]", true),
            ("localhost:9464", true),
            ("evil.example", false),
            ("ops.example:9464", false),
        ] {
            let (status, body) = asked(host, path).await;
            assert_eq!(status != StatusCode::MISDIRECTED_REQUEST, is_own, "{host}{path}: {body}");
            assert_eq!(body.contains("a name of operations.hosts"), !is_own, "{host}{path}: {body}");
        }
    }
    running.change("operations.hosts = ['ops.example']\n");
    assert_eq!(asked("ops.example:9464", "/live").await.0, StatusCode::OK);
    assert_eq!(asked("evil.example", "/live").await.0, StatusCode::MISDIRECTED_REQUEST);
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

/// A file, the certificates that it names, and what belongs to them.
struct Protected {
    directory: tempfile::TempDir,
    tls: String,
    whole: String,
}

impl Protected {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let [pem, key, ca] = ["backend.pem", "backend.key", "ca.pem"].map(|name| directory.path().join(name));
        let [certificate, private] = certificate(2050);
        replace(&pem, &certificate);
        replace(&key, &private);
        replace(&ca, &certificate);
        let tls = format!("[server.tls]\ncertificate = {pem:?}\nkey = {key:?}\n");
        let whole = format!(
            "secret_overlap = '0s'\nlimits = {{ denials_per_minute = 60 }}\n[callers]\nsigned = ['a key']\n\
             basic = [{{ user = 'wcs', password = 'p' }}]\n{tls}client_ca = {ca:?}\n\
             [apps.own.callers]\nsigned = ['another']\n[reload]\nallow_weaker = true\n"
        );
        Self { directory, tls, whole }
    }

    /// With the callers of the code, which do not count any more.
    fn run(&self) -> Running {
        let backend = Backend::builder(Hooks::new(AllowAll)).app("own", Hooks::new(AllowAll));
        Running::as_it_is(&self.whole, backend.callers(Callers::anyone()))
    }
}

#[tokio::test]
async fn no_prefix_of_a_file_opens_anything() {
    let protected = Protected::new();
    let running = protected.run();
    let length = protected.whole.len();
    let orders: [Box<dyn Fn(usize) -> usize>; 3] = [
        Box::new(|turn| turn),
        Box::new(move |turn| length - turn),
        // All over the place: it has no divisor with the length in common.
        Box::new(move |turn| turn * 7919 % (length + 1)),
    ];
    for order in orders {
        for prefix in (0..=length).map(order) {
            running.change(&protected.whole[..prefix]);
            for app in ["default", "own"] {
                assert_eq!(running.unsigned(app).await, StatusCode::UNAUTHORIZED, "{app}, {prefix}");
            }
            assert!(running.has_tls(), "{prefix}");
        }
    }
    running.change(&protected.whole);
    assert_eq!(running.mistake(), "");
}

#[tokio::test]
async fn what_a_file_protects_goes_by_permission_only() {
    let protected = Protected::new();
    let callers = "[callers]\nsigned = ['a key']\n";
    let own = "[apps.own.callers]\nsigned = ['another']\n";
    let tls = format!("{}client_ca = {:?}\n", protected.tls, protected.directory.path().join("ca.pem"));
    let anyone = "[callers]\nanyone = true\n";
    #[rustfmt::skip]
    let cases = [
        (format!("{anyone}{own}{tls}"), "callers: anyone could call the app \"default\""),
        (format!("{callers}[apps.own.callers]\nanyone = true\n{tls}"), "callers: anyone could call the app \"own\""),
        (format!("{callers}{tls}"), "apps.own.callers: other callers could call the app \"own\""),
        (format!("{callers}{own}"), "server.tls: hooks would come in the clear"),
        (format!("{callers}{own}{}", protected.tls), "server.tls.client_ca: any client could connect"),
        (format!("limits.denials_per_minute = 0\n{callers}{own}{tls}"), "limits.denials_per_minute: "),
    ];
    for (weaker, what) in cases {
        let running = protected.run();
        running.change(&weaker);
        let mistake = running.mistake();
        assert!(mistake.starts_with(&format!("weaker than the configuration in force: {what}")), "{mistake}");
        assert!(mistake.ends_with("set reload.allow_weaker = true"), "{mistake}");
        running.change(&format!("{weaker}[reload]\nallow_weaker = true\n"));
        assert_eq!(running.mistake(), "", "{what}");
    }
}

#[tokio::test]
async fn the_callers_of_the_code_do_not_come_back() {
    let protected = Protected::new();
    let running = protected.run();
    for text in ["", " \n", "# nothing\n", "limits.hooks = 5\n", "[reload]\nallow_weaker = true\n"] {
        running.change(text);
        assert!(running.mistake().contains("do not come back by a reload"), "{text}: {}", running.mistake());
        assert_eq!(running.unsigned("default").await, StatusCode::UNAUTHORIZED, "{text}");
    }
}

/// Whatever the file had: it is not said that all of it may go.
#[tokio::test]
async fn a_file_that_is_empty_for_a_moment_changes_nothing() {
    let running = Running::with("limits.hooks = 10\n");
    running.change("");
    assert!(running.mistake().contains("the file says nothing any more"), "{}", running.mistake());
    assert_eq!(running.program.backend().settings().limits.hooks, 10);
    let was_empty = Running::with("");
    was_empty.change("\n");
    assert_eq!(was_empty.mistake(), "");
}

#[tokio::test(start_paused = true)]
async fn a_file_is_taken_when_two_looks_agree() {
    let running = Running::with("limits.hooks = 10\n");
    let watching = tokio::spawn(reload::watch(Arc::clone(&running.program.current)));
    let hooks = || running.program.backend().settings().limits.hooks;
    // Between two looks.
    sleep(10 * reload::EVERY + reload::EVERY / 2).await;
    replace(&running.file, "limits.hooks = 20\n");
    sleep(reload::EVERY / 2 + reload::PAUSE / 2).await;
    replace(&running.file, "limits.hooks = 30\n");
    sleep(reload::PAUSE).await;
    assert_eq!(hooks(), 10, "the second look found another file");
    sleep(reload::EVERY).await;
    assert_eq!(hooks(), 30);
    let applied = "wcs_hooks_config_reloads_total{result=\"applied\"}";
    assert_eq!(running.metric(applied).await, Some(1));
    watching.abort();
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
