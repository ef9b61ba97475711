//! The body that tells the client why: [`RefusalBody`]. Spec §5.1.

use crate::object::{Object, read_string, write_string};

/// `{"status":403,"reason":"…"}`: the reason in it becomes the `info` that the client gets (since build 5.2.968).
///
/// There are exactly two fields: with a third, WCS falls back to the reason phrase of the status line.
///
/// ```
/// use wcs_hooks_protocol::RefusalBody;
///
/// let body = RefusalBody { status: 403, reason: "Wrong credentials".into() };
/// assert_eq!(body.to_json(), r#"{"status":403,"reason":"Wrong credentials"}"#);
/// assert_eq!(RefusalBody::read(body.to_json().as_bytes()), Some(body));
/// assert_eq!(RefusalBody::read(br#"{"status":403,"reason":"no","code":7}"#), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalBody {
    /// The HTTP status again.
    pub status: u16,
    /// What the client is told.
    pub reason: String,
}

impl RefusalBody {
    /// The body as compact JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = format!(r#"{{"status":{},"reason":"#, self.status);
        write_string(&self.reason, &mut out);
        out.push('}');
        out
    }

    /// Reads a body as WCS does: `None` unless it has exactly the two fields. That the number equals the HTTP status is
    /// not asked for; the spec does not say whether WCS does.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        let object = Object::from_slice(body).ok()?;
        if object.members().count() != 2 {
            return None;
        }
        let status = object.get("status")?.parse().ok()?;
        let reason = read_string(object.get("reason")?)?.into_owned();
        Some(Self { status, reason })
    }
}
