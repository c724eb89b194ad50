//! Grids: how an array is cut into blocks.
//!
//! *Chunks* are the sizes of blocks along each axis; a *block* is one cell of the grid. Blocks at the
//! far edges are smaller where the chunk size does not divide the axis. Blocks are numbered in C
//! order.

use std::fmt;

use smallvec::SmallVec;

/// A size or a place for each axis.
pub(crate) type Axes = SmallVec<[usize; 4]>;

/// The shape of an array and its chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    shape: Axes,
    chunks: Axes,
}

/// A box of cells inside an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) start: Axes,
    pub(crate) shape: Axes,
}

impl Grid {
    /// None when the chunks do not fit: see [`IntoChunks`].
    pub(crate) fn new(shape: &[usize], chunks: &[usize]) -> Option<Self> {
        let fit = chunks.len() == shape.len() && !chunks.contains(&0);
        fit.then(|| Self {
            shape: shape.into(),
            chunks: chunks.iter().zip(shape).map(|(&chunk, &len)| chunk.min(len.max(1))).collect(),
        })
    }

    /// Blocks of about `elements` elements that are whole in the last axes, so that a block of a
    /// C-ordered array is one piece of memory.
    pub(crate) fn automatic(shape: &[usize], elements: usize) -> Self {
        let mut left = elements.max(1);
        let mut chunks: Axes = shape.iter().map(|_| 1).collect();
        for (axis, &len) in shape.iter().enumerate().rev() {
            chunks[axis] = len.clamp(1, left);
            left = (left / chunks[axis]).max(1);
        }
        Self { shape: shape.into(), chunks }
    }

    pub(crate) fn shape(&self) -> &[usize] {
        &self.shape
    }

    pub(crate) fn chunks(&self) -> &[usize] {
        &self.chunks
    }

    /// Blocks along each axis.
    pub(crate) fn numblocks(&self) -> Axes {
        self.shape.iter().zip(&self.chunks).map(|(&len, &chunk)| len.div_ceil(chunk)).collect()
    }

    /// The regions of all blocks, in order.
    pub(crate) fn regions(&self) -> impl Iterator<Item = Region> + '_ {
        let numblocks = self.numblocks();
        let count = numblocks.iter().product();
        (0..count).map(move |index| {
            let place = unravel(index, &numblocks);
            let axes = place.iter().zip(&self.chunks).zip(&self.shape);
            let (start, shape) = axes
                .map(|((&block, &chunk), &len)| (block * chunk, chunk.min(len - block * chunk)))
                .unzip();
            Region { start, shape }
        })
    }
}

impl Region {
    pub(crate) fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// `[0:10, 20:30]`, as NumPy writes a slice.
impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[")?;
        for (axis, (start, len)) in self.start.iter().zip(&self.shape).enumerate() {
            let comma = if axis == 0 { "" } else { ", " };
            write!(formatter, "{comma}{start}:{}", start + len)?;
        }
        formatter.write_str("]")
    }
}

/// The place along each axis of the cell with this number in C order.
pub(crate) fn unravel(mut index: usize, shape: &[usize]) -> Axes {
    let mut place: Axes = shape.iter().map(|_| 0).collect();
    for (axis, &len) in shape.iter().enumerate().rev() {
        place[axis] = index % len;
        index /= len;
    }
    place
}

/// Chunk sizes: one for each axis, as an array, slice or vector, or one number for a single axis.
///
/// Sizes must be above 0; one beyond its axis is cut to it. Chunks that do not fit are reported when
/// the array is computed.
pub trait IntoChunks {
    /// The sizes along each axis.
    fn into_chunks(self) -> Vec<usize>;
}

impl IntoChunks for usize {
    fn into_chunks(self) -> Vec<usize> {
        vec![self]
    }
}

impl<const N: usize> IntoChunks for [usize; N] {
    fn into_chunks(self) -> Vec<usize> {
        self.to_vec()
    }
}

impl IntoChunks for &[usize] {
    fn into_chunks(self) -> Vec<usize> {
        self.to_vec()
    }
}

impl IntoChunks for Vec<usize> {
    fn into_chunks(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_the_array_once() {
        let grid = Grid::new(&[5, 7], &[2, 3]).unwrap();
        let mut seen = [[0; 7]; 5];
        for region in grid.regions() {
            for (row, cells) in
                seen.iter_mut().enumerate().skip(region.start[0]).take(region.shape[0])
            {
                assert!(row < 5);
                for cell in &mut cells[region.start[1]..region.start[1] + region.shape[1]] {
                    *cell += 1;
                }
            }
        }
        assert_eq!(seen, [[1; 7]; 5]);
    }

    #[test]
    fn an_empty_axis_has_no_blocks() {
        assert_eq!(Grid::new(&[0, 7], &[2, 3]).unwrap().regions().count(), 0);
        assert_eq!(Grid::automatic(&[3, 0], 100).regions().count(), 0);
    }

    #[test]
    fn an_array_without_axes_is_one_block() {
        assert_eq!(Grid::new(&[], &[]).unwrap().regions().next().unwrap().len(), 1);
    }

    #[test]
    fn automatic_chunks_are_whole_in_the_last_axes() {
        assert_eq!(Grid::automatic(&[1000, 30, 20], 6000).chunks(), [10, 30, 20]);
        assert_eq!(Grid::automatic(&[1_000_000], 6000).chunks(), [6000]);
    }

    #[test]
    fn chunks_that_do_not_fit_are_refused() {
        assert!(Grid::new(&[4], &[0]).is_none());
        assert!(Grid::new(&[4], &[2, 2]).is_none());
        assert_eq!(Grid::new(&[4], &[9]).unwrap().chunks(), [4]);
    }
}
