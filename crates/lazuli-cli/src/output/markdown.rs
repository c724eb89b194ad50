//! Tables for Markdown documents, as GitHub and others read them.

use std::io::{self, Write};

use lazuli::frame::polars::prelude::DataFrame;

use super::{Cell, Record, names, row};

pub(super) fn write_table(out: &mut dyn Write, table: &DataFrame) -> io::Result<()> {
    write_line(out, names(table).map(escaped))?;
    let right = table.columns().iter().map(|column| column.dtype().is_primitive_numeric());
    write_line(out, right.map(|right| if right { "--:" } else { "---" }.to_owned()))?;
    (0..table.height()).try_for_each(|at| write_line(out, row(table, at)?.iter().map(text)))
}

pub(super) fn write_record(out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
    write_line(out, ["name", "value"].map(String::from).into_iter())?;
    write_line(out, ["---", "---"].map(String::from).into_iter())?;
    let mut lines = record.iter();
    lines.try_for_each(|(name, cell)| write_line(out, [escaped(name), text(cell)].into_iter()))
}

fn write_line(out: &mut dyn Write, texts: impl Iterator<Item = String>) -> io::Result<()> {
    for text in texts {
        write!(out, "| {text} ")?;
    }
    out.write_all(b"|\n")
}

fn text(cell: &Cell<'_>) -> String {
    cell.plain().map(|text| escaped(&text)).unwrap_or_default()
}

/// The text in one cell of one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' | '\\' => escaped.extend(['\\', character]),
            '\n' => escaped.push_str("<br>"),
            character if character.is_control() => escaped.extend(character.escape_default()),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use lazuli::frame::polars::prelude::df;

    use super::*;

    #[test]
    fn cells_stay_in_their_lines() {
        let table = df!("a|b" => [Some("x\ny"), None], "n" => [1.5, -2.0]).unwrap();
        let mut out = Vec::new();
        write_table(&mut out, &table).unwrap();
        let expected = "| a\\|b | n |\n| --- | --: |\n| x<br>y | 1.5 |\n|  | -2.0 |\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
