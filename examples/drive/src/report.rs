//! What is printed: for each hook what was sent, what came back, what WCS does, and what the client is told.

use wcs_hooks_dispatcher::{Effect, Object, ToClient, Verdict, escaped, redact};

/// What happened so far.
#[derive(Default)]
pub(crate) struct Report {
    sent: usize,
    switched_off: usize,
    in_vain: usize,
    stopped: usize,
}

impl Report {
    pub(crate) fn print(&mut self, verdict: &Verdict) {
        let Some(body) = verdict.sent() else {
            self.switched_off += 1;
            print_line(&format!("{}: not sent, the backend has switched it off", title(verdict)));
            return;
        };
        self.sent += 1;
        self.stopped += usize::from(!verdict.goes_on());
        self.in_vain += usize::from(is_in_vain(verdict));
        print_line(&title(verdict));
        print_line(&format!("  sent    {}", redact::json(body)));
        print_line(&format!("  answer  {}", answer(verdict)));
        print_line(&format!("  WCS     {}{}", effect(verdict), changes(verdict)));
        print_line(&format!("  client  {}", told(verdict)));
    }

    /// Prints the sums. Whether WCS went on with everything.
    pub(crate) fn finish(self) -> bool {
        let Self { sent, switched_off, in_vain, stopped } = self;
        println!(
            "{sent} hooks sent, {switched_off} switched off, {in_vain} refused in vain, {stopped} not gone on with"
        );
        stopped == 0
    }
}

/// What the backend has chosen does nothing to the terminal.
fn print_line(text: &str) {
    println!("{}", escaped(text));
}

/// Whether the backend refused or failed, and WCS does not mind.
fn is_in_vain(verdict: &Verdict) -> bool {
    verdict.outcome().is_error() && verdict.goes_on()
}

/// The hook, and the status that it is about.
fn title(verdict: &Verdict) -> String {
    let status = Object::parse(verdict.fields()).ok().and_then(|fields| fields.string("status"));
    status.map_or_else(|| verdict.hook().to_owned(), |status| format!("{} {status}", verdict.hook()))
}

fn answer(verdict: &Verdict) -> String {
    let answer = match (verdict.reply(), verdict.failure()) {
        (Some(reply), _) => format!("{} {}, {} bytes", reply.status(), reply.reason(), reply.body().len()),
        (None, Some(failure)) => failure.to_string(),
        (None, None) => "none".to_owned(),
    };
    match verdict.attempts() {
        0 | 1 => answer,
        attempts => format!("{answer}, after {attempts} attempts"),
    }
}

fn effect(verdict: &Verdict) -> &'static str {
    match verdict.effect() {
        Effect::GoOn if is_in_vain(verdict) => "goes on all the same: the session's policy says LOG",
        Effect::GoOn => "goes on",
        Effect::DeclineConnection => "closes the connection",
        Effect::BreakOperation => "breaks it off",
        Effect::RefuseCaller => "turns the caller away",
        Effect::TellError => "goes on, and tells the client of an error",
        Effect::EndStream => "ends the stream",
        Effect::RefusePlayer => "turns the player away",
    }
}

/// What WCS took from the answer.
fn changes(verdict: &Verdict) -> String {
    let (before, after) = (redact::json(verdict.sent().unwrap_or_default()), redact::json(verdict.fields()));
    let (Ok(before), Ok(after)) = (Object::parse(&before), Object::parse(&after)) else {
        return String::new();
    };
    let kept_back = &verdict.policy().rest_exclude;
    let changed = after.members().filter(|(name, json)| {
        before.get(name) != Some(json) && !kept_back.iter().any(|kept_back| kept_back == name)
    });
    let changed: Vec<_> = changed.map(|(name, json)| format!("{name}={json}")).collect();
    if changed.is_empty() { String::new() } else { format!(", with {}", changed.join(", ")) }
}

fn told(verdict: &Verdict) -> String {
    match verdict.to_client() {
        ToClient::Nothing => "is told nothing yet".to_owned(),
        ToClient::Delivered(event) => format!("is told {}", redact::json(&event)),
        ToClient::Fail(fail) => format!("is told {}", fail.message()),
    }
}
