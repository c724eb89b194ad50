//! Products of matrices, and singular values of tall ones.

use lazuli::prelude::*;
use lazuli_benches::{Turn, in_turns};
use ndarray::Array2;

use super::normal;
use super::whole::lazuli;

/// Scaled by the number of values: 4,000 x 4,000 and 2,000,000 x 20 at 200 million.
pub(crate) fn products(n: usize) {
    let side = ((16e6 * n as f64 / 200e6) as usize).isqrt();
    let square = matrix(side, side);
    let x = ChunkedArray::from_array(square.clone(), [1_000, 1_000]);
    let tall = matrix(n / 100, 20);
    let y = ChunkedArray::from_array(tall, [100_000, 20]);
    let mut turns: Vec<Turn<'_>> = Vec::new();
    turns.push(lazuli(format!("matmul {side}, chunks 1000"), x.dot(&x).sum()));
    turns.push(lazuli("tall-skinny SVD, values", y.svd().s.sum()));
    turns.push(lazuli("tall-skinny SVD, all factors", {
        let svd = y.svd();
        svd.u.sum() + svd.s.sum() + svd.vt.sum()
    }));
    turns.push(lazuli("squares of a tall matrix", y.t().dot(&y).sum()));
    in_turns(5, &mut turns);
}

fn matrix(rows: usize, columns: usize) -> Array2<f64> {
    let elements = normal(rows * columns).into_owned().into_raw_vec_and_offset().0;
    Array2::from_shape_vec((rows, columns), elements).expect("rows and columns")
}
