//! Cutting a block into tiles.
//!
//! A tile is a box of its block, and a piece of its C order. How a block is cut depends on its shape
//! alone: not on where its elements lie, nor on what else is evaluated in the same pass. So a statistic
//! has the same bits whoever else asks.

use crate::chunks::{Axes, unravel};
use crate::kernels::TILE;

/// A last axis at least this long makes each of its rows a row of the tile, which is read where it lies.
/// Shorter rows are not worth a kernel's while: the elements of their tile are gathered into one.
const LONG_ROW: usize = TILE / 8;

/// Rows are cut in multiples of this, which the kernels take as one group.
const GROUP: usize = 128;

/// How a block of some shape is cut.
#[derive(Clone, Debug)]
pub(crate) struct Tiling {
    pub(crate) shape: Axes,
    /// The axis that is cut; those after it are whole, those before it are walked.
    pub(crate) split: usize,
    /// How many of the cut axis a tile has, but for the last.
    piece: usize,
    /// The elements behind one index of the cut axis.
    inner: usize,
    /// Whether each line along the last axis is a row.
    long_rows: bool,
}

/// One tile.
#[derive(Clone, Debug)]
pub(crate) struct Tile {
    /// Elements of the block before its first, in C order.
    pub(crate) start: usize,
    pub(crate) len: usize,
    /// The number of rows that kernels see.
    pub(crate) rows: usize,
    /// The index of its first element in the block.
    pub(crate) first: Axes,
    /// How long a line along the last axis is inside this tile.
    pub(crate) line: usize,
}

impl Tiling {
    pub(crate) fn new(shape: &[usize]) -> Self {
        let last = shape.last().copied().unwrap_or(1);
        let long_rows = last >= LONG_ROW;
        let (mut split, mut inner) = (shape.len(), 1);
        let mut piece = 1;
        for (axis, &len) in shape.iter().enumerate().rev() {
            let len = len.max(1);
            split = axis;
            piece = len;
            // Rows of a tile lie at equal distances: they are of one axis.
            let all_rows = long_rows && axis + 2 == shape.len();
            if inner * len > TILE || all_rows || axis == 0 {
                let most = (TILE / inner).max(1);
                if len > most {
                    piece = len.div_ceil(len.div_ceil(most));
                    if inner == 1 {
                        piece = piece.next_multiple_of(GROUP);
                    }
                }
                break;
            }
            inner *= len;
        }
        Self { shape: shape.into(), split, piece, inner, long_rows }
    }

    /// Whether tiles are made of rows that kernels see one by one.
    pub(crate) fn has_long_rows(&self) -> bool {
        self.long_rows
    }

    /// How many elements the largest tile has.
    pub(crate) fn largest(&self) -> usize {
        if self.shape.contains(&0) { 0 } else { self.piece * self.inner }
    }

    /// The tiles in C order.
    pub(crate) fn tiles(&self) -> impl Iterator<Item = Tile> + '_ {
        let len = self.shape.get(self.split).copied().unwrap_or(1);
        let outer = &self.shape[..self.split.min(self.shape.len())];
        let outers = if self.shape.contains(&0) { 0 } else { outer.iter().product() };
        (0..outers).flat_map(move |place| {
            let outer_index = unravel(place, outer);
            (0..len).step_by(self.piece).map(move |at| {
                let size = self.piece.min(len - at);
                let mut first: Axes = self.shape.iter().map(|_| 0).collect();
                first[..outer_index.len()].copy_from_slice(&outer_index);
                if let Some(index) = first.get_mut(self.split) {
                    *index = at;
                }
                let elements = size * self.inner;
                let line = if self.split + 1 < self.shape.len() {
                    self.shape.last().copied().unwrap_or(1)
                } else {
                    elements
                };
                let rows = if self.long_rows { elements / line } else { 1 };
                Tile { start: (place * len + at) * self.inner, len: elements, rows, first, line }
            })
        })
    }
}

impl Tile {
    /// The length of a row.
    pub(crate) fn row_len(&self) -> usize {
        self.len / self.rows
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(shape: &[usize]) -> Result<(), TestCaseError> {
        let tiling = Tiling::new(shape);
        let mut next = 0;
        for tile in tiling.tiles() {
            prop_assert_eq!(tile.start, next);
            prop_assert!(tile.len > 0 && tile.len <= tiling.largest() && tile.len <= TILE);
            prop_assert_eq!(tile.len % tile.rows, 0);
            prop_assert_eq!(tile.len % tile.line, 0);
            prop_assert_eq!(&tile.first, &unravel(tile.start, shape));
            prop_assert!(tile.rows == 1 || tile.row_len() == tile.line);
            if shape.last().is_some_and(|&len| len >= LONG_ROW) {
                prop_assert_eq!(tile.row_len(), tile.line);
                prop_assert!(tile.rows == 1 || tiling.split + 2 == shape.len());
            }
            next += tile.len;
        }
        prop_assert_eq!(next, shape.iter().product::<usize>());
        Ok(())
    }

    proptest! {
        #[test]
        fn tiles_cover_the_block(shape in prop::collection::vec(0_usize..30, 0..5)) {
            check(&shape)?;
        }

        #[test]
        fn long_rows_stay_rows(rows in 0_usize..20, last in 400_usize..10_000) {
            check(&[rows, last])?;
            check(&[2, rows, last])?;
            check(&[last])?;
            check(&[last, rows])?;
        }
    }
}
