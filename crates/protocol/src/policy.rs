//! What the answer to `connect` says of the later hooks of the session: [`RestClientConfig`]. Spec §4.1.

use std::{collections::BTreeMap, fmt};

use crate::{
    HookName,
    field::{FieldKind, FieldValue},
    object::{Object, read_string, write_string},
};

/// What WCS does when the backend refuses, fails or cannot be reached. Spec §4.1, §4.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RestOnError {
    /// `LOG`: writes a line and goes on, as if the backend had agreed.
    #[default]
    Log,
    /// `FAIL`: breaks the operation.
    Fail,
}

/// What WCS does with the backend. Spec §4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RestPolicy {
    /// `NOTIFY`: calls it and takes nothing from its answer.
    #[default]
    Notify,
    /// `OVERWRITE`: calls it and takes the fields of `restOverwrite` from its answer.
    Overwrite,
    /// `DISABLE`, in older texts `DISABLED`: does not call it.
    Disable,
}

macro_rules! words {
    ($Type:ident { $($Arm:ident = $word:literal $(| $other:literal)*,)* }) => {
        impl $Type {
            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$Arm => $word, )* }
            }

            pub(crate) fn from_word(word: &str) -> Option<Self> {
                match word {
                    $( $word $(| $other)* => Some(Self::$Arm), )*
                    _ => None,
                }
            }
        }

        impl fmt::Display for $Type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words!(RestOnError { Log = "LOG", Fail = "FAIL", });
words!(RestPolicy { Notify = "NOTIFY", Overwrite = "OVERWRITE", Disable = "DISABLE" | "DISABLED", });

/// How WCS treats one hook in one session. The default is WCS's own: nothing left out, `LOG`, `NOTIFY`. Spec §4.1.
///
/// ```
/// use wcs_hooks_protocol::{HookPolicy, RestOnError};
///
/// let policy = HookPolicy { rest_on_error: RestOnError::Fail, ..HookPolicy::default() }.overwriting(["name"]);
/// assert_eq!(
///     policy.to_json(),
///     r#"{"clientExclude":"","restExclude":"","restOnError":"FAIL","restPolicy":"OVERWRITE","restOverwrite":"name"}"#,
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HookPolicy {
    /// `clientExclude`: fields that are not passed to the client.
    pub client_exclude: Vec<String>,
    /// `restExclude`: fields that are not passed to the backend.
    pub rest_exclude: Vec<String>,
    /// `restOnError`.
    pub rest_on_error: RestOnError,
    /// `restPolicy`.
    pub rest_policy: RestPolicy,
    /// `restOverwrite`: fields that are taken from the answer. Used with `OVERWRITE` only.
    pub rest_overwrite: Vec<String>,
}

impl HookPolicy {
    /// The same with these fields taken from the answer; `NOTIFY` if there are none.
    #[must_use]
    pub fn overwriting<S: Into<String>>(mut self, fields: impl IntoIterator<Item = S>) -> Self {
        self.rest_overwrite = fields.into_iter().map(Into::into).collect();
        self.rest_policy =
            if self.rest_overwrite.is_empty() { RestPolicy::Notify } else { RestPolicy::Overwrite };
        self
    }

    /// The policy as WCS reads it, with all five keys.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        let [client_exclude, rest_exclude, overwrite] =
            [&self.client_exclude, &self.rest_exclude, &self.rest_overwrite].map(|fields| fields.join(","));
        let members = [
            ("clientExclude", &*client_exclude),
            ("restExclude", &*rest_exclude),
            ("restOnError", self.rest_on_error.as_str()),
            ("restPolicy", self.rest_policy.as_str()),
            ("restOverwrite", &*overwrite),
        ];
        for (index, (name, value)) in members.into_iter().enumerate() {
            out.push(if index == 0 { '{' } else { ',' });
            write_string(name, out);
            out.push(':');
            write_string(value, out);
        }
        out.push('}');
    }

    fn read(hook: &str, json: &str, problems: &mut Vec<PolicyProblem>) -> Self {
        let mut policy = Self::default();
        let Ok(object) = Object::parse(json) else {
            problems.push(PolicyProblem::new(hook, "", "is not an object"));
            return policy;
        };
        for (key, json) in object.members() {
            let Some(text) = read_string(json) else {
                problems.push(PolicyProblem::new(hook, &key, "is not a string"));
                continue;
            };
            if !policy.set(&key, text.trim()) {
                problems.push(PolicyProblem::new(hook, &key, "has a key or value that WCS does not know"));
            }
        }
        policy
    }

    fn set(&mut self, key: &str, text: &str) -> bool {
        match key {
            "clientExclude" => self.client_exclude = names(text),
            "restExclude" => self.rest_exclude = names(text),
            "restOverwrite" => self.rest_overwrite = names(text),
            "restOnError" => {
                return RestOnError::from_word(text).map(|word| self.rest_on_error = word).is_some();
            }
            "restPolicy" => {
                return RestPolicy::from_word(text).map(|word| self.rest_policy = word).is_some();
            }
            _ => return false,
        }
        true
    }
}

