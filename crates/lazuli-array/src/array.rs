//! [`ChunkedArray`]: the handle of a lazy array.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use ndarray::{ArcArray, Dimension, IxDyn};

use crate::chunks::{AxisChunks, Grid, IntoChunks, count_elements};
use crate::error::ArrayError;
use crate::expr::{Expr, ExprRef, walk};
use crate::source::leaf_of;

/// What an array may hold: plain values that are cheap to copy.
pub trait Element: Copy + Default + Send + Sync + 'static {}

impl<A: Copy + Default + Send + Sync + 'static> Element for A {}

/// A lazy n-dimensional array of elements of type `A`, cut into blocks.
///
/// `D` is the dimension type of `ndarray`: `Ix1`, `Ix2`, .. or `IxDyn`. A handle is cheap: operations on it extend an expression and cost O(1), whatever the
/// number of blocks. Nothing is read before a [`compute`](lazuli_core::compute).
///
/// Operations between arrays broadcast by NumPy's rules, and work in the blocks of the left one (along
/// axes that it repeats, of the right one). Shapes or chunks that do not fit are reported when the array
/// is computed, with the line of the program that wrote the operation; [`check`](Self::check) asks
/// early.
pub struct ChunkedArray<A, D = IxDyn> {
    pub(crate) expr: ExprRef,
    pub(crate) grid: Arc<Grid>,
    /// Where it was made: errors in computing it say so.
    pub(crate) site: &'static Location<'static>,
    types: PhantomData<fn() -> (A, D)>,
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    pub(crate) fn at(expr: ExprRef, grid: Arc<Grid>, site: &'static Location<'static>) -> Self {
        Self { expr, grid, site, types: PhantomData }
    }

    /// An array of this shape in these chunks; an array without elements and an error where they do not
    /// fit.
    #[track_caller]
    pub(crate) fn in_chunks(expr: ExprRef, shape: &[usize], chunks: impl IntoChunks) -> Self {
        let site = Location::caller();
        match Grid::new(shape, &chunks.into_chunks(), size_of::<A>()) {
            Ok(grid) => Self::at(expr, Arc::new(grid), site),
            Err(error) => Self::invalid(error, site),
        }
    }

    /// An array that reports an error when it is computed.
    pub(crate) fn invalid(error: ArrayError, site: &'static Location<'static>) -> Self {
        Self::at(Expr::invalid(error), Arc::new(Grid::invalid()), site)
    }

    /// An array in memory, owned or shared (`Array` or `ArcArray`), in blocks of these sizes.
    ///
    /// Blocks are views. An array with gaps between its elements, as a slice has them, is copied once.
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
        Self::in_chunks(leaf_of(values), &shape, chunks)
    }

    /// The shape.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        self.grid.shape()
    }

    /// The number of axes.
    #[must_use]
    pub fn ndim(&self) -> usize {
        self.shape().len()
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

    /// The sizes of all blocks along each axis.
    #[must_use]
    pub fn chunks(&self) -> Vec<Vec<usize>> {
        self.grid.axes().iter().map(|axis| axis.sizes().collect()).collect()
    }

    /// The size of the largest block along each axis.
    #[must_use]
    pub fn chunksize(&self) -> Vec<usize> {
        self.grid.axes().iter().map(AxisChunks::largest).collect()
    }

    /// The number of blocks along each axis.
    #[must_use]
    pub fn numblocks(&self) -> Vec<usize> {
        self.grid.numblocks().to_vec()
    }

    /// What is wrong with the array, if anything that can be known before it is computed is.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([10], [5], |[i]| i as f64);
    /// let y = ChunkedArray::from_fn([11], [5], |[i]| i as f64);
    /// assert!((&x + 1.0).check().is_ok());
    /// assert!((&x + &y).check().is_err());
    /// ```
    ///
    /// # Errors
    /// The error that computing it would give.
    pub fn check(&self) -> Result<(), ArrayError> {
        let mut found = Ok(());
        walk(&self.expr, |expr| {
            if let (Err(error), true) = (&expr.kind, found.is_ok()) {
                found = Err(error.clone());
            }
        });
        found.and_then(|()| count_elements(self.shape()).map(drop))
    }

    /// The same array in blocks of other sizes.
    ///
    /// Costs nothing where elements are in memory or given by a function, which are read in whatever blocks are asked for;
    /// where those of a file would be read in no more than a few parts for each block; and where blocks are only cut, or
    /// only put together. Else blocks are computed or read once, cut into pieces and put
    /// together again, in one step or several, whichever makes the fewest pieces: each piece is dropped when the
    /// block that it is part of is made, and with a memory limit pieces that do not fit go to scratch files.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([100, 100], [10, 100], |[i, j]| (i * j) as f64);
    /// let columns = x.cumsum(Axis(1)).rechunk([100, 10]);
    /// assert_eq!(columns.numblocks(), [1, 10]);
    /// assert_eq!(lazuli_core::compute(columns.max())?, 99.0 * 4950.0);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn rechunk(&self, chunks: impl IntoChunks) -> Self {
        let site = Location::caller();
        if self.check().is_err() {
            return self.clone();
        }
        match Grid::new(self.shape(), &chunks.into_chunks(), size_of::<A>()) {
            Ok(grid) => self.in_grid(Arc::new(grid), site),
            Err(error) => Self::invalid(error, site),
        }
    }

    /// An array of the same shape and chunks, made by an operation on this one.
    #[track_caller]
    pub(crate) fn derive<B: Element>(&self, expr: ExprRef) -> ChunkedArray<B, D> {
        ChunkedArray::at(expr, Arc::clone(&self.grid), Location::caller())
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
        let chunks: Vec<usize> = self.grid.axes().iter().map(AxisChunks::largest).collect();
        let shape = self.grid.shape();
        write!(formatter, "ChunkedArray({element}, shape {shape:?}, chunks {chunks:?})")
    }
}
