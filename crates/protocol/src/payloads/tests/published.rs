//! The bodies that the vendor published, in `tests/data/payloads.json`, and those put together from the specification
//! where none was published, in `tests/data/inferred.json`.

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use super::{Check, by_hook};
use crate::{
    HookName, Object, Payload,
    payloads::{Call, Connection},
};

const PUBLISHED: &str = include_str!("../../../../../tests/data/payloads.json");
const INFERRED: &str = include_str!("../../../../../tests/data/inferred.json");

#[derive(Deserialize)]
struct Entry<'a> {
    method: &'a str,
    direction: &'a str,
    #[serde(borrow)]
    body: &'a RawValue,
    #[serde(default)]
    http: Map<String, Value>,
}

fn entries(json: &'static str) -> Vec<Entry<'static>> {
    serde_json::from_str(json).unwrap()
}

/// The bodies that a hook carries, in either direction.
fn hook_bodies(json: &'static str) -> impl Iterator<Item = (HookName, Entry<'static>)> {
    let hooks = entries(json).into_iter().filter_map(|entry| Some((entry.method.parse().ok()?, entry)));
    hooks.filter(|(_, entry)| entry.body.get().starts_with('{'))
}

/// JSON without the blanks between its tokens, as WCS sends it.
fn compact(json: &str) -> String {
    let mut inside_string = false;
    let mut escaped = false;
    let keep = |&char: &char| {
        let is_quote = char == '"' && !escaped;
        escaped = char == '\\' && !escaped;
        inside_string ^= is_quote;
        inside_string || !char.is_ascii_whitespace()
    };
    json.chars().filter(keep).collect()
}

/// Checks what holds for every published body; gives the fields that could not be read.
struct ReadAndEcho<'a>(&'a str);

impl Check for ReadAndEcho<'_> {
    type Output = Vec<&'static str>;

    fn check<P: Payload>(self) -> Self::Output {
        let body = self.0;
        let object = Object::parse(body).unwrap();
        let reading = P::read(&object).unwrap();
        let unknown: Vec<_> = reading.payload.extra().keys().collect();
        assert!(unknown.is_empty(), "{unknown:?} have no field: {body}");

        let changes = reading.payload.changes(&object);
        assert!(changes.is_empty(), "{changes:?} changed by reading: {body}");
        assert_eq!(object.edited(&changes), body);

        let written = reading.payload.to_json();
        assert_eq!(P::from_json(written.as_bytes()).unwrap(), reading.payload, "{written}");
        reading.unreadable
    }
}

/// Fields that the vendor published with a placeholder in the place of a value.
const PLACEHOLDERS: &[(&str, &str)] = &[("sipPort", r#""mySipPort""#)];

fn placeholders(body: &str) -> Vec<&'static str> {
    let object = Object::parse(body).unwrap();
    let in_body = PLACEHOLDERS.iter().filter(|(field, json)| object.get(field) == Some(json));
    in_body.map(|(field, _)| *field).collect()
}

#[test]
fn every_published_body_is_read_whole_and_echoed_as_it_came() {
    let mut bodies = 0;
    let mut with_placeholders = 0;
    for (hook, entry) in hook_bodies(PUBLISHED) {
        for body in [entry.body.get(), &compact(entry.body.get())] {
            let expected = placeholders(body);
            assert_eq!(by_hook(hook, ReadAndEcho(body)), expected, "{hook}: {body}");
            bodies += 1;
            with_placeholders += expected.len();
        }
    }
    assert_eq!((bodies, with_placeholders), (2 * BODIES, 2 * PLACEHOLDERS.len()));
}

/// How many bodies of hooks the data has.
const BODIES: usize = 35;

#[test]
fn every_inferred_body_is_read_whole_and_echoed_as_it_came() {
    let inferred = entries(INFERRED);
    assert_eq!(hook_bodies(INFERRED).count(), inferred.len(), "a body of no hook");
    for (hook, entry) in hook_bodies(INFERRED) {
        let body = entry.body.get();
        assert!(by_hook(hook, ReadAndEcho(body)).is_empty(), "{hook}: {body}");
    }
}

#[test]
fn every_hook_has_a_body() {
    let bodies: Vec<_> = [PUBLISHED, INFERRED].into_iter().flat_map(hook_bodies).collect();
    for hook in HookName::ALL {
        let mut of_hook = bodies.iter().filter(|(name, _)| name == hook);
        assert!(of_hook.any(|(_, entry)| entry.direction == "request"), "{hook}");
    }
}

fn lengths(method: &str, direction: &str) -> Vec<(usize, usize)> {
    let of_hook =
        hook_bodies(PUBLISHED).filter(|(_, entry)| entry.method == method && entry.direction == direction);
    let lengths = of_hook.filter_map(|(_, entry)| {
        let announced = entry.http.get("Content-Length")?.as_str()?.parse().ok()?;
        Some((compact(entry.body.get()).len(), announced))
    });
    lengths.collect()
}

/// The captures' `Content-Length` shows that WCS sends compact JSON without nulls. Spec §1.1.
#[test]
fn compact_bodies_are_as_long_as_the_captures_say() {
    let two_escaped_slashes = 2;
    let two_truncated_user_agents = 2 * 73;
    assert_eq!(lengths("OnDataEvent", "request"), [(218, 218)]);
    assert_eq!(lengths("OnDataEvent", "response"), [(218, 218 + two_escaped_slashes)]);
    assert_eq!(lengths("connect", "request"), [(537 - two_truncated_user_agents, 537)]);
}

/// `sdp` is cut in the publications, so only the difference can be compared: `PUBLISHING` is 3 longer than `PENDING`.
#[test]
fn an_event_is_longer_than_its_request_by_the_status_alone() {
    let [.., request] = lengths("publishStream", "request")[..] else { panic!("not published") };
    let [event] = lengths("StreamStatusEvent", "request")[..] else { panic!("not published") };
    assert_eq!((event.0 - request.0, event.1 - request.1), (3, 3));
}

/// What the REST API prints is the whole class, nulls included.
#[test]
fn the_rest_api_dumps_have_no_unknown_keys() {
    assert_eq!(read_dump::<Call>("/rest-api/call/find_all"), 2);
    assert_eq!(read_dump::<Connection>("/rest-api/connection/find_all"), 1);
}

/// Checks every object of a published array; gives their number.
fn read_dump<P: Payload>(path: &str) -> usize {
    let of_path = entries(PUBLISHED).into_iter().filter(|entry| entry.method == path);
    let objects = of_path.flat_map(|entry| serde_json::from_str::<Vec<&RawValue>>(entry.body.get()).unwrap());
    objects.map(|object| assert!(ReadAndEcho(object.get()).check::<P>().is_empty())).count()
}
