//! The name of what is called, in the catalogue or not: [`Method`].

use std::sync::Arc;

use wcs_hooks_protocol::{Field, HookKind, HookName};

/// A method of the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Method {
    Known(HookName),
    Unknown(Arc<str>),
}

impl Method {
    /// Names are matched letter for letter: another spelling goes out as it is.
    pub(crate) fn named(name: &str) -> Self {
        match name.parse::<HookName>() {
            Ok(hook) if hook.as_str() == name => Self::Known(hook),
            _ => Self::Unknown(name.into()),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Known(hook) => hook.as_str(),
            Self::Unknown(name) => name,
        }
    }

    /// A method that the catalogue does not know is an event if its name ends as those of all events do (spec §3.1), and
    /// otherwise something that a client asks for.
    pub(crate) fn kind(&self) -> HookKind {
        match self {
            Self::Known(hook) => hook.kind(),
            Self::Unknown(name) if name.ends_with("StatusEvent") => HookKind::Event,
            Self::Unknown(_) => HookKind::Invoke,
        }
    }

    pub(crate) fn fields(&self) -> &'static [Field] {
        match self {
            Self::Known(hook) => hook.info().fields,
            Self::Unknown(_) => &[],
        }
    }

    /// The event by which the client learns that it failed. Spec §5.2.
    pub(crate) fn failure_event(&self) -> Option<&str> {
        match self {
            Self::Known(hook) => hook.info().failure_event.map(HookName::as_str),
            Self::Unknown(name) => (self.kind() == HookKind::Event).then_some(name),
        }
    }
}
