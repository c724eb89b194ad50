//! `dot`, `matmul` and `tensordot`.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{DimMax, Dimension, Ix0, Ix1, Ix2, IxDyn};

use super::contract::{Factor, Kinds, contract};
use crate::array::ChunkedArray;
use crate::chunks::{Axes, AxisChunks, Grid};
use crate::error::ArrayError;
use crate::kernels::LinalgScalar;
use crate::ops::broadcast::{common_grid, repeat};

/// The dimension of the [`dot`](ChunkedArray::dot) product of an array of this dimension and one of dimension `E`.
pub trait DotDimension<E>: Dimension {
    /// The dimension of the product.
    type Output: Dimension;
}

macro_rules! dot_dimensions {
    ($($left:ty, $right:ty => $output:ty;)*) => {$(
        impl DotDimension<$right> for $left {
            type Output = $output;
        }
    )*};
}

dot_dimensions! {
    Ix1, Ix1 => Ix0;
    Ix1, Ix2 => Ix1;
    Ix2, Ix1 => Ix1;
    Ix2, Ix2 => Ix2;
    IxDyn, IxDyn => IxDyn;
}

impl<A: LinalgScalar, D: Dimension> ChunkedArray<A, D> {
    /// The dot product, as NumPy's and ndarray's: of matrices their product, of a matrix and a vector the product of
    /// these, of vectors the sum of products (an array without axes). With more axes, the last of this array and the
    /// one before the last of the other are summed over.
    ///
    /// A block of the result is the sum of the products of blocks along the summed axis, which is cut as that of this
    /// array: `m x k` in chunks `a x b` and `k x n` in chunks `c x d` make `m x n` in chunks `a x d`. There is one
    /// task for each pair of blocks; it holds these two and the block of the result. A pair of `a x b` and `b x d`
    /// takes `2abd` operations, so blocks of 500 to 2,000 along each axis suit; where elements are computed, they are
    /// computed for each pair ([`persist`](Self::persist) keeps them).
    ///
    /// Floats and complex numbers are multiplied and added in their own precision, with fused operations; integers wrap. The products of one block
    /// are added in order, so the bits depend on chunks and processor, and not on threads.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([300, 200], [100, 100], |[i, j]| (i + j) as f64);
    /// let squares = x.t().dot(&x); // 200 x 200
    /// let ones = ChunkedArray::full([200], [100], 1.0);
    /// let (all, rows) = lazuli_core::compute((&squares, x.dot(&ones)))?;
    /// assert_eq!(all[[0, 0]], (0..300).map(|i| f64::from(i * i)).sum::<f64>());
    /// assert_eq!(rows[0], 199.0 * 100.0);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// Lengths that do not fit are reported when the result is computed.
    #[track_caller]
    #[must_use]
    pub fn dot<E: Dimension>(
        &self,
        other: &ChunkedArray<A, E>,
    ) -> ChunkedArray<A, <D as DotDimension<E>>::Output>
    where
        D: DotDimension<E>,
    {
        let site = Location::caller();
        let of_left = [self.ndim().saturating_sub(1)];
        let of_right = [other.ndim().saturating_sub(2)];
        self.contracted("dot", other, &of_left, &of_right, site)
    }

