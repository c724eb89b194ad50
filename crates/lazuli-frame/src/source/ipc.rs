//! Arrow IPC files ("Feather"): a partition for each file, and of it the wanted columns.

use std::ops::ControlFlow;
use std::path::Path;

use lazuli_core::{Error, Result};
use polars::prelude::{DataFrame, PlSmallStr, Schema, SchemaExt as _};
use polars_io::SerReader as _;
use polars_io::ipc::IpcReader;

use super::agreed::{AgreedFiles, Format};
use super::parquet::open;
use super::{IntoFiles, Source as _, push_batches};
use crate::error::FrameError;
use crate::frame::Frame;
use crate::pool;

/// Arrow IPC files as one table: a partition for each file, in their order.
///
/// Of each file the footer is read at once (on the shared pool), and nothing else. A compute then reads the columns
/// that it needs. That files disagree on a column is an error where it is asked for.
///
/// # Errors
/// No files; a file that cannot be read or is no Arrow IPC file.
pub fn scan_ipc(files: impl IntoFiles) -> Result<Frame> {
    pool::share()?;
    let files = files.into_files().map_err(Error::plan)?;
    AgreedFiles::file_by_file("read footer", files, schema, false, Ipc)
}

struct Ipc;

fn schema(path: &Path) -> Result<Schema, FrameError> {
    let mut reader = IpcReader::new(open(path)?);
    let schema = reader.schema().map_err(|error| FrameError::format(path, "Arrow IPC", error))?;
    Ok(Schema::from_arrow_schema(&schema))
}

impl Format for Ipc {
    fn load(
        &self,
        files: &AgreedFiles<Self>,
        partition: usize,
        columns: &[PlSmallStr],
        push: &mut dyn FnMut(DataFrame) -> ControlFlow<()>,
    ) -> Result<u64, FrameError> {
        let path = files.path(partition);
        let named = |error| FrameError::format(path, "Arrow IPC", error);
        // Without any column the number of rows would be lost: the first tells it.
        let first = files.schema().iter_names().next();
        let read = if columns.is_empty() {
            first.into_iter().collect()
        } else {
            columns.iter().collect::<Vec<_>>()
        };
        let names = read.iter().map(ToString::to_string).collect();
        let reader = IpcReader::new(open(path)?).with_columns(Some(names));
        let table = reader.finish().map_err(named)?;
        let height = table.height();
        let taken = columns.iter().map(|name| table.column(name).cloned());
        let table = DataFrame::new(height, taken.collect::<Result<_, _>>()?)?;
        let _ = push_batches(&table, push);
        Ok(files.partitions()[partition].bytes)
    }
}
