//! Which bin each element falls into.

use std::panic::Location;
use std::sync::Arc;

use ndarray::Dimension;

use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::{CastFrom, Scalar};

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D>
where
    f64: CastFrom<A>,
{
    /// How many of these edges, which must be in order, are not above each element (with `right`: are below it), as
    /// NumPy's `digitize`: 0 below the first, their number above the last, and of NaN. Keeps shape and chunks;
    /// `O(log(edges))` an element.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_array(lazuli_array::ndarray::array![0.2, 6.4, 3.0, 1.0], [2]);
    /// let bins = x.digitize(&[0.0, 1.0, 2.5, 4.0], false);
    /// assert_eq!(lazuli_core::compute(bins)?.to_vec(), [1, 4, 3, 2]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn digitize(&self, edges: &[f64], right: bool) -> ChunkedArray<u64, D> {
        if !edges.windows(2).all(|pair| pair[0] <= pair[1]) {
            let (operation, site) = ("digitize", Location::caller());
            let reason = "edges are numbers in order".to_owned();
            let error = ArrayError::BadArgument { operation, reason, site };
            return ChunkedArray::invalid(self.check().err().unwrap_or(error), site);
        }
        let edges: Arc<[f64]> = edges.into();
        self.map(move |value: A| {
            let value = value.to_f64();
            let is_before =
                |edge: &f64| value.is_nan() || if right { *edge < value } else { *edge <= value };
            edges.partition_point(is_before) as u64
        })
    }
}
