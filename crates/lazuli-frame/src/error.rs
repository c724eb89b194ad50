//! What can be wrong with a frame request.

use std::path::PathBuf;

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
    /// A column that the files do not have.
    #[error("{}: there is no column \"{column}\"; there are {}", files(first, *others), list(known))]
    UnknownColumn {
        /// The column.
        column: PlSmallStr,
        /// The first file.
        first: PathBuf,
        /// How many more files there are.
        others: usize,
        /// The columns there are.
        known: Vec<PlSmallStr>,
    },
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
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An aggregate cannot be split, or not computed.
    #[error(transparent)]
    Aggregate(#[from] AggregateError),
    /// polars reports an error.
    #[error(transparent)]
    Polars(#[from] PolarsError),
}

fn files(first: &std::path::Path, others: usize) -> String {
    match others {
        0 => first.display().to_string(),
        1 => format!("{} and 1 more file", first.display()),
        others => format!("{} and {others} more files", first.display()),
    }
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
