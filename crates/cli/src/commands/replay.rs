//! `replay`: sends what was recorded once more, and compares the answers.

mod compare;
mod report;
mod send;
mod timetable;
mod values;

use std::{error::Error, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    sync::{Semaphore, mpsc},
    time::{Instant, sleep_until},
};
use wcs_hooks::{HookContext, HookName, SigningKey};
use wcs_hooks_dispatcher::HttpTransport;
use wcs_hooks_protocol::Object;

use self::{
    report::{Line, Report},
    send::Sender,
    timetable::{Ended, Speed, Timetable},
    values::{Given, Values},
};
use crate::{
    exit::Exit,
    output::{self, Output},
    recording::{Exchange, Recording},
    secrets::SigningSecret,
    target::Target,
};

/// Reports that wait to be printed.
const REPORTS: usize = 256;

/// Send what was recorded once more, and say where the answers differ
///
/// Requests are sent in the recorded order and at the recorded times. None is sent before all that had ended before it
/// have ended again, so that no more are under way than were; a slow backend makes a replay longer. Compared are status,
/// reason phrase, whether the answer is JSON, and its body: members in any order, numbers by their spelling.
///
/// Exit codes: 0 all answers are the same, 1 some differ, 3 it could not be done.
#[derive(clap::Args)]
pub(crate) struct Replay {
    /// What `wcs-hooks record` wrote
    file: PathBuf,
    /// The backend's URL; the recorded path is put behind it
    url: Target,
    /// How much faster than recorded: 1, 10, 0.5, or max for as fast as the backend answers
    #[arg(long, default_value = "1")]
    speed: Speed,
    #[command(flatten)]
    secret: SigningSecret,
    /// The value of a masked one, such as ***1=value; others on this machine can see arguments, so prefer --masked-values
    #[arg(long, value_name = "NAME=VALUE")]
    set_masked: Vec<Given>,
    /// A file with such a NAME=VALUE on each line
    #[arg(long, value_name = "FILE")]
    masked_values: Option<PathBuf>,
    /// Only hooks of this appKey
    #[arg(long, value_name = "KEY")]
    app: Option<String>,
    /// Only this hook; may be given several times
    #[arg(long, value_name = "HOOK")]
    only: Vec<String>,
    /// A member of answers that may differ: a name at any depth, or a path such as custom.time
    #[arg(long, value_name = "FIELD")]
    ignore: Vec<String>,
    /// Seconds to wait for an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=3600))]
    timeout: u32,
    /// The most requests at one time, should the recording have had more
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    connections: u32,
}

impl Replay {
    /// Replays it.
    pub(crate) async fn run(self, output: &Output) -> Result<Exit, Box<dyn Error>> {
        let mut values = Values::read(self.set_masked.clone(), self.masked_values.as_deref())?;
        let recording = Recording::open(&self.file, |exchange| {
            let is_wanted = self.wants(exchange);
            if is_wanted {
                values.note(exchange);
            }
            is_wanted
        })?;
        self.remark(&recording, &values)?;
        let timetable = Timetable::new(&recording.places, self.speed);
        let progress = output.progress(Some(timetable.rows().len() as u64), "replayed");
        let secret = self.secret.read()?;
        let sender = Sender {
            to: self.url,
            backend: HttpTransport::new()?,
            key: secret.as_ref().map(SigningKey::new),
            values,
            ignored: self.ignore.into_iter().collect(),
            timeout: Duration::from_secs(self.timeout.into()),
        };
        let (lines, printed) = mpsc::channel(REPORTS);
        let mut report = Report::new(output, progress);
        let sending = send_all(recording, timetable, sender, self.connections as usize, lines);
        let (sent, printed) = tokio::join!(sending, report.print_all(printed));
        sent?;
        printed?;
        report.summarize()
    }

    fn wants(&self, exchange: &Exchange) -> bool {
        let is_of_hook = self.only.is_empty() || self.only.contains(&exchange.hook);
        is_of_hook && self.app.as_ref().is_none_or(|app| app_key(exchange).as_ref() == Some(app))
    }

    fn remark(&self, recording: &Recording, values: &Values) -> Result<(), Box<dyn Error>> {
        for name in self.only.iter().filter(|name| name.parse::<HookName>().is_err()) {
            output::remark(format_args!("no hook is called {name}; names are written as in the URL"))?;
        }
        if recording.is_cut_off {
            output::remark("the last line is not whole and left out: the recorder was killed")?;
        }
        if recording.dropped > 0 {
            output::remark(format_args!("{} exchanges are missing in the recording", recording.dropped))?;
        }
        if values.missing() > 0 {
            output::remark(format_args!(
                "{} masked values of requests are sent as their names; --set-masked or --masked-values gives them",
                values.missing()
            ))?;
        }
        Ok(())
    }
}

fn app_key(exchange: &Exchange) -> Option<String> {
    let body = exchange.request.body.as_ref()?.bytes()?;
    Some(HookContext::read(&Object::from_slice(&body).ok()?).app_key)
}

/// Each at its time, and behind those that it has to come behind.
async fn send_all(
    mut recording: Recording,
    timetable: Timetable,
    sender: Sender,
    most: usize,
    lines: mpsc::Sender<Line>,
) -> Result<(), Box<dyn Error>> {
    let (sender, places) = (Arc::new(sender), Arc::new(Semaphore::new(most)));
    let ended = Arc::new(Ended::new(timetable.rows().len()));
    let started = Instant::now();
    for &row in timetable.rows() {
        if let Some(due) = started.checked_add(row.due) {
            sleep_until(due).await;
        }
        ended.wait(row).await;
        let place = Arc::clone(&places).acquire_owned().await?;
        let exchange = recording.exchange(row.place)?;
        let (sender, ended, lines) = (Arc::clone(&sender), Arc::clone(&ended), lines.clone());
        tokio::spawn(async move {
            let replayed = sender.send(&exchange).await;
            ended.add(row);
            drop(place);
            // Nobody prints any more if that failed.
            let _ = lines.send(Line { row, exchange, replayed }).await;
        });
    }
    Ok(())
}
