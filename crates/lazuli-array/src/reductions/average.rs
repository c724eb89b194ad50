//! Weighted averages.

use std::panic::Location;

use lazuli_core::{Delayed, task};
use ndarray::{Axis, Dimension, RemoveAxis};

use super::along::Along;
use super::pairs::paired;
use super::sum::{sum, wide_sum};
use crate::array::{ChunkedArray, Element};
use crate::error::ArrayError;
use crate::kernels::{CastFrom, Scalar};

fn product(value: f64, weight: f64) -> f64 {
    value * weight
}

fn weight(_: f64, weight: f64) -> f64 {
    weight
}

/// NaN where weights sum up to nothing.
fn quotient(products: f64, weights: f64) -> f64 {
    if weights == 0.0 { f64::NAN } else { products / weights }
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D>
where
    f64: CastFrom<A>,
{
    /// The average with weights, `sum(w x) / sum(w)`, as `f64`: of an array of weights of the same shape, which may
    /// be computed as well. Both sums are as accurate as [`sum`](Self::sum), and one pass. NaN where any element or
    /// weight is, where the weights sum up to zero, and of no elements.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([3, 2], [2, 2], |[i, j]| (2 * i + j) as f64);
    /// let w = ChunkedArray::from_fn([3, 2], [2, 2], |[i, _]| i as f64);
    /// let heavy = ChunkedArray::from_fn([2], [2], |[j]| j as f32);
    /// let (whole, rows) = lazuli_core::compute((x.average(&w), x.average_axis(Axis(1), &heavy)))?;
    /// assert_eq!((whole, rows.to_vec()), (23.0 / 6.0, vec![1.0, 3.0, 5.0]));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn average<W: Element, E: Dimension>(&self, weights: &ChunkedArray<W, E>) -> Delayed<f64>
    where
        f64: CastFrom<W>,
    {
        let site = Location::caller();
        let products = paired("average", self, weights, site, product).of_all(sum(), site);
        let weights = paired("average", self, weights, site, weight).of_all(sum(), site);
        task("average")
            .site(site)
            .call((products, weights), |(products, weights)| quotient(products, weights))
    }

    /// Averages along one axis: see [`Along::average`].
    #[track_caller]
    #[must_use]
    pub fn average_axis<W: Element, E: Dimension>(
        &self,
        axis: Axis,
        weights: &ChunkedArray<W, E>,
    ) -> ChunkedArray<f64, D::Smaller>
    where
        D: RemoveAxis,
        f64: CastFrom<W>,
    {
        self.along(axis).average(weights)
    }
}

impl<A: Scalar + Default, D: Dimension, E: Dimension> Along<A, D, E>
where
    f64: CastFrom<A>,
{
    /// Averages along the axes with weights, `sum(w x) / sum(w)`: of an array of weights of the same shape, or of
    /// the shape of the axes alone (a vector for one axis). NaN as [`average`](ChunkedArray::average).
    #[track_caller]
    #[must_use]
    pub fn average<W: Element, F: Dimension>(
        &self,
        weights: &ChunkedArray<W, F>,
    ) -> ChunkedArray<f64, E>
    where
        f64: CastFrom<W>,
    {
        let site = Location::caller();
        let array = self.array();
        let weights = match self.as_large_as_array(weights) {
            Some(weights) => weights,
            None => {
                let (left, right) = (array.shape().to_vec(), weights.shape().to_vec());
                let operation = "average";
                let error = ArrayError::ShapeMismatch { operation, left, right, site };
                ChunkedArray::invalid(weights.check().err().unwrap_or(error), site)
            }
        };
        let products = paired("average", array, &weights, site, product);
        let weights = paired("average", array, &weights, site, weight);
        let products = self.of(products).ask(wide_sum(), site);
        let weights = self.of(weights).ask(wide_sum(), site);
        products.zip_with(&weights, quotient)
    }
}
