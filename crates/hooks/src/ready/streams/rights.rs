//! What a client may publish and play: [`StreamRights`].

use serde_json::{Value, json};

use super::NamePattern;
use crate::ready::{Claims, TokenError};

/// Which streams a client may publish and which it may play.
///
/// As a claim: `{"publish": ["studio-*"], "play": ["*"]}`, lists of [`NamePattern`]s. A member that is missing allows
/// nothing; others are ignored.
///
/// ```
/// use wcs_hooks::ready::{Claims, StreamRights};
///
/// let rights = StreamRights::new(["studio-*"], ["*"]);
/// assert!(rights.may_publish("studio-1") && rights.may_play("b4e7"));
/// assert!(!rights.may_publish("b4e7"));
///
/// let claims = Claims::new().with("streams", rights.clone());
/// assert_eq!(StreamRights::of(&claims, "streams"), Ok(rights));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamRights {
    publish: Vec<NamePattern>,
    play: Vec<NamePattern>,
}

impl StreamRights {
    /// Rights to publish and to play what these patterns cover.
    #[must_use]
    pub fn new<P: AsRef<str>, Q: AsRef<str>>(
        publish: impl IntoIterator<Item = P>,
        play: impl IntoIterator<Item = Q>,
    ) -> Self {
        let publish = publish.into_iter().map(|pattern| NamePattern::new(pattern.as_ref()));
        let play = play.into_iter().map(|pattern| NamePattern::new(pattern.as_ref()));
        Self { publish: publish.collect(), play: play.collect() }
    }

    /// The rights that a claim gives; none if it is missing or `null`.
    ///
    /// # Errors
    /// If the claim is not an object, or a list in it is not a list of texts.
    pub fn of(claims: &Claims, claim: &str) -> Result<Self, TokenError> {
        let wrong = || TokenError::WrongClaim(claim.to_owned());
        match claims.get(claim) {
            None | Some(Value::Null) => Ok(Self::default()),
            Some(Value::Object(rights)) => Ok(Self {
                publish: patterns(rights.get("publish")).ok_or_else(wrong)?,
                play: patterns(rights.get("play")).ok_or_else(wrong)?,
            }),
            Some(_) => Err(wrong()),
        }
    }

    /// Whether a stream of this name may be published.
    #[must_use]
    pub fn may_publish(&self, name: &str) -> bool {
        self.publish.iter().any(|pattern| pattern.matches(name))
    }

    /// Whether a stream of this name may be played.
    #[must_use]
    pub fn may_play(&self, name: &str) -> bool {
        self.play.iter().any(|pattern| pattern.matches(name))
    }
}

/// The patterns of a list; `None` if it is no list of texts.
fn patterns(list: Option<&Value>) -> Option<Vec<NamePattern>> {
    match list {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(list) => list.as_array()?.iter().map(|pattern| pattern.as_str().map(NamePattern::new)).collect(),
    }
}

/// As a claim.
impl From<StreamRights> for Value {
    fn from(rights: StreamRights) -> Self {
        let texts = |patterns: Vec<NamePattern>| -> Vec<String> {
            patterns.iter().map(NamePattern::to_string).collect()
        };
        json!({ "publish": texts(rights.publish), "play": texts(rights.play) })
    }
}
