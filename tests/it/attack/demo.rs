//! A secret that everybody knows works on loopback and nowhere else.

use std::{
    fs,
    process::{Output, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    time::timeout,
};

use crate::examples::command;

const SECRET: &str = "a secret of this test, which is long enough";

/// An example, how it is told its own secrets beside that of WCS, and what it says is missing without any.
const EXAMPLES: [(&str, &[&str], &str); 6] = [
    ("token-auth", &[], "callers.signed, JWT_SECRET"),
    ("password-sip", &["--users", "FILES/users"], "callers.signed, --users"),
    ("stream-alias", &[], "callers.signed"),
    ("call-redirect", &[], "callers.signed"),
    ("event-log", &[], "callers.signed"),
    ("rooms", &["--page", "127.0.0.1:0"], "callers.signed, JWT_SECRET"),
];

/// A hash of nobody's password.
const USERS: &str =
    "alice:$argon2id$v=19$m=64,t=1,p=1$1L0H5J5W8yGLm5l4uc7LuQ$H/2T8MZeU4UQfXJ6YZDsm2XeX2AqmfgQ7My4JP2oKcI\n";

/// A configuration that says nothing of secrets, one that has that of WCS, and users.
fn files() -> TempDir {
    let files = tempfile::tempdir().unwrap();
    let local = "server.listen = ['127.0.0.1:0']\n";
    fs::write(files.path().join("hooks.toml"), local).unwrap();
    fs::write(files.path().join("callers.toml"), format!("{local}callers.signed = ['{SECRET}']\n")).unwrap();
    fs::write(files.path().join("users"), USERS).unwrap();
    fs::write(files.path().join("jwt"), format!("{SECRET}\n")).unwrap();
    files
}

async fn ends(example: &str, arguments: &[&str]) -> Output {
    let run = command(example).args(arguments).output();
    timeout(Duration::from_secs(20), run).await.expect("it refuses to start").unwrap()
}

#[tokio::test]
async fn no_example_starts_for_others_with_what_everybody_knows() {
    let files = files();
    let config = files.path().join("hooks.toml").display().to_string();
    for (example, _, missing) in EXAMPLES {
        for arguments in [
            &["--listen", "0.0.0.0:0"][..],
            &["--listen", "[::]:0"],
            &["--config", &config],
            &["--config", &config, "--check"],
        ] {
            let output = ends(example, arguments).await;
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(!output.status.success(), "{example} {arguments:?}");
            assert!(said.contains(&format!("{missing}: not set. ")), "{example} {arguments:?}: {said}");
            assert!(said.contains("`openssl rand -hex 32` makes a secret"), "{said}");
            assert_eq!(String::from_utf8(output.stdout).unwrap(), "", "{example} printed something");
        }
    }
}

#[tokio::test]
async fn with_secrets_of_its_own_it_does() {
    let files = files();
    let place = files.path().display().to_string();
    let (config, jwt) = (format!("{place}/callers.toml"), format!("{place}/jwt"));
    for (example, own, _) in EXAMPLES {
        for (arguments, variables) in [
            (["--listen", "0.0.0.0:0"], [("WCS_HOOKS_SECRET", SECRET), ("JWT_SECRET", SECRET)]),
            (["--config", &config], [("UNUSED", ""), ("JWT_SECRET", SECRET)]),
            // As the unit and the image do it. Only token-auth knows `JWT_SECRET_FILE`.
            (["--listen", "0.0.0.0:0"], [("WCS_HOOKS_FILE__CALLERS__SIGNED", &jwt), jwt_of(example, &jwt)]),
        ] {
            let mut command = command(example);
            command.args(own.iter().map(|argument| argument.replace("FILES", &place))).args(arguments);
            let mut process = command.envs(variables).stdout(Stdio::piped()).spawn().unwrap();
            let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
            let line = timeout(Duration::from_secs(20), lines.next_line()).await.unwrap().unwrap();
            let line = line.unwrap_or_default();
            assert!(
                line.starts_with("listening on http://"),
                "{example} {arguments:?} {variables:?}: {line}"
            );
        }
    }
}

/// What is told so in the test above.
#[test]
fn the_unit_and_the_image_pass_secrets_in_as_files() {
    for (file, place) in [
        (include_str!("../../../docs/deploy/Dockerfile"), "/run/secrets"),
        (include_str!("../../../docs/deploy/wcs-hooks.service"), "%d"),
    ] {
        for name in ["WCS_HOOKS_FILE__CALLERS__SIGNED", "JWT_SECRET_FILE"] {
            let passed =
                file.lines().any(|line| !line.starts_with('#') && line.contains(&format!("{name}={place}/")));
            assert!(passed, "{name}: {file}");
        }
    }
}

fn jwt_of<'a>(example: &str, file: &'a str) -> (&'static str, &'a str) {
    if example == "token-auth" { ("JWT_SECRET_FILE", file) } else { ("JWT_SECRET", SECRET) }
}
