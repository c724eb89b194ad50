//! Writing answers: a table or a record, in the format and to the place that were asked for.
//!
//! A writer sees values as [`Cell`]s, column by column or key by key; it knows neither the command that
//! asks nor the [`Destination`] it writes to.

mod binary;
mod cell;
mod csv;
mod destination;
mod json;
mod markdown;
mod pretty;

use std::io::{self, Write};
use std::path::Path;

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
    /// The same, separated by tabs
    Tsv,
    /// An array of objects, or one object
    Json,
    /// An object in each line
    Jsonl,
    /// A table for a Markdown document
    Markdown,
    /// Apache Parquet
    Parquet,
    /// An Arrow IPC file
    Arrow,
}

/// Named values, in order.
pub(crate) type Record<'a> = [(&'static str, Cell<'a>)];

impl Format {
    /// What the name of a file ends in says of its format.
    pub(crate) fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_lowercase();
        Some(match &*extension {
            "csv" => Self::Csv,
            "tsv" | "tab" => Self::Tsv,
            "json" => Self::Json,
            "jsonl" | "ndjson" => Self::Jsonl,
            "md" | "markdown" => Self::Markdown,
            "parquet" | "pq" => Self::Parquet,
            "arrow" | "ipc" | "feather" => Self::Arrow,
            _ => return None,
        })
    }

    /// Writes a table.
    pub(crate) fn write_table(self, out: &mut dyn Write, table: &DataFrame) -> io::Result<()> {
        match self {
            Self::Pretty => pretty::write_table(out, table, pretty::Limits::of_terminal()),
            Self::Csv => csv::write_table(out, table, ','),
            Self::Tsv => csv::write_table(out, table, '\t'),
            Self::Json => json::write_table(out, table),
            Self::Jsonl => json::write_lines(out, table),
            Self::Markdown => markdown::write_table(out, table),
            Self::Parquet => binary::write_parquet(out, table),
            Self::Arrow => binary::write_arrow(out, table),
        }
    }

    /// Writes a record.
    pub(crate) fn write_record(self, out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
        match self {
            Self::Pretty => pretty::write_record(out, record),
            Self::Csv => csv::write_record(out, record, ','),
            Self::Tsv => csv::write_record(out, record, '\t'),
            Self::Json | Self::Jsonl => json::write_record(out, record),
            Self::Markdown => markdown::write_record(out, record),
            Self::Parquet => binary::write_parquet(out, &binary::table(record)?),
            Self::Arrow => binary::write_arrow(out, &binary::table(record)?),
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
