//! Whether what the backend says takes effect, by the answer to connect. Spec §4.1, §4.5.

use wcs_hooks_protocol::{
    HookKind, HookName, Object, RestClientConfig, Taken, is_asked, read_string, redact, refusal_counts, taken,
};

use super::{Check, checks, hooks};
use crate::commands::check::{
    compare::{DifferenceKind, differences},
    finding::{Judged, Problem},
    target::{Sent, Target},
};

const KEYS: [&str; 5] = ["clientExclude", "restExclude", "restOnError", "restPolicy", "restOverwrite"];
const LISTS: [&str; 3] = ["clientExclude", "restExclude", "restOverwrite"];

pub(super) const CHECKS: &[Check] = checks! {
    "policy"
    "present" "§4.1, §4.5" present(): "the answer to connect has restClientConfig";
        "put restClientConfig into the answer to connect: without it WCS ignores every refusal and every changed field of later hooks"
    "hooks" "§4.1" known_hooks(): "restClientConfig names hooks that there are";
        "write the hooks' names letter for letter as WCS does"
    "words" "§4.1" words(): "the entries of restClientConfig have words that WCS knows";
        "restOnError is LOG or FAIL; restPolicy is NOTIFY, OVERWRITE or DISABLE; the lists are texts with commas"
    "five-keys" "§4.1" five_keys(): "each entry of restClientConfig has all five keys";
        "write all five keys, empty where there is nothing: whether a part will do is unknown"
    "blanks" "§4.1" blanks(): "the lists of restClientConfig have no blanks";
        "write names with commas and no blanks: whether WCS trims them is unknown"
    "refusals-count" "§4.5" refusals_count(): "hooks that are refused have restOnError FAIL";
        "set restOnError to FAIL for these hooks in restClientConfig: WCS goes on as if they had been accepted"
    "undecided" "§4.1, §4.5" undecided(): "hooks that WCS allows without a decision of the backend are named";
        "to decide them, set restOnError to FAIL and restPolicy to NOTIFY or OVERWRITE for these hooks in restClientConfig"
    "changes-count" "§4.3" changes_count(): "fields that are changed are in restOverwrite";
        "set restPolicy to OVERWRITE and name the fields in restOverwrite: WCS drops the changes"
    "overwrites" "§4.3" overwrites(): "fields of restOverwrite are in the answers";
        "answer with the received object: a field of restOverwrite that is missing is not taken"
    "secrets" "§3.4, §4.1" secrets(): "secrets that the backend supplies are kept from the browser";
        "put them into clientExclude of ConnectionStatusEvent: the browser gets the connection with every field otherwise"
};

/// `restClientConfig` as it came.
async fn config_json(target: &Target) -> Result<String, Problem> {
    target.config_json().await?.ok_or_else(|| Problem::skipped("there is no restClientConfig"))
}

async fn present(target: &Target) -> Judged {
    let json = target.config_json().await?;
    let json = json.ok_or_else(|| Problem::warn("there is none: WCS ignores refusals of all other hooks"))?;
    let entries = Object::parse(&json).map_err(|_| Problem::fail("it is not an object"))?;
    Ok(format!("it has {} entries", entries.members().count()))
}

async fn known_hooks(target: &Target) -> Judged {
    let json = config_json(target).await?;
    let names = entries(&json).into_iter().map(|(name, _)| name);
    let is_known = |name: &String| HookName::ALL.iter().any(|hook| hook.as_str() == name);
    none_of(names.filter(|name| !is_known(name)), Problem::warn)
}

async fn words(target: &Target) -> Judged {
    let json = config_json(target).await?;
    let known = entries(&json).into_iter().filter(|(name, _)| name.parse::<HookName>().is_ok());
    let problems = known.flat_map(|(name, entry)| {
        let (_, problems) = RestClientConfig::read_strictly(&format!("{{{name:?}:{entry}}}"));
        problems.into_iter().map(|problem| problem.to_string())
    });
    none_of(problems, Problem::fail)
}

async fn five_keys(target: &Target) -> Judged {
    let json = config_json(target).await?;
    let missing = entries(&json).into_iter().filter_map(|(name, entry)| {
        let entry = Object::parse(&entry).ok()?;
        let missing: Vec<_> = KEYS.into_iter().filter(|key| entry.get(key).is_none()).collect();
        (!missing.is_empty()).then(|| format!("{name} lacks {}", missing.join(", ")))
    });
    none_of(missing, Problem::warn)
}

async fn blanks(target: &Target) -> Judged {
    let json = config_json(target).await?;
    let has_blanks = |entry: &str| {
        let entry = Object::parse(entry).ok()?;
        let texts = LISTS.iter().filter_map(|key| entry.string(key));
        texts.into_iter().any(|text| text.contains(char::is_whitespace)).then_some(())
    };
    let found = entries(&json).into_iter().filter(|(_, entry)| has_blanks(entry).is_some());
    none_of(found.map(|(name, _)| name), Problem::warn)
}

fn entries(json: &str) -> Vec<(String, String)> {
    let config = Object::parse(json);
    let entries = config.iter().flat_map(Object::members);
    entries.map(|(name, entry)| (name.into_owned(), entry.to_owned())).collect()
}

