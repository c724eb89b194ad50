//! Values by label, taken back along the axis: what a climatology is to each of the array's own indices.

use std::panic::Location;
use std::sync::Arc;

use ndarray::Dimension;

use super::{Codes, GroupBy};
use crate::array::{ChunkedArray, Element};
use crate::chunks::Region;
use crate::error::ArrayError;
use crate::kernels::{CastFrom, Scalar};
use crate::stage::{Assembly, Making, Piece, made_of_regions};

impl<A: Element, D: Dimension + 'static> GroupBy<A, D> {
    /// An array by group, as [`mean`](Self::mean) is one, taken back along the axis: each index has the values of
    /// its group. It has the shape and the chunks of the array that was grouped. An index in no group is NaN, and an
    /// error where elements have none.
    ///
    /// A task reads the groups that its block has, and nothing else: one pass over what is given, bounded by a block.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, Labels, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([6], [4], |[i]| (i * i) as i64);
    /// let by_parity = x.group_by(Axis(0), &Labels::of((0..6).map(|i| i % 2)));
    /// let highest = by_parity.spread(&by_parity.max());
    /// assert_eq!(lazuli_core::compute(highest)?.to_vec(), [16, 25, 16, 25, 16, 25]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn spread<B: Scalar + Default>(&self, by_group: &ChunkedArray<B, D>) -> ChunkedArray<B, D> {
        self.spread_at(by_group, Location::caller())
    }

    fn spread_at<B: Scalar + Default>(
        &self,
        by_group: &ChunkedArray<B, D>,
        site: &'static Location<'static>,
    ) -> ChunkedArray<B, D> {
        if let Err(error) = self.array.check().and_then(|()| self.check(site)) {
            return ChunkedArray::invalid(error, site);
        }
        let axis = self.axis.0;
        by_group.stage_from(site, || {
            let shape = self.array.shape();
            let mut expected = shape.to_vec();
            expected[axis] = self.codes.groups;
            let misfit = |reason| {
                Err(ArrayError::BadAxes {
                    operation: "spread",
                    shape: shape.to_vec(),
                    reason,
                    site,
                })
            };
            if by_group.shape() != expected {
                let found = by_group.shape();
                return misfit(format!("{found:?} is not the shape {expected:?} of its groups"));
            }
            let missing = match (B::NAN, self.codes.first_without()) {
                (None, Some(index)) => {
                    return misfit(format!("index {index} is in no group, and there is no NaN"));
                }
                (nan, _) => nan.unwrap_or(B::ZERO),
            };
            let codes = Arc::clone(&self.codes);
            let assemble = move |block: &Region| groups_of(&codes, axis, block);
            let codes = Arc::clone(&self.codes);
            let making = Making {
                name: "spread",
                assemble: Box::new(assemble),
                make: Box::new(move |groups: Vec<B>, assembly, block, _| {
                    Ok(spread_block(&codes, axis, missing, &groups, assembly, block))
                }),
                beside: Vec::new(),
            };
            let output = Arc::clone(&self.array.grid);
            let parts = made_of_regions(&by_group.expr, &expected, &output, making, site);
            Ok((parts, output))
        })
    }
}

impl<A: Scalar + Default, D: Dimension + 'static> GroupBy<A, D>
where
    f64: CastFrom<A>,
{
    /// What is left of each element without the [mean](Self::mean) of its group: two passes over the array, the
    /// mean's and this one's. NaN where an element is in no group.
    #[track_caller]
    #[must_use]
    pub fn anomaly(&self) -> ChunkedArray<f64, D> {
        let site = Location::caller();
        let means = self.ask(crate::reductions::moments::mean(), site);
        let (means, array) = (self.spread_at(&means, site), self.array.astype::<f64>());
        array.zip_with(&means, |value, mean| value - mean)
    }
}

/// The groups from the least to the greatest that a block has.
fn groups_of(codes: &Codes, axis: usize, block: &Region) -> Assembly {
    let indices = block.start[axis]..block.start[axis] + block.shape[axis];
    let groups = || indices.clone().filter_map(|index| codes.group(index));
    let (Some(least), Some(greatest)) = (groups().min(), groups().max()) else {
        return Assembly { shape: block.shape.clone(), pieces: smallvec::SmallVec::new() };
    };
    let mut from = block.clone();
    (from.start[axis], from.shape[axis]) = (least, greatest - least + 1);
    let to = from.shape.iter().map(|_| 0).collect();
    let shape = from.shape.clone();
    Assembly { shape, pieces: [Piece { from, to }].into_iter().collect() }
}

/// The elements of a block: of each index, those of its group.
fn spread_block<B: Copy>(
    codes: &Codes,
    axis: usize,
    missing: B,
    groups: &[B],
    assembly: &Assembly,
    block: &Region,
) -> Vec<B> {
    let behind: usize = block.shape[axis + 1..].iter().product();
    let before: usize = block.shape[..axis].iter().product();
    let least = assembly.pieces.first().map_or(0, |piece| piece.from.start[axis]);
    let mut values = Vec::with_capacity(block.len());
    for outer in 0..before {
        for index in 0..block.shape[axis] {
            match codes.group(block.start[axis] + index) {
                Some(group) => {
                    let place = (outer * assembly.shape[axis] + group - least) * behind;
                    values.extend_from_slice(&groups[place..place + behind]);
                }
                None => values.extend(std::iter::repeat_n(missing, behind)),
            }
        }
    }
    values
}
