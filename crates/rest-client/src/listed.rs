//! What WCS lists: [`Listed`] and [`Entry`].

use std::{fmt, ops::Deref};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wcs_hooks_protocol::{HookContext, redact};

/// A stream, session or call that a node has, with the app and session that it belongs to.
///
/// ```no_run
/// # use wcs_hooks_rest_client::{Error, Node};
/// # async fn example(node: Node) -> Result<(), Error> {
/// for stream in node.streams().all().await? {
///     println!("{} {:?} of {}", stream.name, stream.status, stream.context.session_id);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listed<P> {
    /// Which node, app and session it belongs to. `nodeId`, which WCS leaves out, is that of the node that was asked, if
    /// it was found by one. A field that did not come is empty.
    pub context: HookContext,
    /// The object itself.
    pub payload: P,
}

impl<P> Deref for Listed<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.payload
    }
}

/// An object whose fields are not documented. Printing with `{:?}` hides secrets.
///
/// ```no_run
/// # use wcs_hooks_rest_client::{Error, Node};
/// # async fn example(node: Node) -> Result<(), Error> {
/// for mixer in node.mixers().all().await? {
///     println!("{:?} is {:?}", mixer.text("uri"), mixer.text("status"));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Entry(pub Map<String, Value>);

impl Entry {
    /// A member that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(self))
    }
}

/// An object with its secrets hidden.
pub(crate) fn printable(object: &impl Serialize) -> String {
    redact::json(&serde_json::to_string(object).unwrap_or_default())
}
