//! Writing answers: a table or a record, in the format and to the place that were asked for.
//!
//! A writer sees values as [`Cell`]s, column by column or key by key; it knows neither the command that
//! asks nor the [`Destination`] it writes to.

mod cell;
mod csv;
mod destination;
mod json;
mod pretty;

use std::io::{self, Write};

use lazuli::frame::polars::prelude::DataFrame;

pub(crate) use cell::Cell;
pub(crate) use destination::Destination;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table to look at
    Pretty,
    /// Comma-separated values, with a header
    Csv,
    /// An array of objects, or one object
    Json,
}

/// Named values, in order.
pub(crate) type Record<'a> = [(&'static str, Cell<'a>)];

impl Format {
    /// Writes a table.
    pub(crate) fn write_table(self, out: &mut dyn Write, table: &DataFrame) -> io::Result<()> {
        match self {
            Self::Pretty => pretty::write_table(out, table),
            Self::Csv => csv::write_table(out, table),
            Self::Json => json::write_table(out, table),
        }
    }

    /// Writes a record.
    pub(crate) fn write_record(self, out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
        match self {
            Self::Pretty => pretty::write_record(out, record),
            Self::Csv => csv::write_record(out, record),
            Self::Json => json::write_record(out, record),
        }
    }
}

/// The names of a table's columns.
fn names(table: &DataFrame) -> impl Iterator<Item = &str> {
    table.columns().iter().map(|column| column.name().as_str())
}

/// The cells of a row of the table, which must have that many.
fn row(table: &DataFrame, row: usize) -> io::Result<Vec<Cell<'_>>> {
    let cells = table.columns().iter().map(|column| column.get(row).map(Cell::from));
    cells.collect::<Result<_, _>>().map_err(io::Error::other)
}
