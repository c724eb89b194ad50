//! Frames as files: one for each partition in a folder, or one for all.
//!
//! Files are written under names of their own and get theirs when everything is written, so that what was to be
//! written is there whole or not at all.

mod format;

use std::fs;
use std::io::{BufWriter, Write};
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use lazuli_core::{Delayed, task};
use polars::prelude::{DataFrame, Schema};
use tempfile::{NamedTempFile, TempPath};

use crate::ask::tables_to;
use crate::error::FrameError;
use crate::frame::Frame;
use crate::table::{Table, stack};
use format::Format;

impl Frame {
    /// Writes Parquet files; the delayed value are their paths.
    ///
    /// A path that ends in `.parquet` is one file for all partitions, a row group or more for each. Any other is a
    /// folder, which is made if it is not there and must have no files in it: one for each partition,
    /// `part-00000.parquet` and so on, which together appear when all are written.
    #[track_caller]
    pub fn to_parquet(&self, path: impl Into<PathBuf>) -> Delayed<Vec<PathBuf>> {
        write("to_parquet", self, path.into(), Format::Parquet)
    }

    /// Writes CSV files with a header, separated by commas, as [`to_parquet`](Self::to_parquet) does with `.csv`.
    /// Missing values are empty fields.
    #[track_caller]
    pub fn to_csv(&self, path: impl Into<PathBuf>) -> Delayed<Vec<PathBuf>> {
        write("to_csv", self, path.into(), Format::Csv)
    }

    /// Writes Arrow IPC files, as [`to_parquet`](Self::to_parquet) does with `.arrow`, `.ipc` or `.feather`.
    #[track_caller]
    pub fn to_ipc(&self, path: impl Into<PathBuf>) -> Delayed<Vec<PathBuf>> {
        write("to_ipc", self, path.into(), Format::Ipc)
    }

    /// Writes JSON lines, as [`to_parquet`](Self::to_parquet) does with `.jsonl` or `.ndjson`.
    #[track_caller]
    pub fn to_jsonl(&self, path: impl Into<PathBuf>) -> Delayed<Vec<PathBuf>> {
        write("to_jsonl", self, path.into(), Format::JsonLines)
    }
}

/// A file that is written and has no name yet. It is gone if nobody keeps it.
type Unnamed = Arc<Mutex<Option<TempPath>>>;

fn write(
    name: &'static str,
    frame: &Frame,
    path: PathBuf,
    format: Format,
) -> Delayed<Vec<PathBuf>> {
    let site = Location::caller();
    let path = Arc::new(path);
    if format.is_of(&path) {
        let schema = frame.schema().cloned().unwrap_or_default();
        return tables_to(name, frame, move |tables| {
            // Each partition is put aside, so that one at a time is in memory when they are put together.
            let parts = tables.into_iter().enumerate().map(|(part, table)| {
                let path = Arc::clone(&path);
                let aside = task("put aside").site(site).part(part.to_string());
                aside.try_call(table, move |Table(table)| {
                    unnamed(folder(&path), |file| Format::Ipc.write(file, table.clone()))
                })
            });
            let parts: Vec<Delayed<Unnamed>> = parts.collect();
            let (path, schema) = (Arc::clone(&path), schema.clone());
            let whole = task(name).site(site).part(path.display().to_string());
            whole.try_call(&parts, move |parts| {
                one_file(&path, format, &parts, &schema).map(|()| vec![path.to_path_buf()])
            })
        });
    }
    tables_to(name, frame, move |tables| {
        let (path, empty) = (Arc::clone(&path), Arc::clone(&path));
        let ready = task("make folder").site(site);
        let ready = ready.try_call((), move |()| empty_folder(&empty));
        let files = tables.into_iter().enumerate().map(|(part, table)| {
            let path = Arc::clone(&path);
            let write = task(name).site(site).part(part.to_string());
            write.try_call((table, &ready), move |(Table(table), &())| {
                unnamed(&path, |file| format.write(file, table.clone()))
            })
        });
        let files: Vec<Delayed<Unnamed>> = files.collect();
        let all = task(name).site(site).part(path.display().to_string());
        all.try_call(&files, move |files| name_all(&path, format, &files))
    })
}

/// The folder of a file.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A folder without visible files.
fn empty_folder(path: &Path) -> Result<(), FrameError> {
    let failed = |error| FrameError::file(path, error);
    fs::create_dir_all(path).map_err(failed)?;
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if !name.to_string_lossy().starts_with('.') {
            let reason = std::io::Error::new(
                std::io::ErrorKind::AlreadyExists,
                format!("the folder has files in it already, {name:?} among them"),
            );
            return Err(failed(reason));
        }
    }
    Ok(())
}

/// Writes a file that has no name yet.
fn unnamed(
    folder: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), FrameError>,
) -> Result<Unnamed, FrameError> {
    let file = new_file(folder)?;
    let mut buffered = BufWriter::new(file);
    write(&mut buffered)?;
    let file = finished(buffered, folder)?;
    Ok(Arc::new(Mutex::new(Some(file.into_temp_path()))))
}

fn new_file(folder: &Path) -> Result<NamedTempFile, FrameError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".lazuli-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any new file; the system takes away what the user's mask says.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder).map_err(|error| FrameError::file(folder, error))
}

fn finished(buffered: BufWriter<NamedTempFile>, path: &Path) -> Result<NamedTempFile, FrameError> {
    buffered.into_inner().map_err(|error| FrameError::file(path, error.into_error()))
}

/// Puts the partitions together in one file.
fn one_file(
    path: &Path,
    format: Format,
    parts: &[&Unnamed],
    schema: &Schema,
) -> Result<(), FrameError> {
    let mut buffered = BufWriter::new(new_file(folder(path))?);
    let tables = parts.iter().map(|part| {
        let part = part.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(part) = part else { unreachable!("each part is taken once") };
        let table: DataFrame = Format::read_aside(&part)?;
        Ok::<_, FrameError>(stack(vec![table], schema)?)
    });
    format.write_all(&mut buffered, schema, tables)?;
    let file = finished(buffered, path)?;
    file.persist(path).map_err(|error| FrameError::file(path, error.error))?;
    Ok(())
}

/// Gives the files of a folder their names; none is left where one cannot have its own.
fn name_all(folder: &Path, format: Format, files: &[&Unnamed]) -> Result<Vec<PathBuf>, FrameError> {
    let mut named: Vec<PathBuf> = Vec::with_capacity(files.len());
    for (part, file) in files.iter().enumerate() {
        let file = file.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(file) = file else { unreachable!("each file is named once") };
        let path = folder.join(format!("part-{part:05}.{}", format.extension()));
        if let Err(error) = file.persist(&path) {
            for written in &named {
                // The first error is the one to report.
                let _ = fs::remove_file(written);
            }
            return Err(FrameError::file(&path, error.error));
        }
        named.push(path);
    }
    Ok(named)
}
