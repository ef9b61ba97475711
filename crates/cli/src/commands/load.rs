//! `load`: hooks at a steady rate, whatever the answers do.

mod client;
mod pace;
mod schedule;
mod tally;

use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use indicatif::ProgressBar;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, interval, sleep},
};
use wcs_hooks_dispatcher::{App, Dispatcher, HookName, HttpTransport, Options, RetryRule, Settings};

use self::{
    client::{Client, Script},
    schedule::{MOST_CALLS, Schedule},
    tally::{Outcome, Summary, Tally},
};
use crate::{
    exit::Exit,
    fields::Field,
    open_files::allow_connections,
    output::Output,
    secrets::{BasicCredentials, SigningSecret},
    target::app_url,
    usage,
};

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(250);

/// Send hooks at a steady rate, and say how long the answers take
///
/// Sessions connect, publish a stream, leave and come again, or send the hooks that you name. Calls are due at even
/// distances. A latency counts from when its call was due: if the backend stalls, the calls that could not be made
/// meanwhile are seen in it. There are no retries.
///
/// Exit codes: 0 done, 1 --max-p99 or --max-errors is exceeded, 3 nothing answers.
#[derive(clap::Args)]
pub(crate) struct Load {
    /// The app's base URL; the name of the hook is put behind it
    #[arg(value_parser = app_url)]
    url: String,
    /// Calls a second
    #[arg(long, value_name = "CALLS", default_value_t = 100.0, value_parser = rate)]
    rate: f64,
    /// For how many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=3600))]
    duration: u32,
    /// How many calls, instead of --duration
    #[arg(long, conflicts_with = "duration", value_parser = clap::value_parser!(u64).range(1..=MOST_CALLS))]
    calls: Option<u64>,
    /// A hook that each session sends between connect and its end, in the order given [default: those of a stream that
    /// is published]
    #[arg(long = "hook", value_name = "HOOK", value_parser = hook)]
    hooks: Vec<HookName>,
    /// How many sessions there are at one time; each sends one hook after the other
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    sessions: u32,
    /// The most calls at one time, each of which has a connection
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    connections: u32,
    /// appKey
    #[arg(long, value_name = "KEY", default_value = "defaultApp")]
    app: String,
    /// A field of connect: PATH=TEXT, =@FILE or :=JSON, such as custom.token=user-alice
    #[arg(long = "connect-field", value_name = "FIELD")]
    connect_fields: Vec<Field>,
    /// A field of the other hooks, such as name=b4e7 or record:=true
    #[arg(long = "field", value_name = "FIELD")]
    fields: Vec<Field>,
    #[command(flatten)]
    secret: SigningSecret,
    #[command(flatten)]
    credentials: BasicCredentials,
    /// Seconds to wait for an answer, and behind the last call
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=3600))]
    timeout: u32,
    /// Fail if the 99th percentile is above this
    #[arg(long, value_name = "MILLISECONDS")]
    max_p99: Option<f64>,
    /// Fail if more calls than this have another answer than 200, or none
    #[arg(long, value_name = "CALLS")]
    max_errors: Option<u64>,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| (0.01..=100_000.0).contains(rate));
    rate.ok_or_else(|| "must be a number from 0.01 to 100000".to_owned())
}

/// One that a session sends between its `connect` and its end.
fn hook(text: &str) -> Result<HookName, String> {
    let hook: HookName =
        text.parse().map_err(|_| "no hook has this name; names are written as in the URL")?;
    let has_no_session = [HookName::Connect, HookName::PlayHls, HookName::PlayRtsp].contains(&hook);
    if has_no_session { Err("sessions send it by themselves, or it has none".to_owned()) } else { Ok(hook) }
}

impl Load {
    /// Runs it.
    pub(crate) async fn run(self, output: &Output) -> Result<Exit, Box<dyn Error>> {
        let schedule = self.schedule()?;
        let progress = output.progress(Some(schedule.calls), "calls");
        let summary = Run::start(&self, schedule)?.watch(&progress).await;
        progress.finish_and_clear();
        summary.print(output)?;
        let exceeded = summary.exceeds(self.max_p99, self.max_errors);
        for limit in &exceeded {
            output.line(limit)?;
        }
        if summary.nothing_answers {
            return Err(format!("{}: no call was answered", self.url).into());
        }
        Ok(if exceeded.is_empty() { Exit::Done } else { Exit::No })
    }

    fn schedule(&self) -> Result<Schedule, Box<dyn Error>> {
        let (rate, sessions) = (self.rate, self.sessions.into());
        let schedule = match self.calls {
            Some(calls) => Schedule { rate, calls, sessions },
            None => Schedule::lasting(rate, Duration::from_secs(self.duration.into()), sessions),
        };
        if schedule.calls > MOST_CALLS {
            return Err(usage::wrong(format_args!(
                "{} calls are more than {MOST_CALLS}: lower --rate or --duration",
                schedule.calls
            )));
        }
        Ok(schedule)
    }

    fn wcs(&self) -> Result<Dispatcher, Box<dyn Error>> {
        let max_in_flight = allow_connections(self.connections)? as usize;
        let settings = Settings {
            request_timeout: Some(self.timeout()),
            retry: RetryRule { count: 0, ..RetryRule::default() },
            hook_secret: self.secret.read()?,
            ..Settings::default()
        };
        let options = Options { max_in_flight, ..Options::default() };
        Ok(Dispatcher::with_options(settings, HttpTransport::new()?, options))
    }

