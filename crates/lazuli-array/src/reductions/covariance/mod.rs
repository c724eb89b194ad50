//! Covariance and correlation: of two arrays element by element, and of the rows of a matrix.
//!
//! Kernel and formulas: [`CoMoments`](crate::kernels::CoMoments).

mod matrix;

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::accumulator::{Accumulator, EachCell, Position};
use super::along::Along;
use super::pairs::{both, paired};
use super::query::Statistic;
use crate::array::{ChunkedArray, Element};
use crate::kernels::{CastFrom, CoMoments, Rows, Scalar};

impl Accumulator<[f64; 2]> for CoMoments {
    type Field = EachCell<Self>;

    fn update(&mut self, tile: Rows<'_, [f64; 2]>, _: &Position<'_>) {
        self.update_rows(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.merge(following);
    }

    fn field(&self, cells: usize) -> EachCell<Self> {
        EachCell(vec![*self; cells])
    }
}

type OfPairs = Statistic<[f64; 2], CoMoments, f64>;

fn covariance(ddof: u64) -> OfPairs {
    let finish = move |state: &CoMoments| Ok(state.covariance(ddof));
    Statistic::new("covariance", (CoMoments::default(), 0), finish)
}

fn correlation() -> OfPairs {
    let finish = |state: &CoMoments| Ok(state.correlation());
    Statistic::new("correlation", (CoMoments::default(), 0), finish)
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D>
where
    f64: CastFrom<A>,
{
    /// The covariance with another array of the same shape, element by element: the mean product of the distances
    /// from the means, its divisor lowered by `ddof`. NaN where any element is, and where the divisor is not above
    /// 0; infinities make it NaN.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([5, 2], [2, 2], |[i, j]| (i + j) as f64);
    /// let y = &x * -3.0;
    /// let (cov, corr) = lazuli_core::compute((x.covariance(&y, 0), x.correlation(&y)))?; // one pass
    /// assert_eq!((cov, corr), (-6.75, -1.0));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn covariance<B: Scalar + Default, E: Dimension>(
        &self,
        other: &ChunkedArray<B, E>,
        ddof: u64,
    ) -> Delayed<f64>
    where
        f64: CastFrom<B>,
    {
        let site = Location::caller();
        paired("covariance", self, other, site, both).of_all(covariance(ddof), site)
    }

    /// Pearson's correlation coefficient with another array of the same shape, element by element. NaN where any
    /// element is, and where all elements of one array are equal.
    #[track_caller]
    pub fn correlation<B: Scalar + Default, E: Dimension>(
        &self,
        other: &ChunkedArray<B, E>,
    ) -> Delayed<f64>
    where
        f64: CastFrom<B>,
    {
        let site = Location::caller();
        paired("correlation", self, other, site, both).of_all(correlation(), site)
    }
}

impl<A: Scalar + Default, D: Dimension, E: Dimension> Along<A, D, E>
where
    f64: CastFrom<A>,
{
    /// Covariances along the axes with another array of the same shape: see
    /// [`covariance`](ChunkedArray::covariance).
    #[track_caller]
    #[must_use]
    pub fn covariance<B: Element, F: Dimension>(
        &self,
        other: &ChunkedArray<B, F>,
        ddof: u64,
    ) -> ChunkedArray<f64, E>
    where
        f64: CastFrom<B>,
    {
        let site = Location::caller();
        self.of(paired("covariance", self.array(), other, site, both)).ask(covariance(ddof), site)
    }

    /// Pearson's correlation coefficients along the axes with another array of the same shape: see
    /// [`correlation`](ChunkedArray::correlation).
    #[track_caller]
    #[must_use]
    pub fn correlation<B: Element, F: Dimension>(
        &self,
        other: &ChunkedArray<B, F>,
    ) -> ChunkedArray<f64, E>
    where
        f64: CastFrom<B>,
    {
        let site = Location::caller();
        self.of(paired("correlation", self.array(), other, site, both)).ask(correlation(), site)
    }
}