/// Names parted by commas. Whether WCS trims blanks is unknown: none are written, and they are trimmed when read.
fn names(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The policies of a session, by the name of the hook. What has no entry has the default policy. Spec §4.1.
///
/// ```
/// use wcs_hooks_protocol::{HookName, RestClientConfig, RestOnError, RestPolicy};
///
/// let json = r#"{"call":{"restOnError":"FAIL","restPolicy":"DISABLED","restOverwrite":"callee, caller"}}"#;
/// let (config, problems) = RestClientConfig::read_strictly(json);
/// assert!(problems.is_empty());
/// let call = config.policy(HookName::PlaceCall);
/// assert_eq!((call.rest_on_error, call.rest_policy), (RestOnError::Fail, RestPolicy::Disable));
/// assert_eq!(call.rest_overwrite, ["callee", "caller"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RestClientConfig {
    entries: BTreeMap<String, HookPolicy>,
}

impl RestClientConfig {
    /// The field of the answer to `connect` that it stands in.
    pub const FIELD: &'static str = "restClientConfig";

    /// Sets the policy of a hook, and gives the one that was set before.
    pub fn insert(&mut self, hook: HookName, policy: HookPolicy) -> Option<HookPolicy> {
        self.entries.insert(hook.as_str().to_owned(), policy)
    }

    /// The policy of a hook.
    #[must_use]
    pub fn policy(&self, hook: HookName) -> &HookPolicy {
        self.policy_of(hook.as_str())
    }

    /// The policy of a hook of any name, such as one that the catalogue does not know.
    #[must_use]
    pub fn policy_of(&self, name: &str) -> &HookPolicy {
        static DEFAULT: HookPolicy = HookPolicy {
            client_exclude: Vec::new(),
            rest_exclude: Vec::new(),
            rest_on_error: RestOnError::Log,
            rest_policy: RestPolicy::Notify,
            rest_overwrite: Vec::new(),
        };
        self.entries.get(name).unwrap_or(&DEFAULT)
    }

    /// The entries, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &HookPolicy)> {
        self.entries.iter().map(|(name, policy)| (&**name, policy))
    }

    /// Adds the entries of another; where both have one, the other's wins.
    pub fn extend(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// The entries that another does not have just so.
    #[must_use]
    pub fn differing_from(mut self, other: &Self) -> Self {
        self.entries.retain(|name, policy| other.entries.get(name) != Some(policy));
        self
    }

    /// Reads the object, and says what in it WCS could not have understood. What is missing or not understood has its
    /// default.
    #[must_use]
    pub fn read_strictly(json: &str) -> (Self, Vec<PolicyProblem>) {
        let mut problems = Vec::new();
        let mut entries = BTreeMap::new();
        match Object::parse(json) {
            Ok(object) => {
                for (name, json) in object.members() {
                    if !HookName::ALL.iter().any(|hook| hook.as_str() == name) {
                        problems.push(PolicyProblem::new(&name, "", "names no known hook"));
                    }
                    let policy = HookPolicy::read(&name, json, &mut problems);
                    entries.insert(name.into_owned(), policy);
                }
            }
            Err(_) => problems.push(PolicyProblem::new("", "", "is not an object")),
        }
        (Self { entries }, problems)
    }
}

/// As [`RestClientConfig::read_strictly`] without its remarks.
impl FieldValue for RestClientConfig {
    const KIND: FieldKind = FieldKind::Object;

    fn read(json: &str) -> Option<Self> {
        json.starts_with('{').then(|| Self::read_strictly(json).0)
    }

    fn write(&self, out: &mut String) {
        out.push('{');
        for (index, (name, policy)) in self.entries.iter().enumerate() {
            out.push_str(if index == 0 { "" } else { "," });
            write_string(name, out);
            out.push(':');
            policy.write(out);
        }
        out.push('}');
    }
}

/// Something in a `restClientConfig` that WCS could not have understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyProblem {
    hook: String,
    key: String,
    problem: &'static str,
}

impl PolicyProblem {
    fn new(hook: &str, key: &str, problem: &'static str) -> Self {
        Self { hook: hook.to_owned(), key: key.to_owned(), problem }
    }
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(RestClientConfig::FIELD)?;
        for name in [&self.hook, &self.key] {
            if !name.is_empty() {
                write!(f, ".{name}")?;
            }
        }
        write!(f, " {}", self.problem)
    }
}

impl std::error::Error for PolicyProblem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_entries_have_defaults_and_are_written_whole() {
        let (config, problems) =
            RestClientConfig::read_strictly(r#"{"publishStream":{"restOnError":"FAIL"}}"#);
        assert_eq!(problems, []);
        let mut json = String::new();
        config.write(&mut json);
        assert_eq!(
            json,
            r#"{"publishStream":{"clientExclude":"","restExclude":"","restOnError":"FAIL","restPolicy":"NOTIFY","restOverwrite":""}}"#,
        );
    }

    #[test]
    fn what_wcs_would_not_understand_is_said() {
        for (json, problem) in [
            ("[]", "restClientConfig is not an object"),
            (r#"{"call":1}"#, "restClientConfig.call is not an object"),
            (r#"{"Call":{"restOnError":"FAIL"}}"#, "restClientConfig.Call names no known hook"),
            (r#"{"call":{"restOnError":true}}"#, "restClientConfig.call.restOnError is not a string"),
            (
                r#"{"call":{"restOnError":"fail"}}"#,
                "restClientConfig.call.restOnError has a key or value that WCS does not know",
            ),
            (
                r#"{"call":{"onError":"FAIL"}}"#,
                "restClientConfig.call.onError has a key or value that WCS does not know",
            ),
        ] {
            let (config, problems) = RestClientConfig::read_strictly(json);
            assert_eq!(problems[0].to_string(), problem);
            assert_eq!(*config.policy(HookName::PlaceCall), HookPolicy::default(), "{json}");
        }
    }
}
