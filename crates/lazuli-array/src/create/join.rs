//! Arrays of other arrays, one beside the other; and of arrays that tasks give.

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, Parted};
use ndarray::{Array, Axis, Dimension, IntoDimension};
use smallvec::SmallVec;

use crate::array::{ChunkedArray, Element};
use crate::chunks::{AxisChunks, AxisSizes, Chunks, Grid, Region, count_elements};
use crate::error::ArrayError;
use crate::expr::{Expr, Kind};
use crate::stage::{AnyBlock, block_task};
use crate::tile::JoiningOf;

/// The arrays one behind the other along an axis, as NumPy's `concatenate`. They must have the same lengths
/// along all other axes. Blocks end where those of the arrays do along this axis, and along the others
/// where those of the first do.
///
/// ```
/// use lazuli_array::ndarray::Axis;
/// use lazuli_array::{ChunkedArray, concatenate};
/// let x = ChunkedArray::from_fn([2, 3], [2, 3], |[i, j]| (3 * i + j) as f64);
/// let y = concatenate(Axis(0), [&x, &(&x * 10.0)]);
/// assert_eq!(y.shape(), [4, 3]);
/// assert_eq!(y.numblocks(), [2, 1]);
/// assert_eq!(lazuli_core::compute(y.sum())?, 165.0);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
///
/// No arrays at all, and arrays that do not fit, are errors when the result is computed.
#[track_caller]
#[must_use]
pub fn concatenate<'a, A: Element, D: Dimension + 'a>(
    axis: Axis,
    arrays: impl IntoIterator<Item = &'a ChunkedArray<A, D>>,
) -> ChunkedArray<A, D> {
    let arrays: Vec<&ChunkedArray<A, D>> = arrays.into_iter().collect();
    join("concatenate", axis, &arrays, Location::caller())
}

/// The arrays one behind the other along a new axis, as NumPy's `stack`. They must have the same shape.
///
/// ```
/// use lazuli_array::ndarray::Axis;
/// use lazuli_array::{ChunkedArray, stack};
/// let days = [1.0, 2.0, 3.0].map(|day| ChunkedArray::full([4, 5], [2, 5], day));
/// let year = stack(Axis(0), &days);
/// assert_eq!(year.shape(), [3, 4, 5]);
/// assert_eq!(lazuli_core::compute(year.mean())?, 2.0);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
///
/// No arrays at all, and arrays that do not fit, are errors when the result is computed.
#[track_caller]
#[must_use]
pub fn stack<'a, A: Element, D: Dimension + 'a>(
    axis: Axis,
    arrays: impl IntoIterator<Item = &'a ChunkedArray<A, D>>,
) -> ChunkedArray<A, D::Larger> {
    let mut wider = Vec::new();
    // Not by a closure: an error names the line that called this.
    for array in arrays {
        wider.push(array.insert_axis(axis));
    }
    join("stack", axis, &wider.iter().collect::<Vec<_>>(), Location::caller())
}

