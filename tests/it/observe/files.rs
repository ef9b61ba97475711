//! The dashboard, the alert rules and the docs name what a running server shows.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::traffic::shown;

type Names = BTreeMap<String, BTreeSet<String>>;

fn read(file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(file)).unwrap()
}

/// The names in a text and the labels that are selected of them.
fn used(text: &str) -> Vec<(String, BTreeSet<String>)> {
    let is_name = |char: char| char.is_ascii_lowercase() || char == '_';
    let starts = text.match_indices("wcs_hooks_").map(|(at, _)| &text[at..]);
    let name_and_labels = |rest: &str| {
        let name: String = rest.chars().take_while(|char| is_name(*char)).collect();
        let selector = rest[name.len()..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let labels = selector.map_or("", |(labels, _)| labels).split(',');
        let label =
            |pair: &str| pair.trim_matches([' ', '\\', '"']).split(['=', '!']).next().unwrap().to_owned();
        (name, labels.map(label).filter(|label| !label.is_empty()).collect())
    };
    starts.map(name_and_labels).collect()
}

/// The labels by which an expression groups.
fn grouped(line: &str) -> impl Iterator<Item = &str> {
    let lists = line.split("by (").skip(1).filter_map(|rest| rest.split_once(')'));
    lists.flat_map(|(list, _)| list.split(',').map(str::trim))
}

/// Samples by name, with their labels.
fn exposed(text: &str) -> Names {
    let mut names = Names::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, labels) = line.split_once('{').unwrap_or((line.split(' ').next().unwrap(), ""));
        let labels = labels.split("\",").filter_map(|pair| Some(pair.split_once('=')?.0.to_owned()));
        names.entry(name.to_owned()).or_default().extend(labels);
    }
    names
}

#[tokio::test]
async fn the_dashboard_and_the_alerts_use_what_is_there() {
    let exposed = exposed(&shown().await);
    for file in ["docs/deploy/grafana-dashboard.json", "docs/deploy/prometheus-alerts.yaml"] {
        let text = read(file);
        let lines = text.lines().filter(|line| line.contains("expr") || line.contains("label_values"));
        let mut count = 0;
        for line in lines {
            let used = used(line);
            let mut labels = BTreeSet::new();
            for (name, selected) in &used {
                let there =
                    exposed.get(name).unwrap_or_else(|| panic!("{file}: no metric {name}: {exposed:?}"));
                assert!(selected.is_subset(there), "{file}: {name} has no {selected:?}, only {there:?}");
                labels.extend(there.iter().map(String::as_str));
            }
            for label in grouped(line) {
                assert!(labels.contains(label), "{file}: nothing has the label {label:?} in {line}");
            }
            count += used.len();
        }
        assert!(count >= 10, "{file}: {count}");
    }
}

/// Rows of the tables in the docs: name, type and labels.
fn documented() -> BTreeSet<(String, String, BTreeSet<String>)> {
    let page = read("docs/observability.md");
    let rows = page.lines().filter(|line| line.starts_with("| `wcs_hooks_"));
    let row = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let labels = cells[3].split(',').map(|label| label.trim_matches([' ', '`']).to_owned());
        let labels = labels.filter(|label| !label.is_empty()).collect();
        (cells[1].trim_matches('`').to_owned(), cells[2].to_owned(), labels)
    };
    rows.map(row).collect()
}

#[tokio::test]
async fn every_metric_is_documented_and_nothing_else() {
    let text = shown().await;
    let exposed = exposed(&text);
    let families = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let family = |(name, kind): (&str, &str)| {
        let (suffix, sample) = match kind {
            "counter" => ("_total", "_total"),
            "histogram" => ("", "_count"),
            _ => ("", ""),
        };
        let labels = exposed.get(&format!("{name}{sample}")).cloned().unwrap_or_default();
        (format!("{name}{suffix}"), kind.to_owned(), labels)
    };
    let shown: BTreeSet<_> = families.map(family).collect();
    let documented = documented();
    let missing: Vec<_> = shown.difference(&documented).collect();
    let wrong: Vec<_> = documented.difference(&shown).collect();
    assert!(
        missing.is_empty() && wrong.is_empty(),
        "not documented: {missing:?}; documented only: {wrong:?}"
    );
}

/// Nothing that a caller chooses becomes a label.
#[tokio::test]
async fn labels_are_bounded() {
    let text = shown().await;
    assert!(
        text.contains(r#"hook="unknown""#) && !text.contains("neverHeardOf") && !text.contains("fromANewer")
    );
}
