//! Who may call the backend: [`Callers`]. Spec §1.4, §1.5.

use std::{fmt, str};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::HeaderValue;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use subtle::ConstantTimeEq;
use wcs_hooks_protocol::{Secret, Signature, SigningKey, redact};

/// Who may call the backend, or one app of it: WCS servers that sign their calls, or that know a name and password, or
/// anyone. Whichever of them fits is enough, so that secrets can be changed while both are in use.
///
/// The spec leaves open which header WCS sends when both are set on its side; either is accepted here if both are
/// allowed.
///
/// ```
/// use wcs_hooks::Callers;
///
/// // `rest_hook_secret_key`: the new one, and the old one until every server has the new.
/// let callers = Callers::signed(["new secret", "old secret"]);
/// // `restUsername` and `restPassword` of the app.
/// let callers = callers.or_basic("wcs", "password");
/// ```
#[derive(Clone, Default, Serialize)]
#[serde(into = "Named")]
pub struct Callers {
    anyone: bool,
    keys: Vec<SigningKey>,
    /// `base64(user:password)`.
    basic: Vec<String>,
    mistake: Option<&'static str>,
}

/// As a settings file has them.
#[derive(Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct Named {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    anyone: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    signed: Vec<Secret>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    basic: Vec<Account>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Account {
    user: String,
    password: Secret,
}

/// From a table with `anyone = true`, `signed = ["key"]`, `basic = [{ user = "wcs", password = "…" }]`, or several.
impl<'de> Deserialize<'de> for Callers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let named = Named::deserialize(deserializer)?;
        let mut callers = Self { anyone: named.anyone, ..Self::default() };
        if !named.signed.is_empty() {
            callers = callers.or_signed(named.signed);
        }
        for Account { user, password } in named.basic {
            callers = callers.or_basic(&user, password);
        }
        callers.mistake().map_or(Ok(callers), |mistake| Err(D::Error::custom(mistake)))
    }
}

/// How many secrets there are, and none of them.
impl From<Callers> for Named {
    fn from(callers: Callers) -> Self {
        let hidden = || Secret::default();
        let account = |_: &String| Account { user: redact::HIDDEN.to_owned(), password: hidden() };
        Self {
            anyone: callers.anyone,
            signed: callers.keys.iter().map(|_| hidden()).collect(),
            basic: callers.basic.iter().map(account).collect(),
        }
    }
}

/// What the `Authorization` header of a request says.
#[derive(Clone, Copy)]
pub(crate) enum Credentials<'h> {
    None,
    Signature(Signature),
    /// Another scheme, or a signature that is none.
    Other {
        scheme: &'h str,
        rest: &'h str,
    },
}

impl<'h> Credentials<'h> {
    pub(crate) fn new(header: Option<&'h HeaderValue>) -> Self {
        let Some(header) = header.and_then(|header| str::from_utf8(header.as_bytes()).ok()) else {
            return Self::None;
        };
        if let Some(signature) = Signature::in_header(header) {
            return Self::Signature(signature);
        }
        let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
        Self::Other { scheme, rest }
    }

    pub(crate) fn signature(self) -> Option<Signature> {
        if let Self::Signature(signature) = self { Some(signature) } else { None }
    }

    /// Whether a caller has tried to sign, well or not.
    pub(crate) fn are_signed(self) -> bool {
        match self {
            Self::None => false,
            Self::Signature(_) => true,
            Self::Other { scheme, .. } => scheme.eq_ignore_ascii_case("WCS"),
        }
    }
}

/// Whether a caller may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    Granted,
    Denied,
    /// The signature has to be checked, for which the body is needed.
    NeedsBody,
}

impl Callers {
    /// Anyone. For closed networks: the protocol has no other protection.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Backend, Callers, Hooks};
    ///
    /// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build()?;
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    #[must_use]
    pub fn anyone() -> Self {
        Self { anyone: true, ..Self::default() }
    }

    /// Servers that sign with one of these keys: `rest_hook_secret_key` with `rest_hook_send_hash=true`.
    #[must_use]
    pub fn signed<S: Into<Secret>>(keys: impl IntoIterator<Item = S>) -> Self {
        Self::default().or_signed(keys)
    }

    /// Servers whose app has this `restUsername` and `restPassword`.
    ///
    /// ```
    /// let callers = wcs_hooks::Callers::basic("wcs", "password");
    /// ```
    #[must_use]
    pub fn basic(user: &str, password: impl Into<Secret>) -> Self {
        Self::default().or_basic(user, password)
    }

    /// These, or servers that sign with one of these keys.
    ///
    /// ```
    /// use wcs_hooks::Callers;
    ///
    /// let callers = Callers::basic("wcs", "password").or_signed(["1234567890"]);
    /// ```
    #[must_use]
    pub fn or_signed<S: Into<Secret>>(mut self, keys: impl IntoIterator<Item = S>) -> Self {
        let keys: Vec<Secret> = keys.into_iter().map(Into::into).collect();
        if keys.is_empty() || keys.iter().any(|key| key.expose().is_empty()) {
            self.mistake = Some(
                "a signing key is missing or empty: give the rest_hook_secret_key of flashphoner.properties",
            );
        }
        self.keys.extend(keys.iter().map(SigningKey::new));
        self
    }

