//! Any JSON object, read as any payload: nothing is lost, and a change changes its member only.

use std::collections::BTreeSet;

use proptest::{
    prelude::*,
    sample::{Index, SizeRange},
    string::{RegexGeneratorStrategy, string_regex},
};

use super::{Check, by_hook};
use crate::{
    HookContext, HookName, HookPolicy, Object, Payload, PayloadError, RestClientConfig, RestOnError,
    RestPolicy, payloads::Connection,
};

/// Blanks that may stand between tokens.
const BLANKS: &str = "[ \t\r\n]{0,2}";

/// A pattern that is compiled once; a plain `&str` as a strategy is compiled for every value.
fn regex(pattern: &str) -> RegexGeneratorStrategy<String> {
    string_regex(pattern).unwrap()
}

fn number() -> impl Strategy<Value = String> {
    regex("-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,3})?")
}

/// A JSON string with escapes that need not be, and halves of surrogate pairs.
fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => regex("[^\"\\\\\u{0}-\u{1f}]{0,4}"),
        1 => regex(r#"\\["\\/bfnrt]"#),
        1 => regex(r"\\u[0-9a-fA-F]{4}"),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

/// Values in odd spellings: `1E+2`, `"5060"`, `"true"`, `[ ]`.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        prop_oneof![Just("true"), Just("false"), Just("\"true\""), Just("\" false\"")]
            .prop_map(str::to_owned),
        number(),
        number().prop_map(|number| format!("\"{number}\"")),
        string(),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        let member = (string(), regex(BLANKS), inner.clone())
            .prop_map(|(key, blanks, json)| (key[..key.len() - 1].to_owned(), format!("\"{blanks}:{json}")));
        prop_oneof![
            (prop::collection::vec(inner, 0..4), regex(BLANKS))
                .prop_map(|(items, blanks)| format!("[{blanks}{}]", items.join(","))),
            (prop::collection::vec(member, 0..4), regex(BLANKS)).prop_map(|(members, blanks)| {
                // No key stands twice: each ends in its number.
                let members = members.iter().enumerate();
                let members: Vec<_> =
                    members.map(|(number, (key, rest))| format!("{key}{number}{rest}")).collect();
                format!("{{{}{blanks}}}", members.join(","))
            }),
        ]
    })
}

/// A member as it is spelled in a body.
#[derive(Debug, Clone)]
struct Member {
    key: String,
    /// The key's first letter is written as an escape.
    is_escaped: bool,
    json: String,
    blanks: String,
}

impl Member {
    fn spelled(&self) -> String {
        let Self { json, blanks, .. } = self;
        format!("{blanks}{}{blanks}:{blanks}{json}{blanks}", self.spelled_key())
    }

    fn spelled_key(&self) -> String {
        match self.key.chars().next().filter(|first| self.is_escaped && *first <= '\u{ffff}') {
            Some(first) => format!(r#""\u{:04x}{}""#, u32::from(first), &self.key[first.len_utf8()..]),
            None => format!("{:?}", self.key),
        }
    }
}

/// A key that is one of the hook's fields, which one is told later, or a given one.
#[derive(Debug, Clone)]
enum Key {
    Field(Index),
    Given(String),
}

impl Key {
    fn of(self, hook: HookName) -> String {
        match self {
            Self::Field(index) => index.get(hook.info().fields).name.to_owned(),
            Self::Given(key) => key,
        }
    }
}

/// A hook and the members of a body: some of its fields, some of the context, some that nobody knows, in any order.
fn body(size: impl Into<SizeRange>) -> impl Strategy<Value = (HookName, Vec<Member>)> {
    let key = prop_oneof![
        6 => any::<Index>().prop_map(Key::Field),
        1 => prop::sample::select(&["nodeId", "appKey", "sessionId"][..]).prop_map(|key| Key::Given(key.to_owned())),
        2 => regex("[a-z\\$é😀 ]{0,6}").prop_map(Key::Given),
    ];
    let members = prop::collection::vec((key, prop::bool::weighted(0.2), json(), regex(BLANKS)), size);
    (prop::sample::select(HookName::ALL), members).prop_map(|(hook, members)| {
        let mut seen = BTreeSet::new();
        let members = members.into_iter().map(|(key, is_escaped, json, blanks)| Member {
            key: key.of(hook),
            is_escaped,
            json,
            blanks,
        });
        (hook, members.filter(|member| seen.insert(member.key.clone())).collect())
    })
}

/// Whether a member of this name goes into `extra`.
fn is_unknown(hook: HookName, name: &str) -> bool {
    !HookContext::has_field(name) && hook.info().fields.iter().all(|field| field.name != name)
}

fn text(members: &[Member]) -> String {
    let members: Vec<_> = members.iter().map(Member::spelled).collect();
    format!("{{{}}}", members.join(","))
}

struct EchoesBody(String);

impl Check for EchoesBody {
    type Output = ();

