//! What a hook is, and the list of them: [`HookName`], [`Hook`] and the markers in [`hook`].

use std::{fmt, str::FromStr};

use crate::payload::{Field, Payload};

/// How WCS treats the answer to a hook. Spec §3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HookKind {
    /// `connect`: decides whether a session opens. Refusing is always effective.
    Connect,
    /// A client asks for something. It may be refused if the session's policy says `FAIL`, and changed if it says
    /// `OVERWRITE`.
    Invoke,
    /// `playHLS` and `playRTSP`: an HTTP or RTSP player asks; there is no session and no policy. Refusing is always
    /// effective.
    Access,
    /// A call or message from outside. As [`HookKind::Invoke`]; a refusal is told to the caller.
    Incoming,
    /// Something has happened. Cannot be refused.
    Event,
    /// `StreamKeepAliveEvent`: an event whose answer can end the stream.
    KeepAlive,
}

/// The kinds as types: [`Hook::Kind`] is one of them.
pub mod kind {
    use super::HookKind;

    /// A [`HookKind`] as a type.
    pub trait Kind: Send + Sync + 'static {
        /// The kind as a value.
        const KIND: HookKind;
    }

    macro_rules! kinds {
        ($($Kind:ident)*) => { $(
            #[doc = concat!("[`HookKind::", stringify!($Kind), "`] as a type.")]
            #[derive(Debug, Clone, Copy)]
            pub enum $Kind {}

            impl Kind for $Kind {
                const KIND: HookKind = HookKind::$Kind;
            }
        )* };
    }

    kinds!(Connect Invoke Access Incoming Event KeepAlive);
}

/// A hook as a type: one of the markers in [`hook`].
///
/// ```
/// use wcs_hooks_protocol::{Hook, HookName, hook};
///
/// assert_eq!(hook::PublishStream::NAME, HookName::PublishStream);
/// ```
pub trait Hook: Send + Sync + 'static {
    /// Which hook it is.
    const NAME: HookName;
    /// What kind of hook it is.
    type Kind: kind::Kind;
    /// What WCS sends.
    type Payload: Payload;
}

/// What the catalogue says of a hook.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct HookInfo {
    /// The last segment of the URL, letter for letter.
    pub wire_name: &'static str,
    /// Other spellings in the vendor's docs, which are accepted too.
    pub other_spellings: &'static [&'static str],
    /// The kind.
    pub kind: HookKind,
    /// Refusing is possible but makes no sense: the client only ends something (`hangup`, `unPublishStream`,
    /// `stopStream`). Spec §3.1.
    pub refusing_makes_no_sense: bool,
    /// Two calls with the same body, one shortly after the other, may be two things that happened. If not, the second is the
    /// first, sent again. Spec §1.3.
    pub may_repeat: bool,
    /// The event by which the client learns that this hook failed; `None` if there is none. Spec §5.2.
    pub failure_event: Option<HookName>,
    /// The name of the payload's type.
    pub payload: &'static str,
    /// The fields of the payload.
    pub fields: &'static [Field],
    /// The name of the trait whose method handles it.
    pub handler_trait: &'static str,
    /// The name of that method.
    pub handler_fn: &'static str,
    /// The documentation.
    pub docs: &'static str,
}

impl HookInfo {
    /// Whether a refusal can keep something from happening: not of an event, which has happened, nor of a keep-alive, whose answer
    /// ends a stream that runs, nor where refusing makes no sense. Spec §3.1.
    #[must_use]
    pub const fn can_be_refused(&self) -> bool {
        !matches!(self.kind, HookKind::Event | HookKind::KeepAlive) && !self.refusing_makes_no_sense
    }
}

/// A name that is not in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownHook {
    name: String,
}

impl fmt::Display for UnknownHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown hook {:?}: names are matched letter for letter", self.name)
    }
}

impl std::error::Error for UnknownHook {}

