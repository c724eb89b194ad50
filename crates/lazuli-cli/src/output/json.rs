//! JSON (RFC 8259): a table as an array of objects, one a line; a record as an object.
//!
//! Integers are written exactly, floats in the shortest form that reads back as the same float. What
//! JSON has no number for (a NaN, an infinity) is `null`, as is a missing value.

use std::io::{self, Write};

use lazuli::frame::polars::prelude::DataFrame;

use super::{Cell, Record, names, row};

pub(super) fn write_table(out: &mut dyn Write, table: &DataFrame) -> io::Result<()> {
    let names: Vec<&str> = names(table).collect();
    out.write_all(b"[")?;
    for at in 0..table.height() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        write_object(out, names.iter().copied().zip(&row(table, at)?))?;
    }
    out.write_all(if table.height() == 0 { b"]\n" } else { b"\n]\n" })
}

/// The same as an object in each line.
pub(super) fn write_lines(out: &mut dyn Write, table: &DataFrame) -> io::Result<()> {
    let names: Vec<&str> = names(table).collect();
    for at in 0..table.height() {
        write_object(out, names.iter().copied().zip(&row(table, at)?))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

pub(super) fn write_record(out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
    write_object(out, record.iter().map(|(name, cell)| (*name, cell)))?;
    out.write_all(b"\n")
}

fn write_object<'a>(
    out: &mut dyn Write,
    members: impl Iterator<Item = (&'a str, &'a Cell<'a>)>,
) -> io::Result<()> {
    for (at, (name, cell)) in members.enumerate() {
        out.write_all(if at == 0 { b"{" } else { b"," })?;
        write_text(out, name)?;
        out.write_all(b":")?;
        write_cell(out, cell)?;
    }
    out.write_all(b"}")
}

fn write_cell(out: &mut dyn Write, cell: &Cell<'_>) -> io::Result<()> {
    match cell {
        Cell::Text(text) => write_text(out, text),
        Cell::Shape(sizes) => write!(out, "{sizes:?}"),
        other => match other.plain() {
            Some(plain) if other.is_finite() => out.write_all(plain.as_bytes()),
            _ => out.write_all(b"null"),
        },
    }
}

fn write_text(out: &mut dyn Write, text: &str) -> io::Result<()> {
    serde_json::to_writer(out, text).map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    use lazuli::frame::polars::prelude::df;

    use super::*;

    fn written(table: &DataFrame) -> String {
        let mut out = Vec::new();
        write_table(&mut out, table).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_row_is_an_object() {
        let table = df!(
            "say \"hi\"" => ["tab\there", "Блюз 夜"],
            "n" => [Some(i64::MIN), None],
            "u" => [0, u64::MAX],
            "x" => [0.1 + 0.2, -1e300],
            "b" => [true, false],
        );
        let expected = concat!(
            "[\n",
            r#"{"say \"hi\"":"tab\there","n":-9223372036854775808,"u":0,"x":0.30000000000000004,"b":true},"#,
            "\n",
            r#"{"say \"hi\"":"Блюз 夜","n":null,"u":18446744073709551615,"x":-1e300,"b":false}"#,
            "\n]\n",
        );
        assert_eq!(written(&table.unwrap()), expected);
    }

    #[test]
    fn floats_read_back_as_they_were() {
        let floats = [0.0, -0.0, 1.0, 5e-324, f64::MAX, 1e16, 1e-5, 123_456_789.123_456_79];
        let text = written(&df!("x" => floats).unwrap());
        // Read by hand: what serde_json reads may be off by the last bit.
        let numbers = text.lines().filter_map(|line| line.strip_prefix("{\"x\":"));
        let numbers = numbers.map(|line| line.trim_end_matches([',', '}']).parse::<f64>().unwrap());
        let back: Vec<u64> = numbers.map(f64::to_bits).collect();
        assert_eq!(back, floats.map(f64::to_bits));
    }

    #[test]
    fn narrow_floats_have_no_more_digits_than_they_need() {
        assert_eq!(written(&df!("x" => [0.1_f32]).unwrap()), "[\n{\"x\":0.1}\n]\n");
    }

    #[test]
    fn what_is_no_number_is_null() {
        let text = written(&df!("x" => [f64::NAN, f64::INFINITY]).unwrap());
        assert_eq!(text, "[\n{\"x\":null},\n{\"x\":null}\n]\n");
    }

    #[test]
    fn no_rows_are_an_empty_array() {
        assert_eq!(written(&df!("x" => Vec::<i64>::new()).unwrap()), "[]\n");
    }

    #[test]
    fn a_record_is_one_object() {
        let mut out = Vec::new();
        let record =
            [("shape", Cell::Shape(&[2, 3])), ("mean", Cell::from(0.5)), ("min", Cell::Null)];
        write_record(&mut out, &record).unwrap();
        assert_eq!(out, b"{\"shape\":[2, 3],\"mean\":0.5,\"min\":null}\n");
    }
}
