//! [`ChunkedArray`]: the handle of a lazy array.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use ndarray::{ArcArray, Dim, Dimension, IxDyn};

use crate::chunks::{Grid, IntoChunks};
use crate::error::ArrayError;
use crate::expr::{Expr, ExprRef, Operation};
use crate::source::{Generated, Leaf, leaf_of};

/// What an array may hold: plain values that are cheap to copy.
pub trait Element: Copy + Default + Send + Sync + 'static {}

impl<A: Copy + Default + Send + Sync + 'static> Element for A {}

/// A lazy n-dimensional array of elements of type `A`, cut into blocks.
///
/// `D` is the dimension type of `ndarray`: `Ix1`, `Ix2`, .. or `IxDyn`. A handle is cheap: operations on it extend an expression and cost O(1), whatever the
/// number of blocks. Nothing is read before a [`compute`](lazuli_core::compute).
///
/// Operations between arrays work in the blocks of the left one. Shapes or chunks that do not fit are
/// reported when the array is computed, by the operation that saw them.
pub struct ChunkedArray<A, D = IxDyn> {
    pub(crate) expr: ExprRef,
    pub(crate) grid: Arc<Grid>,
    /// Where it was made: errors in computing it say so.
    pub(crate) site: &'static Location<'static>,
    types: PhantomData<fn() -> (A, D)>,
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    #[track_caller]
    pub(crate) fn from_parts(expr: ExprRef, grid: Arc<Grid>) -> Self {
        Self { expr, grid, site: Location::caller(), types: PhantomData }
    }

    /// A leaf of this shape; an array without elements and an error where the chunks do not fit.
    #[track_caller]
    pub(crate) fn from_leaf(leaf: Leaf, shape: &[usize], chunks: Vec<usize>) -> Self {
        Self::in_chunks(Expr::new(leaf, Vec::new()), shape, chunks)
    }

    #[track_caller]
    fn in_chunks(expr: ExprRef, shape: &[usize], chunks: Vec<usize>) -> Self {
        match Grid::new(shape, &chunks) {
            Some(grid) => Self::from_parts(expr, Arc::new(grid)),
            None => {
                let error = ArrayError::BadChunks { chunks, shape: shape.to_vec() };
                Self::from_parts(Expr::invalid(error), Arc::new(Grid::automatic(shape, 1)))
            }
        }
    }

    /// An array in memory, owned or shared (`Array` or `ArcArray`), in blocks of these sizes.
    ///
    /// Blocks are views where the array is in C order; else each is copied when it is loaded.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_array(ndarray::array![[1_i64, 2, 3], [4, 5, 6]], [2, 2]);
    /// assert_eq!(x.numblocks(), [1, 2]);
    /// assert_eq!(lazuli_core::compute(x.sum())?, 21);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn from_array(values: impl Into<ArcArray<A, D>>, chunks: impl IntoChunks) -> Self {
        let values = values.into();
        let shape = values.shape().to_vec();
        Self::from_leaf(leaf_of(values), &shape, chunks.into_chunks())
    }

    /// The shape.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        self.grid.shape()
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape().iter().product()
    }

    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The size of a block along each axis; blocks at the far edges may be smaller.
    #[must_use]
    pub fn chunks(&self) -> &[usize] {
        self.grid.chunks()
    }

    /// The number of blocks along each axis.
    #[must_use]
    pub fn numblocks(&self) -> Vec<usize> {
        self.grid.numblocks().to_vec()
    }

    /// The same array in blocks of other sizes. Costs nothing: a source is read in whatever blocks are
    /// asked for.
    #[track_caller]
    #[must_use]
    pub fn rechunk(&self, chunks: impl IntoChunks) -> Self {
        Self::in_chunks(Arc::clone(&self.expr), self.shape(), chunks.into_chunks())
    }

    /// An array of the same shape and chunks, made by an operation on this one.
    #[track_caller]
    pub(crate) fn derive<B: Element>(
        &self,
        operation: impl Operation + 'static,
        inputs: Vec<ExprRef>,
    ) -> ChunkedArray<B, D> {
        ChunkedArray::from_parts(Expr::new(operation, inputs), Arc::clone(&self.grid))
    }
}

impl<A: Element, const N: usize> ChunkedArray<A, Dim<[usize; N]>>
where
    Dim<[usize; N]>: Dimension,
{
    /// An array whose elements are computed from their place, a block at a time.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([30, 40], [10, 10], |[row, column]| (row * column) as f64);
    /// assert_eq!(lazuli_core::compute(x.max())?, 29.0 * 39.0);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn from_fn(
        shape: [usize; N],
        chunks: [usize; N],
        function: impl Fn([usize; N]) -> A + Send + Sync + 'static,
    ) -> Self {
        Self::from_leaf(Leaf::new(Generated(function)), &shape, chunks.to_vec())
    }
}

impl<A, D> Clone for ChunkedArray<A, D> {
    fn clone(&self) -> Self {
        Self {
            expr: Arc::clone(&self.expr),
            grid: Arc::clone(&self.grid),
            site: self.site,
            types: PhantomData,
        }
    }
}

/// `ChunkedArray(f64, shape [200], chunks [100])`.
impl<A, D> fmt::Debug for ChunkedArray<A, D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let element = std::any::type_name::<A>();
        let (shape, chunks) = (self.grid.shape(), self.grid.chunks());
        write!(formatter, "ChunkedArray({element}, shape {shape:?}, chunks {chunks:?})")
    }
}
