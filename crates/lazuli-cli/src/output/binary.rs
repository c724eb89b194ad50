//! Formats that keep dtypes: Parquet and Arrow IPC.

use std::io::{self, Write};

use lazuli::frame::polars::io::SerWriter as _;
use lazuli::frame::polars::io::ipc::IpcWriter;
use lazuli::frame::polars::io::parquet::write::ParquetWriter;
use lazuli::frame::polars::prelude::{Column, DataFrame};

use super::{Cell, Record};

pub(super) fn write_parquet(out: &mut dyn Write, table: &DataFrame) -> io::Result<()> {
    ParquetWriter::new(out).finish(&mut table.clone()).map(drop).map_err(io::Error::other)
}

pub(super) fn write_arrow(out: &mut dyn Write, table: &DataFrame) -> io::Result<()> {
    IpcWriter::new(out).finish(&mut table.clone()).map_err(io::Error::other)
}

/// A record as a table of one row.
pub(super) fn table(record: &Record<'_>) -> io::Result<DataFrame> {
    let column = |(name, cell): &(&'static str, Cell<'_>)| {
        let name = (*name).into();
        match cell {
            Cell::Null => Column::new(name, [None::<f64>]),
            Cell::Boolean(value) => Column::new(name, [*value]),
            Cell::Integer(value) => match i64::try_from(*value) {
                Ok(value) => Column::new(name, [value]),
                Err(_) => Column::new(name, [*value as f64]),
            },
            Cell::Float32(value) => Column::new(name, [*value]),
            Cell::Float64(value) => Column::new(name, [*value]),
            other => Column::new(name, [other.plain().unwrap_or_default().as_ref()]),
        }
    };
    DataFrame::new(1, record.iter().map(column).collect()).map_err(io::Error::other)
}
