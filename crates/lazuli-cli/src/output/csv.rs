//! CSV and TSV: a header and rows, quoted as RFC 4180 says, lines ended by LF.
//!
//! A missing value is an empty field, an empty text a quoted one, so that the two are told apart when
//! the file is read again. Floats are written in the shortest form that reads back as the same float.

use std::borrow::Cow;
use std::io::{self, Write};

use lazuli::frame::polars::prelude::DataFrame;

use super::{Cell, Record, names, row};

pub(super) fn write_table(
    out: &mut dyn Write,
    table: &DataFrame,
    separator: char,
) -> io::Result<()> {
    let quoted = |name| quoted(name, separator);
    write_line(out, separator, names(table).map(quoted))?;
    for at in 0..table.height() {
        write_line(out, separator, row(table, at)?.iter().map(|cell| field(cell, separator)))?;
    }
    Ok(())
}

pub(super) fn write_record(
    out: &mut dyn Write,
    record: &Record<'_>,
    separator: char,
) -> io::Result<()> {
    write_line(out, separator, record.iter().map(|(name, _)| quoted(name, separator)))?;
    write_line(out, separator, record.iter().map(|(_, cell)| field(cell, separator)))
}

fn write_line<'a>(
    out: &mut dyn Write,
    separator: char,
    fields: impl Iterator<Item = Cow<'a, str>>,
) -> io::Result<()> {
    for (at, field) in fields.enumerate() {
        if at > 0 {
            write!(out, "{separator}")?;
        }
        out.write_all(field.as_bytes())?;
    }
    out.write_all(b"\n")
}

fn field<'a>(cell: &'a Cell<'_>, separator: char) -> Cow<'a, str> {
    match cell {
        Cell::Text(text) => quoted(text, separator),
        other => other.plain().unwrap_or(Cow::Borrowed("")),
    }
}

/// The text, in quotes if it could be taken for something else without.
fn quoted(text: &str, separator: char) -> Cow<'_, str> {
    let spaced = text.starts_with([' ', '\t']) || text.ends_with([' ', '\t']);
    if text.is_empty() || spaced || text.contains([separator, '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use lazuli::frame::polars::prelude::df;

    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let table = df!(
            "name, first" => [Some("Ann \"A\"\nB."), Some(""), None, Some("Río")],
            "x" => [Some(0.1), Some(f64::NAN), None, Some(1.0)],
            "b" => [true, false, true, false],
        );
        let mut out = Vec::new();
        write_table(&mut out, &table.unwrap(), ',').unwrap();
        let expected = concat!(
            "\"name, first\",x,b\n",
            "\"Ann \"\"A\"\"\nB.\",0.1,true\n",
            "\"\",NaN,false\n",
            ",,true\n",
            "Río,1.0,false\n",
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_record_is_a_table_of_one_row() {
        let mut out = Vec::new();
        let record = [("shape", Cell::Shape(&[2, 3])), ("sum", Cell::Integer(1 << 70))];
        write_record(&mut out, &record, ',').unwrap();
        assert_eq!(out, b"shape,sum\n2x3,1180591620717411303424\n");
    }
}
