//! What became of a JSON text that should have come back: [`differences`].

use serde_json::value::RawValue;
use wcs_hooks_protocol::{Object, read_string};

/// A place that does not say what it said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Names and numbers from the outside in, parted by dots.
    pub(crate) path: String,
    pub(crate) kind: DifferenceKind,
}

/// What happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DifferenceKind {
    Missing,
    Changed,
    /// An integer has become a number with a fraction; the value is the same.
    Floated,
    /// The members stand in another order.
    Reordered,
}

/// Where `received` does not say what `sent` says. What was added does not count.
pub(crate) fn differences(sent: &str, received: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", sent, received, &mut found);
    found
}

fn compare(path: &str, sent: &str, received: &str, found: &mut Vec<Difference>) {
    if sent == received {
        return;
    }
    let mut note = |kind| found.push(Difference { path: path.to_owned(), kind });
    match (sent.as_bytes().first(), received.as_bytes().first()) {
        (Some(b'{'), Some(b'{')) => compare_objects(path, sent, received, found),
        (Some(b'['), Some(b'[')) => compare_arrays(path, sent, received, found),
        (Some(b'"'), Some(b'"')) if same_text(sent, received) => {}
        (Some(b'-' | b'0'..=b'9'), Some(b'-' | b'0'..=b'9')) if decimal(sent) == decimal(received) => {
            if is_integer(sent) && !is_integer(received) {
                note(DifferenceKind::Floated);
            }
        }
        _ => note(DifferenceKind::Changed),
    }
}

fn compare_objects(path: &str, sent: &str, received: &str, found: &mut Vec<Difference>) {
    let (Ok(sent), Ok(received)) = (Object::parse(sent), Object::parse(received)) else {
        found.push(Difference { path: path.to_owned(), kind: DifferenceKind::Changed });
        return;
    };
    for (name, json) in sent.members() {
        let path = below(path, &name);
        match received.get(&name) {
            Some(received) => compare(&path, json, received, found),
            None => found.push(Difference { path, kind: DifferenceKind::Missing }),
        }
    }
    let order = |object: &Object<'_>, other: &Object<'_>| {
        let names = object.members().map(|(name, _)| name.into_owned());
        names.filter(|name| other.get(name).is_some()).collect::<Vec<_>>()
    };
    if order(&sent, &received) != order(&received, &sent) {
        found.push(Difference { path: path.to_owned(), kind: DifferenceKind::Reordered });
    }
}

fn compare_arrays(path: &str, sent: &str, received: &str, found: &mut Vec<Difference>) {
    let read = |text| serde_json::from_str::<Vec<&RawValue>>(text).unwrap_or_default();
    let (sent, received) = (read(sent), read(received));
    for (index, value) in sent.iter().enumerate() {
        let path = below(path, &index.to_string());
        match received.get(index) {
            Some(received) => compare(&path, value.get(), received.get(), found),
            None => found.push(Difference { path, kind: DifferenceKind::Missing }),
        }
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Half a surrogate pair is read as U+FFFD, so its spelling is compared.
fn same_text(sent: &str, received: &str) -> bool {
    let texts = (read_string(sent), read_string(received));
    match texts {
        (Some(sent_text), Some(received_text)) if sent_text.contains('\u{fffd}') => {
            sent_text == received_text && sent.eq_ignore_ascii_case(received)
        }
        (Some(sent), Some(received)) => sent == received,
        _ => false,
    }
}

fn is_integer(number: &str) -> bool {
    !number.contains(['.', 'e', 'E'])
}

/// A number as sign, digits without zeros at either end, and the place of the point: equal if the values are.
fn decimal(number: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let mantissa = mantissa.trim_start_matches('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0').to_owned();
    if significant.is_empty() {
        return (false, significant, 0);
    }
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let fraction = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let zeros = i64::try_from(zeros).unwrap_or(i64::MAX);
    let exponent = exponent.trim_start_matches('+').parse::<i64>().unwrap_or(i64::MAX);
    let place = exponent.saturating_sub(fraction).saturating_add(zeros);
    (number.starts_with('-'), significant, place)
}

#[cfg(test)]
mod tests {
    use super::{DifferenceKind::*, *};

    #[test]
    fn what_says_the_same_is_no_difference() {
        for (sent, received) in [
            (r#"{"a":"\u00fc\/\"\ud83d\ude00"}"#, "{ \"a\" : \"\u{fc}/\\\"\u{1f600}\", \"b\": 1 }"),
            ("[1.0,1e3,100,0.5,-0.0]", "[1,1000,100,5e-1,0]"),
            (r#"["\ud800"]"#, r#"["\uD800"]"#),
            ("1e400", "1E+400"),
        ] {
            assert_eq!(differences(sent, received), [], "{sent}");
        }
    }

    #[test]
    fn what_does_not_is_found_at_its_place() {
        for (sent, received, path, kind) in [
            (r#"{"a":{"b":null}}"#, r#"{"a":{}}"#, "a.b", Missing),
            (r#"{"a":[1,2]}"#, r#"{"a":[1]}"#, "a.1", Missing),
            (r#"{"a":{}}"#, r#"{"a":[]}"#, "a", Changed),
            (r#"{"a":"1"}"#, r#"{"a":1}"#, "a", Changed),
            (r#"{"a":1e400}"#, r#"{"a":null}"#, "a", Changed),
            ("9007199254740993", "9007199254740992", "", Changed),
            ("-1", "1", "", Changed),
            ("10", "1", "", Changed),
            (r#""\ud800""#, "\"\u{fffd}\"", "", Changed),
            (r#"{"a":5060}"#, r#"{"a":5060.0}"#, "a", Floated),
            (r#"{"a":1,"b":2}"#, r#"{"b":2,"c":3,"a":1}"#, "", Reordered),
        ] {
            assert_eq!(differences(sent, received), [Difference { path: path.to_owned(), kind }], "{sent}");
        }
    }
}
