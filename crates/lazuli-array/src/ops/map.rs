//! Functions of elements: this crate's, and a user's own.

use std::panic::Location;
use std::sync::Arc;

use ndarray::Dimension;

use super::broadcast::broadcast;
use super::elementwise::{one, two};
use super::function::each;
use crate::array::{ChunkedArray, Element};
use crate::error::ArrayError;
use crate::expr::Expr;
use crate::kernels::elementwise;

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// A function of this crate of each element. It must be without state and name no dimension: see
    /// `function`.
    #[track_caller]
    pub(crate) fn each<B: Element, F>(&self, function: F) -> ChunkedArray<B, D>
    where
        F: Fn(A) -> B + Copy + Send + Sync + 'static,
    {
        self.derive(each(&self.expr, function))
    }

    /// Applies a function to each element. Keeps shape and chunks. It may run more than once for an
    /// element, if the array is read in more than one pass.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([100], [10], |[i]| i as i64);
    /// let even = x.map(|value| u8::from(value % 2 == 0));
    /// assert_eq!(lazuli_core::compute(even.sum())?, 50);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn map<B: Element>(
        &self,
        function: impl Fn(A) -> B + Send + Sync + 'static,
    ) -> ChunkedArray<B, D> {
        self.derive(one(None, &self.expr, move |from: &[A], to: &mut [B]| {
            elementwise::map(from, to, &function);
        }))
    }

    /// [`map`](Self::map) by the name it has in `ndarray`.
    #[track_caller]
    #[must_use]
    pub fn mapv<B: Element>(
        &self,
        function: impl Fn(A) -> B + Send + Sync + 'static,
    ) -> ChunkedArray<B, D> {
        self.map(function)
    }

    /// Applies a function to each element and the one at its index in another array, which broadcasts
    /// to this one's shape. Keeps shape and chunks.
    #[track_caller]
    #[must_use]
    pub fn zip_with<B: Element, C: Element, E: Dimension>(
        &self,
        other: &ChunkedArray<B, E>,
        function: impl Fn(A, B) -> C + Send + Sync + 'static,
    ) -> ChunkedArray<C, D> {
        let mine = (Arc::clone(&self.expr), Arc::clone(&self.grid));
        let others = (Arc::clone(&other.expr), Arc::clone(&other.grid));
        let inputs = broadcast(mine, others).filter(|(_, _, grid)| grid.shape() == self.shape());
        let Some((left, right, _)) = inputs else {
            return self.derive(Expr::invalid(ArrayError::ShapeMismatch {
                operation: "zip_with",
                left: self.shape().to_vec(),
                right: other.shape().to_vec(),
                site: Location::caller(),
            }));
        };
        self.derive(two(None, [left, right], move |left: &[A], right: &[B], to: &mut [C]| {
            elementwise::zip_map(left, right, to, &function);
        }))
    }
}
