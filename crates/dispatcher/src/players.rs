//! What backends answered to HLS players, kept for a while by token: `hls_auth_token_cache`. Spec §1.3, §3.4.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use wcs_hooks_protocol::{HookName, Object, Outcome};

use crate::{App, method::Method};

/// No more players than this are remembered: made-up tokens must not fill the memory.
const MOST: usize = 10_000;

/// The answers that are kept.
///
/// The docs say that an answer is kept for a token, and nothing of streams and apps. Here it is kept for the token, the
/// stream and the app, so that a token for one stream does not open another. Any answer is kept, a 500 too; what ended without
/// an answer is not.
pub(crate) struct Players {
    kept_for: Duration,
    token_name: String,
    answers: Mutex<HashMap<Player, (Instant, Outcome)>>,
}

/// Who asks for what: the key of the app, the stream, the token. It prints in tests only: the token is a secret.
#[cfg_attr(test, derive(Debug))]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Player {
    app: String,
    stream: String,
    token: String,
}

impl Players {
    pub(crate) fn new(kept_for: Duration, token_name: String) -> Self {
        Self { kept_for, token_name, answers: Mutex::default() }
    }

    /// The HLS player that a hook is about, if answers to it are to be kept.
    pub(crate) fn recognize(&self, app: &App, method: &Method, fields: &[u8]) -> Option<Player> {
        if self.kept_for.is_zero() || *method != Method::Known(HookName::PlayHls) {
            return None;
        }
        let object = Object::from_slice(fields).ok()?;
        Some(Player {
            app: app.key().to_owned(),
            stream: object.string("name")?.into_owned(),
            token: self.token(&object)?,
        })
    }

    /// The token in the place of any generation of the hook.
    fn token(&self, object: &Object<'_>) -> Option<String> {
        let custom = object.get("custom").and_then(|json| Object::parse(json).ok());
        let in_custom = |name| custom.as_ref().and_then(|custom| custom.string(name));
        let token = in_custom(&*self.token_name).or_else(|| in_custom("token")).map(Cow::into_owned);
        token.or_else(|| object.string("token").map(Cow::into_owned))
    }

    /// What came of asking for this player, if that is still kept.
    pub(crate) fn outcome(&self, player: &Player) -> Option<Outcome> {
        let answers = self.answers();
        let (since, outcome) = answers.get(player)?;
        (since.elapsed() < self.kept_for).then_some(*outcome)
    }

    pub(crate) fn remember(&self, player: Player, outcome: Outcome) {
        let mut answers = self.answers();
        if answers.len() >= MOST {
            answers.retain(|_, (since, _)| since.elapsed() < self.kept_for);
        }
        if answers.len() < MOST {
            answers.insert(player, (Instant::now(), outcome));
        }
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<Player, (Instant, Outcome)>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
