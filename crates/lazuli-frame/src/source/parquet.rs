//! Apache Parquet: a partition for each row group, and of it the wanted columns.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use lazuli_core::{Error, Result, compute, task};
use polars::prelude::{DataFrame, PlSmallStr, PolarsError, Schema, SchemaExt as _};
use polars_io::SerReader as _;
use polars_io::parquet::metadata::FileMetadataRef;
use polars_io::parquet::read::{ParallelStrategy, ParquetReader};

use super::agreed::{Agreed, AgreedFiles, Format};
use super::{IntoFiles, Place, Source, push_batches};
use crate::error::FrameError;
use crate::frame::Frame;
use crate::pool;

/// Parquet files as one table: a partition for each row group, in the order of the files.
///
/// Of each file the footer is read at once (on the shared pool), and nothing else. A compute then reads the columns
/// that it needs. That files disagree on a column is an error where it is asked for.
///
/// ```
/// use lazuli_core::compute;
/// use lazuli_frame::polars::prelude::*;
/// use lazuli_frame::{Frame, scan_parquet};
///
/// # let folder = std::env::temp_dir().join(format!("lazuli-parquet-{}", std::process::id()));
/// let numbers = Frame::from_dataframe(&df!("n" => [1_i64, 2, 3])?, 2);
/// compute(numbers.to_parquet(&folder))?; // a file for each partition
///
/// let frame = scan_parquet(&folder.join("*.parquet").display().to_string())?;
/// assert_eq!(compute(frame.column("n").sum::<i64>())?, Some(6));
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// No files; a file that cannot be read or is no Parquet.
pub fn scan_parquet(files: impl IntoFiles) -> Result<Frame> {
    pool::share()?;
    let files = files.into_files().map_err(Error::plan)?;
    let footers = files.iter().map(|path| {
        let path = path.clone();
        task("read footer").part(path.display().to_string()).try_call((), move |()| footer(&path))
    });
    let footers: Vec<Footer> = compute(footers.collect::<Vec<_>>())?;
    let schemas: Vec<Schema> = footers.iter().map(|footer| footer.schema.clone()).collect();
    let agreed = Agreed::new(files, &schemas, false);
    let mut places = Vec::new();
    let mut groups = Vec::new();
    for (file, footer) in footers.into_iter().enumerate() {
        let label: Arc<str> = agreed.files[file].display().to_string().into();
        let sizes = footer.metadata.row_groups.iter();
        let mut sizes: Vec<(usize, u64)> =
            sizes.map(|group| (group.num_rows(), group.total_byte_size() as u64)).collect();
        if sizes.is_empty() {
            sizes.push((0, 0));
        }
        let mut start = 0;
        let footer = Arc::new(footer);
        for (rows, bytes) in sizes {
            places.push(Place { label: Arc::clone(&label), file, bytes });
            groups.push(Group { start, rows, footer: Arc::clone(&footer) });
            start += rows;
        }
    }
    Ok(AgreedFiles::frame(agreed, places, Parquet { groups }))
}

/// The row group of each partition.
struct Parquet {
    groups: Vec<Group>,
}

/// A row group of a file.
struct Group {
    start: usize,
    rows: usize,
    footer: Arc<Footer>,
}

/// What the end of a file says of it.
#[derive(Clone)]
struct Footer {
    metadata: FileMetadataRef,
    schema: Schema,
    bytes: u64,
}

fn footer(path: &Path) -> Result<Footer, FrameError> {
    let file = open(path)?;
    let bytes = file.metadata().map_err(|error| FrameError::file(path, error))?.len();
    let named = |error: PolarsError| FrameError::format(path, "Parquet", error);
    let mut reader = ParquetReader::new(file);
    let metadata = Arc::clone(reader.get_metadata().map_err(named)?);
    let schema = Schema::from_arrow_schema(&*reader.schema().map_err(named)?);
    Ok(Footer { metadata, schema, bytes })
}

/// Opens a file for reading.
pub(super) fn open(path: &Path) -> Result<File, FrameError> {
    let file = File::open(path).map_err(|error| FrameError::file(path, error))?;
    match file.metadata() {
        Ok(metadata) if metadata.is_dir() => {
            Err(FrameError::file(path, std::io::ErrorKind::IsADirectory.into()))
        }
        _ => Ok(file),
    }
}

impl Format for Parquet {
    fn load(
        &self,
        files: &AgreedFiles<Self>,
        partition: usize,
        columns: &[PlSmallStr],
        push: &mut dyn FnMut(DataFrame) -> ControlFlow<()>,
    ) -> Result<u64, FrameError> {
        let Group { start, rows, footer } = &self.groups[partition];
        let path = files.path(partition);
        if columns.is_empty() {
            let _ = push_batches(&DataFrame::new(*rows, Vec::new())?, push);
            return Ok(0);
        }
        let file = open(path)?;
        if file.metadata().map_or(0, |metadata| metadata.len()) != footer.bytes {
            return Err(FrameError::Changed { path: path.clone() });
        }
        let names = columns.iter().map(ToString::to_string).collect();
        let mut reader = ParquetReader::new(file)
            .read_parallel(ParallelStrategy::None)
            .with_slice(Some((*start, *rows)))
            .with_columns(Some(names));
        reader.set_metadata(Arc::clone(&footer.metadata));
        let table = reader.finish().map_err(|error| FrameError::format(path, "Parquet", error))?;
        let table = table.select(columns.iter().cloned())?;
        let _ = push_batches(&table, push);
        Ok(files.partitions()[partition].bytes)
    }
}
