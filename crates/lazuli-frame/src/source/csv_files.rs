//! Scanning CSV files: which there are, and what columns they have.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use lazuli_core::{Error, Result, compute, task};
use polars::prelude::{DataType, PlSmallStr, Schema};

use super::{IntoFiles, Place, list};
use crate::error::FrameError;
use crate::frame::Frame;
use crate::plan::Base;
use crate::pool;
use crate::source::csv::{
    CsvOptions, FileSchema, ReadError, Reconciled, SAMPLE, Wanted, Witness, blocks, read_batches,
    reconcile, sample_ends,
};

/// Bytes sampled of all files together, as long as each sampled file has its share of [`LEAST`].
const SAMPLES: usize = 4 * 1024 * 1024;

/// The least bytes that are sampled at either end of a file that is sampled.
const LEAST: usize = 8 * 1024;

/// The files of a frame, a partition each, and the schema they share.
///
/// Frames made from one scan share their files' reading.
pub(crate) struct Scan {
    pub(crate) files: Vec<PathBuf>,
    /// One for each file, or for each block of a large one, in the order of the files.
    pub(crate) partitions: Vec<Place>,
    pub(crate) options: CsvOptions,
    pub(crate) reconciled: Reconciled,
    /// Of text columns, the first file with a cell that made them text, and that cell.
    witnesses: HashMap<PlSmallStr, (PathBuf, Witness)>,
    /// What is to be said of the files, a line each.
    pub(crate) notes: Vec<String>,
}

impl Scan {
    /// The columns and their dtypes.
    pub(crate) fn schema(&self) -> &Schema {
        &self.reconciled.schema
    }

