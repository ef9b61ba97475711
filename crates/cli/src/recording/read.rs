//! Reads a recording: [`Recording`].

use std::{
    error::Error,
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{Dropped, Exchange, Head, VERSION};

/// The longest line, in bytes.
const LONGEST_LINE: u64 = 64 << 20;

/// A recording that is open. Of its exchanges only their places and times are in memory.
#[derive(Debug)]
pub(crate) struct Recording<R = File> {
    lines: Lines<R>,
    /// In the order in which their requests came.
    pub(crate) places: Vec<Place>,
    /// How many exchanges the recorder could not write.
    pub(crate) dropped: u64,
    /// Whether the last line is not whole: the recorder was killed while it wrote.
    pub(crate) is_cut_off: bool,
}

/// Where an exchange stands, and when it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) offset: u64,
    /// From 1.
    pub(crate) line: usize,
    pub(crate) at_us: u64,
    pub(crate) end_us: u64,
}

impl Recording<File> {
    /// Opens a file, and finds the exchanges that are wanted.
    pub(crate) fn open(
        path: &Path,
        is_wanted: impl FnMut(&Exchange) -> bool,
    ) -> Result<Self, RecordingError> {
        let cannot =
            |error| RecordingError { file: path.to_owned(), line: None, problem: Problem::Io(error) };
        Self::read(File::open(path).map_err(cannot)?, path, is_wanted)
    }
}

impl<R: Read + Seek> Recording<R> {
    fn read(
        source: R,
        path: &Path,
        mut is_wanted: impl FnMut(&Exchange) -> bool,
    ) -> Result<Self, RecordingError> {
        let mut lines = Lines { source: BufReader::new(source), path: path.to_owned(), offset: 0, number: 0 };
        lines.head()?;
        let mut recording = Self { lines, places: Vec::new(), dropped: 0, is_cut_off: false };
        while let Some(line) = recording.lines.next()? {
            recording.add(&line, &mut is_wanted)?;
        }
        recording.places.sort_by_key(|place| (place.at_us, place.line));
        Ok(recording)
    }

    fn add(
        &mut self,
        line: &Line,
        mut is_wanted: impl FnMut(&Exchange) -> bool,
    ) -> Result<(), RecordingError> {
        if let Ok(Dropped { dropped }) = serde_json::from_slice(&line.text) {
            self.dropped = self.dropped.saturating_add(dropped);
            return Ok(());
        }
        let exchange: Exchange = match serde_json::from_slice(&line.text) {
            Ok(exchange) => exchange,
            Err(_) if !line.is_whole => {
                self.is_cut_off = true;
                return Ok(());
            }
            Err(error) => return Err(self.lines.wrong(Problem::NoExchange { column: error.column() })),
        };
        if is_wanted(&exchange) {
            let (at_us, end_us) = (exchange.at_us, exchange.end_us());
            self.places.push(Place { offset: line.offset, line: self.lines.number, at_us, end_us });
        }
        Ok(())
    }

    /// Reads an exchange.
    pub(crate) fn exchange(&mut self, place: Place) -> Result<Exchange, RecordingError> {
        self.lines.seek(place)?;
        let line = self.lines.next()?;
        let exchange = line.and_then(|line| serde_json::from_slice(&line.text).ok());
        exchange.ok_or_else(|| self.lines.wrong(Problem::Changed))
    }
}

#[derive(Debug)]
struct Lines<R> {
    source: BufReader<R>,
    path: PathBuf,
    offset: u64,
    number: usize,
}

struct Line {
    offset: u64,
    text: Vec<u8>,
    /// Whether it ends with a line break.
    is_whole: bool,
}

