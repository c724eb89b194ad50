//! Pairs of the elements of two arrays, for statistics of both together.

use std::panic::Location;
use std::sync::Arc;

use ndarray::Dimension;

use crate::array::{ChunkedArray, Element};
use crate::error::ArrayError;
use crate::kernels::CastFrom;
use crate::ops::pair_at;

/// Both as they are.
pub(super) fn both(left: f64, right: f64) -> [f64; 2] {
    [left, right]
}

/// A function of the elements of two arrays of one shape as `f64`, in the blocks of the left.
pub(super) fn paired<A, B, C, D, E, F>(
    operation: &'static str,
    left: &ChunkedArray<A, D>,
    right: &ChunkedArray<B, E>,
    site: &'static Location<'static>,
    function: F,
) -> ChunkedArray<C, D>
where
    A: Element,
    B: Element,
    C: Element,
    D: Dimension,
    E: Dimension,
    f64: CastFrom<A> + CastFrom<B>,
    F: Fn(f64, f64) -> C + Copy + Send + Sync + 'static,
{
    if let Err(error) = left.check().and_then(|()| right.check()) {
        return ChunkedArray::invalid(error, site);
    }
    if left.shape() != right.shape() {
        let (left, right) = (left.shape().to_vec(), right.shape().to_vec());
        return ChunkedArray::invalid(
            ArrayError::ShapeMismatch { operation, left, right, site },
            site,
        );
    }
    let (left, right) = (left.astype::<f64>(), right.astype::<f64>());
    let sides = ((left.expr, left.grid), (right.expr, Arc::clone(&right.grid)));
    pair_at(operation, sides.0, sides.1, site, function)
}
