//! Writes the log on a thread of its own, so that no hook waits for the log's reader: [`Queue`].

use std::{
    fs::File,
    io::{self, Write},
    mem,
    os::fd::AsFd,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// No more bytes than this wait to be written; as many more are being written.
const CAPACITY: usize = 4 << 20;
/// What is kept of a buffer that has been large.
const KEPT: usize = 64 << 10;

/// Lines that wait to be written. A line that finds no room is dropped and counted. Clones are the same queue.
#[derive(Clone)]
pub(super) struct Queue(Arc<Inner>);

struct Inner {
    waiting: Mutex<Waiting>,
    /// Something waits.
    filled: Condvar,
    /// All is written.
    written: Condvar,
    capacity: usize,
    dropped: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    is_writing: bool,
}

impl Waiting {
    fn is_written(&self) -> bool {
        self.lines.is_empty() && !self.is_writing
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self::of(CAPACITY)
    }
}

impl Queue {
    fn of(capacity: usize) -> Self {
        let (waiting, filled, written, dropped) = Default::default();
        Self(Arc::new(Inner { waiting, filled, written, capacity, dropped }))
    }

    /// Writes to standard error from now on, for as long as the process lives.
    pub(super) fn start(&self) -> io::Result<()> {
        self.write_to(standard_error())
    }

    fn write_to(&self, out: impl Write + Send + 'static) -> io::Result<()> {
        let queue = self.clone();
        thread::Builder::new().name("wcs-hooks-log".to_owned()).spawn(move || queue.write_all(out)).map(drop)
    }

    /// Lines that found no room, or could not be written.
    pub(super) fn dropped(&self) -> u64 {
        self.0.dropped.load(Relaxed)
    }

    /// Until everything is written, or this long.
    pub(super) fn flush(&self, within: Duration) {
        let waiting = self.waiting();
        let is_unwritten = |waiting: &mut Waiting| !waiting.is_written();
        drop(self.0.written.wait_timeout_while(waiting, within, is_unwritten));
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Never waits for anything but memory to be copied.
    fn push(&self, line: &[u8]) {
        let mut waiting = self.waiting();
        if waiting.lines.len() + line.len() > self.0.capacity {
            self.0.dropped.fetch_add(1, Relaxed);
            return;
        }
        waiting.lines.extend_from_slice(line);
        drop(waiting);
        self.0.filled.notify_one();
    }

    fn write_all(&self, mut out: impl Write) {
        let (mut lines, mut is_torn, mut told) = (Vec::new(), false, 0);
        loop {
            self.take(&mut lines);
            let written = write(&mut out, &lines, is_torn);
            is_torn = written.is_err();
            if is_torn {
                self.0.dropped.fetch_add(count(&lines), Relaxed);
            } else {
                told = self.tell_dropped(told);
            }
        }
    }

    /// Waits for lines, and puts them in place of those that have been written.
    fn take(&self, lines: &mut Vec<u8>) {
        lines.clear();
        lines.shrink_to(KEPT);
        let mut waiting = self.waiting();
        waiting.is_writing = false;
        if waiting.is_written() {
            self.0.written.notify_all();
        }
        let mut waiting = self
            .0
            .filled
            .wait_while(waiting, |waiting| waiting.lines.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        waiting.is_writing = true;
        mem::swap(&mut waiting.lines, lines);
    }

    /// Of which drops there is a line now. The line is one of the log's own: it may be dropped too.
    fn tell_dropped(&self, told: u64) -> u64 {
        let dropped = self.dropped();
        if dropped > told {
            tracing::warn!(lines = dropped - told, "lines of the log were dropped: its reader is too slow");
        }
        if self.dropped() == dropped { dropped } else { told }
    }
}

/// A line that was torn by a failure ends before the next begins.
fn write(out: &mut impl Write, lines: &[u8], is_torn: bool) -> io::Result<()> {
    if is_torn {
        out.write_all(b"\n")?;
    }
    out.write_all(lines)?;
    out.flush()
}

fn count(lines: &[u8]) -> u64 {
    lines.split_inclusive(|byte| *byte == b'\n').count() as u64
}

/// Without the lock of [`io::stderr`], which a write that hangs would keep from all others.
fn standard_error() -> Box<dyn Write + Send> {
    match io::stderr().as_fd().try_clone_to_owned() {
        Ok(file) => Box::new(File::from(file)),
        Err(_) => Box::new(io::stderr()),
    }
}

impl MakeWriter<'_> for Queue {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Each write is a whole line.
impl Write for Queue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use super::*;
    use crate::LogSettings;

    /// Takes each write when its reader does.
    struct Rendezvous(SyncSender<io::Result<Vec<u8>>>);

    impl Write for Rendezvous {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.0.send(Ok(bytes.to_vec())) {
                Ok(()) => Ok(bytes.len()),
                Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn queue(capacity: usize) -> (Queue, Receiver<io::Result<Vec<u8>>>) {
        let (queue, (sender, receiver)) = (Queue::of(capacity), sync_channel(0));
        queue.write_to(Rendezvous(sender)).unwrap();
        (queue, receiver)
    }

    fn next(reader: &Receiver<io::Result<Vec<u8>>>) -> String {
        let written = reader.recv_timeout(Duration::from_secs(20)).unwrap();
        String::from_utf8(written.unwrap()).unwrap()
    }

    /// Until the writer has taken what waits, and hangs in writing it.
    fn hang(queue: &Queue) {
        queue.push(b"first\n");
        while !queue.waiting().lines.is_empty() {
            thread::yield_now();
        }
    }

    #[test]
    fn lines_come_in_order_and_a_flush_waits_for_them() {
        let (queue, reader) = queue(100);
        let reading = thread::spawn(move || (0..2).map(|_| next(&reader)).collect::<String>());
        queue.push(b"one\n");
        queue.flush(Duration::from_secs(20));
        queue.push(b"two\n");
        queue.flush(Duration::from_secs(20));
        assert!(queue.waiting().is_written());
        assert_eq!(reading.join().unwrap(), "one\ntwo\n");
    }

    #[test]
    fn a_reader_that_does_not_read_costs_lines_and_no_time() {
        let (queue, reader) = queue(100);
        hang(&queue);
        (0..1000).for_each(|_| queue.push(b"0123456789\n"));
        assert_eq!(queue.dropped(), 1000 - 9);
        queue.flush(Duration::from_millis(1));
        assert_eq!(next(&reader), "first\n");
        assert_eq!(next(&reader), "0123456789\n".repeat(9));
        // There is room again.
        queue.push(b"last\n");
        assert_eq!(next(&reader), "last\n");
        assert_eq!(queue.dropped(), 1000 - 9);
    }

    #[test]
    fn what_cannot_be_written_is_counted_and_holds_nothing_up() {
        let (queue, reader) = queue(100);
        drop(reader);
        queue.push(b"one\n");
        queue.flush(Duration::from_secs(20));
        queue.push(b"two\nthree\n");
        queue.flush(Duration::from_secs(20));
        assert_eq!(queue.dropped(), 3);
    }

    #[test]
    fn the_line_after_a_torn_one_begins_at_its_own() {
        let mut out = Vec::new();
        write(&mut out, b"one\n", false).unwrap();
        write(&mut out, b"two\n", true).unwrap();
        assert_eq!(out, b"one\n\ntwo\n");
    }

    #[test]
    fn how_many_were_dropped_is_told_once() {
        let queue = Queue::of(1000);
        let (subscriber, _logging) = LogSettings::default().subscriber(queue.clone()).unwrap();
        queue.0.dropped.store(7, Relaxed);
        let told = tracing::subscriber::with_default(subscriber, || {
            let told = queue.tell_dropped(2);
            queue.tell_dropped(told)
        });
        assert_eq!(told, 7);
        let text = String::from_utf8(queue.waiting().lines.clone()).unwrap();
        assert!(text.contains("lines=5") && text.lines().count() == 1, "{text}");
    }
}
