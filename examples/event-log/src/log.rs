//! Lines, written by a thread of its own: no handler keeps its thread for a disk or a reader.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use tokio::sync::oneshot;
use wcs_hooks::{EventError, EventResult};

/// No more lines wait to be written.
const WAITING: usize = 4096;

/// Where events go. Clones are the same place.
#[derive(Clone)]
pub(crate) struct Log {
    lines: SyncSender<Line>,
    is_awaited: bool,
}

struct Line {
    text: String,
    written: oneshot::Sender<io::Result<()>>,
}

impl Log {
    /// To standard output. Nobody waits for its reader: where it does not read, events are lost, and fail.
    pub(crate) fn to_stdout() -> Self {
        Self::start(io::stdout(), false)
    }

    /// To the end of a file. An event is answered when its line has been written.
    pub(crate) fn to_file(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut file = File::options().create(true).append(true).read(true).open(path)?;
        if is_torn(&mut file)? {
            file.write_all(b"\n")?;
        }
        Ok(Self::start(file, true))
    }

    fn start(out: impl Write + Send + 'static, is_awaited: bool) -> Self {
        let (lines, waiting) = sync_channel(WAITING);
        thread::spawn(move || write_all(out, &waiting));
        Self { lines, is_awaited }
    }

    pub(crate) async fn write(&self, text: String) -> EventResult {
        let (written, is_written) = oneshot::channel();
        self.lines.try_send(Line { text, written }).map_err(|_| EventError::new("too many events wait"))?;
        if self.is_awaited {
            is_written.await??;
        }
        Ok(())
    }

    /// Until all that waits has been written.
    pub(crate) async fn flush(&self) -> EventResult {
        Self { is_awaited: true, ..self.clone() }.write(String::new()).await
    }
}

/// Whether the process that wrote it was ended within a line.
fn is_torn(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

fn write_all(mut out: impl Write, waiting: &Receiver<Line>) {
    let mut is_torn = false;
    for Line { text, written } in waiting {
        let result = write(&mut out, &text, is_torn);
        is_torn = result.is_err();
        if let Err(error) = &result {
            tracing::error!(%error, "an event was not written");
        }
        // The call may have been cancelled.
        let _ = written.send(result);
    }
}

/// A line that the disk had no room for ends before the next begins.
fn write(out: &mut impl Write, text: &str, is_torn: bool) -> io::Result<()> {
    if is_torn {
        out.write_all(b"\n")?;
    }
    out.write_all(text.as_bytes())?;
    out.flush()
}
