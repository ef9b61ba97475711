//! Where the framework's own log and spans go: [`LogSettings`].

use std::{error::Error, fmt, io, sync::OnceLock, time::Duration};

use serde::{Deserialize, Serialize};
use tracing::{Subscriber, subscriber::SetGlobalDefaultError};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::ParseError,
    fmt::MakeWriter,
    layer::{Layered, SubscriberExt},
};

use crate::causes::Causes;
use line::OneLine;
use queue::Queue;

mod line;
#[cfg(feature = "otel")]
mod otlp;
mod panics;
mod queue;

/// How long the end of a program waits for lines to be written.
const LONGEST_FLUSH: Duration = Duration::from_secs(1);

/// The queue of the process's log, once it has started.
static STARTED: OnceLock<Queue> = OnceLock::new();

/// Until what has been logged is written, if its reader reads.
fn flush() {
    if let Some(queue) = STARTED.get() {
        queue.flush(LONGEST_FLUSH);
    }
}

/// Lines of the process's log that were dropped.
#[cfg(feature = "server")]
pub(crate) fn lines_dropped() -> u64 {
    STARTED.get().map_or(0, Queue::dropped)
}

/// What is logged, and how. Secrets are in none of it, at any level.
///
/// ```
/// use wcs_hooks::{LogFormat, LogSettings};
///
/// let mut settings = LogSettings::default();
/// settings.filter = "info,wcs_hooks=debug".into();
/// settings.format = LogFormat::Json;
/// let _logging = settings.start()?;
/// tracing::info!("one line of JSON");
/// # Ok::<(), wcs_hooks::LogError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LogSettings {
    /// Which lines and spans: levels, by target, as `tracing_subscriber::EnvFilter` reads them. Default: `info`.
    pub filter: String,
    /// What a line looks like. Default: [`LogFormat::Text`].
    pub format: LogFormat,
    /// Sends spans to an OpenTelemetry collector; to none if not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traces: Option<TraceSettings>,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::default(), traces: None }
    }
}

/// What a line of the log looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line for people.
    #[default]
    Text,
    /// One JSON object a line, with the members of the hook's span under `span`.
    Json,
}

/// Where spans go: a collector that takes OTLP by HTTP. Its headers, the sampler and the sizes of batches are those of
/// OpenTelemetry's environment: `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER`, `OTEL_BSP_…`.
///
/// ```
/// let settings = wcs_hooks::TraceSettings::new("http://127.0.0.1:4318");
/// assert_eq!(settings.service, "wcs-hooks");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TraceSettings {
    /// The collector's base URL, to which `/v1/traces` is added. Credentials do not belong into it.
    pub endpoint: String,
    /// `service.name` of the spans. Default: `wcs-hooks`.
    #[serde(default = "default_service")]
    pub service: String,
}

fn default_service() -> String {
    "wcs-hooks".to_owned()
}

impl TraceSettings {
    /// Spans go to the collector at this base URL.
    #[must_use]
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self { endpoint: endpoint.into(), service: default_service() }
    }
}

type BoxLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// What [`LogSettings::subscriber`] makes.
pub type LogSubscriber = Layered<Vec<BoxLayer>, Registry>;

impl LogSettings {
    /// Lets the whole process log in this way, to its standard error. A thread of its own writes the lines, so that a reader
    /// that is slow or does not read stops no hook: up to 4 MiB of lines wait, further ones are dropped and counted
    /// ([`Logging::lines_dropped`]), and a line says how many when there is room again. What cannot be written, to a full disk
    /// or a closed pipe, is dropped too. A log must not be the only place of something that must not be lost.
    ///
    /// Panics are logged, as errors with the target `panic`, in place of Rust's panic hook, which would wait for the reader.
    /// A hook of yours takes its place if it is set after this.
    ///
    /// # Errors
    /// If the filter or the endpoint cannot be read, spans are to be sent without the feature `otel`, the process logs in
    /// some way already, or has no thread left.
    pub fn start(&self) -> Result<Logging, LogError> {
        let queue = Queue::default();
        let (subscriber, mut logging) = self.subscriber(queue.clone())?;
        tracing::subscriber::set_global_default(subscriber).map_err(LogError::Started)?;
        queue.start().map_err(LogError::Thread)?;
        panics::log_them();
        logging.lines = Some(Lines(STARTED.get_or_init(|| queue).clone()));
        Ok(logging)
    }

    /// What would log in this way, to a writer of yours, which gets each line by one call of `write_all`, on the thread that
    /// logs: if it waits, so does the hook.
    ///
    /// ```
    /// let (subscriber, _logging) = wcs_hooks::LogSettings::default().subscriber(std::io::sink)?;
    /// tracing::subscriber::with_default(subscriber, || tracing::info!("not seen by anybody"));
    /// # Ok::<(), wcs_hooks::LogError>(())
    /// ```
    ///
    /// # Errors
    /// As [`LogSettings::start`].
    pub fn subscriber<W>(&self, writer: W) -> Result<(LogSubscriber, Logging), LogError>
    where
        W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
    {
        let mut layers = vec![self.lines(writer).with_filter(self.filter()?).boxed()];
        let logging = self.add_traces(&mut layers)?;
        Ok((tracing_subscriber::registry().with(layers), logging))
    }

