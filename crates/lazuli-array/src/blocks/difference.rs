//! Differences of neighbours, and gradients.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{ArrayD, ArrayView, Axis, Dimension, IxDyn, Slice, Zip};

use super::{into_elements, view_of};
use crate::array::ChunkedArray;
use crate::chunks::Region;
use crate::error::ArrayError;
use crate::kernels::Scalar;
use crate::stage::{Assembly, Making, made_of_regions};
use crate::views::Span;

impl<A: Scalar + Default, D: Dimension + 'static> ChunkedArray<A, D> {
    /// The differences of neighbours along an axis, taken `times` times: each element less the one before, as
    /// NumPy's `diff`. The axis gets shorter by `times`, to no less than none. Integers wrap.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([10], [3], |[i]| (i * i) as i64);
    /// let (first, second) = lazuli_core::compute((x.diff(Axis(0), 1).max(), x.diff(Axis(0), 2).max()))?;
    /// assert_eq!((first, second), (17, 2));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn diff(&self, axis: Axis, times: usize) -> Self {
        let site = Location::caller();
        let mut differences = self.clone();
        for _ in 0..times {
            let len = differences.shape().get(axis.0).copied().unwrap_or(1) as isize;
            let after = differences.slice_axis(axis, Span::new(1.min(len), None, 1));
            let before = differences.slice_axis(axis, Span::new(0, Some((len - 1).max(0)), 1));
            differences = less(&after, &before);
            if len == 0 {
                break;
            }
        }
        ChunkedArray::at(differences.expr, differences.grid, site)
    }

    /// The gradient along an axis of values at this distance, as NumPy's `gradient`: half the difference of the
    /// neighbours, and at both ends the difference from the one neighbour, divided by the distance. The axis must
    /// have at least two elements. Keeps shape and chunks.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([5], [2], |[i]| (i * i) as f64);
    /// let slope = lazuli_core::compute(x.gradient(Axis(0), 1.0))?;
    /// assert_eq!(slope.to_vec(), [1.0, 2.0, 4.0, 6.0, 7.0]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn gradient(&self, axis: Axis, distance: f64) -> ChunkedArray<f64, D> {
        let site = Location::caller();
        self.stage_from(site, || {
            let len = match self.shape().get(axis.0) {
                Some(&len) if len >= 2 => len,
                found => {
                    let reason = match found {
                        None => format!("there is no axis {}", axis.0),
                        Some(len) => {
                            format!("axis {} has {len} elements, and 2 are needed", axis.0)
                        }
                    };
                    let shape = self.shape().to_vec();
                    return Err(ArrayError::BadAxes { operation: "gradient", shape, reason, site });
                }
            };
            let making = Making {
                name: "gradient",
                assemble: Box::new(move |block: &Region| {
                    let mut wide = block.clone();
                    let end = (block.start[axis.0] + block.shape[axis.0] + 1).min(len);
                    wide.start[axis.0] = block.start[axis.0].saturating_sub(1);
                    wide.shape[axis.0] = end - wide.start[axis.0];
                    Assembly::one(wide)
                }),
                make: Box::new(move |buffer: Vec<A>, assembly: &Assembly, block: &Region, _| {
                    let wide: ArrayView<'_, A, IxDyn> = view_of(&assembly.shape, &buffer);
                    Ok(slopes(&wide, axis, block, len, distance))
                }),
                beside: Vec::new(),
            };
            let grid = Arc::clone(&self.grid);
            Ok((made_of_regions(&self.expr, self.shape(), &grid, making, site), grid))
        })
    }
}

/// `after - before`, whose shapes are the same.
fn less<A: Scalar + Default, D: Dimension>(
    after: &ChunkedArray<A, D>,
    before: &ChunkedArray<A, D>,
) -> ChunkedArray<A, D> {
    after.zip_with(before, A::minus)
}

/// The slopes of a block, given it and its neighbours along the axis.
fn slopes<A: Scalar>(
    wide: &ArrayView<'_, A, IxDyn>,
    axis: Axis,
    block: &Region,
    len: usize,
    distance: f64,
) -> Vec<f64> {
    let (start, size) = (block.start[axis.0], block.shape[axis.0]);
    let before = usize::from(start > 0);
    let mut out = ArrayD::zeros(IxDyn(&block.shape));
    let mut fill = |from: usize, count: usize, left: isize, right: isize, over: f64| {
        let part = |ahead: isize| {
            let at = (from + before).wrapping_add_signed(ahead);
            wide.slice_axis(axis, Slice::from(at..at + count))
        };
        let to = out.slice_axis_mut(axis, Slice::from(from..from + count));
        Zip::from(to).and(part(left)).and(part(right)).for_each(|to, left, right| {
            *to = (right.to_f64() - left.to_f64()) / over;
        });
    };
    let is_first = usize::from(start == 0);
    let is_last = usize::from(start + size == len);
    if is_first == 1 {
        fill(0, 1, 0, 1, distance);
    }
    if is_last == 1 {
        fill(size - 1, 1, -1, 0, distance);
    }
    let inner = size.saturating_sub(is_first + is_last);
    if inner > 0 {
        fill(is_first, inner, -1, 1, 2.0 * distance);
    }
    into_elements(out)
}
