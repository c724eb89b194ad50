//! Broadcasting by NumPy's rules: shapes are aligned at their last axes, and an axis of length 1, or one
//! that is not there, is repeated as often as the other array is long.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::chunks::{AxisChunks, Grid};
use crate::expr::{Behind, Expr, ExprRef, View};

/// An array of any element type: its expression and its grid.
pub(crate) type Untyped = (ExprRef, Arc<Grid>);

/// Both arrays in one shape, and the grid of that: the blocks of the left, but those of the right along
/// axes which the left repeats. None when the shapes do not broadcast.
pub(crate) fn broadcast(left: Untyped, right: Untyped) -> Option<(ExprRef, ExprRef, Arc<Grid>)> {
    if left.1.shape() == right.1.shape() {
        return Some((left.0, right.0, left.1));
    }
    let grid = common_grid(&left.1, &right.1)?;
    Some((repeat(left, grid.shape()), repeat(right, grid.shape()), Arc::new(grid)))
}

/// The blocks of the left, but those of the right along axes which the left repeats.
pub(crate) fn common_grid(left: &Grid, right: &Grid) -> Option<Grid> {
    let (left, right) = (left.axes(), right.axes());
    let ndim = left.len().max(right.len());
    let axis = |axes: &'_ [AxisChunks], axis: usize| {
        (axis + axes.len()).checked_sub(ndim).map(|axis| axes[axis].clone())
    };
    let axes: Option<SmallVec<[AxisChunks; 4]>> = (0..ndim)
        .map(|index| match (axis(left, index), axis(right, index)) {
            (Some(left), Some(right)) if left.len() == right.len() || right.len() == 1 => {
                Some(left)
            }
            (Some(left), Some(right)) => (left.len() == 1).then_some(right),
            (left, right) => left.or(right),
        })
        .collect();
    Grid::from_axes(axes?).ok()
}

/// An array as a view of this shape, to which it broadcasts.
pub(crate) fn repeat((expr, grid): Untyped, shape: &[usize]) -> ExprRef {
    if grid.shape() == shape {
        return expr;
    }
    let added = shape.len() - grid.shape().len();
    let behind = grid.shape().iter().enumerate().map(|(axis, &len)| {
        let repeated = len == 1 && shape[axis + added] != 1;
        Behind {
            start: 0,
            step: if repeated { 0 } else { 1 },
            along: (!repeated).then_some(axis + added),
        }
    });
    Expr::view(View { shape: shape.into(), behind: behind.collect() }, &expr)
}
