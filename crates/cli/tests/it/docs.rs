//! `docs/cli.md`: it names every command and flag as they are, and its examples say what they print.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use wcs_hooks::Callers;

use crate::{
    backend::{SECRET, doorkeeper},
    program::run,
};

const BACKEND: &str = "http://127.0.0.1:8081";

fn page() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    fs::read_to_string(file).expect("docs/cli.md")
}

fn commands() -> Vec<String> {
    let help = run(&["--help"]).stdout;
    let (_, list) = help.split_once("Commands:\n").expect("a list of commands");
    let names = list.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("    "));
    names
        .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
        .filter(|name| name != "help")
        .collect()
}

fn section<'a>(page: &'a str, command: &str) -> Option<&'a str> {
    let (_, section) = page.split_once(&format!("\n## {command}\n"))?;
    section.split("\n## ").next()
}

/// The flags in a text, such as `--json`.
fn flags(text: &str) -> Vec<&str> {
    let words = text.split(|char: char| !char.is_ascii_alphanumeric() && char != '-');
    let is_flag = |word: &&str| {
        word.strip_prefix("--").is_some_and(|name| name.starts_with(|char: char| char.is_ascii_lowercase()))
    };
    words.filter(is_flag).collect()
}

#[test]
fn every_command_has_a_help_and_a_section_whose_flags_exist() {
    let page = page();
    let commands = commands();
    assert!(commands.len() >= 8, "{commands:?}");
    for command in &commands {
        let help = run(&[command, "--help"]);
        assert_eq!((help.code, &*help.stderr), (Some(0), ""), "{command}");
        let section =
            section(&page, command).unwrap_or_else(|| panic!("docs/cli.md has no section {command}"));
        let known = flags(&help.stdout);
        for flag in flags(section) {
            assert!(known.contains(&flag), "{command} has no {flag}");
        }
        assert!(page.contains(&format!("[`{command}`](#{command})")), "{command} is not in the table");
    }
}

#[test]
fn the_examples_print_what_they_say() {
    let backend = doorkeeper(Callers::anyone());
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("secret"), SECRET).unwrap();
    fs::write(directory.path().join("body.json"), r#"{"nodeId":"n"}"#).unwrap();
    let page = page();
    let blocks: Vec<_> =
        page.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 6);
    for example in blocks.iter().flat_map(|block| block.split("$ ").skip(1)) {
        let (line, expected) = example.split_once('\n').unwrap();
        let printed = in_shell(&line.replace(BACKEND, &backend.url), directory.path());
        let printed = printed.replace(&backend.url, BACKEND);
        assert!(is_like(&printed, expected), "$ {line}\n{printed}");
    }
}

fn in_shell(line: &str, directory: &Path) -> String {
    let programs = Path::new(env!("CARGO_BIN_EXE_wcs-hooks")).parent().expect("a folder");
    let path = env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(directory).env("PATH", format!("{}:{path}", programs.display()));
    let output = shell.env_remove("WCS_HOOKS_SECRET").stdin(Stdio::null()).output().expect("a shell");
    String::from_utf8(output.stdout).expect("text")
}

/// Whether a text is the pattern with anything at each `…`.
fn is_like(text: &str, pattern: &str) -> bool {
    let mut rest = text;
    pattern.split('…').enumerate().all(|(index, part)| {
        let found = if index == 0 { rest.starts_with(part).then_some(0) } else { rest.find(part) };
        rest = found.map_or(rest, |at| &rest[at + part.len()..]);
        found.is_some()
    })
}

#[test]
fn patterns_are_told_apart() {
    for (text, pattern, expected) in
        [("a1b\nc", "a…b\nc", true), ("ab", "b", false), ("abc", "a…d", false), ("abc", "a…", true)]
    {
        assert_eq!(is_like(text, pattern), expected, "{text} {pattern}");
    }
}
