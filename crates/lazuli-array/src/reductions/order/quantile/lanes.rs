//! Quantiles along an axis: of each lane, which is selected from in memory.

use std::panic::Location;

use ndarray::{Axis, Dimension, RemoveAxis};

use super::{Asked, QuantileMethod};
use crate::array::ChunkedArray;
use crate::kernels::{Float, SortKey};

impl Asked {
    /// The quantiles of a lane, whose elements come into another order.
    fn of_lane<A: SortKey>(&self, lane: &mut [A], found: &mut Vec<f64>) {
        let mut keys: Vec<u64> =
            lane.iter().filter(|value| !value.is_nan()).map(|value| value.image()).collect();
        let nans = (lane.len() - keys.len()) as u64;
        let Some(between) = self.between(keys.len() as u64, nans) else {
            found.resize(self.quantiles.len(), f64::NAN);
            return;
        };
        if self.quantiles.len() > 3 {
            keys.sort_unstable();
        }
        for between in between {
            let element = |keys: &mut [u64], rank: u64| {
                let image = if self.quantiles.len() > 3 {
                    keys[rank as usize]
                } else {
                    *keys.select_nth_unstable(rank as usize).1
                };
                A::of_image(image).to_f64()
            };
            let low = element(&mut keys, between.low);
            let is_one = between.low == between.high;
            let high = if is_one { low } else { element(&mut keys, between.high) };
            found.push(between.of(low, high));
        }
    }
}

impl<A: SortKey, D: Dimension + 'static> ChunkedArray<A, D> {
    /// Exact quantiles along an axis, which has one entry for each of them, in one block. NaN where any element of a
    /// lane is, and of none. The array is read in blocks that are whole along the axis.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, QuantileMethod, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([101, 2], [30, 2], |[i, j]| (i * (j + 1)) as f64);
    /// let ends = x.quantiles_axis(&[0.25, 0.75], QuantileMethod::Linear, Axis(0));
    /// let (ends, medians) = lazuli_core::compute((ends, x.median_axis(Axis(0))))?;
    /// assert_eq!(ends, lazuli_array::ndarray::array![[25.0, 50.0], [75.0, 150.0]]);
    /// assert_eq!(medians.to_vec(), [50.0, 100.0]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn quantiles_axis(
        &self,
        q: &[f64],
        method: QuantileMethod,
        axis: Axis,
    ) -> ChunkedArray<f64, D> {
        let quantiles = q.to_vec();
        let asked = Asked { name: "quantiles_axis", quantiles, method, skips_nan: false };
        self.quantiles_of_lanes(asked, axis, Location::caller())
    }

    /// The [quantile](Self::quantile) `q` of each lane along an axis.
    #[track_caller]
    #[must_use]
    pub fn quantile_axis(&self, q: f64, axis: Axis) -> ChunkedArray<f64, D::Smaller>
    where
        D: RemoveAxis,
    {
        self.quantile_of_lanes("quantile_axis", q, false, axis, Location::caller())
    }

    /// The [median](Self::median) of each lane along an axis.
    #[track_caller]
    #[must_use]
    pub fn median_axis(&self, axis: Axis) -> ChunkedArray<f64, D::Smaller>
    where
        D: RemoveAxis,
    {
        self.quantile_of_lanes("median_axis", 0.5, false, axis, Location::caller())
    }

    fn quantiles_of_lanes(
        &self,
        asked: Asked,
        axis: Axis,
        site: &'static Location<'static>,
    ) -> ChunkedArray<f64, D> {
        if let Err(error) = self.check().and_then(|()| asked.check(site)) {
            return ChunkedArray::invalid(error, site);
        }
        let (name, count) = (asked.name, asked.quantiles.len());
        self.map_lanes(
            name,
            axis,
            |_| count,
            site,
            move |lane: &mut [A], found| {
                asked.of_lane(lane, found);
                Ok(())
            },
        )
    }

    fn quantile_of_lanes(
        &self,
        name: &'static str,
        quantile: f64,
        skips_nan: bool,
        axis: Axis,
        site: &'static Location<'static>,
    ) -> ChunkedArray<f64, D::Smaller>
    where
        D: RemoveAxis,
    {
        let (quantiles, method) = (vec![quantile], QuantileMethod::Linear);
        let asked = Asked { name, quantiles, method, skips_nan };
        self.quantiles_of_lanes(asked, axis, site).squeeze(axis)
    }
}

impl<A: SortKey + Float, D: Dimension + 'static> ChunkedArray<A, D> {
    /// The [quantiles along an axis](Self::quantiles_axis) of the elements that are not NaN; NaN where there are none.
    #[track_caller]
    #[must_use]
    pub fn nanquantiles_axis(
        &self,
        q: &[f64],
        method: QuantileMethod,
        axis: Axis,
    ) -> ChunkedArray<f64, D> {
        let quantiles = q.to_vec();
        let asked = Asked { name: "nanquantiles_axis", quantiles, method, skips_nan: true };
        self.quantiles_of_lanes(asked, axis, Location::caller())
    }

    /// The [quantile](Self::quantile) `q` of the elements of each lane along an axis that are not NaN.
    #[track_caller]
    #[must_use]
    pub fn nanquantile_axis(&self, q: f64, axis: Axis) -> ChunkedArray<f64, D::Smaller>
    where
        D: RemoveAxis,
    {
        self.quantile_of_lanes("nanquantile_axis", q, true, axis, Location::caller())
    }

    /// The [median](Self::median) of the elements of each lane along an axis that are not NaN.
    #[track_caller]
    #[must_use]
    pub fn nanmedian_axis(&self, axis: Axis) -> ChunkedArray<f64, D::Smaller>
    where
        D: RemoveAxis,
    {
        self.quantile_of_lanes("nanmedian_axis", 0.5, true, axis, Location::caller())
    }
}
