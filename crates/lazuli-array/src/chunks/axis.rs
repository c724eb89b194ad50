//! How one axis is cut.

use std::sync::Arc;

/// The chunks of one axis: equal sizes but for the last, or sizes given one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AxisChunks {
    /// `chunk` is above 0, and at most `len` where that is above 0.
    Regular { len: usize, chunk: usize },
    /// Where each block ends. Never what a regular axis could say, so that equal cuts are equal.
    Irregular(Arc<[usize]>),
}

impl AxisChunks {
    /// `chunk` must be above 0.
    pub(crate) fn regular(len: usize, chunk: usize) -> Self {
        Self::Regular { len, chunk: chunk.min(len.max(1)) }
    }

    /// The axis of these sizes; None when their sum overflows.
    pub(crate) fn of_sizes(sizes: &[usize]) -> Option<Self> {
        let mut len = 0_usize;
        let mut ends = Vec::with_capacity(sizes.len());
        for &size in sizes.iter().filter(|&&size| size > 0) {
            len = len.checked_add(size)?;
            ends.push(len);
        }
        let chunk = ends.first().copied().unwrap_or(1);
        let regular = Self::regular(len, chunk);
        let same = regular.count() == ends.len()
            && ends.iter().enumerate().all(|(block, &end)| regular.end(block) == end);
        Some(if same { regular } else { Self::Irregular(ends.into()) })
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Regular { len, .. } => *len,
            Self::Irregular(ends) => ends.last().copied().unwrap_or(0),
        }
    }

    /// The number of blocks.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::Regular { len, chunk } => len.div_ceil(*chunk),
            Self::Irregular(ends) => ends.len(),
        }
    }

    fn end(&self, block: usize) -> usize {
        match self {
            // The last block may end beyond what can be counted, were it whole.
            Self::Regular { len, chunk } => {
                chunk.checked_mul(block + 1).map_or(*len, |end| end.min(*len))
            }
            Self::Irregular(ends) => ends[block],
        }
    }

    /// The block that holds this index.
    pub(crate) fn block_at(&self, index: usize) -> Option<usize> {
        match self {
            Self::Regular { len, chunk } => (index < *len).then(|| index / chunk),
            Self::Irregular(ends) => {
                let block = ends.partition_point(|&end| end <= index);
                (block < ends.len()).then_some(block)
            }
        }
    }

    /// Where a block starts, and its size.
    pub(crate) fn block(&self, block: usize) -> (usize, usize) {
        let start = if block == 0 { 0 } else { self.end(block - 1) };
        (start, self.end(block) - start)
    }

    /// The sizes of all blocks.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.count()).map(|block| self.block(block).1)
    }

    /// The size of the largest block.
    pub(crate) fn largest(&self) -> usize {
        match self {
            Self::Regular { len, chunk } => *chunk.min(len),
            Self::Irregular(_) => self.sizes().max().unwrap_or(0),
        }
    }

    /// The axis that holds every `step`th element from `start` on, `len` of them, cut where this one is.
    pub(crate) fn sliced(&self, start: usize, len: usize, step: isize) -> Self {
        if len == 0 {
            return Self::regular(0, 1);
        }
        if step == 1 && start == 0 && len == self.len() {
            return self.clone();
        }
        let stride = step.unsigned_abs();
        let mut sizes = Vec::new();
        let mut blocks: Vec<(usize, usize)> = (0..self.count()).map(|b| self.block(b)).collect();
        if step < 0 {
            blocks.reverse();
        }
        // The element that is next, counted in the direction of the step from `start`.
        let mut taken = 0;
        for (block, size) in blocks {
            let left = if step > 0 {
                (block + size).saturating_sub(start).div_ceil(stride)
            } else if block > start {
                0
            } else {
                (start - block) / stride + 1
            };
            let here = left.min(len).saturating_sub(taken);
            taken += here;
            sizes.push(here);
        }
        Self::of_sizes(&sizes).unwrap_or_else(|| Self::regular(len, len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_cut_where_their_axis_is() {
        for axis in [
            AxisChunks::regular(23, 5),
            AxisChunks::of_sizes(&[3, 1, 9, 10]).unwrap(),
            AxisChunks::regular(23, 23),
        ] {
            let owner = |index: usize| {
                (0..axis.count()).find(|&block| index < axis.end(block)).expect("inside")
            };
            for start in 0..23 {
                for step in [-7_isize, -2, -1, 1, 2, 3, 30] {
                    let most = if step > 0 {
                        (22 - start) / step as usize
                    } else {
                        start / step.unsigned_abs()
                    } + 1;
                    for len in 1..=most {
                        let sliced = axis.sliced(start, len, step);
                        assert_eq!(sliced.len(), len);
                        let mut index = 0;
                        for size in sliced.sizes() {
                            let place =
                                |index: usize| (start as isize + step * index as isize) as usize;
                            assert!(size > 0);
                            let first = owner(place(index));
                            assert!((index..index + size).all(|i| owner(place(i)) == first));
                            index += size;
                        }
                    }
                }
            }
        }
    }
}
