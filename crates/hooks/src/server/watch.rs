//! What ends a connection but its peer: time, and the server's end.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    sync::futures::Notified,
    time::{Instant, Sleep, sleep},
};

use super::{
    connection::{Connection, Phase},
    stage,
};

/// When the server stops: what a head that is on its way gets, how long nothing must have come before a connection that is kept
/// is closed, and what a peer gets that is told of the end.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// What is to be done with the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Answer what is in flight, then close.
    Finish,
    /// Close now.
    Close,
}

/// Has one timer for the life of a connection, which is set back when it fires rather than with each request.
pub(super) struct Watch<'a> {
    connection: &'a Connection,
    timer: Pin<Box<Sleep>>,
    /// Of the stage.
    changed: Pin<Box<Notified<'a>>>,
    is_registered: bool,
    phase: Phase,
    since: Instant,
    is_finishing: bool,
    /// When it ends, whatever it does.
    end: Option<Instant>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(connection: &'a Connection, since: Instant) -> Self {
        Self {
            connection,
            timer: Box::pin(sleep(connection.live.settings.head_timeout)),
            changed: Box::pin(connection.shared.stage.changed()),
            is_registered: false,
            phase: connection.phase(),
            since,
            is_finishing: false,
            end: None,
        }
    }

    /// To be polled whenever the connection has been.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict> {
        self.register(cx);
        let phase = self.connection.phase();
        if phase != self.phase {
            self.phase = phase;
            if !self.is_finishing {
                self.end = None;
            }
            // What is busy has no end of its own: the clock need not be looked at.
            if phase != Phase::Busy {
                self.since = Instant::now();
            }
        }
        let verdict = match self.connection.shared.stage.now() {
            stage::SERVING => self.end_after_last(),
            stage::LEAVING if self.is_served() => self.end_after_last(),
            stage::LEAVING | stage::DRAINING => self.drain(),
            _ => Some(self.cut()),
        };
        if let Some(verdict) = verdict {
            return Poll::Ready(verdict);
        }
        self.poll_time(cx)
    }

    /// Once for each change of the stage: the task's waker is the same as long as it lives, and a list that all
    /// connections share is not to be locked with every request.
    fn register(&mut self, cx: &mut Context<'_>) {
        if self.is_registered && !self.connection.is_leaving() {
            return;
        }
        self.is_registered = true;
        if self.changed.as_mut().poll(cx).is_ready() {
            self.changed.set(self.connection.shared.stage.changed());
            let _ = self.changed.as_mut().poll(cx);
        }
    }

    /// While the server leaves: whether the connection goes on. The next answer of HTTP/1.1 says that it is the last one; HTTP/2
    /// has a frame for it, which loses no request, but is not for who has not asked yet.
    fn is_served(&self) -> bool {
        let has_not_asked = matches!(self.phase, Phase::Head { requests: 0 } | Phase::Idle { requests: 0 });
        !self.connection.is_multiplexed() || has_not_asked
    }

    /// A head that is on its way may come to its end, and a request that a busy peer is about to send may come: to close then
    /// would lose it. Everything else ends when it is answered.
    fn drain(&mut self) -> Option<Verdict> {
        if self.is_finishing {
            return None;
        }
        self.end = self.grace();
        self.is_finishing = self.end.is_none();
        self.is_finishing.then_some(Verdict::Finish)
    }

    /// Until when the connection is left alone when the server drains.
    fn grace(&self) -> Option<Instant> {
        let now = Instant::now();
        match self.phase {
            Phase::Head { .. } => self.end.or(Some(now + GRACE)),
            Phase::Idle { requests } if requests == 0 || !self.connection.is_multiplexed() => {
                Some(self.since + GRACE).filter(|end| *end > now)
            }
            _ => None,
        }
    }

    /// A peer that does not take part in the end has no more than a moment.
    fn end_after_last(&mut self) -> Option<Verdict> {
        if !self.connection.is_to_end() {
            return None;
        }
        self.end.get_or_insert_with(|| Instant::now() + GRACE);
        self.finish()
    }

    fn finish(&mut self) -> Option<Verdict> {
        (!std::mem::replace(&mut self.is_finishing, true)).then_some(Verdict::Finish)
    }

    /// Hooks that are not answered yet, and an answer that is not written.
    fn cut(&self) -> Verdict {
        let hooks = match self.phase {
            Phase::Busy => u64::from(self.connection.busy()),
            Phase::Head { .. } | Phase::Idle { .. } => u64::from(self.connection.is_blocked()),
        };
        self.connection.shared.counts.cut.add(hooks);
        Verdict::Close
    }

    fn poll_time(&mut self, cx: &mut Context<'_>) -> Poll<Verdict> {
        let Some(deadline) = self.deadline() else { return Poll::Pending };
        if deadline < self.timer.deadline() {
            self.timer.as_mut().reset(deadline);
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            if deadline <= Instant::now() {
                return Poll::Ready(self.time_is_up());
            }
            self.timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }

    fn deadline(&self) -> Option<Instant> {
        let settings = &self.connection.live.settings;
        let of_phase = match self.phase {
            Phase::Head { .. } => self.since.checked_add(settings.head_timeout),
            Phase::Idle { .. } => self.since.checked_add(settings.idle_timeout),
            Phase::Busy => None,
        };
        // Whoever has proved itself since then is not cut.
        let is_pardoned = self.connection.had_its_last() && !self.connection.is_to_end();
        [of_phase, self.end.filter(|_| !is_pardoned)].into_iter().flatten().min()
    }

    /// An idle connection is closed in order, as far as its peer takes part.
    fn time_is_up(&mut self) -> Verdict {
        let counts = &self.connection.shared.counts;
        match self.phase {
            Phase::Idle { .. } if !self.is_finishing => {
                counts.idle.add(1);
                self.is_finishing = true;
                self.end = Some(Instant::now() + GRACE);
                // The next deadline is the end.
                self.since = Instant::now();
                Verdict::Finish
            }
            Phase::Head { .. } => {
                counts.slow_heads.add(1);
                Verdict::Close
            }
            _ => Verdict::Close,
        }
    }
}
