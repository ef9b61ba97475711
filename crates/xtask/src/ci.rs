//! What CI runs, in its order.

use std::process::Command;

use crate::{Problem, bars, docs, read, root};

pub(crate) fn run() -> Result<(), Problem> {
    shell("cargo fmt --all --check")?;
    shell("cargo clippy --workspace --all-targets -- -D warnings")?;
    shell(&readme_test_command()?)?;
    shell("RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps")?;
    print_command("cargo xtask docs --check");
    docs::check()?;
    print_command("cargo xtask bars");
    bars::check()
}

/// The first command of a code block in README.md that starts with `cargo test`: readers and CI run the same.
fn readme_test_command() -> Result<String, Problem> {
    let readme = read(&root().join("README.md"))?;
    test_command(&readme).map(str::to_owned).ok_or_else(|| {
        Problem("README.md has no code block with a line that starts with `cargo test`".to_owned())
    })
}

fn test_command(markdown: &str) -> Option<&str> {
    let mut code_blocks = markdown.split("```").skip(1).step_by(2);
    code_blocks
        .find_map(|block| block.lines().map(without_prompt).find(|line| line.starts_with("cargo test")))
}

fn without_prompt(line: &str) -> &str {
    line.strip_prefix("$ ").unwrap_or(line)
}

fn shell(command: &str) -> Result<(), Problem> {
    print_command(command);
    let status = Command::new("bash").args(["-c", command]).current_dir(root()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Problem(format!("failed ({status}): {command}"))),
        Err(error) => Err(Problem(format!("cannot run bash: {error}"))),
    }
}

fn print_command(command: &str) {
    println!("\n$ {command}");
}

#[cfg(test)]
mod tests {
    use super::test_command;

    #[test]
    fn the_test_command_is_a_line_of_a_code_block() {
        for (markdown, command) in [
            ("cargo test\n```sh\ncargo run\ncargo test --workspace\n```\n", Some("cargo test --workspace")),
            ("```sh\ncargo run\n```\ncargo test\n```text\ncargo test -q\n```", Some("cargo test -q")),
            ("```console\n$ cargo test --workspace\n```", Some("cargo test --workspace")),
            ("run `cargo test`", None),
        ] {
            assert_eq!(test_command(markdown), command, "{markdown}");
        }
    }
}
