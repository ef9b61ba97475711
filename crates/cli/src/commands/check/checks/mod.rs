//! The checks, a file for each group.

mod duplicates;
mod echo;
mod hooks;
mod http;
mod odd_bodies;
mod paths;
mod policy;
mod refusals;
mod session;
mod signature;
mod survival;
mod timing;

use futures_util::future::BoxFuture;

use super::{finding::Judged, target::Target};

/// A row of the table of all checks.
#[derive(Debug)]
pub(crate) struct Check {
    /// The group and a name within it.
    pub(crate) id: &'static str,
    pub(crate) group: &'static str,
    /// What must hold.
    pub(crate) title: &'static str,
    /// Where it stands in the wire specification.
    pub(crate) spec: &'static str,
    /// What to do if it does not hold.
    pub(crate) advice: &'static str,
    pub(crate) run: for<'t> fn(&'t Target) -> BoxFuture<'t, Judged>,
}

impl Check {
    /// Whether this is its name, or that of its group.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.id == name || self.group == name
    }

    /// Whether the others need what this one looks at.
    pub(crate) fn is_first(&self) -> bool {
        all().next().is_some_and(|first| first.id == self.id)
    }
}

/// Rows of a group: its name, then `name spec function(arguments): title; advice`.
macro_rules! checks {
    ($group:literal $( $name:literal $spec:literal $function:ident($($argument:expr),*): $title:literal; $advice:literal )*) => {
        &[$( $crate::commands::check::checks::Check {
            id: concat!($group, ".", $name),
            group: $group,
            title: $title,
            spec: $spec,
            advice: $advice,
            run: |target| Box::pin($function(target, $($argument),*)),
        }, )*]
    };
}
use checks;

/// All of them, in the order in which they are done: those last that may bring a backend down.
pub(crate) fn all() -> impl Iterator<Item = &'static Check> {
    let groups: [&[Check]; 12] = [
        http::CHECKS,
        hooks::CHECKS,
        paths::CHECKS,
        echo::CHECKS,
        policy::CHECKS,
        refusals::CHECKS,
        session::CHECKS,
        signature::CHECKS,
        duplicates::CHECKS,
        timing::CHECKS,
        odd_bodies::CHECKS,
        survival::CHECKS,
    ];
    groups.into_iter().flatten()
}
