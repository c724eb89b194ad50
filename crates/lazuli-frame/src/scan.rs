//! Scanning: which files, and what columns they have.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazuli_core::{Error, Result, compute, task};
use polars::prelude::{DataType, PlSmallStr, Schema};

use crate::error::FrameError;
use crate::frame::Frame;
use crate::pool;
use crate::read::{CsvOptions, FileSchema, reconcile, sample_schema};

/// The files of a frame, a partition each, and the schema they share.
///
/// Frames made from one scan share their files' reading.
pub(crate) struct Scan {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) options: CsvOptions,
    pub(crate) schema: Schema,
}

impl Scan {
    /// These columns with their dtypes, in the order of the schema.
    pub(crate) fn typed<'a>(
        &'a self,
        wanted: impl Fn(&PlSmallStr) -> bool + 'a,
    ) -> Vec<(PlSmallStr, DataType)> {
        let columns = self.schema.iter().filter(|(name, _)| wanted(name));
        columns.map(|(name, dtype)| (name.clone(), dtype.clone())).collect()
    }

    /// That the files have all of these columns.
    pub(crate) fn check(&self, columns: &[PlSmallStr]) -> Result<(), FrameError> {
        match columns.iter().find(|column| !self.schema.contains(column)) {
            None => Ok(()),
            Some(column) => Err(FrameError::UnknownColumn {
                column: column.clone(),
                first: self.files[0].clone(),
                others: self.files.len() - 1,
                known: self.schema.iter_names().cloned().collect(),
            }),
        }
    }
}

/// Many CSV files as one table: a partition for each file, in the order of the list, or by name for a
/// glob pattern.
///
/// The head and the tail of every file are sampled (on the shared pool) for its schema: a column that
/// is whole numbers in some files and fractions in others is `f64`; other conflicts are errors that
/// name the files.
///
/// # Errors
/// No files; a file that cannot be read or is empty; files that disagree on their columns.
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
    let sampling = Arc::new(options.clone());
    let samples = files.iter().map(|path| {
        let (path, options) = (path.clone(), Arc::clone(&sampling));
        task("sample schema")
            .part(path.display().to_string())
            .try_call((), move |()| sample_schema(&path, &options))
    });
    let samples: Vec<FileSchema> = compute(samples.collect::<Vec<_>>())?;
    let sampled: Vec<(PathBuf, FileSchema)> = files.iter().cloned().zip(samples).collect();
    let schema = reconcile(&sampled).map_err(Error::plan)?;
    Ok(Frame::new(Scan { files, options, schema }))
}

/// What names files: a path, a glob pattern (`*`, `?`, `[..]`, `**`), or a list of paths.
///
/// Text that is the path of a file is that file, whatever characters are in it.
pub trait IntoFiles {
    /// The files, at least one.
    ///
    /// # Errors
    /// A pattern that cannot be read or matches nothing; an empty list.
    fn into_files(self) -> Result<Vec<PathBuf>, FrameError>;
}

impl IntoFiles for &str {
    fn into_files(self) -> Result<Vec<PathBuf>, FrameError> {
        let is_pattern = self.contains(['*', '?', '[']);
        if !is_pattern || Path::new(self).exists() {
            return Ok(vec![self.into()]);
        }
        let found = glob::glob(self).map_err(|reason| FrameError::Pattern {
            pattern: self.to_owned(),
            reason: reason.to_string(),
        })?;
        let files = found.collect::<Result<Vec<_>, _>>().map_err(|error| FrameError::Folder {
            path: error.path().to_owned(),
            reason: error.into(),
        })?;
        not_empty(files, self)
    }
}

impl IntoFiles for &String {
    fn into_files(self) -> Result<Vec<PathBuf>, FrameError> {
        self.as_str().into_files()
    }
}

impl IntoFiles for &Path {
    fn into_files(self) -> Result<Vec<PathBuf>, FrameError> {
        Ok(vec![self.to_owned()])
    }
}

impl IntoFiles for &PathBuf {
    fn into_files(self) -> Result<Vec<PathBuf>, FrameError> {
        self.as_path().into_files()
    }
}

impl<P: AsRef<Path>> IntoFiles for &[P] {
    fn into_files(self) -> Result<Vec<PathBuf>, FrameError> {
        not_empty(self.iter().map(|path| path.as_ref().to_owned()).collect(), "an empty list")
    }
}

impl<P: AsRef<Path>> IntoFiles for &Vec<P> {
    fn into_files(self) -> Result<Vec<PathBuf>, FrameError> {
        self.as_slice().into_files()
    }
}

impl<P: AsRef<Path>> IntoFiles for Vec<P> {
    fn into_files(self) -> Result<Vec<PathBuf>, FrameError> {
        self.as_slice().into_files()
    }
}

impl<P: AsRef<Path>, const N: usize> IntoFiles for [P; N] {
    fn into_files(self) -> Result<Vec<PathBuf>, FrameError> {
        self.as_slice().into_files()
    }
}

fn not_empty(files: Vec<PathBuf>, pattern: &str) -> Result<Vec<PathBuf>, FrameError> {
    if files.is_empty() {
        return Err(FrameError::NoFiles { pattern: pattern.to_owned() });
    }
    Ok(files)
}
