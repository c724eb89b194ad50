//! Grids: how an array is cut into blocks.
//!
//! *Chunks* are the sizes of blocks along each axis; a *block* is one cell of the grid. Blocks are
//! numbered in C order.
//!
//! Invariant: a grid can be counted. The product of its lengths fits an `isize` even where lengths of
//! zero are left out, and it has at most [`MAX_BLOCKS`] blocks; what does not is an error when the grid
//! is made. So no product of lengths overflows anywhere behind a grid.

mod axis;
mod into;

use std::fmt;

use smallvec::SmallVec;

pub(crate) use axis::AxisChunks;
pub use into::{AxisSizes, Chunks, IntoChunks};

use crate::error::ArrayError;

/// A size or an index for each axis.
pub(crate) type Axes = SmallVec<[usize; 4]>;

/// A plan keeps a node for each block, and its indices have 32 bits.
pub(crate) const MAX_BLOCKS: usize = 1 << 28;

/// The shape of an array and its chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    shape: Axes,
    axes: SmallVec<[AxisChunks; 4]>,
}

/// A box of cells inside an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) start: Axes,
    pub(crate) shape: Axes,
}

impl Grid {
    /// Cuts an array of this shape, whose elements have this many bytes.
    pub(crate) fn new(
        shape: &[usize],
        chunks: &Chunks,
        element_bytes: usize,
    ) -> Result<Self, ArrayError> {
        count_elements(shape)?;
        let axes = chunks.along_axes(shape, element_bytes)?;
        Self::from_axes(axes)
    }

    /// The grid of these axes.
    pub(crate) fn from_axes(axes: SmallVec<[AxisChunks; 4]>) -> Result<Self, ArrayError> {
        let shape: Axes = axes.iter().map(AxisChunks::len).collect();
        count_elements(&shape)?;
        let blocks = axes.iter().try_fold(1_usize, |blocks, axis| blocks.checked_mul(axis.count()));
        match blocks {
            Some(blocks) if blocks <= MAX_BLOCKS => Ok(Self { shape, axes }),
            _ if shape.contains(&0) => Ok(Self { shape, axes }),
            _ => Err(ArrayError::TooManyBlocks {
                shape: shape.to_vec(),
                blocks: axes.iter().map(AxisChunks::count).collect(),
            }),
        }
    }

    /// A grid without blocks, for arrays that are errors.
    pub(crate) fn invalid() -> Self {
        let axes = [AxisChunks::regular(0, 1)].into_iter().collect();
        Self { shape: SmallVec::from_slice(&[0]), axes }
    }

    pub(crate) fn shape(&self) -> &[usize] {
        &self.shape
    }

    pub(crate) fn axes(&self) -> &[AxisChunks] {
        &self.axes
    }

    /// Blocks along each axis.
    pub(crate) fn numblocks(&self) -> Axes {
        self.axes.iter().map(AxisChunks::count).collect()
    }

    /// The regions of all blocks, in order.
    pub(crate) fn regions(&self) -> impl ExactSizeIterator<Item = Region> + '_ {
        let numblocks = self.numblocks();
        let count = if numblocks.contains(&0) { 0 } else { numblocks.iter().product() };
        (0..count).map(move |block| self.region(&unravel(block, &numblocks)))
    }

    /// The region of the block with this number.
    pub(crate) fn numbered(&self, block: usize) -> Region {
        self.region(&unravel(block, &self.numblocks()))
    }

    fn region(&self, cell: &[usize]) -> Region {
        let (start, shape) =
            cell.iter().zip(&self.axes).map(|(&block, axis)| axis.block(block)).unzip();
        Region { start, shape }
    }

    /// The number of the block that is this region.
    pub(crate) fn block_of(&self, region: &Region) -> Option<usize> {
        let cell = region.start.iter().zip(&self.axes).map(|(&start, axis)| axis.block_at(start));
        let cell: Axes = cell.collect::<Option<_>>()?;
        let numblocks = self.numblocks();
        let block = cell.iter().zip(&numblocks).fold(0, |number, (cell, len)| number * len + cell);
        (self.region(&cell) == *region).then_some(block)
    }
}

impl Region {
    pub(crate) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The number of one of its elements, in C order, among those of an array of this shape.
    pub(crate) fn place_in(&self, element: usize, array: &[usize]) -> usize {
        let index = unravel(element, &self.shape);
        let axes = index.iter().zip(&self.start).zip(array);
        axes.fold(0, |place, ((index, start), len)| place * len + start + index)
    }

