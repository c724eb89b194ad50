//! Functions of blocks.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Parted, Result, compute};
use ndarray::{Array, ArrayView, Dimension, IntoDimension};

use super::{BlockInfo, into_elements, view_of};
use crate::array::{ChunkedArray, Element};
use crate::chunks::{Grid, IntoChunks, Region};
use crate::error::ArrayError;
use crate::stage::{AnyBlock, Assembly, Making, made_of_regions};

impl<A: Element, D: Dimension + 'static> ChunkedArray<A, D> {
    /// Applies a function to each block. It is shown the block in C order, and which one it is, and returns one of
    /// the same shape. Keeps shape and chunks.
    ///
    /// One task for each block. A function that returns another shape is an error when it is computed; to change
    /// shapes there is [`map_blocks_to`](Self::map_blocks_to).
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([100], [30], |[i]| i as f64);
    /// let reset = x.map_blocks(|block, info| &block - info.start()[0] as f64);
    /// assert_eq!(lazuli_core::compute(reset.max())?, 29.0);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn map_blocks<B: Element>(
        &self,
        function: impl Fn(ArrayView<'_, A, D>, &BlockInfo) -> Array<B, D> + Send + Sync + 'static,
    ) -> ChunkedArray<B, D> {
        let site = Location::caller();
        self.stage_from(site, || {
            let grid = Arc::clone(&self.grid);
            Ok((self.mapped("map_blocks", &grid, function, site), grid))
        })
    }

    /// Applies a function to each block, to get an array of this shape in these chunks, which must have as many
    /// blocks: the blocks of both are numbered in C order. The function returns the block with the same number,
    /// which may have another shape and number of axes.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::{Axis, Ix2}};
    /// let x = ChunkedArray::from_fn([6, 8], [2, 8], |[i, j]| (i * j) as f64);
    /// // Of each block the first and the last column.
    /// let ends = x.map_blocks_to([6, 2], [2, 2], |block, _| block.select(Axis(1), &[0, 7]));
    /// assert_eq!(lazuli_core::compute(ends.max())?, 35.0);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn map_blocks_to<B: Element, S: IntoDimension>(
        &self,
        shape: S,
        chunks: impl IntoChunks,
        function: impl Fn(ArrayView<'_, A, D>, &BlockInfo) -> Array<B, S::Dim> + Send + Sync + 'static,
    ) -> ChunkedArray<B, S::Dim>
    where
        S::Dim: 'static,
    {
        let site = Location::caller();
        let shape = shape.into_dimension();
        self.stage_from(site, || {
            let grid = Grid::new(shape.slice(), &chunks.into_chunks(), size_of::<B>())?;
            let (blocks, needed) = (grid.regions().len(), self.grid.regions().len());
            if blocks != needed {
                return Err(ArrayError::BadAxes {
                    operation: "map_blocks_to",
                    shape: self.shape().to_vec(),
                    reason: format!("it has {needed} blocks, and {blocks} were to be made of them"),
                    site,
                });
            }
            let grid = Arc::new(grid);
            Ok((self.mapped("map_blocks_to", &grid, function, site), grid))
        })
    }

    /// Blocks of a grid with as many blocks as this one.
    fn mapped<B: Element, E: Dimension>(
        &self,
        name: &'static str,
        output: &Arc<Grid>,
        function: impl Fn(ArrayView<'_, A, D>, &BlockInfo) -> Array<B, E> + Send + Sync + 'static,
        site: &'static Location<'static>,
    ) -> Parted<AnyBlock> {
        let (from, to) = (Arc::clone(&self.grid), Arc::clone(output));
        let source = move |block: &Region| match to.block_of(block) {
            Some(number) => from.numbered(number),
            None => block.clone(),
        };
        let source = Arc::new(source);
        let (grid, of) = (Arc::clone(&self.grid), Arc::clone(&source));
        let making = Making {
            name,
            assemble: Box::new(move |block: &Region| Assembly::one(of(block))),
            make: Box::new(move |buffer: Vec<A>, assembly, block, _| {
                let info = BlockInfo::new(&grid, &source(block));
                let made = function(view_of(&assembly.shape, &buffer), &info);
                of_shape(name, made, block, site)
            }),
            beside: Vec::new(),
        };
        made_of_regions(&self.expr, self.shape(), output, making, site)
    }

    /// Calls a function with each block, now, on the threads of the [current](lazuli_core::Executor::current)
    /// executor, in no particular order; each block is dropped when the function returns.
    ///
    /// # Errors
    /// The first failure in plan order; a panic of the function is one.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([100], [30], |[i]| i as u64);
    /// let total = std::sync::Arc::new(AtomicU64::new(0));
    /// let sum = total.clone();
    /// x.for_each_block(move |block, _| { sum.fetch_add(block.sum(), Ordering::Relaxed); })?;
    /// assert_eq!(total.load(Ordering::Relaxed), 4950);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn for_each_block(
        &self,
        function: impl Fn(ArrayView<'_, A, D>, &BlockInfo) + Send + Sync + 'static,
    ) -> Result<()> {
        // An array with an element for each block, which stands for its having been seen.
        let site = Location::caller();
        let seen: ChunkedArray<(), ndarray::Ix1> = self.stage_from(site, || {
            let blocks = self.grid.regions().len();
            let grid = Arc::new(Grid::new(&[blocks], &[1].into_chunks(), 0)?);
            let each = move |block: ArrayView<'_, A, D>, info: &BlockInfo| {
                function(block, info);
                Array::from_elem(1, ())
            };
            Ok((self.mapped("for_each_block", &grid, each, site), grid))
        });
        compute(seen.to_array()).map(drop)
    }
}

/// The elements of what a function returned for a block, which must have the block's shape.
pub(super) fn of_shape<B: Element, E: Dimension>(
    operation: &'static str,
    made: Array<B, E>,
    block: &Region,
    site: &'static Location<'static>,
) -> std::result::Result<Vec<B>, ArrayError> {
    if made.shape() == &block.shape[..] {
        return Ok(into_elements(made));
    }
    Err(ArrayError::BlockShape {
        operation,
        block: block.to_string(),
        expected: block.shape.to_vec(),
        found: made.shape().to_vec(),
        site,
    })
}
