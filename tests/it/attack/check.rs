//! What `--check` says that peers can take, and do.

use crate::examples::run;

#[tokio::test]
async fn the_settings_in_force_say_how_much_memory_it_is() {
    for (set, line) in [
        (
            &[][..],
            "at most 96 MiB (1024 connections of 64 KiB, 32 MiB of bodies), all bodies that are being read at most 64 MiB",
        ),
        (
            &["--set", "server.unauthenticated_connections=2048", "--set", "limits.body_memory=20971520"],
            "at most 138 MiB (2048 connections of 64 KiB, 10 MiB of bodies), all bodies that are being read at most 20 MiB",
        ),
    ] {
        let arguments = [&["--check", "--set", "callers.signed=1234567890"], set].concat();
        let (status, printed) = run("event-log", &arguments).await;
        assert!(status.success() && printed.contains(&format!("{line}\n")), "{status} {printed}");
    }
}

#[tokio::test]
async fn hooks_that_nobody_decides_are_named() {
    let (status, printed) = run("stream-alias", &["--check", "lobby=cam-7f3a"]).await;
    let allowed = printed.lines().find_map(|line| line.strip_prefix(r#"app "default" allows"#));
    let allowed = allowed.unwrap_or_else(|| panic!("{printed}"));
    assert!(
        status.success() && allowed.contains(" publishStream ") && !allowed.contains("playStream"),
        "{allowed}"
    );
}
