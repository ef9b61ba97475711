//! How findings are told: [`Report`].

use std::{collections::BTreeMap, error::Error, fs, path::Path};

use comfy_table::{Attribute, Cell, Color};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;
use wcs_hooks_protocol::escaped;

use super::finding::{Finding, Level};
use crate::output::{Output, table};

/// All findings of a backend.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) url: String,
    /// How many there are of each level.
    pub(crate) summary: BTreeMap<&'static str, usize>,
    pub(crate) checks: Vec<Finding>,
}

impl Report {
    pub(crate) fn new(url: String, checks: Vec<Finding>) -> Self {
        let count = |level| checks.iter().filter(|finding| finding.result == level).count();
        let summary = Level::ALL.into_iter().map(|level| (level.as_str(), count(level))).collect();
        Self { url, summary, checks }
    }

    /// Whether one is as bad as this, or worse.
    pub(crate) fn is_as_bad_as(&self, level: Level) -> bool {
        self.checks.iter().any(|finding| finding.result >= level)
    }

    /// Prints all of them, for people or as one JSON object.
    pub(crate) fn print(&self, output: &Output) -> Result<(), Box<dyn Error>> {
        let mut rows = table(["", "check", "spec", "what was seen"]);
        rows.add_rows(self.checks.chunk_by(are_skipped_alike).filter_map(row));
        output.table(&rows)?;
        let counts = Level::ALL.map(|level| format!("{} {}", self.summary[level.as_str()], level.as_str()));
        output.line(format_args!("\n{}: {}", self.url, counts.join(", ")))?;
        output.object(self)?;
        Ok(())
    }

    /// Writes them as JUnit's XML, which CI systems read: a suite for each group. What is as bad as `failing` fails.
    pub(crate) fn write_junit(&self, file: &Path, failing: Level) -> Result<(), Box<dyn Error>> {
        let mut report = quick_junit::Report::new("wcs-hooks check");
        for group in self.checks.chunk_by(|one, other| one.group == other.group) {
            let mut suite = TestSuite::new(group[0].group);
            suite.add_test_cases(group.iter().map(|finding| test_case(finding, failing)));
            report.add_test_suite(suite);
        }
        fs::write(file, report.to_string()?).map_err(|error| format!("{}: {error}", file.display()).into())
    }
}

fn are_skipped_alike(one: &Finding, other: &Finding) -> bool {
    [one, other].iter().all(|finding| finding.result == Level::Skipped) && one.seen == other.seen
}

/// One for all that are skipped alike.
fn row(findings: &[Finding]) -> Option<[Cell; 4]> {
    let (first, more) = findings.split_first()?;
    if more.is_empty() {
        return Some(cells(first));
    }
    let checks = format!("{} and {} more", first.id, more.len());
    Some([coloured(first.result), Cell::new(checks), Cell::new(""), Cell::new(escaped(&first.seen))])
}

/// What is well is said in a line.
fn cells(finding: &Finding) -> [Cell; 4] {
    let Finding { id, title, spec, result, advice, .. } = finding;
    let seen = escaped(&finding.seen).to_string();
    let seen = match advice {
        Some(advice) => format!("{seen}\nexpected: {title}\n→ {advice}"),
        None => seen,
    };
    [coloured(*result), Cell::new(id), Cell::new(spec), Cell::new(seen)]
}

/// The table measures its cells, so it colours them itself.
fn coloured(level: Level) -> Cell {
    let cell = Cell::new(level.as_str());
    match level {
        Level::Pass => cell.fg(Color::Green),
        Level::Warn => cell.fg(Color::Yellow),
        Level::Fail => cell.fg(Color::Red),
        Level::Skipped => cell.add_attribute(Attribute::Dim),
    }
}

fn test_case(finding: &Finding, failing: Level) -> TestCase {
    let mut status = match finding.result {
        Level::Skipped => TestCaseStatus::skipped(),
        level if level >= failing => TestCaseStatus::non_success(NonSuccessKind::Failure),
        _ => TestCaseStatus::success(),
    };
    status.set_message(finding.seen.as_str());
    let mut case = TestCase::new(finding.id, status);
    case.set_classname(finding.group);
    let advice = finding.advice.unwrap_or_default();
    case.set_system_out(format!("{}: {}\n{advice}", finding.result.as_str(), finding.seen));
    case
}