    /// How many neighbours in its C order are neighbours in that of an array of this shape: the elements of the
    /// last axes that it has whole, and of the one before them.
    pub(crate) fn run_in(&self, array: &[usize]) -> usize {
        let mut run = 1;
        for (&len, &whole) in self.shape.iter().zip(array).rev() {
            run *= len;
            if len != whole {
                break;
            }
        }
        run
    }

    /// The bytes of its elements, which may be more than an array in memory can have.
    pub(crate) fn bytes(&self, element_bytes: usize) -> u64 {
        (self.len() as u64).saturating_mul(element_bytes as u64)
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

/// The number of elements of an array of this shape. As in `ndarray`, a shape whose lengths above zero
/// have a product beyond `isize` is refused even if another length is zero.
pub(crate) fn count_elements(shape: &[usize]) -> Result<usize, ArrayError> {
    let mut least = 1_usize;
    for &len in shape {
        least = match least.checked_mul(len.max(1)) {
            Some(product) if isize::try_from(product).is_ok() => product,
            _ => return Err(ArrayError::TooManyElements { shape: shape.to_vec() }),
        };
    }
    Ok(if shape.contains(&0) { 0 } else { least })
}

/// The index along each axis of the cell with this number in C order.
pub(crate) fn unravel(mut index: usize, shape: &[usize]) -> Axes {
    let mut cell: Axes = shape.iter().map(|_| 0).collect();
    for (axis, &len) in shape.iter().enumerate().rev() {
        cell[axis] = index % len;
        index /= len;
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(shape: &[usize], chunks: impl IntoChunks) -> Result<Grid, ArrayError> {
        Grid::new(shape, &chunks.into_chunks(), 8)
    }

    #[test]
    fn blocks_cover_the_array_once() {
        for chunks in [vec![vec![2, 2, 1], vec![3, 3, 1]], vec![vec![1, 0, 4], vec![7]]] {
            let grid = grid(&[5, 7], chunks).unwrap();
            let mut seen = [[0; 7]; 5];
            for region in grid.regions() {
                for row in seen.iter_mut().skip(region.start[0]).take(region.shape[0]) {
                    for cell in &mut row[region.start[1]..region.start[1] + region.shape[1]] {
                        *cell += 1;
                    }
                }
            }
            assert_eq!(seen, [[1; 7]; 5]);
        }
    }

    #[test]
    fn sizes_that_are_regular_make_a_regular_grid() {
        let sizes = grid(&[5, 7], vec![vec![2, 2, 1], vec![3, 3, 1]]).unwrap();
        assert_eq!(sizes, grid(&[5, 7], [2, 3]).unwrap());
    }

    #[test]
    fn an_empty_axis_has_no_blocks() {
        assert_eq!(grid(&[0, 7], [2, 3]).unwrap().regions().count(), 0);
        assert_eq!(grid(&[0, 1 << 40], [1, 1]).unwrap().regions().count(), 0);
    }

    #[test]
    fn an_array_without_axes_is_one_block() {
        assert_eq!(grid(&[], Vec::<usize>::new()).unwrap().regions().next().unwrap().len(), 1);
    }

    #[test]
    fn automatic_chunks_are_whole_in_the_last_axes() {
        let sizes = |shape: &[usize]| -> Vec<usize> {
            let grid = grid(shape, Chunks::auto(48_000)).unwrap();
            grid.axes().iter().map(|axis| axis.block(0).1).collect()
        };
        assert_eq!(sizes(&[1000, 30, 20]), [10, 30, 20]);
        assert_eq!(sizes(&[1_000_000]), [6000]);
        assert_eq!(sizes(&[10, 0, 5]), [10, 0, 5]);
    }

    #[test]
    fn chunks_that_do_not_fit_are_refused() {
        assert!(matches!(grid(&[4], [0]), Err(ArrayError::BadChunks { .. })));
        assert!(matches!(grid(&[4], [2, 2]), Err(ArrayError::BadChunks { .. })));
        assert!(matches!(grid(&[4], [vec![2, 3]]), Err(ArrayError::BadChunks { .. })));
        assert!(matches!(grid(&[4], [vec![5, usize::MAX]]), Err(ArrayError::BadChunks { .. })));
        assert_eq!(grid(&[4], [9]).unwrap().axes()[0].block(0), (0, 4));
    }

    #[test]
    fn what_cannot_be_counted_is_refused() {
        let large = 1_usize << 32;
        assert!(matches!(grid(&[large; 2], [1, 1]), Err(ArrayError::TooManyElements { .. })));
        assert!(matches!(
            grid(&[0, large, large], [1, 1, 1]),
            Err(ArrayError::TooManyElements { .. })
        ));
        assert!(matches!(grid(&[large], [1]), Err(ArrayError::TooManyBlocks { .. })));
        assert!(grid(&[large, large >> 2], [large, large]).is_ok());
    }
}
