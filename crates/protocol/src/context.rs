//! The three fields that stand in every body: [`HookContext`]. Spec §3.3.

use crate::object::{Object, RawMember, write_string};

pub(crate) const CONTEXT_FIELDS: [&str; 3] = ["nodeId", "appKey", "sessionId"];

/// Which node, app and session a hook is about. A field that did not come is empty.
///
/// ```
/// use wcs_hooks_protocol::{HookContext, Object};
///
/// let body = r#"{"nodeId":"Hw47CFMB@192.168.1.101","appKey":"defaultApp","sessionId":"/192.168.1.102:4388/192.168.1.101:8443"}"#;
/// let context = HookContext::read(&Object::parse(body)?);
/// assert_eq!(context.app_key, "defaultApp");
/// assert_eq!(context.node_address(), Some("192.168.1.101"));
/// # Ok::<(), wcs_hooks_protocol::JsonError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct HookContext {
    /// `nodeId`: the WCS server, as 32 letters and digits and usually `@<its address>`. WCS 4 may leave it out.
    pub node_id: String,
    /// `appKey`: the app.
    pub app_key: String,
    /// `sessionId`: the client's connection. Opaque: its form differs from build to build.
    pub session_id: String,
}

impl HookContext {
    /// Reads the fields of a body. They stand first, so little is looked at; should one stand twice, the first
    /// that is not empty counts.
    #[must_use]
    pub fn read(object: &Object<'_>) -> Self {
        let mut context = Self::default();
        let mut missing = CONTEXT_FIELDS.len();
        for member in object.raw_members() {
            let Some(field) = context.field(member) else {
                continue;
            };
            if field.is_empty() {
                *field = member.string().unwrap_or_default().into_owned();
                missing -= usize::from(!field.is_empty());
            }
            if missing == 0 {
                break;
            }
        }
        context
    }

    fn field(&mut self, member: RawMember<'_, '_>) -> Option<&mut String> {
        let fields = [&mut self.node_id, &mut self.app_key, &mut self.session_id];
        CONTEXT_FIELDS.iter().zip(fields).find(|(name, _)| member.is_named(name)).map(|(_, field)| field)
    }

    /// The node's address: what stands behind the last `@` of `nodeId`. Here the node's REST API can be called.
    #[must_use]
    pub fn node_address(&self) -> Option<&str> {
        self.node_id.rsplit_once('@').map(|(_, address)| address).filter(|address| !address.is_empty())
    }

    /// Whether a field of this name is a context field, which an answer cannot change. Spec §3.3.
    #[must_use]
    pub fn has_field(name: &str) -> bool {
        CONTEXT_FIELDS.contains(&name)
    }

    /// Opens an object and writes the fields that are there.
    #[doc(hidden)]
    pub fn open_object(&self, out: &mut String) {
        out.push('{');
        for (name, value) in CONTEXT_FIELDS.iter().zip([&self.node_id, &self.app_key, &self.session_id]) {
            if !value.is_empty() {
                out.push_str(if out.ends_with('{') { "" } else { "," });
                write_string(name, out);
                out.push(':');
                write_string(value, out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_hides_nothing_behind_it() {
        let context = HookContext { app_key: "a".into(), session_id: "s".into(), ..HookContext::default() };
        for body in [
            r#"{"appKey":"a","sessionId":"s"}"#,
            r#"{"nodeId":null,"appKey":"","x":1,"appKey":"a","appKey":"b","sessionId":"s"}"#,
            r#"{"appKey":"","appKey":"","appKey":"","sessionId":"s","appKey":"a"}"#,
        ] {
            assert_eq!(HookContext::read(&Object::parse(body).unwrap()), context, "{body}");
        }
    }
}