impl<R: Read + Seek> Lines<R> {
    fn next(&mut self) -> Result<Option<Line>, RecordingError> {
        self.number += 1;
        let offset = self.offset;
        let mut text = Vec::new();
        let read = self.source.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text);
        let length = read.map_err(|error| self.wrong(Problem::Io(error)))? as u64;
        self.offset += length;
        if length == LONGEST_LINE {
            return Err(self.wrong(Problem::TooLong));
        }
        let is_whole = text.pop_if(|byte| *byte == b'\n').is_some();
        Ok((length > 0).then_some(Line { offset, text, is_whole }))
    }

    fn head(&mut self) -> Result<(), RecordingError> {
        let line = self.next()?;
        let head = line.and_then(|line| serde_json::from_slice::<Head>(&line.text).ok());
        let head = head.ok_or_else(|| self.wrong(Problem::NoRecording))?;
        if head.version == VERSION { Ok(()) } else { Err(self.wrong(Problem::Version(head.version))) }
    }

    fn seek(&mut self, place: Place) -> Result<(), RecordingError> {
        self.number = place.line - 1;
        self.offset = place.offset;
        let sought = self.source.seek(SeekFrom::Start(place.offset));
        sought.map(drop).map_err(|error| self.wrong(Problem::Io(error)))
    }

    fn wrong(&self, problem: Problem) -> RecordingError {
        RecordingError { file: self.path.clone(), line: Some(self.number), problem }
    }
}

/// A recording cannot be read: which file, which line, why.
#[derive(Debug)]
pub(crate) struct RecordingError {
    file: PathBuf,
    line: Option<usize>,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Io(io::Error),
    NoRecording,
    Version(u32),
    NoExchange { column: usize },
    TooLong,
    Changed,
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file.display().to_string())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        match &self.problem {
            Problem::Io(error) => write!(f, ": {error}"),
            Problem::NoRecording => {
                f.write_str(": is not the first line of a recording; `wcs-hooks record` writes them")
            }
            Problem::Version(version) => {
                write!(f, ": is a recording of version {version}, and this program reads version {VERSION}")
            }
            Problem::NoExchange { column } => write!(f, ": is not an exchange, from column {column} on"),
            Problem::TooLong => write!(f, ": is longer than {LONGEST_LINE} bytes"),
            Problem::Changed => f.write_str(": has changed while it was read"),
        }
    }
}

impl Error for RecordingError {}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const HEAD: &str = r#"{"wcsHooksRecording":1,"startedMs":0,"to":"http://h"}"#;

    fn line(at: u64, hook: &str) -> String {
        format!(
            r#"{{"atUs":{at},"tookUs":10,"hook":"{hook}","request":{{"method":"POST","path":"/","headers":[]}},"failure":"x"}}"#
        )
    }

    fn read(text: String) -> Result<Recording<Cursor<String>>, RecordingError> {
        Recording::read(Cursor::new(text), Path::new("file"), |exchange| exchange.hook != "x")
    }

    #[test]
    fn exchanges_come_in_the_order_of_their_requests() {
        let dropped = r#"{"dropped":3}"#;
        let text = format!("{HEAD}\n{}\n{dropped}\n{}\n{}\n", line(30, "b"), line(5, "x"), line(20, "a"));
        let mut recording = read(text).unwrap();
        assert_eq!((recording.dropped, recording.is_cut_off), (3, false));
        let places = recording.places.clone();
        let hooks: Vec<_> = places.iter().map(|place| recording.exchange(*place).unwrap().hook).collect();
        assert_eq!(hooks, ["a", "b"]);
        assert_eq!((places[0].at_us, places[0].end_us, places[0].line), (20, 30, 5));
    }

    #[test]
    fn a_last_line_that_is_cut_off_is_left_out() {
        let whole = line(1, "a");
        for length in 1..whole.len() {
            let recording = read(format!("{HEAD}\n{whole}\n{}", &whole[..length])).unwrap();
            assert_eq!((recording.places.len(), recording.is_cut_off), (1, true), "{length}");
        }
    }

    #[test]
    fn what_is_no_recording_is_said_with_its_line() {
        let newer = HEAD.replace(":1", ":2");
        for (text, error) in [
            (String::new(), "file:1: is not the first line of a recording; `wcs-hooks record` writes them"),
            (
                "{}\n".to_owned(),
                "file:1: is not the first line of a recording; `wcs-hooks record` writes them",
            ),
            (newer, "file:1: is a recording of version 2, and this program reads version 1"),
            (format!("{HEAD}\n{{\"atUs\":\"S\"}}\n"), "file:2: is not an exchange, from column 11 on"),
            (format!("{HEAD}\n\n{}", line(1, "a")), "file:2: is not an exchange, from column 0 on"),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), error);
        }
    }
}
