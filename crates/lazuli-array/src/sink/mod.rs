//! Sinks: where the elements of a computed array go.
//!
//! An array that is asked for whole is gathered in memory. Any other place is a [`Sink`]: it is opened before
//! the pass, every block is written by the task that computes it, and when all of them are written the whole
//! is committed. What is not committed leaves nothing behind.

mod memory;
mod npy;
#[cfg(feature = "zarr")]
mod zarr;

use std::error::Error;

pub(crate) use memory::{Claim, Gathering};
pub use npy::NpyFile;
#[cfg(feature = "zarr")]
pub use zarr::{ZarrArray, ZarrCodec};

/// Where the blocks of a computed array of elements `A` are written: a file, a store, a device.
///
/// Blocks are written from many threads at once, each by one of them, in pieces of at most a few thousand
/// elements in C order of the block. Whoever implements this says how a region is written and what makes
/// the whole complete. When a task fails or the compute is cancelled, `commit` is not called and
/// [`Open`](Self::Open) is dropped: that should undo what was begun.
///
/// ```
/// use std::convert::Infallible;
/// use std::sync::Mutex;
/// use lazuli_array::{ChunkedArray, Sink};
///
/// /// Lists the sum of each block beside where it begins.
/// struct Sums;
///
/// impl Sink<i64> for Sums {
///     type Open = Mutex<Vec<(usize, i64)>>;
///     type Block = (usize, i64);
///     type Output = Vec<(usize, i64)>;
///     type Error = Infallible;
///     fn open(&self, _: &[usize], _: &[Vec<usize>]) -> Result<Self::Open, Infallible> {
///         Ok(Mutex::default())
///     }
///     fn begin(&self, _: &Self::Open, start: &[usize], _: &[usize]) -> Result<(usize, i64), Infallible> {
///         Ok((start[0], 0))
///     }
///     fn write(&self, _: &Self::Open, block: &mut (usize, i64), elements: &[i64]) -> Result<(), Infallible> {
///         block.1 += elements.iter().sum::<i64>();
///         Ok(())
///     }
///     fn end(&self, open: &Self::Open, block: (usize, i64)) -> Result<(), Infallible> {
///         open.lock().unwrap().push(block);
///         Ok(())
///     }
///     fn commit(&self, open: &Self::Open) -> Result<Vec<(usize, i64)>, Infallible> {
///         let mut sums = open.lock().unwrap().clone();
///         sums.sort_unstable();
///         Ok(sums)
///     }
/// }
///
/// let x = ChunkedArray::arange(0_i64, 10, 1, 4);
/// let (sums, mean) = lazuli_core::compute((x.store(Sums), x.mean()))?; // one pass
/// assert_eq!((sums, mean), (vec![(0, 6), (4, 22), (8, 17)], 4.5));
/// # Ok::<(), lazuli_core::Error>(())
/// ```
pub trait Sink<A>: Send + Sync + 'static {
    /// What is open while blocks are written; all tasks share it.
    type Open: Send + Sync + 'static;
    /// A block that is being written.
    type Block: Send + Sync + 'static;
    /// What is there when all is written.
    type Output: Send + Sync + 'static;
    /// Why a step fails.
    type Error: Error + Send + Sync + 'static;

    /// Makes ready for an array of this shape, in blocks of these sizes along each axis. Called once in a
    /// compute, before any block.
    ///
    /// # Errors
    /// When such an array cannot be written.
    fn open(&self, shape: &[usize], chunks: &[Vec<usize>]) -> Result<Self::Open, Self::Error>;

    /// Begins the block which starts at this index and has this shape.
    ///
    /// # Errors
    /// When it cannot be written.
    fn begin(
        &self,
        open: &Self::Open,
        start: &[usize],
        shape: &[usize],
    ) -> Result<Self::Block, Self::Error>;

    /// Writes the elements of a block that come next in its C order.
    ///
    /// # Errors
    /// When they cannot be written.
    fn write(
        &self,
        open: &Self::Open,
        block: &mut Self::Block,
        elements: &[A],
    ) -> Result<(), Self::Error>;

    /// All elements of a block have been handed over.
    ///
    /// # Errors
    /// When the block cannot be written.
    fn end(&self, open: &Self::Open, block: Self::Block) -> Result<(), Self::Error>;

    /// All blocks have ended. Called once.
    ///
    /// # Errors
    /// When the whole cannot be made complete.
    fn commit(&self, open: &Self::Open) -> Result<Self::Output, Self::Error>;

    /// How many bytes it holds for a block of so many elements while that is written; for memory limits.
    fn working_bytes(&self, block_len: usize) -> u64 {
        let _ = block_len;
        0
    }
}
