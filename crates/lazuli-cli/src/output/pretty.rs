//! Tables to look at: columns aligned, numbers to the right.
//!
//! ```text
//! carrier   avg(arr_delay)
//! ───────  ───────────────
//! AA       0.3642908567315
//! ```
//!
//! Widths are those that a terminal gives the characters; control characters are shown, not obeyed.

use std::borrow::Cow;
use std::io::{self, Write};

use lazuli::frame::polars::prelude::DataFrame;
use unicode_width::UnicodeWidthStr as _;

use super::{Cell, Record, names, row};
use crate::text::visible;

/// Between two columns.
const GAP: &str = "  ";

/// How much of a table is shown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    rows: Option<usize>,
    width: Option<usize>,
}

impl Limits {
    /// What a terminal shows, if stdout is one; a file or a pipe gets everything.
    pub(super) fn of_terminal() -> Self {
        let terminal = console::Term::stdout();
        match terminal.is_term() {
            true => Self { rows: Some(ROWS), width: Some(terminal.size().1.into()) },
            false => Self::default(),
        }
    }
}

/// Rows that a terminal is given.
const ROWS: usize = 40;

/// Writes the table, cut to the limits, with a line that says what is not shown.
pub(super) fn write_table(
    out: &mut dyn Write,
    table: &DataFrame,
    limits: Limits,
) -> io::Result<()> {
    let shown = limits.rows.map_or(table.height(), |rows| rows.min(table.height()));
    let mut lines: Vec<Vec<String>> = vec![names(table).map(|name| visible(name).into()).collect()];
    for at in 0..shown {
        lines.push(row(table, at)?.iter().map(|cell| text(cell).into()).collect());
    }
    let mut columns: Vec<Column> = table
        .columns()
        .iter()
        .enumerate()
        .map(|(at, column)| Column {
            width: lines.iter().map(|line| line[at].width()).max().unwrap_or(0),
            to_the_right: column.dtype().is_primitive_numeric(),
        })
        .collect();
    if let Some(width) = limits.width {
        let mut taken = 0;
        let fitting = columns.iter().take_while(|column| {
            taken += column.width + if taken == 0 { 0 } else { GAP.len() };
            taken <= width
        });
        let fitting = fitting.count().max(1);
        columns.truncate(fitting);
    }
    write_line(out, &columns, &lines[0])?;
    let rules: Vec<String> = columns.iter().map(|column| "─".repeat(column.width)).collect();
    write_line(out, &columns, &rules)?;
    lines[1..].iter().try_for_each(|line| write_line(out, &columns, line))?;
    let (rows, hidden) = (table.height() - shown, table.width() - columns.len());
    let more = |count: usize, what: &str| (count > 0).then(|| format!("{count} more {what}"));
    let more: Vec<String> = more(rows, "rows").into_iter().chain(more(hidden, "columns")).collect();
    match more.is_empty() {
        true => Ok(()),
        false => writeln!(out, "({}: -o FILE writes all)", more.join(", ")),
    }
}

pub(super) fn write_record(out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
    let lines: Vec<[Cow<'_, str>; 2]> =
        record.iter().map(|(name, cell)| [visible(name), text(cell)]).collect();
    let columns = [0, 1].map(|at| Column {
        width: lines.iter().map(|line| line[at].width()).max().unwrap_or(0),
        to_the_right: false,
    });
    lines.iter().try_for_each(|line| write_line(out, &columns, line))
}

struct Column {
    width: usize,
    to_the_right: bool,
}

/// Writes the texts in their columns, without spaces at the end.
fn write_line(
    out: &mut dyn Write,
    columns: &[Column],
    texts: &[impl AsRef<str>],
) -> io::Result<()> {
    let mut line = String::new();
    for (at, (column, text)) in columns.iter().zip(texts).enumerate() {
        let text = text.as_ref();
        let padding = " ".repeat(column.width.saturating_sub(text.width()));
        let (left, right) = if column.to_the_right { (&*padding, "") } else { ("", &*padding) };
        line.extend([if at == 0 { "" } else { GAP }, left, text, right]);
    }
    writeln!(out, "{}", line.trim_end())
}

fn text<'a>(cell: &'a Cell<'_>) -> Cow<'a, str> {
    match cell {
        Cell::Text(text) => visible(text),
        other => other.plain().unwrap_or(Cow::Borrowed("null")),
    }
}

#[cfg(test)]
mod tests {
    use lazuli::frame::polars::prelude::df;

    use super::*;

    fn written(table: &DataFrame) -> String {
        let mut out = Vec::new();
        write_table(&mut out, table, Limits::default()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_stand_to_the_right() {
        let table = df!(
            "carrier" => [Some("AA"), Some("夜"), None],
            "max(dep_delay)" => [Some(1014_i64), Some(-3), None],
            "mean" => [0.5, 12.25, f64::NAN],
        );
        let expected = concat!(
            "carrier  max(dep_delay)   mean\n",
            "───────  ──────────────  ─────\n",
            "AA                 1014    0.5\n",
            "夜                   -3  12.25\n",
            "null               null    NaN\n",
        );
        assert_eq!(written(&table.unwrap()), expected);
    }

    #[test]
    fn a_terminal_gets_what_it_can_show() {
        let table = df!("aaaa" => [1, 2, 3], "bbbb" => [4, 5, 6], "cccc" => [7, 8, 9]).unwrap();
        let mut out = Vec::new();
        write_table(&mut out, &table, Limits { rows: Some(2), width: Some(12) }).unwrap();
        let expected = concat!(
            "aaaa  bbbb\n",
            "────  ────\n",
            "   1     4\n",
            "   2     5\n",
            "(1 more rows, 1 more columns: -o FILE writes all)\n",
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn control_characters_do_nothing() {
        let table = df!("text" => ["a\nb", "\u{1b}[31mred", "last"]).unwrap();
        let expected = "text\n─────────────\na\\nb\n\\u{1b}[31mred\nlast\n";
        assert_eq!(written(&table), expected);
    }

    #[test]
    fn a_record_is_a_line_for_each_value() {
        let mut out = Vec::new();
        let record = [
            ("shape", Cell::Shape(&[2, 3])),
            ("dtype", Cell::from("float64")),
            ("min", Cell::Null),
        ];
        write_record(&mut out, &record).unwrap();
        assert_eq!(out, b"shape  2x3\ndtype  float64\nmin    null\n");
    }
}