    /// These columns with their dtypes, in the order of the schema.
    pub(crate) fn wanted<'a>(&'a self, wanted: impl Fn(&PlSmallStr) -> bool + 'a) -> Vec<Wanted> {
        let columns = self.schema().iter().filter(|(name, _)| wanted(name));
        let set = |name: &PlSmallStr| self.options.schema().iter().any(|(other, _)| other == name);
        columns
            .map(|(name, dtype)| Wanted {
                name: name.clone(),
                dtype: dtype.clone(),
                guessed: !set(name),
                coded: false,
            })
            .collect()
    }

    /// That the files have all of these columns, and agree on them.
    pub(super) fn check_columns(&self, columns: &[PlSmallStr]) -> Result<(), FrameError> {
        for column in columns {
            if !self.schema().contains(column) {
                let known = self.schema().iter_names();
                return Err(FrameError::unknown(column, &list(&self.files), known));
            }
            if let Some(conflict) = self.reconciled.conflict(column) {
                return Err(conflict.into());
            }
        }
        Ok(())
    }

    /// Why the first of these columns that is text is so, as far as a cell made it so.
    pub(super) fn why(&self, columns: &[PlSmallStr]) -> Option<String> {
        let (column, (path, witness)) =
            columns.iter().find_map(|column| Some((column, self.witnesses.get(column)?)))?;
        let place = match witness.line(path) {
            Some(line) => format!("{}: line {line}", path.display()),
            None => path.display().to_string(),
        };
        let text = &witness.text;
        Some(format!("{place}, column \"{column}\": {text:?} makes the column text"))
    }

    /// What the first value of each of these columns looks like, in the order of the files: `Null` where there
    /// is none. `is_over` ends the search.
    pub(crate) fn first_values(
        &self,
        columns: &[PlSmallStr],
        is_over: impl Fn() -> bool,
    ) -> Result<HashMap<PlSmallStr, DataType>, ReadError> {
        let mut found: HashMap<PlSmallStr, DataType> = HashMap::new();
        for file in &self.files {
            let wanted = self.wanted(|name| columns.contains(name) && !found.contains_key(name));
            if wanted.is_empty() || is_over() {
                break;
            }
            read_batches(file, None, &wanted, &self.options, &mut |batch| {
                for column in batch.frame.columns() {
                    if !column.dtype().is_null() && !found.contains_key(column.name()) {
                        found.insert(column.name().clone(), column.dtype().clone());
                    }
                }
                let all = wanted.iter().all(|column| found.contains_key(&column.name));
                if all || is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
        }
        Ok(found)
    }
}

/// Many CSV files as one table: a partition for each file, in the order of the list, or by name for a
/// glob pattern.
///
/// The beginnings and the ends of files are sampled (on the shared pool) for its schema: 64 KiB at either end, of
/// many files fewer, and of very many only some, evenly spaced, so that all samples together are a few MiB.
/// A column gets the narrowest dtype that every sampled cell fits, see
/// [`sample_schema`](crate::source::csv::sample_schema); one that is whole numbers in some files and fractions
/// in others is `f64`. Other conflicts, and columns that some files lack, are errors that name the files where
/// the column is asked for. So is a cell that was not sampled and does not fit: it is named by file, line and
/// column. A dtype can be set with [`CsvOptions::with_schema`] (in the command: `--schema col=str`). A column
/// without any sampled value has the dtype `Null`, and where it is asked for, the dtype of its first value.
///
/// # Errors
/// No files; a sampled file that cannot be read or is empty.
pub fn scan_csv(files: impl IntoFiles) -> Result<Frame> {
    scan_csv_with(files, CsvOptions::default())
}

/// As [`scan_csv`], for files that are written in another way.
///
/// # Errors
/// As [`scan_csv`].
pub fn scan_csv_with(files: impl IntoFiles, options: CsvOptions) -> Result<Frame> {
    pool::share()?;
    let files = files.into_files().map_err(Error::plan)?;
    let sampled = sampled(&files);
    let size = (SAMPLES / (2 * sampled.len().max(1))).clamp(LEAST, SAMPLE);
    let sampling = Arc::new(options.clone());
    let samples = sampled.iter().map(|path| {
        let (path, options) = (path.clone(), Arc::clone(&sampling));
        task("sample schema")
            .part(path.display().to_string())
            .try_call((), move |()| sample_ends(&path, size, &options))
    });
    let samples: Vec<FileSchema> = compute(samples.collect::<Vec<_>>())?;
    let sampled: Vec<(PathBuf, FileSchema)> = sampled.into_iter().zip(samples).collect();
    let reconciled = reconcile(&sampled).map_err(Error::plan)?;
    let mut witnesses = HashMap::new();
    for (name, dtype) in reconciled.schema.iter() {
        let mut seen = sampled.iter().filter_map(|(path, file)| Some((path, file.witness(name)?)));
        if let (DataType::String, Some((path, witness))) = (dtype, seen.next()) {
            witnesses.insert(name.clone(), (path.clone(), witness.clone()));
        }
    }
    let notes = notes(&sampled, &options);
    let partitions = places(&files, &options);
    let scan = Scan { files, partitions, options, reconciled, witnesses, notes };
    Ok(Frame::of(Base::Source(Arc::new(scan))))
}

/// The partitions of the files.
fn places(files: &[PathBuf], options: &CsvOptions) -> Vec<Place> {
    let each = files.iter().enumerate().flat_map(|(file, path)| {
        // A file that cannot be looked at is left for its reading to report.
        let bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        let label: Arc<str> = path.display().to_string().into();
        let blocks = blocks(bytes, options);
        let sizes = match blocks.is_empty() {
            true => vec![bytes],
            false => blocks.into_iter().map(|block| block.end - block.start).collect(),
        };
        sizes.into_iter().map(move |bytes| Place { label: Arc::clone(&label), file, bytes })
    });
    each.collect()
}

/// The files that are sampled: all, or some of very many, the first and the last among them.
fn sampled(files: &[PathBuf]) -> Vec<PathBuf> {
    const MOST: usize = SAMPLES / (2 * LEAST);
    if files.len() <= MOST {
        return files.to_vec();
    }
    (0..MOST).map(|at| files[at * (files.len() - 1) / (MOST - 1)].clone()).collect()
}

/// A line for each column that is called otherwise than its files call it, and one where another separator than
/// the one set seems to be meant.
fn notes(files: &[(PathBuf, FileSchema)], options: &CsvOptions) -> Vec<String> {
    let mut said = HashSet::new();
    let mut notes = Vec::new();
    for (path, file) in files {
        for renamed in file.renamed() {
            if !said.insert(renamed) {
                continue;
            }
            let path = path.display();
            let (place, written, name) = (renamed.place, &renamed.written, &renamed.name);
            notes.push(match written.trim() {
                "" => format!("{path}: column {place} has no name: it is called {name:?}"),
                _ => format!(
                    "{path}: column {place} is not the first {written:?}: it is called {name:?}"
                ),
            });
        }
    }
    let lone = files.iter().find_map(|(path, file)| {
        let names: Vec<&PlSmallStr> = file.columns().iter_names().collect();
        let [name] = names[..] else { return None };
        let other = |byte: &&u8| **byte != options.separator() && name.as_bytes().contains(byte);
        Some((path, name, *b",;\t|".iter().find(other)?))
    });
    if let Some((path, name, byte)) = lone {
        let (path, byte) = (path.display(), char::from(byte));
        notes.push(format!("{path}: there is one column, {name:?}: is {byte:?} the separator?"));
    }
    notes
}
