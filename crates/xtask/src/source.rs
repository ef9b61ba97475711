//! Rust source, as far as the bars must understand it: where comments, texts and functions are.

use std::ops::Range;

/// A file's production code: without comments, texts and inline test modules.
#[derive(Debug)]
pub(crate) struct Source {
    /// The code; what was left out is blank, line breaks stay.
    code: String,
    /// The texts in quotes.
    pub(crate) texts: Vec<String>,
    /// Lines outside inline test modules.
    pub(crate) lines: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Line of the `fn`, counted from 1.
    pub(crate) line: usize,
    /// Lines from the `fn` to the closing brace.
    pub(crate) length: usize,
}

impl Source {
    pub(crate) fn read(text: &str) -> Self {
        let (mut code, texts) = mask(text);
        let test_modules = test_modules(&code);
        let in_tests = |at: usize| test_modules.iter().any(|module| module.contains(&at));
        let texts = texts.into_iter().filter(|range| !in_tests(range.start));
        let texts = texts.map(|range| inside_quotes(&text[range]).to_owned()).collect();
        let test_lines: usize =
            test_modules.iter().map(|module| line_breaks(&code[module.clone()]) + 1).sum();
        for module in &test_modules {
            code.replace_range(module.clone(), &blank(&code[module.clone()]));
        }
        Self { lines: text.lines().count() - test_lines, code, texts }
    }

    /// Lines of `macro_rules!` definitions.
    pub(crate) fn macro_lines(&self) -> usize {
        let starts = self.code.match_indices("macro_rules! ").map(|(at, _)| at);
        let blocks = starts.filter_map(|at| {
            let end = closing_brace(&self.code, at + body_start(&self.code[at..])?)?;
            Some(line_breaks(&self.code[at..end]) + 1)
        });
        blocks.sum()
    }

    /// The functions that have a body, nested ones too.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let starts = self.code.match_indices("fn ").map(|(at, _)| at);
        let starts = starts.filter(|&at| !self.code[..at].ends_with(is_word));
        starts.filter_map(|at| self.function(at)).collect()
    }

    fn function(&self, at: usize) -> Option<Function> {
        let signature = &self.code[at..];
        let body = at + body_start(signature)?;
        let end = closing_brace(&self.code, body)?;
        let name = signature[3..].chars().take_while(|char| is_word(*char) || *char == '$');
        Some(Function {
            name: name.collect(),
            line: line_breaks(&self.code[..at]) + 1,
            length: line_breaks(&self.code[at..end]) + 1,
        })
    }
}

/// The text with comments and texts in quotes blank, and where the latter are.
fn mask(text: &str) -> (String, Vec<Range<usize>>) {
    let mut code = String::with_capacity(text.len());
    let mut texts = Vec::new();
    while code.len() < text.len() {
        let at = code.len();
        let (part, length) = next_part(&text[at..]);
        let slice = &text[at..at + length];
        match part {
            Part::Code => code.push_str(slice),
            Part::Comment => code.push_str(&blank(slice)),
            Part::Text => {
                texts.push(at..at + length);
                code.push_str(&blank(slice));
            }
        }
    }
    (code, texts)
}

fn inside_quotes(text: &str) -> &str {
    text.trim_start_matches('r').trim_matches('#').trim_matches('"')
}

enum Part {
    Code,
    /// A comment, or a character in quotes.
    Comment,
    Text,
}

fn next_part(rest: &str) -> (Part, usize) {
    let mut chars = rest.chars();
    let first = chars.next();
    match (first, chars.next()) {
        (Some('/'), Some('/')) => (Part::Comment, rest.find('\n').unwrap_or(rest.len())),
        (Some('/'), Some('*')) => (Part::Comment, block_comment(rest)),
        (Some('"'), _) => (Part::Text, 1 + closing_quote(&rest[1..], '"')),
        (Some('\''), Some('\\')) => (Part::Comment, 1 + closing_quote(&rest[1..], '\'')),
        (Some('\''), Some(char)) if chars.next() == Some('\'') => (Part::Comment, 2 + char.len_utf8()),
        (Some('r'), Some('"' | '#')) if let Some(length) = raw_text(rest) => (Part::Text, length),
        _ => (Part::Code, first.map_or(1, char::len_utf8)),
    }
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    for (at, _) in rest.match_indices(['/', '*']) {
        if rest[at..].starts_with("/*") {
            depth += 1;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
        }
        if depth == 0 {
            return at + 2;
        }
    }
    rest.len()
}

/// The length up to and with the quote that is not escaped.
fn closing_quote(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    let found = rest.char_indices().find(|&(_, char)| {
        let is_end = char == quote && !is_escaped;
        is_escaped = char == '\\' && !is_escaped;
        is_end
    });
    found.map_or(rest.len(), |(at, _)| at + 1)
}

/// The length of `r#"…"#`, if that is what comes.
fn raw_text(rest: &str) -> Option<usize> {
    let hashes = rest[1..].chars().take_while(|char| *char == '#').count();
    let inside = rest[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(2 + hashes + inside.find(&end)? + end.len())
}

fn blank(text: &str) -> String {
    let bytes = text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' });
    bytes.collect()
}

/// The inside of every `#[cfg(test)] mod … { … }`.
fn test_modules(code: &str) -> Vec<Range<usize>> {
    let attributes = code.match_indices("#[cfg(test)]\nmod ").map(|(at, _)| at);
    let modules = attributes.filter_map(|at| {
        let body = at + body_start(&code[at + 12..])? + 12;
        Some(at..closing_brace(code, body)?)
    });
    modules.collect()
}

/// Where the body's brace is; `None` if a `;` comes first, as in a declaration.
fn body_start(signature: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, char) in signature.char_indices() {
        match char {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The end of the block that opens at `at`.
fn closing_brace(code: &str, at: usize) -> Option<usize> {
    let mut depth = 0_u32;
    for (offset, char) in code[at..].char_indices() {
        match char {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at + offset + 1),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn line_breaks(text: &str) -> usize {
    text.matches('\n').count()
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

#[cfg(test)]
mod tests;
