//! What can be wrong with an array request or an array file.

use std::path::PathBuf;

use thiserror::Error;

/// Why an array cannot be made, read or reduced.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum ArrayError {
    /// Two arrays of one operation differ in shape.
    #[error("`{operation}` takes arrays of one shape, and these are {left:?} and {right:?}")]
    ShapeMismatch {
        /// The operation.
        operation: &'static str,
        /// Shape on the left.
        left: Vec<usize>,
        /// Shape on the right.
        right: Vec<usize>,
    },
    /// Chunks that do not fit the array: another number of axes, or a size of 0.
    #[error(
        "chunks {chunks:?} do not fit an array of shape {shape:?}: one size above 0 is needed for each axis"
    )]
    BadChunks {
        /// The chunks given.
        chunks: Vec<usize>,
        /// The shape of the array.
        shape: Vec<usize>,
    },
    /// A statistic that has no value for an empty array.
    #[error("`{0}` of an array without elements is not defined")]
    Empty(&'static str),
    /// A file that cannot be opened or mapped.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system or the format says.
        reason: String,
    },
    /// A file of another element type than asked for.
    #[error("{}: holds {found}, not {expected}", path.display())]
    DtypeMismatch {
        /// The file.
        path: PathBuf,
        /// The element type asked for.
        expected: &'static str,
        /// The element type in the file, as its header writes it.
        found: String,
    },
    /// A file of another number of axes than asked for.
    #[error("{}: has {found} axes, not {expected}", path.display())]
    AxesMismatch {
        /// The file.
        path: PathBuf,
        /// The number of axes asked for.
        expected: usize,
        /// The number of axes in the file.
        found: usize,
    },
}
