//! Each promise of docs/security.md names its test.

use std::{fs, path::Path};

#[test]
fn the_tests_that_the_page_names_are_there() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let page = fs::read_to_string(docs.join("security.md")).unwrap();
    let (_, table) = page.split_once("## Which test shows it").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let rows: Vec<_> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    for row in &rows {
        let (test, rest) = row.split_once("[`").and_then(|(_, test)| test.split_once("`](")).expect(row);
        let file = docs.join(rest.split(')').next().unwrap());
        let source = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        // A function, or a row of a macro's table.
        let is_there = source.contains(&format!("fn {test}(")) || source.contains(&format!("\n    {test}: "));
        assert!(is_there, "{test} is not in {}", file.display());
    }
    assert!(rows.len() > 30, "{} rows", rows.len());
}
