//! `record`: a proxy between WCS and a backend that writes every exchange to a file.

mod answer;
mod draft;
mod proxy;
mod serve;
mod sink;
mod writer;

use std::{
    error::Error,
    fs::{File, OpenOptions, Permissions},
    io,
    net::SocketAddr,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::json;
use tokio::{net::TcpListener, time::Instant};
use wcs_hooks_dispatcher::HttpTransport;

use self::{
    proxy::Proxy,
    writer::{LinesOfFile, Writer, Written},
};
use crate::{
    exit::Exit,
    output::{self, Output},
    recording::{Head, Masks, VERSION},
    signals::Signals,
    target::{Target, listen_address},
};

/// Pass hooks on to a backend, and write every exchange to a file with its secrets masked
///
/// Set this address as the app's URL in WCS. SIGTERM or ctrl-c stops: hooks that are under way are answered for up to 15
/// seconds, then the file is complete. A second signal stops at once.
///
/// Passwords, tokens, SDPs, cookies and the like are replaced by names, the same value by the same name: ***1, ***2…
/// The Authorization header is passed on and never written. Whatever else is personal in your hooks is in the file.
#[derive(clap::Args)]
pub(crate) struct Record {
    /// Where WCS is to send its hooks
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090", value_parser = listen_address)]
    listen: String,
    /// The backend's URL; the path that WCS calls is put behind it
    #[arg(long, value_name = "URL")]
    to: Target,
    /// The file to write; it must not be there yet
    #[arg(long)]
    file: PathBuf,
    /// Write over the file if it is there
    #[arg(long)]
    overwrite: bool,
    /// A field that is not masked although its name sounds secret: sdp, say
    #[arg(long, value_name = "FIELD")]
    keep: Vec<String>,
    /// A field, header or URL parameter that is masked too
    #[arg(long, value_name = "FIELD")]
    mask: Vec<String>,
    /// Write bodies that are not JSON, in base64; secrets in them are not found
    #[arg(long)]
    keep_unreadable: bool,
    /// The longest body in bytes: a longer request is answered with 413, a longer answer is passed on and not written
    #[arg(long, value_name = "BYTES", default_value_t = wcs_hooks::DEFAULT_BODY_LIMIT)]
    max_body: usize,
    /// The most connections at one time; further ones wait
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    connections: u32,
}

impl Record {
    /// Records until it is stopped.
    pub(crate) async fn run(self, output: &Output) -> Result<Exit, Box<dyn Error>> {
        let mut signals = Signals::new()?;
        let listener = TcpListener::bind(&self.listen).await;
        let listener = listener.map_err(|error| format!("cannot listen on {}: {error}", self.listen))?;
        let file = create(&self.file, self.overwrite)?;
        let (sink, source) = sink::queue();
        let head = Head { version: VERSION, started: milliseconds_since_1970(), to: self.to.to_string() };
        let writer = Writer::begin(LinesOfFile::new(file), &head, self.masks())
            .map_err(|error| in_file(&self.file, &error))?;
        self.announce(listener.local_addr()?, output)?;
        let progress = output.progress(None, "recorded");
        let writing = thread::spawn(move || writer.run(source, |count| progress.set_position(count)));
        let proxy = Proxy {
            to: self.to.clone(),
            backend: HttpTransport::new()?,
            max_body: self.max_body,
            started: Instant::now(),
            sink,
        };
        serve::serve(listener, proxy, self.connections as usize, &mut signals).await;
        let written = writing.join().map_err(|_| "the file's writer panicked")?;
        self.summarize(&written, output)
    }

    fn masks(&self) -> Masks {
        let masks = Masks::new(self.keep.iter().cloned(), self.mask.iter().cloned());
        if self.keep_unreadable { masks.keeping_unreadable() } else { masks }
    }

    fn announce(&self, address: SocketAddr, output: &Output) -> io::Result<()> {
        let (to, file) = (self.to.to_string(), self.file.display().to_string());
        output.object(&json!({ "listening": format!("http://{address}"), "to": to, "file": file }))?;
        output.line(format_args!("recording http://{address} -> {to} into {file}; ctrl-c stops"))
    }

    fn summarize(&self, written: &Written, output: &Output) -> Result<Exit, Box<dyn Error>> {
        output.object(written)?;
        output.line(format_args!("{} exchanges in {}", written.recorded, self.file.display()))?;
        if written.dropped > 0 {
            output::remark(format_args!(
                "{} more could not be written fast enough or at all; the file says where they are missing",
                written.dropped
            ))?;
        }
        match &written.problem {
            None => Ok(Exit::Done),
            Some(problem) => Err(in_file(&self.file, problem).into()),
        }
    }
}

/// Readable by its owner only: what is masked is not all that is personal.
const MODE: u32 = 0o600;

fn create(file: &Path, overwrite: bool) -> Result<File, String> {
    let mut options = OpenOptions::new();
    options.write(true).mode(MODE);
    if overwrite {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let created = options.open(file).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            format!("{} is there already: give another --file, or --overwrite", file.display())
        }
        _ => in_file(file, &error),
    })?;
    let is_file = created.metadata().is_ok_and(|metadata| metadata.is_file());
    if overwrite && is_file {
        // One that was there has the mode that it had.
        created.set_permissions(Permissions::from_mode(MODE)).map_err(|error| in_file(file, &error))?;
    }
    Ok(created)
}

fn in_file(file: &Path, problem: &dyn std::fmt::Display) -> String {
    format!("{}: {problem}", file.display())
}

fn milliseconds_since_1970() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
