//! What is printed, for people or for programs: [`Output`].

use std::{
    error::Error,
    fmt::Display,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, LineStyle, Row, Table, TableStyle};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use wcs_hooks_protocol::{escaped, escaped_json};

/// Good news: `output.line(format_args!("{GOOD}accepted{GOOD:#}"))`. Colours are taken out again where nobody sees them.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Bad news.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// Something to look at.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
/// What is less important.
pub(crate) const DIM: Style = Style::new().dimmed();
/// A heading.
pub(crate) const BOLD: Style = Style::new().bold();

/// How results are printed.
#[derive(Debug, clap::Args)]
pub(crate) struct Output {
    /// Print JSON instead of text: an object, or one on each line where there are many
    #[arg(long, global = true, help_heading = "Output")]
    json: bool,
    /// When to use colours; NO_COLOR in the environment turns them off too
    #[arg(long, global = true, help_heading = "Output", value_name = "WHEN", default_value = "auto")]
    color: When,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum When {
    /// On a terminal
    Auto,
    Always,
    Never,
}

impl Output {
    /// Decides on colours for all that is printed from now on.
    pub(crate) fn set_up(&self) {
        match self.color {
            When::Auto => anstream::ColorChoice::Auto,
            When::Always => anstream::ColorChoice::Always,
            When::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }

    /// A line for people; nothing with `--json`. What would act on a terminal is escaped, but for new lines and colours: a
    /// text of others goes through [`escaped`] before it becomes part of a line, so that it is none of its own.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn line(&self, text: impl Display) -> io::Result<()> {
        if self.json { Ok(()) } else { writeln!(anstream::stdout(), "{}", printable(&text.to_string())) }
    }

    /// A table for people, made by [`table`]; nothing with `--json`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn table(&self, table: &Table) -> io::Result<()> {
        self.line(table.trim_fmt())
    }

    /// One line of JSON for programs; nothing without `--json`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn object(&self, object: &impl Serialize) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        let line = serde_json::to_string(object)?;
        writeln!(io::stdout(), "{}", escaped_json(&line))
    }

    /// What kept the program from its work: on standard error, and with `--json` as `{"error": …}` too. Nobody is told
    /// of what is not read any more, as in `wcs-hooks schema | head`.
    pub(crate) fn problem(&self, problem: &(dyn Error + 'static)) {
        if is_unread(problem) {
            return;
        }
        // There is no other place to say that these cannot be written.
        drop(writeln!(anstream::stderr(), "{BAD}wcs-hooks:{BAD:#} {}", printable(&problem.to_string())));
        drop(self.object(&serde_json::json!({ "error": problem.to_string() })));
    }

    /// A bar for long work, on standard error if that is a terminal; hidden with `--json`. Without a length it is a
    /// spinner. `what` stands before it; set what stands behind it by `set_message`.
    pub(crate) fn progress(&self, length: Option<u64>, what: &str) -> ProgressBar {
        let target = if self.json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let template = match length {
            Some(_) => "{prefix} {wide_bar} {pos}/{len} {elapsed_precise} {msg}",
            None => "{prefix} {spinner} {pos} {elapsed_precise} {msg}",
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::with_draw_target(length, target).with_style(style).with_prefix(what.to_owned())
    }
}

/// A remark on standard error, for people in any case.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn remark(text: impl Display) -> io::Result<()> {
    writeln!(anstream::stderr(), "{WARN}wcs-hooks:{WARN:#} {}", printable(&text.to_string()))
}

/// All but new lines and colours escaped that would act on a terminal.
fn printable(text: &str) -> String {
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(['\n', ESCAPE]) {
        let (before, after) = rest.split_at(at);
        let is_kept = kept(after);
        let (special, after) = after.split_at(is_kept.unwrap_or(1));
        shown += &escaped(before).to_string();
        match is_kept {
            Some(_) => shown += special,
            None => shown += &escaped(special).to_string(),
        }
        rest = after;
    }
    shown + &escaped(rest).to_string()
}

const ESCAPE: char = '\x1b';

/// The length of the new line or colour with which a text begins.
fn kept(text: &str) -> Option<usize> {
    let Some(parameters) = text.strip_prefix("\x1b[") else {
        return text.starts_with('\n').then_some(1);
    };
    let end = parameters.find(|char: char| !char.is_ascii_digit() && char != ';')?;
    parameters[end..].starts_with('m').then_some("\x1b[".len() + end + 1)
}

/// An empty table with headings; cells that are too long are broken to the terminal's width.
pub(crate) fn table(headings: impl Into<Row>) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─')));
    table.set_content_arrangement(ContentArrangement::Dynamic).enforce_styling().set_header(headings);
    table
}

/// Whether the reader of a pipe is gone.
fn is_unread(problem: &(dyn Error + 'static)) -> bool {
    let error = problem.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_colours_stay_and_nothing_else_acts() {
        let coloured = format!("{GOOD}200 OK{GOOD:#}\n{DIM}x{DIM:#}\x1b[38;5;10m\x1b[m");
        assert_eq!(printable(&coloured), coloured);
        for (text, shown) in [
            ("\x1b]0;title\x07", r"\u{1b}]0;title\u{7}"),
            ("a\x1b[2K\rb", r"a\u{1b}[2K\rb"),
            ("\x1b[31", r"\u{1b}[31"),
            ("\x1b", r"\u{1b}"),
            ("\x1b\x1b[1A\u{9b}31m", r"\u{1b}\u{1b}[1A\u{9b}31m"),
            ("exe.\u{202e}gpj\n", "exe.\\u{202e}gpj\n"),
            ("ü ☕", "ü ☕"),
        ] {
            assert_eq!(printable(text), shown);
        }
    }
}
