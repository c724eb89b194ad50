//! Arrays that are computed from the index of each element: by a function, or by a rule.

mod join;
mod philox;
mod random;

use std::panic::Location;

use ndarray::{Dim, Dimension, Ix1, Ix2};

pub use join::{concatenate, stack};
pub use random::Random;

use crate::array::{ChunkedArray, Element};
use crate::chunks::IntoChunks;
use crate::kernels::{CastFrom, Float, Scalar};
use crate::source::{Generated, leaf};

impl<A: Element, const N: usize> ChunkedArray<A, Dim<[usize; N]>>
where
    Dim<[usize; N]>: Dimension,
{
    /// An array whose elements are computed from their index, a tile at a time.
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
        chunks: impl IntoChunks,
        function: impl Fn([usize; N]) -> A + Send + Sync + 'static,
    ) -> Self {
        Self::generated("from_fn", shape, chunks, function)
    }

    #[track_caller]
    pub(crate) fn generated(
        name: &'static str,
        shape: [usize; N],
        chunks: impl IntoChunks,
        function: impl Fn([usize; N]) -> A + Send + Sync + 'static,
    ) -> Self {
        Self::in_chunks(leaf(Generated::new(name, function)), &shape, chunks)
    }

    /// An array whose elements are all `value`.
    #[track_caller]
    #[must_use]
    pub fn full(shape: [usize; N], chunks: impl IntoChunks, value: A) -> Self {
        Self::generated("full", shape, chunks, move |_| value)
    }
}

impl<A: Scalar + Default, const N: usize> ChunkedArray<A, Dim<[usize; N]>>
where
    Dim<[usize; N]>: Dimension,
{
    /// An array of zeros.
    #[track_caller]
    #[must_use]
    pub fn zeros(shape: [usize; N], chunks: impl IntoChunks) -> Self {
        Self::generated("zeros", shape, chunks, |_| A::ZERO)
    }

    /// An array of ones.
    #[track_caller]
    #[must_use]
    pub fn ones(shape: [usize; N], chunks: impl IntoChunks) -> Self {
        Self::generated("ones", shape, chunks, |_| A::ONE)
    }
}

impl<A: Scalar + Default + CastFrom<u64>> ChunkedArray<A, Ix1> {
    /// The numbers from `start` up to but not including `stop`, each `step` beyond the one before:
    /// `start + index * step`. Empty where `stop` does not lie in the direction of `step`.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::arange(0_i64, 10, 3, 2);
    /// assert_eq!(lazuli_core::compute(&x)?.to_vec(), [0, 3, 6, 9]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn arange(start: A, stop: A, step: A, chunks: impl IntoChunks) -> Self {
        // A step of 0 makes this infinite, which is more than can be counted.
        let steps = (stop.to_f64() - start.to_f64()) / step.to_f64();
        let len = if stop == start { 0 } else { steps.ceil().max(0.0) as usize };
        Self::generated("arange", [len], chunks, move |[index]| {
            start.plus(step.times(A::cast_from(index as u64)))
        })
    }
}

impl<A: Float + Default + CastFrom<u64>> ChunkedArray<A, Ix1> {
    /// `len` numbers at equal distances from `start` to `stop`, which is the last.
    #[track_caller]
    #[must_use]
    pub fn linspace(start: A, stop: A, len: usize, chunks: impl IntoChunks) -> Self {
        let step = stop.minus(start).over(A::cast_from(len.saturating_sub(1).max(1) as u64));
        Self::generated("linspace", [len], chunks, move |[index]| {
            if index > 0 && index + 1 == len {
                stop
            } else {
                start.plus(step.times(A::cast_from(index as u64)))
            }
        })
    }
}

impl<A: Scalar + Default> ChunkedArray<A, Ix2> {
    /// The identity matrix of `len` rows: ones where the row is the column, and zeros.
    #[track_caller]
    #[must_use]
    pub fn eye(len: usize, chunks: impl IntoChunks) -> Self {
        let site = Location::caller();
        let element = |[row, column]: [usize; 2]| if row == column { A::ONE } else { A::ZERO };
        let eye = Self::generated("eye", [len, len], chunks, element);
        Self::at(eye.expr, eye.grid, site)
    }
}
