//! Who reaches the listener of operations.

use wcs_hooks_protocol::HookName;

use super::program::{get, of_test, run};
use crate::faults::{
    child::is_child,
    raw::{Raw, request},
};

const DESCRIPTORS: u64 = 200;
const SILENT: usize = 300;

#[tokio::test]
async fn silent_connections_to_operations_take_nothing_from_hooks() {
    if is_child() {
        rlimit::setrlimit(rlimit::Resource::NOFILE, DESCRIPTORS, DESCRIPTORS).unwrap();
        run(&["--listen", "127.0.0.1:0"], "").await;
    }
    let test = "attack::operations::silent_connections_to_operations_take_nothing_from_hooks";
    let (child, operations) = of_test(test).await;
    let idle = child.descriptors();
    let mut silent = Vec::new();
    for _ in 0..SILENT {
        silent.push(Raw::connect(operations).await);
    }
    // They have been accepted before this one.
    assert_eq!(get(operations, "/ready", "localhost").await.status, 200);
    assert!(child.descriptors() <= idle + 70, "{} descriptors, {idle} before", child.descriptors());
    let mut wcs = Raw::connect(child.address).await;
    assert_eq!(wcs.ask(request(HookName::Connect, "x")).await.status, 200);
    drop(silent);
}

#[tokio::test]
async fn a_page_whose_name_leads_here_is_told_nothing() {
    if is_child() {
        run(&["--listen", "127.0.0.1:0", "--set", "operations.hosts=ops.example"], "").await;
    }
    let (_child, operations) =
        of_test("attack::operations::a_page_whose_name_leads_here_is_told_nothing").await;
    for path in ["/config", "/metrics", "/ready"] {
        for (host, status) in [
            (operations.to_string(), 200),
            ("localhost".to_owned(), 200),
            ("ops.example".to_owned(), 200),
            ("evil.example".to_owned(), 421),
            (format!("evil.example:{}", operations.port()), 421),
            ("localhost\r\nHost: evil.example".to_owned(), 421),
        ] {
            assert_eq!(get(operations, path, &host).await.status, status, "{host:?} {path}");
        }
    }
}
