//! What a changed configuration gives up: a file that is half written, or empty for a moment, must open nothing.

use crate::{Config, Settings, backend::App, live::is_open_to_anyone};

/// What `after` gives up of what is in force. `settings` are those of `after`, with the callers that count.
pub(super) fn weaknesses(
    apps: &[App],
    (before, in_force): (&Config, &Settings),
    (after, settings): (&Config, &Settings),
) -> Vec<String> {
    let of_server = [
        (before.has_content && !after.has_content, "the file says nothing any more"),
        (
            before.server.tls.is_some() && after.server.tls.is_none(),
            "server.tls: hooks would come in the clear",
        ),
        (
            has_client_ca(before) && !has_client_ca(after) && after.server.tls.is_some(),
            "server.tls.client_ca: any client could connect",
        ),
        (
            in_force.limits.denials_per_minute > 0 && settings.limits.denials_per_minute == 0,
            "limits.denials_per_minute: failed authentications would have no limit",
        ),
    ];
    let of_server =
        of_server.into_iter().filter(|(is_given_up, _)| *is_given_up).map(|(_, what)| what.to_owned());
    of_server.chain(apps.iter().filter_map(|app| of_app(app, in_force, settings))).collect()
}

fn has_client_ca(config: &Config) -> bool {
    config.server.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some())
}

fn of_app(app: &App, before: &Settings, after: &Settings) -> Option<String> {
    let name = &app.name;
    let has_own = |settings: &Settings| settings.apps.get(name).is_some_and(|app| app.callers.is_some());
    if is_open_to_anyone(after, app) && !is_open_to_anyone(before, app) {
        return Some(format!("callers: anyone could call the app {name:?}"));
    }
    (has_own(before) && !has_own(after))
        .then(|| format!("apps.{name}.callers: other callers could call the app {name:?}"))
}
