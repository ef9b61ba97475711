//! The bars of the house: what fails, and the figures.

use std::{
    fs,
    path::{Path, PathBuf},
};

use wcs_hooks_protocol::HookName;

use crate::{
    Problem, read, root,
    source::{Function, Source},
};

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 50;

/// A source file of a crate.
struct File {
    /// From the root of the repository.
    path: PathBuf,
    text: String,
}

impl File {
    fn is_test(&self) -> bool {
        self.path.components().any(|part| {
            let part = Path::new(part.as_os_str());
            part.file_stem().is_some_and(|stem| stem == "tests")
        })
    }
}

pub(crate) fn check() -> Result<(), Problem> {
    let files = files()?;
    let production: Vec<_> = files.iter().filter(|file| !file.is_test()).collect();
    let sources: Vec<_> = production.iter().map(|file| (&*file.path, Source::read(&file.text))).collect();
    let problems = [too_long(&sources), wire_names(&sources), ignored(&files)].concat();
    if problems.is_empty() { Ok(()) } else { Err(Problem(problems.join("\n"))) }
}

/// Every Rust file under the crates' `src`.
fn files() -> Result<Vec<File>, Problem> {
    let mut files = Vec::new();
    for name in entries(&root().join("crates"))? {
        collect(&Path::new("crates").join(name).join("src"), &mut files)?;
    }
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<File>) -> Result<(), Problem> {
    for name in entries(&root().join(folder))? {
        let path = folder.join(name);
        if root().join(&path).is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = read(&root().join(&path))?;
            files.push(File { path, text });
        }
    }
    Ok(())
}

/// The names in a folder, in their order.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let cannot = |error| Problem(format!("cannot list {}: {error}", folder.display()));
    let entries = fs::read_dir(folder).map_err(cannot)?;
    let names: Result<Vec<_>, _> = entries.map(|entry| Ok(entry?.file_name().into())).collect();
    let mut names = names.map_err(cannot)?;
    names.sort();
    Ok(names)
}

/// Prints the figures; gives what is too long.
fn too_long(sources: &[(&Path, Source)]) -> Vec<String> {
    let mut file_lengths = Vec::new();
    let mut function_lengths = Vec::new();
    let mut problems = Vec::new();
    for (path, source) in sources {
        let path = path.display();
        file_lengths.push(source.lines);
        if source.lines > LONGEST_FILE {
            problems.push(format!("{path}: {} lines, at most {LONGEST_FILE}", source.lines));
        }
        for Function { name, line, length } in source.functions() {
            function_lengths.push(length);
            if length > LONGEST_FUNCTION {
                problems
                    .push(format!("{path}:{line}: {name} has {length} lines, at most {LONGEST_FUNCTION}"));
            }
        }
    }
    println!("files:     {}", Figures::of(file_lengths));
    println!("functions: {}", Figures::of(function_lengths));
    println!("macros:    {} lines", sources.iter().map(|(_, source)| source.macro_lines()).sum::<usize>());
    problems
}

/// A name stands once, in the catalogue.
fn wire_names(sources: &[(&Path, Source)]) -> Vec<String> {
    let mut problems = Vec::new();
    for hook in HookName::ALL {
        let name = hook.as_str();
        let in_file = |source: &Source| source.texts.iter().filter(|text| *text == name).count();
        let places: usize = sources.iter().map(|(_, source)| in_file(source)).sum();
        if places != 1 {
            let files = sources.iter().filter(|(_, source)| in_file(source) > 0);
            let files: Vec<_> = files.map(|(path, _)| path.display().to_string()).collect();
            problems.push(format!("{name:?} stands {places} times instead of once: {}", files.join(", ")));
        }
    }
    problems
}

/// Examples that are not compiled and tests that do not run.
fn ignored(files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in files {
        let lines = file.text.lines().enumerate();
        let ignored = lines.filter(|(_, line)| is_ignored_example(line) || is_ignored_test(line));
        problems.extend(ignored.map(|(index, line)| {
            format!("{}:{}: is ignored: {}", file.path.display(), index + 1, line.trim())
        }));
    }
    problems
}

/// Whether a line of a doc comment opens a code block that is not compiled.
fn is_ignored_example(line: &str) -> bool {
    let docs = line.trim_start().strip_prefix("//").unwrap_or_default();
    let fence = docs.trim_start_matches(['/', '!', ' ']).strip_prefix("```");
    fence.is_some_and(|attributes| attributes.contains("ignore"))
}

fn is_ignored_test(line: &str) -> bool {
    line.trim_start().starts_with("#[ignore")
}

#[derive(Debug, PartialEq, Eq)]
struct Figures {
    count: usize,
    median: usize,
    p95: usize,
    max: usize,
}

impl Figures {
    fn of(mut lengths: Vec<usize>) -> Self {
        lengths.sort_unstable();
        let at = |percent: usize| {
            let rank = (lengths.len() * percent).div_ceil(100).max(1);
            lengths.get(rank - 1).copied().unwrap_or_default()
        };
        Self { count: lengths.len(), median: at(50), p95: at(95), max: at(100) }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { count, median, p95, max } = self;
        write!(f, "{count} of median {median}, p95 {p95}, longest {max} lines")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_found() {
        for (line, example, test) in [
            ("    /// ```ignore", true, false),
            ("//! ```rust,ignore", true, false),
            ("/// ```text", false, false),
            ("/// Lines to ignore.", false, false),
            ("    #[ignore = \"slow\"]", false, true),
            ("let ignored = \"#[ignore]\";", false, false),
        ] {
            assert_eq!((is_ignored_example(line), is_ignored_test(line)), (example, test), "{line}");
        }
    }

    #[test]
    fn figures_are_of_the_nearest_rank() {
        let figures = |count, median, p95, max| Figures { count, median, p95, max };
        assert_eq!(Figures::of(vec![]), figures(0, 0, 0, 0));
        assert_eq!(Figures::of(vec![3]), figures(1, 3, 3, 3));
        assert_eq!(Figures::of((1..=100).rev().collect()), figures(100, 50, 95, 100));
    }
}