    fn check<P: Payload>(self) {
        let object = Object::parse(&self.0).unwrap();
        let changes = P::read(&object).unwrap().payload.changes(&object);
        assert!(changes.is_empty(), "{changes:?} changed by reading");
        assert_eq!(object.edited(&changes), self.0);
    }
}

/// Sets one field to a value.
struct ChangesField {
    body: String,
    index: Index,
    json: &'static str,
}

impl Check for ChangesField {
    type Output = ();

    fn check<P: Payload>(self) {
        let object = Object::parse(&self.body).unwrap();
        let mut payload = P::read(&object).unwrap().payload;
        let before = payload.clone();
        let index = self.index.index(P::FIELDS.len());
        (P::ACCESS[index].read)(&mut payload, self.json);
        let expected: &[&str] = if payload == before { &[] } else { &[P::FIELDS[index].name] };
        assert_only_changed(&object, &payload, expected);
    }
}

/// Sets or removes one member that has no field.
struct ChangesExtra {
    body: String,
    name: String,
    is_removed: bool,
}

impl Check for ChangesExtra {
    type Output = ();

    fn check<P: Payload>(self) {
        let object = Object::parse(&self.body).unwrap();
        let mut payload = P::read(&object).unwrap().payload;
        let before = payload.clone();
        if self.is_removed {
            payload.extra_mut().remove(&self.name);
        } else {
            payload.extra_mut().insert(self.name.clone(), "set".into());
        }
        let expected: &[&str] = if payload == before { &[] } else { &[&self.name] };
        assert_only_changed(&object, &payload, expected);
    }
}

/// The members of these names say what the payload says, and all others stand as they stood.
fn assert_only_changed<P: Payload>(object: &Object<'_>, payload: &P, names: &[&str]) {
    let changes = payload.changes(object);
    assert_eq!(changes.names().collect::<Vec<_>>(), names);
    let edited = object.edited(&changes);
    let edited = Object::parse(&edited).unwrap();
    assert_eq!(P::read(&edited).unwrap().payload, *payload);
    let others = |object: &Object<'_>| -> Vec<_> {
        let members = object.members().map(|(key, json)| (key.into_owned(), json.to_owned()));
        members.filter(|(key, _)| !names.contains(&&**key)).collect()
    };
    assert_eq!(others(&edited), others(object));
}

struct RefusesBody {
    body: String,
    duplicate: String,
}

impl Check for RefusesBody {
    type Output = ();

    fn check<P: Payload>(self) {
        let object = Object::parse(&self.body).unwrap();
        assert_eq!(P::read(&object).unwrap_err(), PayloadError::DuplicateKey(self.duplicate));
    }
}