    fn script(&self) -> Script {
        Script::of(&self.hooks, self.connect_fields.clone(), self.fields.clone())
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout.into())
    }
}

/// A run under way.
struct Run {
    schedule: Schedule,
    started: Instant,
    timeout: Duration,
    tally: Arc<Mutex<Tally>>,
    clients: JoinSet<()>,
    /// The pace stops when it is dropped.
    _pace: mpsc::Sender<()>,
}

impl Run {
    fn start(load: &Load, schedule: Schedule) -> Result<Self, Box<dyn Error>> {
        let (wcs, script) = (load.wcs()?, Arc::new(load.script()));
        let app = load.credentials.of(App::new(load.app.as_str(), &load.url)?)?;
        let tally = Arc::new(Mutex::new(Tally::new()?));
        let permits: Vec<_> = (0..schedule.sessions).map(|_| Arc::new(Semaphore::new(0))).collect();
        let (pace, stop) = mpsc::channel();
        let (started, mut clients) = (Instant::now(), JoinSet::new());
        for (number, permits) in (0..).zip(&permits) {
            let client = Client::new(number, wcs.clone(), app.clone(), Arc::clone(&script));
            let due = schedule.of_session(number).map(move |call| started + schedule.due(call));
            clients.spawn(drive(client, due, Arc::clone(permits), Arc::clone(&tally)));
        }
        thread::spawn(move || pace::pace(schedule, started.into_std(), &permits, &stop));
        Ok(Self { schedule, started, timeout: load.timeout(), tally, clients, _pace: pace })
    }

    /// Until all calls are over, ctrl-c, or the last call has been waited for.
    async fn watch(mut self, progress: &ProgressBar) -> Summary {
        let mut ticks = interval(TICK);
        let end = sleep(self.schedule.end() + self.timeout);
        let interrupted = {
            let interrupt = tokio::signal::ctrl_c();
            tokio::pin!(end, interrupt);
            loop {
                tokio::select! {
                    ended = self.clients.join_next() => if ended.is_none() { break false },
                    () = &mut end => break false,
                    _ = &mut interrupt => break true,
                    _ = ticks.tick() => self.draw(progress),
                }
            }
        };
        let took = self.started.elapsed();
        self.clients.shutdown().await;
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.sum(self.schedule.calls, took, interrupted)
    }

    #[allow(clippy::cast_precision_loss, reason = "there are fewer calls than that")]
    fn draw(&self, progress: &ProgressBar) {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let rate = tally.done as f64 / self.started.elapsed().as_secs_f64();
        progress.set_position(tally.done);
        progress.set_message(format!("{rate:.0}/s, p99 {:.1} ms", tally.p99()));
    }
}

/// Makes the calls of a client, each with a permit, and leaves.
async fn drive(
    mut client: Client,
    due: impl Iterator<Item = Instant>,
    permits: Arc<Semaphore>,
    tally: Arc<Mutex<Tally>>,
) {
    for due in due {
        // The semaphore is never closed.
        if let Ok(permit) = permits.acquire().await {
            permit.forget();
        }
        let outcome = client.call(|verdict| Outcome::from(verdict)).await;
        tally.lock().unwrap_or_else(PoisonError::into_inner).add(outcome, due.elapsed());
    }
    client.leave().await;
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use http::{Request, Response};
    use http_body_util::Full;

    use super::*;

    /// A backend that stalls for a second with its first call: the calls that were due meanwhile have waited too.
    #[tokio::test(start_paused = true)]
    async fn what_is_due_while_the_backend_stalls_is_late() {
        let is_first = Arc::new(Mutex::new(true));
        let backend = tower::service_fn(move |request: Request<Full<Bytes>>| {
            let stalls = std::mem::take(&mut *is_first.lock().unwrap());
            async move {
                sleep(Duration::from_secs(u64::from(stalls))).await;
                let answer = Response::builder().header("content-type", "application/json");
                Ok::<_, Infallible>(answer.body(request.into_body()).unwrap())
            }
        });
        let wcs = Dispatcher::new(Settings::default(), backend);
        let app = App::new("defaultApp", "http://h").unwrap();
        let client = Client::new(0, wcs, app, Arc::new(Script::of(&[], vec![], vec![])));
        let tally = Arc::new(Mutex::new(Tally::new().unwrap()));
        let schedule = Schedule { rate: 10.0, calls: 5, sessions: 1 };
        let started = Instant::now();
        let due = schedule.of_session(0).map(move |call| started + schedule.due(call));
        drive(client, due, Arc::new(Semaphore::new(5)), Arc::clone(&tally)).await;
        // 1000, 900, 800, 700 and 600 ms late.
        let tally = tally.lock().unwrap();
        assert_eq!(tally.done, 5);
        for (part, milliseconds) in [(0.2, 600.0), (0.5, 800.0), (1.0, 1000.0)] {
            let got = tally.percentile(part);
            assert!((got - milliseconds).abs() < 2.0, "{part}: {got}");
        }
    }

    #[test]
    fn what_a_session_cannot_send_is_refused() {
        for text in [HookName::Connect.as_str(), HookName::PlayHls.as_str(), "nothing", ""] {
            assert!(hook(text).is_err(), "{text}");
        }
        assert_eq!(hook(HookName::PlayStream.as_str()), Ok(HookName::PlayStream));
        for text in ["0", "-1", "100001", "NaN", "inf", "x"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
