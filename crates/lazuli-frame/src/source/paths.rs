//! Which files: paths, glob patterns, lists.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf, is_separator};

use glob::{MatchOptions, Pattern, PatternError};

use crate::error::FrameError;

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
