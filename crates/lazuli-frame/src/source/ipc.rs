//! Arrow IPC files ("Feather"): a partition for each file, and of it the wanted columns.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazuli_core::{Error, Result, compute, task};
use polars::prelude::{DataFrame, PlSmallStr, Schema, SchemaExt as _};
use polars_io::SerReader as _;
use polars_io::ipc::IpcReader;

use super::agreed::Agreed;
use super::parquet::open;
use super::{IntoFiles, Place, Source, push_batches};
use crate::error::FrameError;
use crate::frame::Frame;
use crate::plan::Base;
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
    let schemas = files.iter().map(|path| {
        let path = path.clone();
        task("read footer").part(path.display().to_string()).try_call((), move |()| schema(&path))
    });
    let schemas: Vec<Schema> = compute(schemas.collect::<Vec<_>>())?;
    let agreed = Agreed::new(files, &schemas, false);
    let place = |(file, path): (usize, &PathBuf)| Place {
        label: path.display().to_string().into(),
        file,
        bytes: std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
    };
    let places = agreed.files.iter().enumerate().map(place).collect();
    Ok(Frame::of(Base::Source(Arc::new(Ipc { agreed, places }))))
}

struct Ipc {
    agreed: Agreed,
    places: Vec<Place>,
}

fn schema(path: &Path) -> Result<Schema, FrameError> {
    let mut reader = IpcReader::new(open(path)?);
    let schema = reader.schema().map_err(|error| FrameError::format(path, "Arrow IPC", error))?;
    Ok(Schema::from_arrow_schema(&schema))
}

impl Source for Ipc {
    fn schema(&self) -> &Schema {
        &self.agreed.schema
    }

    fn partitions(&self) -> &[Place] {
        &self.places
    }

    fn files(&self) -> &[PathBuf] {
        &self.agreed.files
    }

    fn check(&self, columns: &[PlSmallStr]) -> Result<(), FrameError> {
        self.agreed.check(columns)
    }

    fn load(
        &self,
        partition: usize,
        columns: &[PlSmallStr],
        push: &mut dyn FnMut(DataFrame) -> ControlFlow<()>,
    ) -> Result<u64, FrameError> {
        let path = &self.agreed.files[partition];
        let named = |error| FrameError::format(path, "Arrow IPC", error);
        // Without any column the number of rows would be lost: the first tells it.
        let first = self.schema().iter_names().next();
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
        Ok(self.places[partition].bytes)
    }
}
