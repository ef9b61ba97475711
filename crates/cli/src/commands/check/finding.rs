//! What a check finds: [`Level`], [`Problem`] and [`Finding`].

use serde::Serialize;

use super::{checks::Check, wire::Trouble};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Pass,
    /// It was not asked: an option is missing, or nothing stands to be judged.
    Skipped,
    /// Works, and should be better.
    Warn,
    /// WCS or its clients will have trouble.
    Fail,
}

impl Level {
    /// In the order of the summary.
    pub(crate) const ALL: [Self; 4] = [Self::Pass, Self::Warn, Self::Fail, Self::Skipped];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Skipped => "skipped",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What was seen, if all is well; otherwise how bad it is.
pub(crate) type Judged = Result<String, Problem>;

/// What was seen, and how bad it is.
#[derive(Debug)]
pub(crate) struct Problem {
    level: Level,
    seen: String,
}

impl Problem {
    pub(crate) fn new(level: Level, seen: impl Into<String>) -> Self {
        Self { level, seen: seen.into() }
    }

    pub(crate) fn warn(seen: impl Into<String>) -> Self {
        Self::new(Level::Warn, seen)
    }

    pub(crate) fn fail(seen: impl Into<String>) -> Self {
        Self::new(Level::Fail, seen)
    }

    pub(crate) fn skipped(why: impl Into<String>) -> Self {
        Self::new(Level::Skipped, why)
    }

    pub(crate) const fn level(&self) -> Level {
        self.level
    }

    pub(crate) fn seen(&self) -> &str {
        &self.seen
    }

    /// The same, this bad.
    pub(crate) fn at(mut self, level: Level) -> Self {
        self.level = level;
        self
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        Self::fail(trouble.to_string())
    }
}

/// A check and how it ended.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    pub(crate) id: &'static str,
    pub(crate) group: &'static str,
    pub(crate) title: &'static str,
    pub(crate) spec: &'static str,
    pub(crate) result: Level,
    pub(crate) seen: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advice: Option<&'static str>,
}

impl Finding {
    pub(crate) fn new(check: &Check, judged: Judged) -> Self {
        let (result, seen) = match judged {
            Ok(seen) => (Level::Pass, seen),
            Err(problem) => (problem.level, problem.seen),
        };
        let advice = matches!(result, Level::Warn | Level::Fail).then_some(check.advice);
        Self { id: check.id, group: check.group, title: check.title, spec: check.spec, result, seen, advice }
    }
}
