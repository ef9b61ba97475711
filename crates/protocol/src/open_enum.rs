//! The macro that declares an enum which a newer WCS may add to.

/// Declares an enum of texts with an arm for the texts it does not know.
macro_rules! open_enums {
    ($(
        $(#[doc = $docs:literal])*
        $Name:ident { $( $(#[doc = $arm_docs:literal])* $Arm:ident = $text:literal, )* }
    )*) => { $(
        $(#[doc = $docs])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $Name {
            $( #[doc = concat!("`", $text, "`")] $(#[doc = ""] #[doc = $arm_docs])* $Arm, )*
            /// A text that this version does not know.
            Other(String),
        }

        impl $Name {
            /// The known ones.
            pub const KNOWN: &[Self] = &[$( Self::$Arm, )*];

            /// The text on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$Arm => $text, )*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $Name {
            fn from(text: &str) -> Self {
                match text {
                    $( $text => Self::$Arm, )*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        /// Never a value on the wire: an absent field.
        impl Default for $Name {
            fn default() -> Self {
                Self::Other(String::new())
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::field::FieldValue for $Name {
            const KIND: $crate::field::FieldKind = $crate::field::FieldKind::Text;
            const WORDS: &'static [&'static str] = &[$( $text, )*];

            fn read(json: &str) -> Option<Self> {
                $crate::object::read_string(json).map(|text| Self::from(&*text))
            }

            fn read_text(text: &str) -> Option<Self> {
                Some(Self::from(text))
            }

            fn write(&self, out: &mut String) {
                $crate::object::write_string(self.as_str(), out);
            }
        }
    )* };
}

pub(crate) use open_enums;
