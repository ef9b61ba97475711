//! Which of what is live is asked for: [`Query`].

use super::record::Id;

/// Which sessions, streams or calls: those that all of these are true of. An empty query is for all.
///
/// ```
/// use wcs_hooks::registry::Query;
///
/// let query = Query::new().app("defaultApp").name("b4e7");
/// assert_eq!((query.app.as_deref(), query.login.as_deref()), (Some("defaultApp"), None));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Query {
    /// Of this `appKey`.
    pub app: Option<String>,
    /// Of this `nodeId`.
    pub node: Option<String>,
    /// Of the session with this `sessionId`.
    pub session: Option<String>,
    /// Streams of this name; sessions that have such a stream, and their calls.
    pub name: Option<String>,
    /// Sessions with this login, and what belongs to them.
    pub login: Option<String>,
}

macro_rules! narrowed_by {
    ($($(#[doc = $docs:literal])* $field:ident)*) => { $(
        $(#[doc = $docs])*
        #[must_use]
        pub fn $field(mut self, $field: impl Into<String>) -> Self {
            self.$field = Some($field.into());
            self
        }
    )* };
}

impl Query {
    /// All.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    narrowed_by! {
        /// Those of this `appKey`.
        app
        /// Those of this `nodeId`.
        node
        /// Those of the session with this `sessionId`.
        session
        /// Streams of this name; sessions that have such a stream, and their calls.
        name
        /// Sessions with this login, and what belongs to them.
        login
    }

    pub(super) fn takes(&self, id: &Id, app_key: &str) -> bool {
        let asked = [(&self.app, app_key), (&self.node, &id.node_id), (&self.session, &id.session_id)];
        asked.iter().all(|(asked, is)| asked.as_deref().is_none_or(|asked| asked == *is))
    }
}
