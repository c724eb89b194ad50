//! What can be wrong with an array request or an array file.

use std::panic::Location;
use std::path::PathBuf;

use thiserror::Error;

use crate::chunks::Chunks;

/// Why an array cannot be made, read or reduced.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum ArrayError {
    /// The arrays of one operation do not broadcast.
    #[error(
        "`{operation}` at {site} takes arrays whose shapes broadcast, and these are {left:?} and {right:?}"
    )]
    ShapeMismatch {
        /// The operation.
        operation: &'static str,
        /// Shape on the left.
        left: Vec<usize>,
        /// Shape on the right.
        right: Vec<usize>,
        /// The line of the program that wrote it.
        site: &'static Location<'static>,
    },
    /// An operation on the axes of an array that does not fit its shape.
    #[error("`{operation}` at {site} does not fit an array of shape {shape:?}: {reason}")]
    BadAxes {
        /// The operation.
        operation: &'static str,
        /// The shape of the array.
        shape: Vec<usize>,
        /// What does not fit.
        reason: String,
        /// The line of the program that wrote it.
        site: &'static Location<'static>,
    },
    /// No arrays, where at least one is needed.
    #[error("`{operation}` at {site} needs at least one array")]
    NoArrays {
        /// The operation.
        operation: &'static str,
        /// The line of the program that wrote it.
        site: &'static Location<'static>,
    },
    /// Chunks that do not fit the array: another number of axes, a size of 0, or sizes that do not sum
    /// up to the axis.
    #[error(
        "chunks {chunks:?} do not fit an array of shape {shape:?}: one size above 0, or sizes that sum up to its length, are needed for each axis"
    )]
    BadChunks {
        /// The chunks given.
        chunks: Chunks,
        /// The shape of the array.
        shape: Vec<usize>,
    },
    /// An array with more elements than can be counted.
    #[error("an array of shape {shape:?} has more elements than can be counted")]
    TooManyElements {
        /// The shape of the array.
        shape: Vec<usize>,
    },
    /// An array in more blocks than a plan can have.
    #[error(
        "an array of shape {shape:?} in {blocks:?} blocks has more of them than a plan can have"
    )]
    TooManyBlocks {
        /// The shape of the array.
        shape: Vec<usize>,
        /// The number of blocks along each axis.
        blocks: Vec<usize>,
    },
    /// An array that no memory holds.
    #[error("an array of shape {shape:?} has too many bytes to be held in memory")]
    TooManyBytes {
        /// The shape of the array.
        shape: Vec<usize>,
    },
    /// A statistic of elements that have no order.
    #[error("`{0}` needs elements that have an order, and those of type {1} have none")]
    Unordered(&'static str, &'static str),
    /// A function of blocks that returned a block of another shape than its place has.
    #[error(
        "`{operation}` at {site}: the function returned a block of shape {found:?} for {block}, where {expected:?} is needed"
    )]
    BlockShape {
        /// The operation.
        operation: &'static str,
        /// The block.
        block: String,
        /// The shape that the block has.
        expected: Vec<usize>,
        /// The shape of what the function returned.
        found: Vec<usize>,
        /// The line of the program that wrote it.
        site: &'static Location<'static>,
    },
    /// An argument that an operation cannot take.
    #[error("`{operation}` at {site}: {reason}")]
    BadArgument {
        /// The operation.
        operation: &'static str,
        /// What is wrong with it.
        reason: String,
        /// The line of the program that wrote it.
        site: &'static Location<'static>,
    },
    /// More distinct elements than were allowed.
    #[error("`unique` at {site}: there are more than {limit} distinct elements")]
    TooManyDistinct {
        /// How many were allowed.
        limit: usize,
        /// The line of the program that wrote it.
        site: &'static Location<'static>,
    },
    /// A statistic that has no value where every element is NaN, or there is none.
    #[error("`{0}` needs an element that is not NaN")]
    AllNan(&'static str),
    /// A statistic that has no value for an empty array.
    #[error("`{0}` of an array without elements is not defined")]
    Empty(&'static str),
    /// A central moment of an order beyond 4.
    #[error("moments are kept up to the 4th, and the {0}th was asked for")]
    UnknownMoment(u8),
    /// A result beyond the range of its type.
    #[error("`{0}` does not fit its type")]
    Overflow(&'static str),
    /// The run was over before a task had done its work.
    #[error("stopped: the run is over")]
    Stopped,
    /// A file that cannot be opened, read or written.
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
