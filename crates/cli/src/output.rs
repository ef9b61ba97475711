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

    /// A line for people; nothing with `--json`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn line(&self, text: impl Display) -> io::Result<()> {
        if self.json { Ok(()) } else { writeln!(anstream::stdout(), "{text}") }
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
        let mut line = serde_json::to_vec(object)?;
        line.push(b'\n');
        io::stdout().write_all(&line)
    }

    /// What kept the program from its work: on standard error, and with `--json` as `{"error": …}` too. Nobody is told
    /// of what is not read any more, as in `wcs-hooks schema | head`.
    pub(crate) fn problem(&self, problem: &(dyn Error + 'static)) {
        if is_unread(problem) {
            return;
        }
        // There is no other place to say that these cannot be written.
        drop(writeln!(anstream::stderr(), "{BAD}wcs-hooks:{BAD:#} {problem}"));
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
    writeln!(anstream::stderr(), "{WARN}wcs-hooks:{WARN:#} {text}")
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
