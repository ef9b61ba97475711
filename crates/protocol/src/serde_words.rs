//! Names and secrets in settings files and reports, by serde.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::{HookName, RestOnError, RestPolicy, Secret, redact::HIDDEN};

macro_rules! by_word {
    ($($Type:ident is $what:literal by $read:expr;)*) => { $(
        /// As on the wire.
        impl Serialize for $Type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        /// As on the wire.
        impl<'de> Deserialize<'de> for $Type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                let read: fn(&str) -> Option<Self> = $read;
                read(&word).ok_or_else(|| D::Error::custom(format_args!(concat!("{:?} is ", $what), word)))
            }
        }
    )* };
}

by_word! {
    HookName is "not the name of a hook" by |word| word.parse().ok();
    RestOnError is "neither LOG nor FAIL" by Self::from_word;
    RestPolicy is "none of NOTIFY, OVERWRITE, DISABLE" by Self::from_word;
}

/// `"[hidden]"`: what is written for others to read does not hold the secret.
impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HIDDEN)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_written_and_secrets_only_read() {
        let hook: HookName = serde_json::from_str(&format!("{:?}", HookName::Connect.as_str())).unwrap();
        assert_eq!(hook, HookName::Connect);
        assert_eq!(serde_json::to_string(&RestPolicy::Disable).unwrap(), r#""DISABLE""#);
        assert_eq!(serde_json::from_str::<RestPolicy>(r#""DISABLED""#).unwrap(), RestPolicy::Disable);
        let error = serde_json::from_str::<RestOnError>(r#""log""#).unwrap_err().to_string();
        assert!(error.starts_with(r#""log" is neither LOG nor FAIL"#), "{error}");
        let secret: Secret = serde_json::from_str(r#""1234""#).unwrap();
        assert_eq!((secret.expose(), &*serde_json::to_string(&secret).unwrap()), ("1234", r#""[hidden]""#));
    }
}
