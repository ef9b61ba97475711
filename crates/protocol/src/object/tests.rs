use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;

/// Texts, and whether they are one JSON object.
const TEXTS: &[(&str, bool)] = &[
    ("{}", true),
    (" { } ", true),
    (r#"{"a":1}"#, true),
    (r#"{"a":-0.5e+3,"b":[1,[],{}],"c":{"d":null}}"#, true),
    (r#"{"a":"\u00e9\ud83d\ude00\/"}"#, true),
    (r#"{"a":"\ud800"}"#, true),
    ("", false),
    ("[]", false),
    ("null", false),
    ("{", false),
    (r#"{"a"}"#, false),
    (r#"{"a":}"#, false),
    (r#"{"a":1,}"#, false),
    (r#"{"a":01}"#, false),
    (r#"{"a":1.}"#, false),
    (r#"{"a":+1}"#, false),
    (r#"{"a":1e}"#, false),
    (r#"{"a":nul}"#, false),
    (r#"{"a":"x}"#, false),
    (r#"{"a":"\x"}"#, false),
    (r#"{"a":"\u12"}"#, false),
    ("{\"a\":\"\u{1}\"}", false),
    ("{\"a\":\"eight bytes then\u{1f}\"}", false),
    (r#"{"a":1} x"#, false),
    (r"{a:1}", false),
    (r#"{"a":[1,]}"#, false),
    (r#"{"a":[1}"#, false),
];

#[test]
fn accepts_objects_and_nothing_else() {
    for (text, is_object) in TEXTS {
        assert_eq!(Object::parse(text).is_ok(), *is_object, "{text}");
    }
}

#[test]
fn nesting_is_limited_where_serde_json_limits_it() {
    for depth in [1, 100, 126, 127, 128, 10_000] {
        let text = format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        let reference = serde_json::from_str::<Value>(&text);
        assert_eq!(Object::parse(&text).is_ok(), reference.is_ok(), "{depth}");
    }
}

#[test]
fn invalid_utf8_is_an_error_that_says_where() {
    let error = Object::from_slice(b"{\"a\":\"\xff\"}").unwrap_err();
    assert_eq!(error.to_string(), "not a JSON object: invalid UTF-8 at byte 6");
}

#[test]
fn the_last_of_two_equal_keys_counts_and_both_stay() {
    let object = Object::parse(r#"{"a":1,"\u0061":2}"#).unwrap();
    assert_eq!(object.get("a"), Some("2"));
    assert_eq!(object.edited(&Edits::new()), r#"{"a":1,"\u0061":2}"#);
}

/// Keys that are spelled in another way, objects at all places, and what only looks like a key.
#[test]
fn a_key_that_appears_twice_is_found_at_any_depth() {
    for (text, key) in [
        (r#"{"a":1,"\u0061":2}"#, Some("a")),
        (r#"{"x":{"a":1,"b":2,"a":3}}"#, Some("a")),
        (r#"{"x" : { "\u0061\/" : 1 , "a/" : [ ] } }"#, Some("a/")),
        (r#"{"x":[[{"a":1}],{"é":{},"\u00e9":null}]}"#, Some("é")),
        (r#"{"x":{"":1,"":2}}"#, Some("")),
        (r#"{"x":{"y":{"a":1},"a":1},"a":{"a":1}}"#, None),
        (r#"{"x":[{"a":1},{"a":1}],"y":"{\"a\":1,\"a\":2}"}"#, None),
        (r#"{"x":{"a":"b","b":"a","c\\":",","c":"\"a\":"}}"#, None),
        (r#"{"x":{"a":-1.5e3,"b":true,"c":[],"d":{}},"y":{ }}"#, None),
    ] {
        assert_eq!(Object::parse(text).unwrap().duplicate_key().as_deref(), key, "{text}");
    }
}

/// In time that does not grow with the square of the keys, or this would not end.
#[test]
fn one_of_many_keys_that_appears_twice_is_found_as_one_of_few_is() {
    for many in [1, 15, 16, 17, 18, 100_000] {
        let keys = (0..many).map(|key| format!("\"{key}\":0,")).collect::<Vec<_>>().concat();
        for twin in [None, Some(0), Some(many / 2), Some(many - 1)] {
            let twin = twin.map(|key: usize| key.to_string());
            let text = format!(r#"{{"custom":{{{keys}"{}":0}}}}"#, twin.as_deref().unwrap_or("other"));
            let object = Object::parse(&text).unwrap();
            assert_eq!(object.duplicate_key().as_deref(), twin.as_deref(), "{many}");
        }
    }
}

#[test]
fn lone_surrogates_become_replacement_characters() {
    for (json, text) in [
        (r#""\ud83d\ude00""#, "😀"),
        (r#""\ud800x""#, "\u{fffd}x"),
        (r#""\ud800\n""#, "\u{fffd}\n"),
        (r#""\udc00\ud83d\ude00""#, "\u{fffd}😀"),
        (r#""\ud800\u0041""#, "\u{fffd}A"),
    ] {
        assert_eq!(read_string(json).as_deref(), Some(text), "{json}");
    }
}

/// `read_string` is given texts that nobody has scanned, too.
#[test]
fn what_is_no_json_string_inside_is_read_as_it_stands() {
    for (json, text) in [
        (r#""say "hi"""#, r#"say "hi""#),
        ("\"a\u{1}b\nc\\n\"", "a\u{1}b\nc\n"),
        (r#""\r\n\r\n\r\\n""#, "\r\n\r\n\r\\n"),
        (r#""\é\x\""#, "éx"),
        (r#""\u12""#, "\u{0}"),
        (r#""\u12é4""#, "\u{0}4"),
        (r#""\ud83d\ud""#, "\u{fffd}\u{0}"),
    ] {
        assert_eq!(read_string(json).as_deref(), Some(text), "{json}");
    }
}

/// What is wrong, and at which byte.
#[test]
fn errors_say_where_and_what() {
    let long = "a plain text of more than sixteen bytes";
    for (text, expected) in [
        (String::new(), "expected an object at byte 0"),
        (" [".to_owned(), "expected an object at byte 1"),
        ("{".to_owned(), "expected a key in quotes at byte 1"),
        (r#"{"a":1,"#.to_owned(), "expected a key in quotes at byte 7"),
        (r#"{"a":1, 2"#.to_owned(), "expected a key in quotes at byte 8"),
        (r#"{"a" 1"#.to_owned(), "expected `:` at byte 5"),
        (r#"{"a": "#.to_owned(), "expected a value at byte 6"),
        (r#"{"a":tru"#.to_owned(), "expected a value at byte 5"),
        (r#"{"a":truely"#.to_owned(), "expected `,` or `}` at byte 9"),
        (r#"{"a":01,"#.to_owned(), "expected `,` or `}` at byte 6"),
        (r#"{"a":1.,"#.to_owned(), "expected a digit at byte 7"),
        (r#"{"a":[1}"#.to_owned(), "expected `,` or `]` at byte 7"),
        (r#"{"a":{"b":1]"#.to_owned(), "expected `,` or `}` at byte 11"),
        (r#"{"a":1} x"#.to_owned(), "text after the object at byte 8"),
        (format!(r#"{{"a":"{long}"#), "unfinished string at byte 45"),
        (format!(r#"{{"a":"\n{long}"#), "unfinished string at byte 47"),
        (format!("{{\"a\":\"{long}\u{1f}"), "control character in a string at byte 45"),
        (format!("{{\"a\":\"\\n{long}\u{1f}"), "control character in a string at byte 47"),
        (format!(r#"{{"a":"{long}\x"#), "invalid escape at byte 46"),
        (r#"{"a":"\r\n\u12"#.to_owned(), "invalid escape at byte 11"),
    ] {
        let error = Object::parse(&text).unwrap_err().to_string();
        assert_eq!(error, format!("not a JSON object: {expected}"), "{text}");
    }
}

#[test]
fn edits_leave_the_rest_alone() {
    let remove = |names: &[&'static str]| {
        let mut edits = Edits::new();
        for name in names {
            edits.remove(*name);
        }
        edits
    };
    let object = Object::parse(r#"{ "a" : 1 , "b" : 2 , "c" : 3 }"#).unwrap();
    for (edits, expected) in [
        (remove(&["a"]), r#"{ "b" : 2 , "c" : 3 }"#),
        (remove(&["b"]), r#"{ "a" : 1,"c" : 3 }"#),
        (remove(&["c"]), r#"{ "a" : 1 , "b" : 2 }"#),
        (remove(&["a", "b", "c"]), "{  }"),
        (remove(&["x"]), r#"{ "a" : 1 , "b" : 2 , "c" : 3 }"#),
    ] {
        assert_eq!(object.edited(&edits), expected);
    }
}

/// In time that does not grow with the square of the members, or this would not end.
#[test]
fn many_edits_are_made_as_few_are() {
    const MANY: usize = 100_000;
    let object_of = |values: &dyn Fn(usize) -> String| {
        let members: Vec<String> = (0..MANY).map(|key| format!("\"{key}\":{}", values(key))).collect();
        format!("{{{}}}", members.join(","))
    };
    let before = object_of(&|_| "0".to_owned());
    let mut edits = Edits::new();
    for key in 0..MANY {
        edits.set(key.to_string(), key.to_string());
    }
    assert_eq!(Object::parse(&before).unwrap().edited(&edits), object_of(&|key| key.to_string()));
    assert_eq!(Object::parse("{}").unwrap().edited(&edits), object_of(&|key| key.to_string()));
    for key in 1..MANY {
        edits.remove(key.to_string());
    }
    assert_eq!(Object::parse(&before).unwrap().edited(&edits), r#"{"0":0}"#);
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Whether a key appears twice, as `serde_json` reads the text.
struct HasTwin(bool);

impl<'de> serde::Deserialize<'de> for HasTwin {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Twins).map(Self)
    }
}

struct Twins;

impl<'de> serde::de::Visitor<'de> for Twins {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut elements: A) -> Result<bool, A::Error> {
        let mut has_twin = false;
        while let Some(HasTwin(has)) = elements.next_element()? {
            has_twin |= has;
        }
        Ok(has_twin)
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let (mut keys, mut has_twin) = (std::collections::HashSet::new(), false);
        while let Some((key, HasTwin(has))) = members.next_entry::<String, _>()? {
            has_twin |= has | !keys.insert(key);
        }
        Ok(has_twin)
    }
}

/// Few keys, in many spellings, so that some appear twice.
const SPELLED_KEYS: &[&str] =
    &["\"\"", r#""a""#, r#""\u0061""#, r#""b""#, r#""\/""#, r#""/""#, r#""\\""#, r#""é""#, r#""\u00E9""#];

/// JSON whose objects have few or many keys.
fn json_with_twins() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(&["null", "7", r#""a""#, r#""{\"a\":1,\"a\":1}""#, "{}", "[]"][..]);
    leaf.prop_map(str::to_owned).prop_recursive(3, 48, 24, |inner| {
        let few = prop::sample::select(SPELLED_KEYS).prop_map(str::to_owned);
        let key = prop_oneof![1 => few, 20 => "\"[a-z]{3}\""];
        let blank = prop::sample::select(&["", " ", "\n"][..]);
        let member = (key, inner.clone(), blank)
            .prop_map(|(key, value, blank)| format!("{key}{blank}:{blank}{value}{blank}"));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(","))),
            prop::collection::vec(member, 0..24).prop_map(|members| format!("{{{}}}", members.join(", "))),
        ]
    })
}

fn json_object() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(".{0,8}", json(), 0..12).prop_map(|map| map.into_iter().collect())
}

proptest! {
    /// Eight bytes at a time finds what one at a time does, whichever bytes stand beside each other.
    #[test]
    fn the_plain_part_of_a_string_ends_where_a_byte_needs_attention(
        text in prop::collection::vec(prop_oneof![any::<u8>(), 0x1e_u8..0x24, 0x5b_u8..0x5e, Just(b'a')], 0..40),
        start in any::<prop::sample::Index>(),
    ) {
        let start = start.index(text.len() + 1);
        let needs_attention = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
        let expected = text[start..].iter().position(needs_attention).map_or(text.len(), |at| start + at);
        prop_assert_eq!(plain::behind_plain(&text[start..]), &text[expected..]);
        prop_assert_eq!(plain::behind_long_plain(&text[start..]), &text[expected..]);
    }

    #[test]
    fn any_object_is_read_and_kept(object in json_object(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&object) } else { serde_json::to_string(&object) }.unwrap();
        let kept = Object::parse(&text).unwrap();
        prop_assert_eq!(kept.edited(&Edits::new()), &*text);
        prop_assert_eq!(kept.members().count(), object.len());
        for (key, json) in kept.members() {
            let compact = object[&*key].to_string();
            prop_assert!(pretty || json == compact, "{json} is not {compact}");
        }
    }

    #[test]
    fn a_key_appears_twice_if_serde_json_finds_it_twice(value in json_with_twins()) {
        let text = format!(r#"{{"value":{value}}}"#);
        let expected: HasTwin = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(Object::parse(&text).unwrap().duplicate_key().is_some(), expected.0, "{}", text);
    }

    #[test]
    fn an_edit_changes_its_member_only(object in json_object(), name in ".{0,8}", value in json(), remove: bool) {
        let text = serde_json::to_string(&object).unwrap();
        let mut edits = Edits::new();
        let mut expected = object;
        if remove {
            edits.remove(name.clone());
            expected.remove(&name);
        } else {
            edits.set(name.clone(), value.to_string());
            expected.insert(name, value);
        }
        let edited = Object::parse(&text).unwrap().edited(&edits);
        let reread: Map<String, Value> = serde_json::from_str(&edited).unwrap();
        // Through text once, since the shortest spelling of a float is what is compared.
        let expected: Map<String, Value> = serde_json::from_str(&serde_json::to_string(&expected).unwrap()).unwrap();
        prop_assert_eq!(reread, expected);
    }

    #[test]
    fn agrees_with_serde_json_on_any_text(text in r#"[{}\[\]",:0-9a-e.+\-\\u tfn\n]{0,24}"#) {
        let reference = serde_json::from_str::<Map<String, Value>>(&text);
        prop_assert!(reference.is_err() || Object::parse(&text).is_ok(), "{}", text);
        if Object::parse(&text).is_ok() {
            let only_a_value_is_out_of_range = text.contains("\\u") || text.contains(['e', 'E']);
            prop_assert!(reference.is_ok() || only_a_value_is_out_of_range, "{}", text);
        }
    }

    /// Whatever its escapes are, and however long what stands between them is.
    #[test]
    fn escapes_are_resolved_as_serde_json_does(
        pieces in prop::collection::vec(prop_oneof![r#"\\["\\/bfnrt]"#, r"\\u[0-9a-c][0-9a-f]{3}", r#"[^"\\\x00-\x1f]{0,40}"#], 0..12),
    ) {
        let json = format!("\"{}\"", pieces.concat());
        prop_assert_eq!(read_string(&json).unwrap(), serde_json::from_str::<String>(&json).unwrap());
        let object = format!("{{\"a\":{json}}}");
        prop_assert_eq!(Object::parse(&object).unwrap().get("a"), Some(&*json));
    }

    #[test]
    fn reading_a_string_never_fails(inside in r#"([u\\"r0-9dé\x00-\x20]|\\r\\n|.{0,20}){0,12}"#) {
        let json = format!("\"{inside}\"");
        prop_assert!(read_string(&json).is_some());
    }

    #[test]
    fn strings_survive(text in any::<String>()) {
        let mut json = String::new();
        write_string(&text, &mut json);
        prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), &*text);
        prop_assert_eq!(read_string(&json).unwrap(), text);
    }
}
