//! A configuration that is empty, or half of it, for a moment.

use std::{fs, net::SocketAddr, path::Path};

use rustix::process::Signal;
use wcs_hooks_protocol::{HookName, SigningKey};

use super::program::{get, of_test, run};
use crate::faults::{
    certificates::{authority, issued},
    child::{Child, is_child},
    raw::{Raw, head, soon},
};

const SECRET: &str = "the secret of this test";

/// In the child: a program whose file has this text, with DIR for where files are.
async fn serve(text: &str) -> ! {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = issued(&authority(), "localhost");
    fs::write(directory.path().join("pem"), certificate).unwrap();
    fs::write(directory.path().join("key"), key).unwrap();
    let file = directory.path().join("hooks.toml");
    fs::write(&file, text.replace("DIR", &directory.path().display().to_string())).unwrap();
    let file = file.to_str().unwrap();
    run(&["--listen", "127.0.0.1:0", "--config", file], &format!("file at {file}")).await
}

/// Files in the place of the one that the program has, one after the other: all are rejected, and `holds` after each.
async fn survives(test: &str, holds: impl AsyncFn(&Child)) {
    let (mut child, operations) = of_test(test).await;
    let file = child.prints("file at ").await;
    let whole = fs::read_to_string(&file).unwrap();
    holds(&child).await;
    for (rejected, text) in ["", "\n", "# nothing", &whole[..whole.find('[').unwrap()]].iter().enumerate() {
        fs::write(&file, text).unwrap();
        child.send(Signal::HUP);
        reloaded(operations, "rejected", rejected + 1).await;
        holds(&child).await;
    }
    let new = Path::new(&file).with_extension("new");
    fs::write(&new, whole).unwrap();
    fs::rename(new, &file).unwrap();
    child.send(Signal::HUP);
    reloaded(operations, "applied", 1).await;
    holds(&child).await;
}

/// Until so many configurations have been read and found to be so, at least.
async fn reloaded(operations: SocketAddr, result: &str, times: usize) {
    let name = format!("wcs_hooks_config_reloads_total{{result=\"{result}\"}} ");
    soon("a configuration that is read", async {
        loop {
            let metrics = get(operations, "/metrics", "localhost").await.body;
            let count = metrics.lines().find_map(|line| line.strip_prefix(&name)).unwrap();
            if count.parse::<usize>().unwrap() >= times {
                return;
            }
        }
    })
    .await;
}

fn connect(more: &str) -> String {
    let body = r#"{"nodeId":"n","appKey":"defaultApp","sessionId":"s"}"#;
    format!("{}{more}Content-Length: {}\r\n\r\n{body}", head(HookName::Connect), body.len())
}

fn signature() -> String {
    let body = r#"{"nodeId":"n","appKey":"defaultApp","sessionId":"s"}"#;
    format!("Authorization: {}\r\n", SigningKey::new(&SECRET.into()).sign(body.as_bytes()))
}

#[tokio::test]
async fn an_unsigned_call_stays_refused() {
    if is_child() {
        serve(&format!("limits.hooks = 50\n[callers]\nsigned = ['{SECRET}']\n")).await;
    }
    survives("attack::reload::an_unsigned_call_stays_refused", async |child| {
        let ask = async |request: String| Raw::connect(child.address).await.ask(request).await.status;
        assert_eq!(ask(connect("")).await, 403);
        assert_eq!(ask(connect(&signature())).await, 200);
    })
    .await;
}

#[tokio::test]
async fn plain_http_stays_unanswered() {
    if is_child() {
        serve("limits.hooks = 50\n[server.tls]\ncertificate = 'DIR/pem'\nkey = 'DIR/key'\n").await;
    }
    survives("attack::reload::plain_http_stays_unanswered", async |child| {
        let mut wcs = Raw::connect(child.address).await;
        wcs.send(connect("")).await;
        assert_eq!(wcs.answer().await, None);
    })
    .await;
}
