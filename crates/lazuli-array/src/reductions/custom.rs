//! Reductions of your own.

use std::panic::Location;

use lazuli_core::{Delayed, TryReduction};
use ndarray::Dimension;

use super::query::Own;
use crate::array::{ChunkedArray, Element};
use crate::lower::request;

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// A statistic of your own: a [`Reduction`](lazuli_core::Reduction) of tiles of elements.
    ///
    /// It sees every element once, in slices of at most a few thousand: within a block in C order, and
    /// the states of blocks meet in C order of the blocks. How a block is cut depends on its shape alone.
    /// The reduction shares the pass with everything else that is asked of the same data in the same
    /// compute.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// use lazuli_core::{Reduction, compute};
    ///
    /// struct CountPositive;
    /// impl Reduction<[f64]> for CountPositive {
    ///     type State = usize;
    ///     type Output = usize;
    ///     fn identity(&self) -> usize { 0 }
    ///     fn update(&self, count: &mut usize, tile: &[f64]) {
    ///         *count += tile.iter().filter(|&&value| value > 0.0).count();
    ///     }
    ///     fn combine(&self, count: &mut usize, following: usize) { *count += following }
    ///     fn finish(&self, count: usize) -> usize { count }
    /// }
    ///
    /// let x = ChunkedArray::from_fn([1_000], [100], |[i]| i as f64 - 499.5);
    /// let (positive, mean) = compute((x.reduce(CountPositive), x.mean()))?; // one pass
    /// assert_eq!((positive, mean), (500, 0.0));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn reduce<R: TryReduction<[A]>>(&self, reduction: R) -> Delayed<R::Output> {
        let query = Own::<A, R>::new(reduction);
        request("reduce", &self.expr, &self.grid, query, Location::caller())
    }
}
