//! When `StreamKeepAliveEvent` is due.

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use wcs_hooks_dispatcher::{App, Dispatcher};

/// The timer of one session, if its app's streams are reported at all.
pub(crate) struct KeepAlive(Option<Interval>);

impl KeepAlive {
    pub(crate) fn new(dispatcher: &Dispatcher, app: &App) -> Self {
        let every = dispatcher.settings().keep_alive_interval;
        Self(dispatcher.is_keep_alive_on(app).then(|| {
            let mut interval = interval_at(Instant::now() + every, every);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            interval
        }))
    }

    /// Waits until the streams are to be reported again.
    pub(crate) async fn due(&mut self) {
        match &mut self.0 {
            Some(interval) => drop(interval.tick().await),
            None => std::future::pending().await,
        }
    }
}
