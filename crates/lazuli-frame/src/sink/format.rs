//! How a table is written in each format.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use polars::prelude::{CompatLevel, DataFrame, PolarsError, Schema, SchemaExt as _};
use polars_arrow::io::ipc::write::default_ipc_fields;
use polars_io::ipc::{IpcReader, IpcWriter};
use polars_io::json::{BatchedWriter as JsonBatches, JsonFormat, JsonWriter};
use polars_io::parquet::write::ParquetWriter;
use polars_io::prelude::CsvWriter;
use polars_io::{SerReader as _, SerWriter as _};

use crate::error::FrameError;

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Parquet,
    Csv,
    Ipc,
    JsonLines,
}

impl Format {
    /// The extension of its files.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Ipc => "arrow",
            Self::JsonLines => "jsonl",
        }
    }

    /// Whether the path names a file of the format, by its extension.
    pub(super) fn is_of(self, path: &Path) -> bool {
        let extensions: &[&str] = match self {
            Self::Parquet => &["parquet"],
            Self::Csv => &["csv"],
            Self::Ipc => &["arrow", "ipc", "feather"],
            Self::JsonLines => &["jsonl", "ndjson"],
        };
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|own| extensions.iter().any(|other| own.eq_ignore_ascii_case(other)))
    }

    /// Writes a table as a file.
    pub(super) fn write(self, to: &mut dyn Write, mut table: DataFrame) -> Result<(), FrameError> {
        match self {
            Self::Parquet => {
                ParquetWriter::new(to).set_parallel(false).finish(&mut table)?;
            }
            Self::Csv => CsvWriter::new(to).n_threads(1).finish(&mut table)?,
            Self::Ipc => IpcWriter::new(to).with_parallel(false).finish(&mut table)?,
            Self::JsonLines => {
                JsonWriter::new(to).with_json_format(JsonFormat::JsonLines).finish(&mut table)?;
            }
        }
        Ok(())
    }

    /// Writes tables of one schema as one file.
    pub(super) fn write_all(
        self,
        to: &mut dyn Write,
        schema: &Schema,
        tables: impl Iterator<Item = Result<DataFrame, FrameError>>,
    ) -> Result<(), FrameError> {
        match self {
            Self::Parquet => {
                let mut writer = ParquetWriter::new(to).set_parallel(false).batched(schema)?;
                each(tables, |table| writer.write_batch(table))?;
                writer.finish()?;
            }
            Self::Csv => {
                let mut writer = CsvWriter::new(to).n_threads(1).batched(schema)?;
                each(tables, |table| writer.write_batch(table))?;
                writer.finish()?;
            }
            Self::Ipc => {
                let arrow = schema.to_arrow(CompatLevel::newest());
                let fields = default_ipc_fields(arrow.iter_values());
                let mut writer = IpcWriter::new(to).with_parallel(false).batched(schema, fields)?;
                each(tables, |table| writer.write_batch(table))?;
                writer.finish()?;
            }
            Self::JsonLines => {
                let mut writer = JsonBatches::new(to);
                each(tables, |table| writer.write_batch(table))?;
            }
        }
        Ok(())
    }

    /// Reads a table that was put aside as Arrow IPC.
    pub(super) fn read_aside(path: &Path) -> Result<DataFrame, FrameError> {
        let file = File::open(path).map_err(|error| FrameError::file(path, error))?;
        Ok(IpcReader::new(file).finish()?)
    }
}

fn each(
    tables: impl Iterator<Item = Result<DataFrame, FrameError>>,
    mut write: impl FnMut(&DataFrame) -> Result<(), PolarsError>,
) -> Result<(), FrameError> {
    for table in tables {
        let table = table?;
        if table.height() > 0 {
            write(&table)?;
        }
    }
    Ok(())
}
