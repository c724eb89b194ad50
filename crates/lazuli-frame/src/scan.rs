//! Scanning: which files, and what columns they have.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf, is_separator};
use std::sync::Arc;

use glob::{MatchOptions, Pattern, PatternError};
use lazuli_core::{Error, Result, compute, task};
use polars::prelude::{DataType, PlSmallStr, Schema};

use crate::error::FrameError;
use crate::frame::Frame;
use crate::pool;
use crate::source::csv::{
    CsvOptions, FileSchema, ReadError, Reconciled, SAMPLE, Wanted, Witness, read_batches,
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
    pub(crate) fn check(&self, columns: &[PlSmallStr]) -> Result<(), FrameError> {
        for column in columns {
            if !self.schema().contains(column) {
                return Err(FrameError::UnknownColumn {
                    column: column.clone(),
                    first: self.files[0].clone(),
                    others: self.files.len() - 1,
                    known: self.schema().iter_names().cloned().collect(),
                });
            }
            if let Some(conflict) = self.reconciled.conflict(column) {
                return Err(conflict.into());
            }
        }
        Ok(())
    }

    /// Why the first of these columns that is text is so, as far as a cell made it so.
    pub(crate) fn why_text(&self, columns: &[PlSmallStr]) -> Option<String> {
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
    Ok(Frame::new(Scan { files, options, reconciled, witnesses, notes }))
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

/// What names files: a path, a glob pattern (`*`, `?`, `[..]`, `**`), or a list of paths.
///
/// A pattern matches hidden files and folders only where it has the leading dot itself. It does not match
/// folders, and a file that links make it match twice counts once.
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
        let mut files = if self.contains("**") {
            let mut found = Vec::new();
            walk(&base(self), &mut HashSet::new(), &mut found)?;
            found
        } else {
            let found = glob::glob(self).map_err(refused)?;
            found.collect::<Result<Vec<_>, _>>().map_err(|error| FrameError::Folder {
                path: error.path().to_owned(),
                reason: error.into(),
            })?
        };
        files.retain(|path| {
            visible.matches_with(&steps(&path.to_string_lossy()), HIDE) && !path.is_dir()
        });
        not_empty(each_once(files), self)
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

/// The folder in front of a pattern, below which all that it matches lies.
fn base(pattern: &str) -> PathBuf {
    let plain = Path::new(pattern)
        .iter()
        .take_while(|step| !step.to_string_lossy().contains(['*', '?', '[']));
    plain.collect()
}

/// Adds the files below a folder, in the order of their names. A folder that links lead to again is not entered
/// again.
fn walk(
    folder: &Path,
    entered: &mut HashSet<PathBuf>,
    files: &mut Vec<PathBuf>,
) -> Result<(), FrameError> {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let refused = |reason: std::io::Error| FrameError::Folder { path: folder.to_owned(), reason };
    let Ok(canonical) = here.canonicalize() else { return Ok(()) };
    if !entered.insert(canonical) || !here.is_dir() {
        return Ok(());
    }
    let mut names = Vec::new();
    for entry in here.read_dir().map_err(refused)? {
        names.push(entry.map_err(refused)?.file_name());
    }
    names.sort();
    // What is in the folder itself comes before what links may lead to a second time.
    let mut folders = Vec::new();
    for name in names {
        let path = folder.join(name);
        if path.is_dir() {
            folders.push((path.is_symlink(), path));
        } else {
            files.push(path);
        }
    }
    folders.sort_by_key(|(link, _)| *link);
    folders.iter().try_for_each(|(_, folder)| walk(folder, entered, files))
}

/// The files in the order of their paths, each once: of several paths to one file, the first of the shortest.
fn each_once(mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    files.sort();
    let mut shortest: HashMap<PathBuf, &PathBuf> = HashMap::new();
    let known = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    for path in &files {
        let kept = shortest.entry(known(path)).or_insert(path);
        if path.iter().count() < kept.iter().count() {
            *kept = path;
        }
    }
    let kept: HashSet<PathBuf> = files
        .iter()
        .filter(|path| shortest.get(&known(path)).is_some_and(|kept| kept == path))
        .cloned()
        .collect();
    files.retain(|path| kept.contains(path));
    files
}

fn not_empty(files: Vec<PathBuf>, pattern: &str) -> Result<Vec<PathBuf>, FrameError> {
    if files.is_empty() {
        return Err(FrameError::NoFiles { pattern: pattern.to_owned() });
    }
    Ok(files)
}
