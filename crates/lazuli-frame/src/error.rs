//! What can be wrong with a frame request.

use std::fmt;
use std::path::{Path, PathBuf};

use polars::prelude::{DataType, PlSmallStr, PolarsError};

use crate::aggregate::AggregateError;
use crate::source::csv::{ReadError, SchemaError};

/// Why files cannot be one frame, or a request of it cannot be answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// A pattern that is no glob pattern.
    #[error("the pattern `{pattern}` cannot be read: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A pattern that matches nothing, or an empty list.
    #[error("no file matches `{pattern}`")]
    NoFiles {
        /// The pattern.
        pattern: String,
    },
    /// A folder that cannot be listed.
    #[error("{}: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// A column that a table does not have.
    #[error("{of}: there is no column \"{column}\"{}; there are {}", meant(close), list(known))]
    UnknownColumn {
        /// The column.
        column: PlSmallStr,
        /// The table: its files, or what it was made of.
        of: String,
        /// The column whose name is most like it, if one is.
        close: Option<PlSmallStr>,
        /// The columns there are.
        known: Vec<PlSmallStr>,
    },
    /// Files that disagree on a column.
    #[error("the column \"{column}\" is {} in {}, and {} in {}", first.1, first.0.display(), other.1, other.0.display())]
    Disagreement {
        /// The column.
        column: PlSmallStr,
        /// A file, and what the column is in it.
        first: (PathBuf, String),
        /// Another one.
        other: (PathBuf, String),
    },
    /// Tables that cannot be one after another.
    #[error("table {table} cannot follow the first: {reason}")]
    Concat {
        /// The number of the table, counted from 1.
        table: usize,
        /// The column, and what it is in both.
        reason: String,
    },
    /// A file that cannot be opened, read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// A file that is not what it was taken for.
    #[error("{}: it cannot be read as {format}: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What it was taken for.
        format: &'static str,
        /// What the reader reports.
        reason: PolarsError,
    },
    /// A file without any content.
    #[error("{}: it is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A file that is another than it was when it was scanned.
    #[error("{}: it has changed since it was scanned", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A line that cannot be read.
    #[error("{}: line {line}: {reason}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The number of the line, counted from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A join by another number of keys on the left than on the right, or by none.
    #[error(
        "a join needs as many keys on the left as on the right, and a cross join none: there are {left} and {right}"
    )]
    JoinKeys {
        /// Keys of the left table.
        left: usize,
        /// Keys of the right table.
        right: usize,
    },
    /// A join by columns of two dtypes.
    #[error("\"{left}\" is of dtype {} and \"{right}\" of dtype {}: cast one of them, so that they can be equal", dtypes.0, dtypes.1)]
    JoinDtypes {
        /// The key of the left table.
        left: PlSmallStr,
        /// The key of the right table.
        right: PlSmallStr,
        /// Their dtypes.
        dtypes: Box<(DataType, DataType)>,
    },
    /// A question about files that is asked of a table without any.
    #[error("`{operation}` needs a table of files; this one is {of}")]
    NoPaths {
        /// What was asked.
        operation: &'static str,
        /// What the table is.
        of: String,
    },
    /// An argument that has no meaning.
    #[error("{0}")]
    Argument(String),
    /// A function of the user's that failed on a partition.
    #[error("{0}")]
    User(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An aggregate that was asked for as another type than it has.
    #[error("`{column}` is of dtype {dtype} and has the value {value}, which is no {asked}")]
    WrongType {
        /// The column.
        column: PlSmallStr,
        /// Its dtype.
        dtype: DataType,
        /// The value.
        value: String,
        /// The type asked for.
        asked: &'static str,
    },
    /// An aggregate of numbers that was asked of a column of text.
    #[error("{error} ({why})")]
    Text {
        /// The cell that made the column text.
        why: String,
        /// Why the aggregate cannot be computed.
        #[source]
        error: Box<FrameError>,
    },
    /// The files do not agree on their columns.
    #[error("{0}")]
    Schema(#[from] SchemaError),
    /// A file cannot be read.
    #[error("{0}")]
    Read(#[from] ReadError),
    /// Cells that are no values of their columns' dtypes.
    #[error("{0}")]
    BadCells(BadCells),
    /// An aggregate cannot be split, or not computed.
    #[error("{0}")]
    Aggregate(#[from] AggregateError),
    /// polars reports an error.
    #[error("{0}")]
    Polars(#[from] PolarsError),
}

/// The cells that an answer needs and that cannot be read.
///
/// Of one its text is a line such as `data/x.csv: line 17, column "dep_delay": cannot read "abc" as i64`; of more it
/// says how many there are, and names the first twenty, a line for each.
#[derive(Clone, Debug)]
pub struct BadCells {
    /// How many there are.
    pub count: u64,
    /// The first of them, in the order of the files and of their lines.
    pub cells: Vec<RejectedCell>,
}

/// A cell that is no value of its column's dtype.
#[derive(Clone, Debug)]
pub struct RejectedCell {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1; none, if the file could not be read again to count.
    pub line: Option<u64>,
    /// The name of the column.
    pub column: PlSmallStr,
    /// What the cell says, as far as a message holds it.
    pub text: String,
    /// What it was to be: a dtype.
    pub expected: String,
    pub(crate) problem: String,
}

impl fmt::Display for RejectedCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, "line {line}, ")?;
        }
        write!(f, "column {:?}: {}", self.column.as_str(), self.problem)
    }
}

impl fmt::Display for BadCells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (1, [cell]) = (self.count, &self.cells[..]) {
            return cell.fmt(f);
        }
        write!(f, "{} cells cannot be read:", self.count)?;
        self.cells.iter().try_for_each(|cell| write!(f, "\n  {cell}"))?;
        match self.count - self.cells.len() as u64 {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

impl FrameError {
    /// A column that is not among those that are known of `of`.
    pub(crate) fn unknown<'a>(
        column: &PlSmallStr,
        of: &str,
        known: impl Iterator<Item = &'a PlSmallStr>,
    ) -> Self {
        let known: Vec<PlSmallStr> = known.cloned().collect();
        let close = closest(column, &known);
        Self::UnknownColumn { column: column.clone(), of: of.to_owned(), close, known }
    }

    pub(crate) fn file(path: &Path, reason: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), reason }
    }

    pub(crate) fn format(path: &Path, format: &'static str, reason: PolarsError) -> Self {
        Self::Format { path: path.to_owned(), format, reason }
    }
}

/// The name that is most like another: one that differs by case alone, or by few letters.
fn closest(name: &str, known: &[PlSmallStr]) -> Option<PlSmallStr> {
    let lower = name.to_lowercase();
    let likeness = |other: &PlSmallStr| strsim::jaro_winkler(&lower, &other.to_lowercase());
    let (likeness, best) = known
        .iter()
        .map(|other| (likeness(other), other))
        .reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    (likeness > 0.8).then(|| best.clone())
}

fn meant(close: &Option<PlSmallStr>) -> String {
    close.as_ref().map(|close| format!(" (did you mean \"{close}\"?)")).unwrap_or_default()
}

/// The names, as many as a line can hold.
fn list(names: &[PlSmallStr]) -> String {
    const MOST: usize = 20;
    let shown: Vec<_> = names.iter().take(MOST).map(|name| format!("\"{name}\"")).collect();
    match names.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
