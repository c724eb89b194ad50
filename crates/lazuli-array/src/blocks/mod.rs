//! Operations on whole blocks: a user's functions of them, borders of neighbours, scans, and blocks that are kept.
//!
//! Each makes its blocks of regions of the array ([`crate::stage`]), one task for each.

mod coarsen;
mod difference;
mod info;
mod lanes;
mod map;
mod overlap;
mod persist;
mod placed;
mod rechunk;
mod reshape;
mod scan;
mod select;

pub use info::BlockInfo;
pub use overlap::Boundary;

use ndarray::{Array, ArrayView, ArrayViewD, Dimension, IxDyn};

/// A buffer as an array of this shape.
fn view_of<'a, A, D: Dimension>(shape: &[usize], buffer: &'a [A]) -> ArrayView<'a, A, D> {
    let view = ArrayViewD::from_shape(IxDyn(shape), buffer);
    let view = view.unwrap_or_else(|_| unreachable!("a buffer has as many elements as its shape"));
    let typed = view.into_dimensionality();
    typed.unwrap_or_else(|_| unreachable!("a block has as many axes as its array"))
}

/// The elements of an array in C order.
fn into_elements<A: Clone, D: Dimension>(array: Array<A, D>) -> Vec<A> {
    if array.is_standard_layout() {
        let len = array.len();
        let (mut elements, offset) = array.into_raw_vec_and_offset();
        if offset.unwrap_or(0) == 0 && elements.len() == len {
            return elements;
        }
        let start = offset.unwrap_or(0);
        return elements.drain(start..start + len).collect();
    }
    array.iter().cloned().collect()
}