macro_rules! define_catalogue {
    (@kind connect) => { kind::Connect };
    (@kind invoke) => { kind::Invoke };
    (@kind ending) => { kind::Invoke };
    (@kind access) => { kind::Access };
    (@kind incoming) => { kind::Incoming };
    (@kind event) => { kind::Event };
    (@kind keep_alive) => { kind::KeepAlive };
    (@repeat access) => { true };
    (@repeat keep_alive) => { true };
    (@repeat $kind:ident) => { false };
    (@repeat $kind:ident repeat) => { true };
    (@ending ending) => { true };
    (@ending $kind:ident) => { false };
    // An event that fails is told to the client as itself.
    (@failure event $Marker:ident) => { Some(Self::$Marker) };
    (@failure keep_alive $Marker:ident) => { Some(Self::$Marker) };
    (@failure $kind:ident $Marker:ident) => { None };
    (@failure $kind:ident $Marker:ident $Report:ident) => { Some(Self::$Report) };
    ($(
        $(#[doc = $topic_docs:literal])*
        $Trait:ident for $topic:ident {
            $(
                $(#[doc = $docs:literal])*
                $kind:ident $func:ident = $name:literal $(| $other:literal)*: $Marker:ident($Payload:ident)
                    $(-> $Report:ident)? $(may $repeat:ident)? $({ $($rest:tt)* })?;
            )*
        }
    )*) => {
        /// The name of a hook. Spec §3.2.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum HookName {
            $($( $(#[doc = $docs])* $Marker, )*)*
        }

        impl HookName {
            /// Every hook, in the order of the catalogue.
            pub const ALL: &[Self] = &[$($( Self::$Marker, )*)*];

            /// What the catalogue says of this hook.
            #[must_use]
            pub const fn info(self) -> &'static HookInfo {
                match self {
                    $($( Self::$Marker => const { &HookInfo {
                        wire_name: $name,
                        other_spellings: &[$($other),*],
                        kind: <define_catalogue!(@kind $kind) as kind::Kind>::KIND,
                        refusing_makes_no_sense: define_catalogue!(@ending $kind),
                        may_repeat: define_catalogue!(@repeat $kind $($repeat)?),
                        failure_event: define_catalogue!(@failure $kind $Marker $($Report)?),
                        payload: stringify!($Payload),
                        fields: <crate::payloads::$Payload as Payload>::FIELDS,
                        handler_trait: stringify!($Trait),
                        handler_fn: stringify!($func),
                        docs: concat!($($docs, "\n"),*),
                    } }, )*)*
                }
            }
        }

        impl FromStr for HookName {
            type Err = UnknownHook;

            /// Reads the last segment of the URL.
            fn from_str(name: &str) -> Result<Self, UnknownHook> {
                match name {
                    $($( $name $(| $other)* => Ok(Self::$Marker), )*)*
                    _ => Err(UnknownHook { name: name.to_owned() }),
                }
            }
        }

        /// One marker per hook, for typed registration and typed sending.
        pub mod hook {
            use super::{Hook, HookName, kind};

            $($(
                $(#[doc = $docs])*
                #[doc = concat!(
                    "\n```\nuse wcs_hooks_protocol::{Hook, hook::", stringify!($Marker), ", payloads::",
                    stringify!($Payload), "};\n\nfn payload_of<H: Hook>() -> H::Payload {\n    H::Payload::default()\n}\n\n",
                    "let payload: ", stringify!($Payload), " = payload_of::<", stringify!($Marker), ">();\nassert_eq!(",
                    stringify!($Marker), "::NAME.as_str(), \"", $name, "\");\n```",
                )]
                #[derive(Debug, Clone, Copy, Default)]
                pub struct $Marker;

                impl Hook for $Marker {
                    const NAME: HookName = HookName::$Marker;
                    type Kind = define_catalogue!(@kind $kind);
                    type Payload = crate::payloads::$Payload;
                }
            )*)*
        }
    };
}

__with_hooks!(define_catalogue);

impl HookName {
    /// The last segment of the URL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.info().wire_name
    }

    /// The kind.
    #[must_use]
    pub const fn kind(self) -> HookKind {
        self.info().kind
    }
}

impl fmt::Display for HookName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_and_nothing_else() {
        assert_eq!(HookName::ALL.len(), 43);
        for &hook in HookName::ALL {
            assert_eq!(hook.as_str().parse(), Ok(hook));
            for spelling in hook.info().other_spellings {
                assert_eq!(spelling.parse(), Ok(hook));
            }
        }
        for wrong in ["", "Connect", "publishstream", "sendData", "connect/"] {
            assert!(HookName::from_str(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_may_repeat_is_of_its_kind_or_says_so() {
        use HookName::{
            AvailableStream, Connect, PlayHls, PublishStream, SendDtmf, StreamKeepAlive, StreamStatus,
            StreamsStat,
        };
        let hooks = [PlayHls, StreamKeepAlive, AvailableStream, SendDtmf, StreamsStat];
        assert_eq!(hooks.map(|hook| hook.info().may_repeat), [true; 5]);
        assert_eq!([Connect, PublishStream, StreamStatus].map(|hook| hook.info().may_repeat), [false; 3]);
    }

    #[test]
    fn only_what_ends_something_makes_no_sense_to_refuse() {
        let ending = HookName::ALL.iter().filter(|hook| hook.info().refusing_makes_no_sense);
        let expected = [HookName::UnPublishStream, HookName::StopStream, HookName::Hangup];
        assert_eq!(ending.copied().collect::<Vec<_>>(), expected);
    }
}
