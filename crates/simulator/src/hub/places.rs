//! How many sessions there are: [`Places`].

use tokio::sync::watch;

/// Places for sessions, limited in number.
pub(crate) struct Places {
    taken: watch::Sender<usize>,
    most: usize,
}

/// A place that is taken until it is dropped.
pub(crate) struct Place(watch::Sender<usize>);

impl Places {
    pub(crate) fn new(most: usize) -> Self {
        Self { taken: watch::Sender::new(0), most }
    }

    /// Takes a place, if there is one.
    pub(crate) fn take(&self) -> Option<Place> {
        let is_taken = self.taken.send_if_modified(|taken| {
            let has_room = *taken < self.most;
            *taken += usize::from(has_room);
            has_room
        });
        is_taken.then(|| Place(self.taken.clone()))
    }

    /// Waits until nobody has a place.
    pub(crate) async fn empty(&self) {
        let mut taken = self.taken.subscribe();
        let _ = taken.wait_for(|taken| *taken == 0).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.send_modify(|taken| *taken -= 1);
    }
}
