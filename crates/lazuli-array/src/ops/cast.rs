//! Conversions of the element type.

use ndarray::Dimension;

use crate::array::{ChunkedArray, Element};
use crate::kernels::CastFrom;

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// The array with its elements converted to another type, as `as` does in Rust: to the nearest float;
    /// integers wrap; floats are cut towards zero and kept in the range of an integer, NaN being 0;
    /// what is not zero is `true`. Keeps shape and chunks.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([4], [2], |[i]| i as u8);
    /// let half = x.astype::<f64>() / 2.0;
    /// assert_eq!(lazuli_core::compute(half.sum())?, 3.0);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn astype<B: Element + CastFrom<A>>(&self) -> ChunkedArray<B, D> {
        self.each(<B as CastFrom<A>>::cast_from)
    }
}
