//! Many clients that connect, publish and leave at once: [`Storm`].

mod progress;
mod run;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::watch;

pub use progress::{StormPhase, StormProgress};

use crate::{Gateway, gateway::DEFAULT_APP};

/// Clients without browsers that connect, publish a stream each, stay and then all leave at the same moment.
///
/// Their sessions and hooks are like any other's. As JSON, all fields may be left out:
/// `{"sessions": 50000, "appKey": "defaultApp", "custom": {}, "publish": true, "atOnce": 64, "stayMs": 0}`.
///
/// ```
/// use wcs_hooks_simulator::storm::Storm;
///
/// let storm = Storm { sessions: 50_000, ..Storm::default() };
/// assert!(storm.publish);
/// ```
///
/// New fields may be added in any release: write `..Storm::default()` behind the ones you set.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Storm {
    /// How many clients, 1 to 50 000. Default 1000.
    pub sessions: usize,
    /// The app that they name. Default `defaultApp`.
    pub app_key: String,
    /// What their pages put in `createSession({custom})`. Default nothing.
    pub custom: Map<String, Value>,
    /// Whether each publishes a stream, named `storm-` and a number. Default true.
    pub publish: bool,
    /// How many connect at the same time. Default 64; 0 is taken for 1.
    pub at_once: usize,
    /// How long they stay when all are there; in milliseconds as JSON. Default 0.
    #[serde(rename = "stayMs", deserialize_with = "crate::millis::deserialize")]
    pub stay: Duration,
}

impl Default for Storm {
    fn default() -> Self {
        Self {
            sessions: 1000,
            app_key: DEFAULT_APP.to_owned(),
            custom: Map::new(),
            publish: true,
            at_once: 64,
            stay: Duration::ZERO,
        }
    }
}

/// `custom` may hold tokens.
impl fmt::Debug for Storm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storm")
            .field("sessions", &self.sessions)
            .field("app_key", &self.app_key)
            .field("publish", &self.publish)
            .field("at_once", &self.at_once)
            .field("stay", &self.stay)
            .finish_non_exhaustive()
    }
}

/// The most clients of a storm.
const MOST: usize = 50_000;

/// A storm that was begun. Cheap to clone; clones are the same storm.
///
/// ```
/// use wcs_hooks_simulator::{Gateway, storm::{Storm, StormError, StormPhase}};
///
/// async fn run(gateway: Gateway) -> Result<(), StormError> {
///     let storm = gateway.storm(Storm { sessions: 50_000, ..Storm::default() })?;
///     println!("{} are there", storm.reached(StormPhase::Leaving).await.connected);
///     println!("gone after {:?}", storm.reached(StormPhase::Over).await.leaving);
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct RunningStorm {
    progress: watch::Receiver<StormProgress>,
    end: Arc<watch::Sender<bool>>,
}

impl RunningStorm {
    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> StormProgress {
        self.progress.borrow().clone()
    }

    /// Waits until it has come this far, or is over.
    pub async fn reached(&self, phase: StormPhase) -> StormProgress {
        let mut progress = self.progress.clone();
        match progress.wait_for(|progress| progress.phase >= phase).await {
            Ok(progress) => progress.clone(),
            Err(_) => self.progress(),
        }
    }

    /// Lets those who are there leave now. No more connect.
    ///
    /// ```
    /// # fn run(storm: wcs_hooks_simulator::storm::RunningStorm) {
    /// storm.end();
    /// # }
    /// ```
    pub fn end(&self) {
        self.end.send_replace(true);
    }
}

/// The last storm, if there was one.
#[derive(Default)]
pub(crate) struct LastStorm(Mutex<Option<RunningStorm>>);

impl LastStorm {
    pub(crate) fn get(&self) -> Option<RunningStorm> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another in its place.
    fn replace(&self, begin: impl FnOnce() -> RunningStorm) -> Result<RunningStorm, StormError> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_some_and(|last| last.progress().phase != StormPhase::Over) {
            return Err(StormError::Running);
        }
        Ok(last.insert(begin()).clone())
    }
}

impl Gateway {
    /// Begins a storm. There is one at a time. It needs a place for each client ([`Limits::sessions`](crate::Limits)); those
    /// for whom there is none are counted as refused.
    ///
    /// # Errors
    /// If there is one that is not over, or it has no or too many clients.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn storm(&self, storm: Storm) -> Result<RunningStorm, StormError> {
        if !(1..=MOST).contains(&storm.sessions) {
            return Err(StormError::Sessions);
        }
        self.shared.storm.replace(|| {
            let (progress, receiver) = watch::channel(StormProgress::of(storm.sessions));
            let (end, ended) = watch::channel(false);
            tokio::spawn(run::run(Arc::clone(&self.shared), storm, progress, ended));
            RunningStorm { progress: receiver, end: Arc::new(end) }
        })
    }
}

/// A storm cannot begin.
///
/// ```
/// use wcs_hooks_simulator::storm::StormError;
///
/// assert_eq!(StormError::Running.to_string(), "there is a storm already: wait until it is over, or end it");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StormError {
    /// The last one is not over.
    Running,
    /// It has no clients, or more than there may be.
    Sessions,
}

impl fmt::Display for StormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.write_str("there is a storm already: wait until it is over, or end it"),
            Self::Sessions => write!(f, "`sessions` must be from 1 to {MOST}"),
        }
    }
}

impl std::error::Error for StormError {}
