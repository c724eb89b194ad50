//! Scanning: which files, and what columns they have.

use std::path::{Path, PathBuf, is_separator};
use std::sync::Arc;

use glob::{MatchOptions, Pattern, PatternError};
use lazuli_core::{Error, Result, compute, task};
use polars::prelude::{DataType, PlSmallStr, Schema};

use crate::error::FrameError;
use crate::frame::Frame;
use crate::pool;
use crate::source::csv::{CsvOptions, FileSchema, reconcile, sample_schema};

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
/// A column of which at least half of the sampled cells with a value are numbers is a number column. If
/// it is asked for, any other text in it is an error that names file, line and column; if it is not, it
/// is not looked at. So a text column of mostly numbers needs its dtype from
/// [`CsvOptions::with_schema`] (in the command: `--schema col=str`). A column without any sampled value
/// is `f64`. Integers too large for `i64` do not count as numbers: a column of them is text.
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
/// A pattern matches hidden files and folders only where it has the leading dot itself.
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
        let refused = |reason: PatternError| FrameError::Pattern {
            pattern: self.to_owned(),
            reason: reason.to_string(),
        };
        let visible = Pattern::new(&steps(self)).map_err(refused)?;
        let found = glob::glob(self).map_err(refused)?;
        let mut files = found.collect::<Result<Vec<_>, _>>().map_err(|error| {
            FrameError::Folder { path: error.path().to_owned(), reason: error.into() }
        })?;
        files.retain(|path| visible.matches_with(&steps(&path.to_string_lossy()), HIDE));
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

/// How a found path is matched once more, to leave out hidden ones. Listing folders with this option
/// would hide what a pattern like `.*` asks for, and panic on names that are not UTF-8.
const HIDE: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// A path or pattern without the steps that lead nowhere, which a found path may lack.
fn steps(path: &str) -> String {
    let steps = path.split(is_separator).filter(|step| !matches!(*step, "" | "."));
    steps.collect::<Vec<_>>().join("/")
}

fn not_empty(files: Vec<PathBuf>, pattern: &str) -> Result<Vec<PathBuf>, FrameError> {
    if files.is_empty() {
        return Err(FrameError::NoFiles { pattern: pattern.to_owned() });
    }
    Ok(files)
}
