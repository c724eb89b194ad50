//! Windows that do not overlap, each reduced to one element.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{ArrayView, Dimension, IxDyn};
use smallvec::SmallVec;

use super::view_of;
use crate::array::{ChunkedArray, Element};
use crate::chunks::{Axes, AxisChunks, Grid, Region};
use crate::error::ArrayError;
use crate::stage::{Assembly, Making, made_of_regions};

impl<A: Element, D: Dimension + 'static> ChunkedArray<A, D> {
    /// Applies a function to windows of this many elements along each axis, which cover the array and do not
    /// overlap: the mean of 2 by 2 pixels, the months of daily values. Each makes one element.
    ///
    /// The factors must divide the lengths: [`slice`](Self::slice) off what is not to count. Blocks end where those
    /// of this array do, as nearly as windows allow; a window that lies in several blocks is read from all of them.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([100, 60], [30, 30], |[i, j]| (i + j) as f64);
    /// let coarse = x.coarsen([2, 3], |window| window.mean().unwrap_or(0.0));
    /// assert_eq!(coarse.shape(), [50, 20]);
    /// assert_eq!(lazuli_core::compute(coarse.min())?, 1.5);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn coarsen<B: Element>(
        &self,
        factors: impl AsRef<[usize]>,
        function: impl Fn(ArrayView<'_, A, D>) -> B + Send + Sync + 'static,
    ) -> ChunkedArray<B, D> {
        let site = Location::caller();
        let factors: Axes = factors.as_ref().into();
        self.stage_from(site, || {
            let fits = factors.len() == self.ndim()
                && factors
                    .iter()
                    .zip(self.shape())
                    .all(|(&factor, len)| factor > 0 && len.is_multiple_of(factor));
            if !fits {
                return Err(ArrayError::BadAxes {
                    operation: "coarsen",
                    shape: self.shape().to_vec(),
                    reason: format!("its lengths are no multiples of {factors:?}"),
                    site,
                });
            }
            let axes = self.grid.axes().iter().zip(&factors);
            let axes: SmallVec<[AxisChunks; 4]> =
                axes.map(|(axis, &factor)| coarse_axis(axis, factor)).collect();
            let grid = Arc::new(Grid::from_axes(axes)?);
            let scale = factors.clone();
            let making = Making {
                name: "coarsen",
                assemble: Box::new(move |block: &Region| {
                    let times = |of: &Axes| of.iter().zip(&scale).map(|(at, by)| at * by).collect();
                    Assembly::one(Region { start: times(&block.start), shape: times(&block.shape) })
                }),
                make: Box::new(move |buffer: Vec<A>, assembly: &Assembly, _, _| {
                    let all: ArrayView<'_, A, IxDyn> = view_of(&assembly.shape, &buffer);
                    let windows = all.exact_chunks(IxDyn(&factors)).into_iter();
                    Ok(windows
                        .map(|window| match window.into_dimensionality() {
                            Ok(window) => function(window),
                            Err(_) => unreachable!("a window has as many axes as its array"),
                        })
                        .collect())
                }),
                beside: Vec::new(),
            };
            Ok((made_of_regions(&self.expr, self.shape(), &grid, making, site), grid))
        })
    }
}

/// An axis whose blocks end with the last whole window in a block of this one.
fn coarse_axis(axis: &AxisChunks, factor: usize) -> AxisChunks {
    let mut sizes = Vec::with_capacity(axis.count());
    let mut done = 0;
    for block in 0..axis.count() {
        let (start, size) = axis.block(block);
        let end = (start + size) / factor;
        sizes.push(end - done);
        done = end;
    }
    AxisChunks::of_sizes(&sizes).unwrap_or_else(|| AxisChunks::regular(done, done.max(1)))
}
