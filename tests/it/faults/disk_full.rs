//! A log that nothing more can be written to.

use std::fs::File;

use wcs_hooks::LogSettings;
use wcs_hooks_protocol::HookName;

use super::{
    child::{Child, is_child, serve},
    raw::{Raw, request},
    server::{Seen, anyone, here, hooks, patient},
};

/// Not even a panic, whose message has nowhere to go, ends the connection.
#[tokio::test]
async fn hooks_are_answered_when_the_log_is_full() {
    if is_child() {
        let mut settings = LogSettings::default();
        settings.filter = "trace".into();
        let _logging = settings.start().unwrap();
        serve(hooks(&Seen::default()), patient(here()), anyone()).await;
    }
    let full = File::options().write(true).open("/dev/full").unwrap();
    let child =
        Child::logging_to("faults::disk_full::hooks_are_answered_when_the_log_is_full", full.into()).await;
    let mut client = Raw::connect(child.address).await;
    for (hook, status) in
        [(HookName::Connect, 200), (HookName::PushLogs, 500), (HookName::PublishStream, 200)]
    {
        assert_eq!(client.ask(request(hook, "x")).await.status, status, "{hook}");
    }
    // Malformed, of which there is something to log too.
    assert_eq!(client.ask(request(HookName::Connect, "\"")).await.status, 400);
    child.stop_in_order().await;
}