    fn filter(&self) -> Result<EnvFilter, LogError> {
        let unreadable = |cause| LogError::Filter { filter: self.filter.clone(), cause };
        EnvFilter::builder().parse(&self.filter).map_err(unreadable)
    }

    /// An error of writing would be printed to standard error, and panic if that is what cannot be written.
    fn lines<W>(&self, writer: W) -> BoxLayer
    where
        W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
    {
        let layer = tracing_subscriber::fmt::layer().with_writer(writer).log_internal_errors(false);
        match self.format {
            LogFormat::Text => layer.with_ansi(false).map_event_format(OneLine::of_text).boxed(),
            LogFormat::Json => {
                let layer = layer.json().flatten_event(true).with_span_list(false);
                layer.map_event_format(OneLine::of_json).boxed()
            }
        }
    }

    #[cfg(feature = "otel")]
    fn add_traces(&self, layers: &mut Vec<BoxLayer>) -> Result<Logging, LogError> {
        let Some(settings) = &self.traces else { return Ok(Logging::default()) };
        let (layer, exporting) = otlp::layer(settings)?;
        layers.push(layer.with_filter(self.filter()?).boxed());
        Ok(Logging { _exporting: Some(exporting), ..Logging::default() })
    }

    #[cfg(not(feature = "otel"))]
    fn add_traces(&self, _: &mut Vec<BoxLayer>) -> Result<Logging, LogError> {
        if self.traces.is_some() { Err(LogError::WithoutOtel) } else { Ok(Logging::default()) }
    }
}

/// Logging has begun. When it is dropped, spans that have not been sent yet are sent, for 5 s at most, and lines that wait
/// are written, for 1 s at most, during which the thread waits: drop it at the end of `main`, and do not end the process by
/// `std::process::exit`, which drops nothing.
#[derive(Debug, Default)]
#[must_use = "what waits is written when it is dropped"]
pub struct Logging {
    // First, since it logs if it fails.
    #[cfg(feature = "otel")]
    _exporting: Option<otlp::Exporting>,
    lines: Option<Lines>,
}

impl Logging {
    /// Lines that were dropped so far, because the reader of the log was too slow or there was none. Zero for a writer of
    /// yours. A [`Program`](crate::Program) shows it as `wcs_hooks_log_lines_dropped_total`.
    ///
    /// ```
    /// let (_subscriber, logging) = wcs_hooks::LogSettings::default().subscriber(std::io::sink)?;
    /// assert_eq!(logging.lines_dropped(), 0);
    /// # Ok::<(), wcs_hooks::LogError>(())
    /// ```
    #[must_use]
    pub fn lines_dropped(&self) -> u64 {
        self.lines.as_ref().map_or(0, |Lines(queue)| queue.dropped())
    }
}

/// Are written when it is dropped.
struct Lines(Queue);

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("dropped", &self.0.dropped()).finish_non_exhaustive()
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.0.flush(LONGEST_FLUSH);
    }
}

/// Logging cannot begin.
///
/// ```
/// let mut settings = wcs_hooks::LogSettings::default();
/// settings.filter = "loud=yes".into();
/// let error = settings.start().unwrap_err();
/// assert!(error.to_string().starts_with(r#"the log's filter "loud=yes" cannot be read: "#));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum LogError {
    /// [`LogSettings::filter`](field@LogSettings::filter) cannot be read.
    Filter {
        /// The filter.
        filter: String,
        /// Why.
        cause: ParseError,
    },
    /// [`TraceSettings::endpoint`] cannot be used.
    Endpoint {
        /// Why.
        cause: Box<dyn Error + Send + Sync>,
    },
    /// Spans are to be sent, and the feature `otel` is not on.
    WithoutOtel,
    /// The process logs in some way already.
    Started(SetGlobalDefaultError),
    /// There is no thread that could write the log.
    Thread(io::Error),
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter { filter, cause } => {
                write!(f, "the log's filter {filter:?} cannot be read: {}", Causes(cause))
            }
            Self::Endpoint { cause } => {
                write!(f, "spans cannot be sent to the endpoint of the log's traces: {}", Causes(&**cause))
            }
            Self::WithoutOtel => f.write_str(
                "the log's traces are set, and this program cannot send them: build it with the feature `otel`",
            ),
            Self::Started(_) => f.write_str("the process has begun to log in another way"),
            Self::Thread(error) => write!(f, "no thread can be started that writes the log: {error}"),
        }
    }
}

impl Error for LogError {}

#[cfg(test)]
mod tests;

/// A subscriber can be shared by threads.
const _: fn() = || {
    fn is_subscriber<S: Subscriber + Send + Sync>() {}
    is_subscriber::<LogSubscriber>();
};
