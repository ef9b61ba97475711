//! How many hooks are handled at once: [`Load`].

use std::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

use tokio::sync::Notify;

use crate::{Limits, deadline::Deadline};

/// The places for hooks, of the backend and of each app, and the line of those that wait for one.
///
/// Whoever needs both takes the app's place first, so that none waits for another that waits for it.
pub(crate) struct Load {
    all: Places,
    apps: Vec<Places>,
    line: Places,
}

/// The places that a hook has taken; dropped, they are free.
#[derive(Debug)]
pub(crate) struct Taken<'l> {
    _of_app: Option<Place<'l>>,
    _of_all: Place<'l>,
}

impl Load {
    pub(crate) fn new(apps: usize, limits: &Limits) -> Self {
        let load = Self {
            all: Places::default(),
            apps: (0..apps).map(|_| Places::default()).collect(),
            line: Places::default(),
        };
        load.limit(limits);
        load
    }

    /// Sets how many places there are. Who has one keeps it.
    pub(crate) fn limit(&self, limits: &Limits) {
        self.line.limit(limits.waiting_events);
        self.all.limit(limits.hooks);
        // A limit of an app that is no lower than that of all needs no count.
        let of_app = if limits.hooks_per_app < limits.hooks { limits.hooks_per_app } else { UNLIMITED };
        self.apps.iter().for_each(|places| places.limit(of_app));
    }

    /// Takes a place for a hook of an app, at once or not at all.
    pub(crate) fn enter(&self, app: usize) -> Option<Taken<'_>> {
        let of_app = &self.apps[app];
        let place = if of_app.is_limited() { Some(of_app.take()?) } else { None };
        Some(Taken { _of_app: place, _of_all: self.all.take()? })
    }

    /// The same, waiting in line until the deadline if the line is not full.
    pub(crate) async fn enter_in_line(&self, app: usize, deadline: &mut Deadline) -> Option<Taken<'_>> {
        if let Some(taken) = self.enter(app) {
            return Some(taken);
        }
        let _in_line = self.line.take()?;
        let both = async {
            let of_app = &self.apps[app];
            let place = if of_app.is_limited() { Some(of_app.wait().await) } else { None };
            Taken { _of_app: place, _of_all: self.all.wait().await }
        };
        deadline.bound(both).await.ok()
    }

    /// Hooks that are being handled.
    pub(crate) fn in_flight(&self) -> usize {
        self.all.taken.load(SeqCst)
    }

    /// Events that wait for a place.
    pub(crate) fn waiting(&self) -> usize {
        self.line.taken.load(SeqCst)
    }
}

const UNLIMITED: usize = usize::MAX;

#[derive(Debug, Default)]
struct Places {
    limit: AtomicUsize,
    taken: AtomicUsize,
    waiting: AtomicUsize,
    freed: Notify,
}

#[derive(Debug)]
struct Place<'l> {
    places: &'l Places,
}

impl Places {
    fn limit(&self, limit: usize) {
        self.limit.store(limit, SeqCst);
        self.freed.notify_waiters();
    }

    fn is_limited(&self) -> bool {
        self.limit.load(SeqCst) != UNLIMITED
    }

    fn take(&self) -> Option<Place<'_>> {
        let limit = self.limit.load(SeqCst);
        let one_more = |taken: usize| (taken < limit).then_some(taken + 1);
        self.taken.fetch_update(SeqCst, SeqCst, one_more).is_ok().then(|| Place { places: self })
    }

    /// No place that becomes free is missed: whoever frees one does so before looking whether somebody waits, and whoever
    /// waits says so before looking for a free one.
    async fn wait(&self) -> Place<'_> {
        let _waiting = Waiting::at(self);
        loop {
            let mut freed = pin!(self.freed.notified());
            freed.as_mut().enable();
            if let Some(place) = self.take() {
                return place;
            }
            freed.await;
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.places.taken.fetch_sub(1, SeqCst);
        if self.places.waiting.load(SeqCst) > 0 {
            self.places.freed.notify_one();
        }
    }
}

struct Waiting<'l>(&'l AtomicUsize);

impl<'l> Waiting<'l> {
    fn at(places: &'l Places) -> Self {
        places.waiting.fetch_add(1, SeqCst);
        Self(&places.waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[cfg(test)]
mod tests;
