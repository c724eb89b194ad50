//! [`BlockInfo`]: which block a function is called with.

use crate::chunks::{Axes, Grid, Region};

/// Which block of an array a function is called with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockInfo {
    pub(super) position: Axes,
    pub(super) region: Region,
    /// Elements that the function is shown before the block's own, along each axis.
    pub(super) before: Axes,
}

impl BlockInfo {
    pub(super) fn new(grid: &Grid, region: &Region) -> Self {
        let cells = region.start.iter().zip(grid.axes());
        let position = cells.map(|(&start, axis)| axis.block_at(start).unwrap_or(0)).collect();
        let before = region.start.iter().map(|_| 0).collect();
        Self { position, region: region.clone(), before }
    }

    /// The number of the block along each axis.
    #[must_use]
    pub fn position(&self) -> &[usize] {
        &self.position
    }

    /// The index of its first element in the array.
    #[must_use]
    pub fn start(&self) -> &[usize] {
        &self.region.start
    }

    /// Its shape, without what belongs to neighbours.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.region.shape
    }

    /// How many elements of neighbours, or of the boundary, the function is shown before the block's own, along
    /// each axis: 0 but in [`map_overlap`](crate::ChunkedArray::map_overlap).
    #[must_use]
    pub fn before(&self) -> &[usize] {
        &self.before
    }
}