/// Values for every kind of field, and what no field can read, which clears it.
const NEW_VALUES: &[&str] = &["", "true", "7", r#""new""#, r#"["new"]"#, r#"{"new":1}"#, r#"{"muted":true}"#];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_object_is_echoed_as_it_came((hook, members) in body(0..24)) {
        by_hook(hook, EchoesBody(text(&members)));
    }

    #[test]
    fn a_changed_field_changes_its_member_only(
        (hook, members) in body(0..12),
        index: Index,
        json in prop::sample::select(NEW_VALUES),
    ) {
        by_hook(hook, ChangesField { body: text(&members), index, json });
    }

    #[test]
    fn a_changed_unknown_member_changes_itself_only(
        (hook, members) in body(1..12),
        index: Index,
        other_name in "[A-Z]{1,4}",
        is_other: bool,
        is_removed: bool,
    ) {
        let unknown: Vec<_> = members.iter().map(|member| &member.key).filter(|key| is_unknown(hook, key)).collect();
        let name = if is_other || unknown.is_empty() { &other_name } else { index.get(&unknown) };
        by_hook(hook, ChangesExtra { body: text(&members), name: name.to_owned(), is_removed });
    }

    #[test]
    fn a_key_that_stands_twice_is_refused(
        (hook, members) in body(1..12),
        which: Index,
        place: Index,
        is_escaped: bool,
    ) {
        let mut members = members;
        let again = Member { is_escaped, ..which.get(&members).clone() };
        let duplicate = again.key.clone();
        members.insert(place.index(members.len() + 1), again);
        by_hook(hook, RefusesBody { body: text(&members), duplicate });
    }

    #[test]
    fn a_written_policy_is_read_back(policies in prop::collection::vec((prop::sample::select(HookName::ALL), policy()), 0..8)) {
        let mut config = RestClientConfig::default();
        for (hook, policy) in policies {
            config.insert(hook, policy);
        }
        let connection = Connection { rest_client_config: Some(config), ..Connection::default() };
        let object_text = connection.to_json();
        let object = Object::parse(&object_text).unwrap();
        let (reread, problems) = RestClientConfig::read_strictly(object.get("restClientConfig").unwrap());
        prop_assert_eq!(problems, []);
        prop_assert_eq!(Some(&reread), connection.rest_client_config.as_ref());
        prop_assert_eq!(Connection::read(&object).unwrap().payload, connection);
    }
}

fn policy() -> impl Strategy<Value = HookPolicy> {
    let names = || prop::collection::vec(regex("[a-zA-Z_.é\"\\\\-]{1,8}"), 0..4);
    let on_error = prop::sample::select(&[RestOnError::Log, RestOnError::Fail][..]);
    let rest_policy =
        prop::sample::select(&[RestPolicy::Notify, RestPolicy::Overwrite, RestPolicy::Disable][..]);
    (names(), names(), on_error, rest_policy, names()).prop_map(
        |(client_exclude, rest_exclude, rest_on_error, rest_policy, rest_overwrite)| HookPolicy {
            client_exclude,
            rest_exclude,
            rest_on_error,
            rest_policy,
            rest_overwrite,
        },
    )
}

/// In time that does not grow with the square of the members, or this would not end.
#[test]
fn many_unknown_fields_are_compared() {
    let members: Vec<String> = (0..100_000).map(|key| format!("\"{key}\":1e0")).collect();
    let text = format!("{{\"custom\":{{{}}}}}", members.join(","));
    let object = Object::parse(&text).unwrap();
    let mut connection = Connection::read(&object).unwrap().payload;
    assert!(connection.changes(&object).is_empty());
    connection.custom.remove("7");
    connection.custom.insert("8".to_owned(), "set".into());
    connection.custom.insert("new".to_owned(), 1.into());
    let edited = object.edited(&connection.changes(&object));
    let expected = text.replace(",\"7\":1e0,\"8\":1e0", ",\"8\":\"set\"").replace("}}", ",\"new\":1}}");
    assert!(edited == expected, "other members changed too");
    connection.custom.clear();
    assert_eq!(object.edited(&connection.changes(&object)), "{}");
}
