//! Singular values of a tall matrix: those of its `R`.

use std::panic::Location;

use ndarray::{Ix1, Ix2};

use super::tall::{one_block, square};
use crate::array::ChunkedArray;
use crate::kernels::{Scalar, SmallSvd};
use crate::stage::{AnyBlock, block_task};

/// A matrix as `u * diag(s) * vt`: made by [`svd`](ChunkedArray::svd).
#[derive(Clone, Debug)]
pub struct Svd {
    /// The left singular vectors, a column each.
    pub u: ChunkedArray<f64, Ix2>,
    /// The singular values, from the greatest on.
    pub s: ChunkedArray<f64, Ix1>,
    /// The right singular vectors, a row each.
    pub vt: ChunkedArray<f64, Ix2>,
}

impl<A: Scalar + Default> ChunkedArray<A, Ix2> {
    /// The singular value decomposition of a tall matrix (`m x n` with `m >= n`): `u` (`m x n`), `s` (`n`) and `vt`
    /// (`n x n`), as NumPy's `linalg.svd(full_matrices=False)`. In each row of `vt` the element of the greatest size
    /// is positive, so that signs do not depend on chunks.
    ///
    /// The matrix is reduced to its `R` by [`qr`](Self::qr), whose chunks and cost these are; that is decomposed by
    /// one task, by Jacobi rotations in `f64`, in some `20 n^3` operations. Only `u` reads the array a second time.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([500, 2], [100, 2], |[i, j]| ((i + 1) * (j + 1)) as f64);
    /// let svd = x.svd();
    /// let again = (&svd.u * &svd.s).dot(&svd.vt);
    /// let (values, off) = lazuli_core::compute((&svd.s, (again - &x).abs().max()))?;
    /// // One row after another the same: one singular value.
    /// let squares: f64 = (1..=500).map(|i| 5.0 * f64::from(i * i)).sum();
    /// assert!((values[0] / squares.sqrt() - 1.0).abs() < 1e-14 && values[1] < 1e-10 && off < 1e-10);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// A matrix with fewer rows than columns, or without elements, is an error when a factor is computed. One with
    /// elements that are not finite has NaN in all places.
    #[track_caller]
    #[must_use]
    pub fn svd(&self) -> Svd {
        let site = Location::caller();
        let triangles = match self.triangles("svd", site) {
            Ok(triangles) => triangles,
            Err(error) => {
                return Svd {
                    u: ChunkedArray::invalid(error.clone(), site),
                    s: ChunkedArray::invalid(error.clone(), site),
                    vt: ChunkedArray::invalid(error, site),
                };
            }
        };
        let columns = triangles.columns();
        let builder = block_task::<f64>("svd", &square(columns), site);
        let mut factors = builder
            .call_many(3, &triangles.last(), move |r: &AnyBlock| {
                let svd = SmallSvd::of(columns, &r.get::<f64>().elements);
                let shape = square(columns).shape;
                vec![
                    AnyBlock::new(shape.clone(), svd.u),
                    AnyBlock::new([columns].into_iter().collect(), svd.values),
                    AnyBlock::new(shape, svd.vt),
                ]
            })
            .into_iter();
        let mut factor = || {
            let next = factors.next();
            next.unwrap_or_else(|| unreachable!("there are three factors"))
        };
        let (u, s, vt) = (factor(), factor(), factor());
        Svd {
            u: triangles.q_times(Some(u)),
            s: one_block(s, &[columns], site),
            vt: one_block(vt, &[columns; 2], site),
        }
    }
}
