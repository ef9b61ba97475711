//! Writes exchanges to the file, away from the hooks: [`Writer`].

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
};

use serde::Serialize;

use super::sink::Source;
use crate::recording::{Dropped, Head, Masks};

/// Lines are written together up to this many bytes, while there are any.
const TOGETHER: usize = 64 * 1024;

/// Where lines go, a write for whole lines only.
pub(super) trait Lines {
    /// Writes all of them, or as good as none.
    fn append(&mut self, lines: &[u8]) -> io::Result<()>;
}

/// A file that has whole lines only, even behind a full disk.
pub(super) struct LinesOfFile {
    file: File,
    length: u64,
}

impl LinesOfFile {
    pub(super) const fn new(file: File) -> Self {
        Self { file, length: 0 }
    }
}

impl Lines for LinesOfFile {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(lines) {
            // The rest of a line would make the file unreadable. What is no file cannot be shortened.
            let _ = self.shorten();
            return Err(error);
        }
        self.length += lines.len() as u64;
        Ok(())
    }
}

impl LinesOfFile {
    /// To the lines that are whole.
    fn shorten(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length)).map(drop)
    }
}

/// How a recording ended.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Written {
    pub(super) recorded: u64,
    /// The queue had no place for them, or they could not be written.
    pub(super) dropped: u64,
    /// The first reason why something could not be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<String>,
}

/// Writes a recording.
pub(super) struct Writer<L> {
    lines: L,
    masks: Masks,
    written: Written,
    /// Not yet told in the file.
    untold: u64,
}

impl<L: Lines> Writer<L> {
    /// Writes the first line.
    pub(super) fn begin(mut lines: L, head: &Head, masks: Masks) -> io::Result<Self> {
        lines.append(&line(head))?;
        Ok(Self { lines, masks, written: Written::default(), untold: 0 })
    }

    /// Writes until there will be nothing more. `on_progress` is told how many there are.
    pub(super) fn run(mut self, mut source: Source, on_progress: impl Fn(u64)) -> Written {
        while let Some(first) = source.wait() {
            let mut count = 1;
            let mut lines = line(&first.masked(&mut self.masks));
            while lines.len() < TOGETHER
                && let Some(next) = source.take()
            {
                count += 1;
                lines.extend(line(&next.masked(&mut self.masks)));
            }
            self.append(lines, count, source.dropped());
            on_progress(self.written.recorded);
        }
        self.append(Vec::new(), 0, source.dropped());
        self.written
    }

    /// What cannot be written counts as dropped, and is told when something can be written again.
    fn append(&mut self, mut lines: Vec<u8>, count: u64, dropped: u64) {
        self.untold += dropped;
        self.written.dropped += dropped;
        if self.untold > 0 {
            lines.extend(line(&Dropped { dropped: self.untold }));
        }
        match self.lines.append(&lines) {
            Ok(()) => {
                self.written.recorded += count;
                self.untold = 0;
            }
            Err(error) => {
                self.untold += count;
                self.written.dropped += count;
                self.written.problem.get_or_insert_with(|| error.to_string());
            }
        }
    }
}

fn line(value: &impl Serialize) -> Vec<u8> {
    // What is written has no maps with keys that are not texts, which alone could fail.
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests;
