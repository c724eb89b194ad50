//! Choosing between two values, element by element.

use std::panic::Location;
use std::sync::Arc;

use ndarray::Dimension;

use super::broadcast::{Untyped, broadcast, repeat};
use super::elementwise::three;
use super::operand::{IntoOperand, Operand, Side};
use super::scalar::{Number, constant};
use crate::array::ChunkedArray;
use crate::chunks::Grid;
use crate::error::ArrayError;
use crate::expr::{Expr, ExprRef};
use crate::kernels::{Scalar, elementwise};

impl<D: Dimension> ChunkedArray<bool, D> {
    /// The element of `yes` where this is true, else that of `no`, as NumPy's `where`. Each is an array
    /// whose shape broadcasts, a number, or a delayed number.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([100], [10], |[i]| i as f64 - 50.0);
    /// let positive = x.gt(0.0).where_(&x, 0.0);
    /// assert_eq!(lazuli_core::compute(positive.min())?, 0.0);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn where_<A, Y, N>(&self, yes: Y, no: N) -> ChunkedArray<A, N::Dim>
    where
        A: Scalar + Default,
        Y: IntoOperand<A, D, Element = A>,
        N: IntoOperand<A, Y::Dim, Element = A>,
    {
        let site = Location::caller();
        let mask = (Arc::clone(&self.expr), Arc::clone(&self.grid));
        match select(mask, yes.into_operand(), no.into_operand(), site) {
            Ok((expr, grid)) => ChunkedArray::at(expr, grid, site),
            Err(error) => ChunkedArray::at(Expr::invalid(error), Arc::new(Grid::invalid()), site),
        }
    }
}

fn select<A: Scalar + Default>(
    mask: Untyped,
    yes: Operand<A>,
    no: Operand<A>,
    site: &'static Location<'static>,
) -> Result<Untyped, ArrayError> {
    let mut common = Arc::clone(&mask.1);
    let mut join = |side: Side<A>| -> Result<Result<Number<A>, Untyped>, ArrayError> {
        let side = side.number();
        if let Err(array) = &side {
            let all = (Arc::clone(&mask.0), Arc::clone(&common));
            let joined =
                broadcast(all, array.clone()).ok_or_else(|| ArrayError::ShapeMismatch {
                    operation: "where_",
                    left: common.shape().to_vec(),
                    right: array.1.shape().to_vec(),
                    site,
                })?;
            common = joined.2;
        }
        Ok(side)
    };
    let (yes, no) = (join(yes.0)?, join(no.0)?);
    let shape = common.shape();
    let as_expr = |side: Result<Number<A>, Untyped>| -> ExprRef {
        side.map_or_else(|array| repeat(array, shape), constant)
    };
    let inputs = [repeat(mask, shape), as_expr(yes), as_expr(no)];
    let expr = three(inputs, |mask: &[bool], yes: &[A], no: &[A], to: &mut [A]| {
        elementwise::zip3_map(mask, yes, no, to, |mask, yes, no| if mask { yes } else { no });
    });
    Ok((expr, common))
}
