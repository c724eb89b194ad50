//! Statistics by label along an axis: of each group of indices that have one label, as climatologies are.
//!
//! A block of the array updates, for each group that has indices in it, one state for each element of the result
//! (a [field](crate::kernels::Field)). The fields of blocks that differ along the axis only meet in a tree, group by
//! group; a group that one of them does not have is taken over as it is. [Few rows](group) of a group are kept as they
//! are. So a state has what its blocks have groups, and never much more than the result.

mod fields;
mod group;
mod labels;
mod query;
mod spread;
mod statistics;

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::SPLIT_EVERY;
use ndarray::{Axis, Dimension};

pub(crate) use labels::Codes;
pub use labels::Labels;

use super::accumulator::Accumulator;
use super::query::Statistic;
use crate::array::{ChunkedArray, Element};
use crate::chunks::{AxisChunks, Grid};
use crate::error::ArrayError;
use crate::lower::request_blocks;
use query::StatisticByLabel;

/// An array whose indices along an axis are grouped by label: made by [`group_by`](ChunkedArray::group_by).
///
/// Its methods are the statistics of each group, as arrays in which the axis has one entry for each key, in one
/// block. All that are computed together with others of the same data are one pass.
#[must_use]
pub struct GroupBy<A, D> {
    array: ChunkedArray<A, D>,
    axis: Axis,
    codes: Arc<Codes>,
    split_every: usize,
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// The array with its indices along an axis grouped by their labels, of which there must be as many.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, Labels, ndarray::Axis};
    /// // Four years of twelve months at two places.
    /// let x = ChunkedArray::from_fn([48, 2], [10, 2], |[time, place]| (time % 12 + place) as f64);
    /// let months = Labels::of((0..48).map(|time| time % 12));
    /// let by_month = x.group_by(Axis(0), &months);
    /// let (mean, sd) = (by_month.mean(), by_month.std(0)); // shape [12, 2]
    /// let (mean, sd, highest) = lazuli_core::compute((mean, sd, x.max()))?; // one pass
    /// assert_eq!((mean.shape(), mean[[3, 1]], sd[[3, 1]], highest), (&[12, 2][..], 4.0, 0.0, 12.0));
    /// // What is left without the mean of its month: one pass more.
    /// assert_eq!(lazuli_core::compute(by_month.anomaly().std(0))?, 0.0);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// A statistic of a group that has no elements is that of an empty array; least and greatest elements of
    /// floats are NaN there. Elements in no group are not read into any.
    ///
    /// The states of a block have one entry for each group in it and each element across the axis, and never
    /// more than the result: memory does not grow with the length of the axis.
    pub fn group_by<K: Ord + Clone>(&self, axis: Axis, labels: &Labels<K>) -> GroupBy<A, D> {
        let codes = Arc::clone(&labels.codes);
        GroupBy { array: self.clone(), axis, codes, split_every: SPLIT_EVERY }
    }
}

impl<A, D> Clone for GroupBy<A, D> {
    fn clone(&self) -> Self {
        Self {
            array: self.array.clone(),
            axis: self.axis,
            codes: Arc::clone(&self.codes),
            split_every: self.split_every,
        }
    }
}

impl<A: Element, D: Dimension> GroupBy<A, D> {
    /// How many states meet in one task (at least 2; 8 unless set). Fewer of them hold less at once.
    pub fn split_every(mut self, states: usize) -> Self {
        self.split_every = states.max(2);
        self
    }

    /// Another array of the same shape, grouped in the same way.
    fn of<B: Element>(&self, array: ChunkedArray<B, D>) -> GroupBy<B, D> {
        GroupBy {
            array,
            axis: self.axis,
            codes: Arc::clone(&self.codes),
            split_every: self.split_every,
        }
    }

    /// What is wrong with the labels, if they are not labels of the axis.
    fn check(&self, site: &'static Location<'static>) -> Result<(), ArrayError> {
        let (shape, axis, labels) = (self.array.shape(), self.axis.0, self.codes.len());
        let reason = match shape.get(axis) {
            Some(&len) if len == labels => return Ok(()),
            Some(&len) => {
                format!("{labels} labels are not those of the {len} indices of axis {axis}")
            }
            None => format!("there is no axis {axis}"),
        };
        Err(ArrayError::BadAxes { operation: "group_by", shape: shape.to_vec(), reason, site })
    }

    fn ask<S: Accumulator<A>, T: Element>(
        &self,
        statistic: Statistic<A, S, T>,
        site: &'static Location<'static>,
    ) -> ChunkedArray<T, D> {
        let array = &self.array;
        array.stage_from(site, || {
            self.check(site)?;
            let (axis, groups) = (self.axis.0, self.codes.groups);
            let mut axes: smallvec::SmallVec<[AxisChunks; 4]> = array.grid.axes().into();
            axes[axis] = AxisChunks::regular(groups, groups.max(1));
            let output = Arc::new(Grid::from_axes(axes)?);
            let name = statistic.name;
            let (codes, split_every) = (Arc::clone(&self.codes), self.split_every);
            let grid = Arc::clone(&output);
            let query = StatisticByLabel { statistic, axis, codes, split_every, output: grid };
            let blocks = output.regions().len();
            let parts = request_blocks(name, blocks, &array.expr, &array.grid, query, site);
            Ok((parts, output))
        })
    }
}