fn join<A: Element, D: Dimension>(
    operation: &'static str,
    axis: Axis,
    arrays: &[&ChunkedArray<A, D>],
    site: &'static Location<'static>,
) -> ChunkedArray<A, D> {
    let Some(first) = arrays.first() else {
        return ChunkedArray::invalid(ArrayError::NoArrays { operation, site }, site);
    };
    if let Some(wrong) = arrays.iter().find(|array| array.expr.kind.is_err()) {
        return (*wrong).clone();
    }
    let misfit = |shape: &[usize], reason: String| {
        let shape = shape.to_vec();
        ChunkedArray::invalid(ArrayError::BadAxes { operation, shape, reason, site }, site)
    };
    if axis.0 >= first.ndim() {
        return misfit(first.shape(), format!("there is no axis {}", axis.0));
    }
    let others = |shape: &[usize]| {
        let mut shape = shape.to_vec();
        shape.remove(axis.0);
        shape
    };
    let fits = |array: &&&ChunkedArray<A, D>| {
        array.ndim() == first.ndim() && others(array.shape()) == others(first.shape())
    };
    if let Some(other) = arrays.iter().find(|array| !fits(array)) {
        let reason = format!(
            "beside one of shape {:?} they must have the same lengths but along axis {}",
            first.shape(),
            axis.0
        );
        return misfit(other.shape(), reason);
    }
    let sizes: Vec<usize> =
        arrays.iter().flat_map(|array| array.grid.axes()[axis.0].sizes()).collect();
    let Some(joined) = AxisChunks::of_sizes(&sizes) else {
        return misfit(first.shape(), "the lengths have a sum that cannot be counted".into());
    };
    let mut axes: SmallVec<[AxisChunks; 4]> = first.grid.axes().into();
    axes[axis.0] = joined;
    match Grid::from_axes(axes) {
        Err(error) => ChunkedArray::invalid(error, site),
        Ok(grid) => {
            let lens = arrays.iter().map(|array| array.shape()[axis.0]).collect();
            let inputs = arrays.iter().map(|array| Arc::clone(&array.expr)).collect();
            let joining = Arc::new(JoiningOf::<A>(PhantomData));
            let kind = Kind::Joined { axis: axis.0, lens, joining, shape: grid.shape().into() };
            ChunkedArray::at(Expr::joined(kind, inputs), Arc::new(grid), site)
        }
    }
}

impl<A: Element, D: Dimension + 'static> ChunkedArray<A, D> {
    /// An array that a task gives, of a shape that is known before: one block. With [`concatenate`] and
    /// [`stack`], arrays are made of many such blocks; a block is computed when one that needs it is.
    ///
    /// ```
    /// use lazuli_array::ndarray::{Array2, Axis};
    /// use lazuli_array::{ChunkedArray, concatenate};
    /// use lazuli_core::{compute, task};
    ///
    /// let load = |day| task("load").call((), move |()| Array2::from_elem((24, 10), f64::from(day)));
    /// let days: Vec<_> = (0..7).map(|day| ChunkedArray::from_delayed(&load(day), [24, 10])).collect();
    /// let week = concatenate(Axis(0), &days);
    /// assert_eq!(week.shape(), [168, 10]);
    /// assert_eq!(compute(week.mean())?, 3.0);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// A value of another shape is an error when the array is computed.
    #[track_caller]
    #[must_use]
    pub fn from_delayed(value: &Delayed<Array<A, D>>, shape: impl IntoDimension<Dim = D>) -> Self {
        let site = Location::caller();
        let shape = shape.into_dimension().slice().to_vec();
        let grid = match count_elements(&shape).and_then(|_| {
            let chunks = Chunks::Each(shape.iter().map(|_| AxisSizes::Whole).collect());
            Grid::new(&shape, &chunks, size_of::<A>())
        }) {
            Ok(grid) => grid,
            Err(error) => return Self::invalid(error, site),
        };
        let region = Region { start: shape.iter().map(|_| 0).collect(), shape: shape[..].into() };
        let block = block_task::<A>("from_delayed", &region, site).try_call(
            value.clone(),
            move |array: Array<A, D>| {
                if array.shape() != shape {
                    let reason = format!("the task gives one of shape {:?}", array.shape());
                    let (operation, shape) = ("from_delayed", shape.clone());
                    return Err(ArrayError::BadAxes { operation, shape, reason, site });
                }
                let array = if array.is_standard_layout() {
                    array
                } else {
                    array.as_standard_layout().into_owned()
                };
                let (elements, start) = array.into_raw_vec_and_offset();
                // An array may have been cut out of a longer vector.
                let start = start.unwrap_or(0);
                let elements = if start == 0 && elements.len() == region.len() {
                    elements
                } else {
                    elements[start..start + region.len()].to_vec()
                };
                Ok(AnyBlock::new(region.shape.clone(), elements))
            },
        );
        // An array without elements has no block that would be asked for.
        let parts = Parted::from_parts(grid.regions().map(|_| block.clone()));
        Self::staged(parts, Arc::new(grid), site)
    }
}
