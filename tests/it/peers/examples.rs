//! The curl lines that `token-auth` prints, run by a shell.

use tokio::process::Command;

use crate::examples::Program;

#[tokio::test]
async fn the_printed_curl_lines_are_answered_as_they_say() {
    let mut example = Program::start("token-auth", &[]).await;
    let mut answered = Vec::new();
    let mut title = String::new();
    while answered.len() < 5 {
        let line = example.line().await;
        if let Some(text) = line.strip_prefix("# ") {
            text.clone_into(&mut title);
        } else if line.starts_with("curl ") {
            let output = Command::new("sh").arg("-c").arg(&line).output().await.unwrap();
            let status = String::from_utf8(output.stdout).unwrap()[9..12].to_owned();
            assert!(title.contains(&status), "{status}, but it says {title:?}: {line}");
            answered.push(status);
        }
    }
    assert_eq!(answered, ["200", "200", "403", "401", "403"]);
}
