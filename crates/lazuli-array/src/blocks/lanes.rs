//! Functions of whole lanes: all elements along an axis that lie at one place across it.
//!
//! The array is read in blocks that are whole along the axis; where its own are not, they are cut across the axis so
//! far that a block stays bounded. The elements of a source are read as they are asked for; computed blocks are
//! rechunked.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{Axis, Dimension};
use smallvec::SmallVec;

use crate::array::{ChunkedArray, Element};
use crate::chunks::{AxisChunks, Grid, Region};
use crate::error::ArrayError;
use crate::stage::{Assembly, Making, made_of_regions};

/// Blocks that are made whole along an axis have no more bytes than this, but for a single lane.
const BLOCK_BYTES: usize = 16 << 20;

/// So many lanes are gathered at a time, so that a line of cache is read once for all that are in it.
const TOGETHER: usize = 8;

impl<A: Element, D: Dimension + 'static> ChunkedArray<A, D> {
    /// The array whose lanes along an axis are what `function` makes of those of this one, `len` elements of each.
    /// Keeps shape and chunks across the axis, but for chunks that have to be cut; along it there is one block.
    pub(crate) fn map_lanes<B: Element>(
        &self,
        name: &'static str,
        axis: Axis,
        len: impl FnOnce(usize) -> usize,
        site: &'static Location<'static>,
        function: impl Fn(&mut [A], &mut Vec<B>) -> Result<(), ArrayError> + Send + Sync + 'static,
    ) -> ChunkedArray<B, D> {
        let Some(&of) = self.shape().get(axis.0) else {
            let (shape, reason) = (self.shape().to_vec(), format!("there is no axis {}", axis.0));
            let error = ArrayError::BadAxes { operation: name, shape, reason, site };
            return ChunkedArray::invalid(self.check().err().unwrap_or(error), site);
        };
        let len = len(of);
        let whole = match self.whole_along(axis.0) {
            Ok(grid) => self.in_grid(grid, site),
            Err(error) => return ChunkedArray::invalid(error, site),
        };
        whole.stage_from(site, || {
            let mut axes: SmallVec<[AxisChunks; 4]> = whole.grid.axes().into();
            axes[axis.0] = AxisChunks::regular(len, len.max(1));
            let output = Arc::new(Grid::from_axes(axes)?);
            let making = Making {
                name,
                assemble: Box::new(move |block: &Region| {
                    let mut from = block.clone();
                    from.shape[axis.0] = of;
                    Assembly::one(from)
                }),
                make: Box::new(move |buffer: Vec<A>, _, block: &Region, _| {
                    let before = block.shape[..axis.0].iter().product();
                    let behind = block.shape[axis.0 + 1..].iter().product();
                    each_lane(&buffer, [before, of, len, behind], &function)
                }),
                beside: Vec::new(),
            };
            let parts = made_of_regions(&whole.expr, self.shape(), &output, making, site);
            Ok((parts, output))
        })
    }

    /// A grid with one block along an axis: the own one where that has no more.
    fn whole_along(&self, axis: usize) -> Result<Arc<Grid>, ArrayError> {
        if self.grid.axes()[axis].count() <= 1 {
            return Ok(Arc::clone(&self.grid));
        }
        let len = self.shape()[axis];
        let mut left = (BLOCK_BYTES / size_of::<A>().max(1) / len.max(1)).max(1);
        let mut axes: SmallVec<[AxisChunks; 4]> = self.grid.axes().into();
        for (index, chunks) in axes.iter_mut().enumerate().rev() {
            if index == axis {
                *chunks = AxisChunks::regular(len, len.max(1));
                continue;
            }
            let largest = chunks.largest().max(1);
            if largest > left {
                *chunks = AxisChunks::regular(chunks.len(), left);
            }
            left = (left / largest).max(1);
        }
        Grid::from_axes(axes).map(Arc::new)
    }
}

/// What the function makes of each lane of a buffer with `of` elements along the axis, `len` of them; `behind` lanes
/// lie side by side, `before` times.
fn each_lane<A: Element, B: Element>(
    buffer: &[A],
    [before, of, len, behind]: [usize; 4],
    function: impl Fn(&mut [A], &mut Vec<B>) -> Result<(), ArrayError>,
) -> Result<Vec<B>, ArrayError> {
    let mut made = vec![B::default(); before * len * behind];
    let (mut lanes, mut lane) = (vec![A::default(); of * TOGETHER], Vec::with_capacity(len));
    for outer in 0..before {
        let (from, to) = (&buffer[outer * of * behind..], outer * len * behind);
        for first in (0..behind).step_by(TOGETHER) {
            let count = TOGETHER.min(behind - first);
            for index in 0..of {
                let line = &from[index * behind + first..][..count];
                for (number, &value) in line.iter().enumerate() {
                    lanes[number * of + index] = value;
                }
            }
            for number in 0..count {
                lane.clear();
                function(&mut lanes[number * of..][..of], &mut lane)?;
                for (index, &value) in lane.iter().enumerate() {
                    made[to + index * behind + first + number] = value;
                }
            }
        }
    }
    Ok(made)
}