    /// These, or servers whose app has this `restUsername` and `restPassword`.
    #[must_use]
    pub fn or_basic(mut self, user: &str, password: impl Into<Secret>) -> Self {
        let password = password.into();
        if user.is_empty() || password.expose().is_empty() {
            self.mistake =
                Some("the user or password is empty: give the app's restUsername and restPassword");
        } else if user.contains(':') {
            self.mistake = Some("the user of HTTP Basic authentication cannot contain a colon");
        }
        self.basic.push(BASE64_STANDARD.encode(format!("{user}:{}", password.expose())));
        self
    }

    /// What is wrong with the configuration.
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        let nobody = !self.anyone && self.keys.is_empty() && self.basic.is_empty();
        self.mistake.or_else(|| nobody.then_some("nobody may call"))
    }

    /// Whether no secret is needed.
    #[cfg(feature = "server")]
    pub(crate) fn are_anyone(&self) -> bool {
        self.anyone
    }

    /// The same, without anyone.
    pub(crate) fn with_secrets_only(&self) -> Self {
        Self { anyone: false, ..self.clone() }
    }

    /// What the header alone says.
    pub(crate) fn admit(&self, credentials: Credentials<'_>) -> Admission {
        match credentials {
            _ if self.anyone => Admission::Granted,
            Credentials::Signature(_) if !self.keys.is_empty() => Admission::NeedsBody,
            Credentials::Other { scheme, rest } if self.know_password(scheme, rest) => Admission::Granted,
            _ => Admission::Denied,
        }
    }

    fn know_password(&self, scheme: &str, rest: &str) -> bool {
        let is_it = |basic: &String| bool::from(basic.as_bytes().ct_eq(rest.trim().as_bytes()));
        scheme.eq_ignore_ascii_case("Basic") && self.basic.iter().any(is_it)
    }

    /// Whether one of the keys has made the signature.
    pub(crate) fn made(&self, signature: Signature, body: &[u8]) -> bool {
        self.keys.iter().any(|key| key.made(signature, body))
    }

    pub(crate) fn takes_basic(&self) -> bool {
        !self.basic.is_empty()
    }
}

/// Keys are the same if they sign alike.
impl PartialEq for Callers {
    fn eq(&self, other: &Self) -> bool {
        let signatures = |callers: &Self| callers.keys.iter().map(|key| key.sign(b"")).collect::<Vec<_>>();
        self.anyone == other.anyone && self.basic == other.basic && signatures(self) == signatures(other)
    }
}

/// Without the secrets.
impl fmt::Debug for Callers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callers")
            .field("anyone", &self.anyone)
            .field("signing_keys", &self.keys.len())
            .field("basic_users", &self.basic.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Whether settings bring other callers: those of before then count for a while.
    #[test]
    fn callers_are_the_same_if_all_of_them_are() {
        let a = || Callers::signed(["a"]);
        let all = [
            a(),
            Callers::signed(["b"]),
            Callers::signed(["a", "b"]),
            Callers::basic("wcs", "p"),
            Callers::basic("wcs", "q"),
            Callers::anyone(),
            a().or_basic("wcs", "p"),
            a().or_basic("wcs", "q"),
            Callers::anyone().or_signed(["a"]),
            Callers::anyone().or_basic("wcs", "p"),
        ];
        for (i, one) in all.iter().enumerate() {
            for (j, other) in all.iter().enumerate() {
                assert_eq!(*one == other.clone(), i == j, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn the_number_of_secrets_is_printed() {
        let callers = Callers::anyone().or_signed(["a", "b"]).or_basic("wcs", "p");
        assert_eq!(format!("{callers:?}"), "Callers { anyone: true, signing_keys: 2, basic_users: 1, .. }");
    }

    #[test]
    fn settings_have_each_kind_of_callers_and_print_no_secret() {
        let account = json!({"user": "wcs", "password": "p"});
        for (settings, callers) in [
            (json!({"anyone": true}), Callers::anyone()),
            (json!({"signed": ["a"]}), Callers::signed(["a"])),
            (json!({"basic": [account]}), Callers::basic("wcs", "p")),
            (
                json!({"signed": ["a", "b"], "basic": [account]}),
                Callers::signed(["a", "b"]).or_basic("wcs", "p"),
            ),
        ] {
            let read: Callers = serde_json::from_value(settings.clone()).unwrap();
            assert_eq!(read, callers);
            let printed = serde_json::to_value(&read).unwrap();
            assert_eq!(printed["anyone"], settings["anyone"]);
            for kind in ["signed", "basic"] {
                let count = |value: &Value| value[kind].as_array().map(Vec::len);
                assert_eq!(count(&printed), count(&settings), "{kind}");
            }
            assert!(!printed.to_string().contains("wcs") && !printed.to_string().contains(r#""a""#));
        }
        for nobody in [json!({}), json!({"anyone": false}), json!({"signed": [""]})] {
            assert!(serde_json::from_value::<Callers>(nobody).is_err());
        }
    }
}
