//! What is printed of a replay: [`Report`].

use std::{error::Error, io};

use indicatif::ProgressBar;
use serde::Serialize;
use tokio::sync::mpsc::Receiver;
use wcs_hooks_protocol::escaped;

use super::{compare::Difference, send::Replayed, timetable::Row};
use crate::{
    exit::Exit,
    output::{BAD, BOLD, GOOD, Output, WARN},
    recording::Exchange,
};

/// An exchange that was replayed.
pub(super) struct Line {
    pub(super) row: Row,
    pub(super) exchange: Exchange,
    pub(super) replayed: Replayed,
}

/// Prints what differs as it comes, and counts.
pub(super) struct Report<'a> {
    output: &'a Output,
    progress: ProgressBar,
    counts: Counts,
}

#[derive(Default, Serialize)]
struct Counts {
    replayed: u64,
    same: u64,
    different: u64,
    skipped: u64,
}

#[derive(Serialize)]
struct Told<'a> {
    /// In the file.
    line: usize,
    hook: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    differences: &'a [Difference],
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<&'a str>,
}

impl<'a> Report<'a> {
    pub(super) fn new(output: &'a Output, progress: ProgressBar) -> Self {
        Self { output, progress, counts: Counts::default() }
    }

    pub(super) async fn print_all(&mut self, mut lines: Receiver<Line>) -> io::Result<()> {
        while let Some(line) = lines.recv().await {
            self.print(&line)?;
            self.progress.inc(1);
        }
        self.progress.finish_and_clear();
        Ok(())
    }

    fn print(&mut self, line: &Line) -> io::Result<()> {
        let (number, hook) = (line.row.place.line, &*line.exchange.hook);
        let shown = escaped(hook);
        let told = Told { line: number, hook, differences: &[], skipped: None };
        match &line.replayed {
            Replayed::Same => {
                self.counts.same += 1;
                Ok(())
            }
            Replayed::Different(differences) => {
                self.counts.different += 1;
                self.output.object(&Told { differences, ..told })?;
                self.line(&format!("{BOLD}line {number}: {shown}{BOLD:#}{}", text(differences)))
            }
            Replayed::Skipped(why) => {
                self.counts.skipped += 1;
                self.output.object(&Told { skipped: Some(why), ..told })?;
                let why = escaped(why);
                self.line(&format!("{BOLD}line {number}: {shown}{BOLD:#} {WARN}not sent{WARN:#}: {why}"))
            }
        }
    }

    /// Above the bar.
    fn line(&self, text: &str) -> io::Result<()> {
        self.progress.suspend(|| self.output.line(text))
    }

    pub(super) fn summarize(mut self) -> Result<Exit, Box<dyn Error>> {
        let Counts { same, different, skipped, .. } = self.counts;
        self.counts.replayed = same + different;
        self.output.object(&self.counts)?;
        let style = if different > 0 { BAD } else { GOOD };
        self.output.line(format_args!(
            "{} replayed: {same} the same, {style}{different} different{style:#}, {skipped} not sent",
            self.counts.replayed
        ))?;
        Ok(if different > 0 { Exit::No } else { Exit::Done })
    }
}

fn text(differences: &[Difference]) -> String {
    let shown = |value: &Option<String>| escaped(value.as_deref().unwrap_or("nothing")).to_string();
    let line = |difference: &Difference| {
        let Difference { path, recorded, now } = difference;
        let path = escaped(path);
        format!("\n  {path}: {} was recorded, {BAD}{}{BAD:#} now", shown(recorded), shown(now))
    };
    differences.iter().map(line).collect()
}
