//! One event, one line: [`OneLine`].

use std::fmt::{self, Write};

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};
use wcs_hooks_protocol::{Escaped, escaped, escaped_json};

/// What a format makes of an event, escaped: what a client or a backend has chosen can neither begin another line nor do
/// something to a terminal.
pub(super) struct OneLine<F> {
    format: F,
    escape: Escape,
}

type Escape = for<'a> fn(&'a str) -> Escaped<'a>;

impl<F> OneLine<F> {
    pub(super) fn of_text(format: F) -> Self {
        Self { format, escape: escaped }
    }

    pub(super) fn of_json(format: F) -> Self {
        Self { format, escape: escaped_json }
    }
}

impl<S, N, F> FormatEvent<S, N> for OneLine<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut escaping = Escaping { writer: &mut writer, escape: self.escape, may_end: false };
        self.format.format_event(context, Writer::new(&mut escaping), event)?;
        writer.write_char('\n')
    }
}

/// The last new line is that of the format, and left out.
struct Escaping<'w, W> {
    writer: &'w mut W,
    escape: Escape,
    /// A new line was left out, and is the last so far.
    may_end: bool,
}

impl<W: Write> Write for Escaping<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.is_empty() {
            return Ok(());
        }
        if self.may_end {
            write!(self.writer, "{}", (self.escape)("\n"))?;
        }
        let line = text.strip_suffix('\n');
        self.may_end = line.is_some();
        write!(self.writer, "{}", (self.escape)(line.unwrap_or(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_new_line_is_left_out() {
        for (pieces, line) in [
            (&["a", "\n"][..], "a"),
            (&["a\n"], "a"),
            (&["a\n", "b", "\n"], r"a\nb"),
            (&["a", "\n", "", "\n"], r"a\n"),
            (&["a\nb\n\n"], r"a\nb\n"),
            (&[], ""),
        ] {
            let mut out = String::new();
            let mut escaping = Escaping { writer: &mut out, escape: escaped, may_end: false };
            for piece in pieces {
                escaping.write_str(piece).unwrap();
            }
            assert_eq!(out, line, "{pieces:?}");
        }
    }
}