fn none_of(found: impl Iterator<Item = String>, problem: fn(String) -> Problem) -> Judged {
    let found: Vec<_> = found.collect();
    if found.is_empty() { Ok("all is well".to_owned()) } else { Err(problem(found.join("; "))) }
}

/// Refusals of the hooks that were sent, and of the one that was told how to be refused.
async fn refusals_count(target: &Target) -> Judged {
    let config = target.config().await?;
    let sweep = target.sweep().await.iter();
    let refused = sweep.filter(|sent| sent.answer.as_ref().is_ok_and(hooks::is_refusal));
    let mut refused: Vec<_> =
        refused.map(|sent| sent.hook).filter(|hook| hook.kind() != HookKind::Event).collect();
    refused.extend(target.refused().map(|(hook, _)| hook));
    if refused.is_empty() {
        return Ok("nothing was refused".to_owned());
    }
    let counts = |hook: &HookName| refusal_counts(hook.kind(), config.policy(*hook).rest_on_error);
    let (counting, ignored): (Vec<_>, Vec<_>) = refused.into_iter().partition(counts);
    if ignored.is_empty() {
        return Ok(format!("refusals of {} count", hooks::list(counting)));
    }
    Err(Problem::fail(format!("WCS ignores the refusals of {}", hooks::list(ignored))))
}

/// No judgement: a backend may mean it.
async fn undecided(target: &Target) -> Judged {
    let config = target.config().await?;
    let is_allowed = |hook: &HookName| {
        let policy = config.policy(*hook);
        let is_decided = is_asked(hook.kind(), policy) && refusal_counts(hook.kind(), policy.rest_on_error);
        hook.info().can_be_refused() && !is_decided
    };
    let allowed: Vec<HookName> = HookName::ALL.iter().copied().filter(is_allowed).collect();
    if allowed.is_empty() {
        return Ok("the backend decides every hook that can be refused".to_owned());
    }
    Ok(format!("WCS allows {} whatever the backend says", hooks::list(allowed)))
}

async fn changes_count(target: &Target) -> Judged {
    let config = target.config().await?;
    let dropped = target.sweep().await.iter().filter(|sent| can_be_changed(sent)).filter_map(|sent| {
        let taken = taken(sent.hook.kind(), config.policy(sent.hook));
        let is_dropped = |name: &String| match taken {
            Taken::Nothing => true,
            Taken::Everything => false,
            Taken::Fields(fields) => !fields.contains(name),
        };
        let names: Vec<_> = changed(sent).into_iter().filter(is_dropped).collect();
        (!names.is_empty()).then(|| format!("{}: {}", sent.hook, names.join(", ")))
    });
    none_of(dropped, Problem::warn)
}

fn can_be_changed(sent: &Sent) -> bool {
    matches!(sent.hook.kind(), HookKind::Invoke | HookKind::Incoming)
}

/// The fields that an accepted hook came back with another value in: those that a backend may want to change.
fn changed(sent: &Sent) -> Vec<String> {
    let Some(answer) = sent.answer.as_ref().ok().filter(|answer| answer.is_accepted()) else {
        return Vec::new();
    };
    let found = differences(&sent.body, std::str::from_utf8(&answer.body).unwrap_or_default());
    let changed = found.into_iter().filter(|difference| difference.kind == DifferenceKind::Changed);
    let is_changeable = |path: &String| {
        sent.hook.info().fields.iter().any(|field| field.changeable && field.name == path && path != "custom")
    };
    changed.map(|difference| difference.path).filter(is_changeable).collect()
}

async fn overwrites(target: &Target) -> Judged {
    let config = target.config().await?;
    let missing = target.sweep().await.iter().filter_map(|sent| {
        let Taken::Fields(fields) = taken(sent.hook.kind(), config.policy(sent.hook)) else { return None };
        let answer = sent.answer.as_ref().ok().filter(|answer| answer.is_accepted())?;
        let (body, received) = (Object::parse(&sent.body).ok()?, Object::from_slice(&answer.body).ok());
        let is_missing = |name: &&String| {
            body.get(name).is_some() && received.as_ref().is_none_or(|object| object.get(name).is_none())
        };
        let names: Vec<_> = fields.iter().filter(is_missing).map(String::as_str).collect();
        (!names.is_empty()).then(|| format!("{}: {}", sent.hook, names.join(", ")))
    });
    none_of(missing, Problem::warn)
}

async fn secrets(target: &Target) -> Judged {
    let config = target.config().await?;
    let opening = target.opening().await?;
    let body = target.body(HookName::Connect);
    let (Ok(sent), Ok(received)) = (Object::parse(&body), Object::from_slice(&opening.body)) else {
        return Err(Problem::skipped("the answer is no JSON object"));
    };
    let excluded = &config.policy(HookName::ConnectionStatus).client_exclude;
    let told = received.members().filter(|(name, json)| {
        is_secret(name) && sent.get(name) != Some(json) && !excluded.iter().any(|excluded| excluded == name)
    });
    let told = told.filter(|(_, json)| read_string(json).is_none_or(|text| !text.is_empty()));
    none_of(told.map(|(name, _)| name.into_owned()), Problem::warn)
}

/// Fields of a SIP account, and whatever sounds like a secret.
fn is_secret(name: &str) -> bool {
    let account = HookName::Connect.info().fields.iter().any(|field| field.sip_account && field.name == name);
    account || redact::is_secret(name)
}