    /// The sum of products over some axes of both arrays, as NumPy's `tensordot`: axis `axes[0][i]` of this array
    /// goes with axis `axes[1][i]` of the other. The axes of the result are those left of this array, and behind them
    /// those left of the other. Chunks, cost and bits are as for [`dot`](Self::dot).
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::IxDyn};
    /// let x = ChunkedArray::from_fn([4, 5, 6], [2, 5, 3], |[i, j, k]| (i + j + k) as i64);
    /// let y = ChunkedArray::from_fn([6, 5, 3], [6, 2, 3], |[i, j, k]| (i * j * k) as i64);
    /// let z = x.tensordot(&y, [&[1, 2], &[1, 0]]);
    /// assert_eq!(z.shape(), [4, 3]);
    /// let expected: i64 = (0..5).flat_map(|j| (0..6).map(move |k| (3 + j + k) * (2 * j * k))).sum();
    /// assert_eq!(lazuli_core::compute(&z)?[IxDyn(&[3, 2])], expected);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// Axes and lengths that do not fit are reported when the result is computed.
    #[track_caller]
    #[must_use]
    pub fn tensordot<E: Dimension>(
        &self,
        other: &ChunkedArray<A, E>,
        axes: [&[usize]; 2],
    ) -> ChunkedArray<A, IxDyn> {
        self.contracted("tensordot", other, axes[0], axes[1], Location::caller())
    }

    /// The products of the matrices that the last two axes are, as NumPy's `matmul`: the axes before them broadcast.
    /// Both arrays must have at least two axes. Chunks along the last two axes, cost and bits are as for
    /// [`dot`](Self::dot); along the others the blocks are those of this array, or of the other where this one is repeated.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let many = ChunkedArray::from_fn([7, 3, 4], [2, 3, 4], |[i, j, k]| (i * j + k) as f64);
    /// let one = ChunkedArray::from_fn([4, 2], [4, 2], |[i, j]| (i + j) as f64);
    /// let products = many.matmul(&one);
    /// assert_eq!((products.shape(), products.numblocks()), (&[7, 3, 2][..], vec![4, 1, 1]));
    /// assert_eq!(lazuli_core::compute(&products)?[[0, 0, 0]], 14.0);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn matmul<E: Dimension>(
        &self,
        other: &ChunkedArray<A, E>,
    ) -> ChunkedArray<A, <D as DimMax<E>>::Output>
    where
        D: DimMax<E>,
    {
        let site = Location::caller();
        if let Err(error) = other.check() {
            return ChunkedArray::invalid(self.check().err().unwrap_or(error), site);
        }
        self.stage_from(site, || {
            let misfit = || ArrayError::BadAxes {
                operation: "matmul",
                shape: self.shape().to_vec(),
                reason: format!("the other factor has shape {:?}", other.shape()),
                site,
            };
            let ([.., _, k], [.., l, _]) = (self.shape(), other.shape()) else {
                return Err(misfit());
            };
            if k != l || self.ndim() < 2 {
                return Err(misfit());
            }
            let (left, right) =
                stacks(self.clone().into_dyn(), other.clone().into_dyn()).ok_or_else(misfit)?;
            let kinds = Kinds { shared: left.1.shape().len() - 2, summed: 1 };
            contract::<A>("matmul", left, right, kinds, site)
        })
    }

    /// The contraction of two arrays over these axes.
    fn contracted<E: Dimension, F: Dimension>(
        &self,
        name: &'static str,
        other: &ChunkedArray<A, E>,
        of_left: &[usize],
        of_right: &[usize],
        site: &'static Location<'static>,
    ) -> ChunkedArray<A, F> {
        if let Err(error) = other.check() {
            return ChunkedArray::invalid(self.check().err().unwrap_or(error), site);
        }
        self.stage_from(site, || {
            let misfit = |reason| ArrayError::BadAxes {
                operation: name,
                shape: self.shape().to_vec(),
                reason,
                site,
            };
            if of_left.len() != of_right.len() {
                return Err(misfit(format!("{of_left:?} and {of_right:?} are not pairs of axes")));
            }
            let left_kept = kept(of_left, self.ndim()).map_err(misfit)?;
            let right_kept = kept(of_right, other.ndim()).map_err(misfit)?;
            for (&left, &right) in of_left.iter().zip(of_right) {
                if self.shape()[left] != other.shape()[right] {
                    return Err(misfit(format!(
                        "its axis {left} is summed over with axis {right} of an array of shape {:?}",
                        other.shape()
                    )));
                }
            }
            let left = in_order(self, left_kept.iter().chain(of_left));
            let right = in_order(other, of_right.iter().chain(&right_kept));
            contract::<A>(name, left, right, Kinds { shared: 0, summed: of_left.len() }, site)
        })
    }
}

/// The axes that are not summed over; or what is wrong with those that are.
fn kept(summed: &[usize], ndim: usize) -> Result<Axes, String> {
    for (place, axis) in summed.iter().enumerate() {
        if *axis >= ndim {
            return Err(format!("an array of {ndim} axes has no axis {axis}"));
        }
        if summed[..place].contains(axis) {
            return Err(format!("axis {axis} is given twice"));
        }
    }
    Ok((0..ndim).filter(|axis| !summed.contains(axis)).collect())
}

/// The array with its axes in this order.
fn in_order<'a, A: LinalgScalar, D: Dimension>(
    array: &ChunkedArray<A, D>,
    order: impl Iterator<Item = &'a usize>,
) -> Factor {
    let order: Vec<usize> = order.copied().collect();
    let turned = array.clone().into_dyn().permuted_axes(IxDyn(&order));
    (turned.expr, turned.grid)
}

/// Two stacks of matrices with the same axes before the last two, those of both broadcast.
fn stacks<A: LinalgScalar>(
    left: ChunkedArray<A, IxDyn>,
    right: ChunkedArray<A, IxDyn>,
) -> Option<(Factor, Factor)> {
    let split = |array: &ChunkedArray<A, IxDyn>| {
        let (before, matrix) = array.grid.axes().split_at(array.ndim() - 2);
        Some((Grid::from_axes(before.into()).ok()?, matrix.to_vec()))
    };
    let (of_left, of_right) = (split(&left)?, split(&right)?);
    let before = common_grid(&of_left.0, &of_right.0)?;
    let factor = |array: ChunkedArray<A, IxDyn>, matrix: Vec<AxisChunks>| {
        let axes = before.axes().iter().cloned().chain(matrix);
        let grid = Grid::from_axes(axes.collect()).ok()?;
        Some((repeat((array.expr, array.grid), grid.shape()), Arc::new(grid)))
    };
    Some((factor(left, of_left.1)?, factor(right, of_right.1)?))
}
