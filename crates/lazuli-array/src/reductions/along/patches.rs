//! Which cells of an output block the elements of a tile belong to.
//!
//! A tile is a box of its block. Its axes, neighbours of one kind taken as one, alternate between kept and
//! reduced. The last two of them are a matrix: rows of reduced elements, or columns. The others are walked.

use smallvec::SmallVec;

use crate::chunks::{Axes, unravel};
use crate::kernels::{Place, Rows};
use crate::tile::Tile;

/// A block, seen as cells and what is reduced to them.
#[derive(Clone, Debug)]
pub(in crate::reductions) struct Layout {
    shape: Axes,
    reduced: SmallVec<[bool; 4]>,
    /// From one index to the next along each axis: how many cells ahead, or how many places in a cell.
    strides: Axes,
    pub(in crate::reductions) cells: usize,
}

/// Part of a tile: a matrix whose rows, or whose columns, are each of one cell.
pub(in crate::reductions) struct Patch<'a, A> {
    pub(in crate::reductions) first_cell: usize,
    pub(in crate::reductions) rows: Rows<'a, A>,
    pub(in crate::reductions) place: Place,
    /// Whether a cell has a column, not a row.
    pub(in crate::reductions) by_column: bool,
}

/// Neighbouring axes of a tile that are of one kind.
#[derive(Clone, Copy, Debug)]
struct Run {
    len: usize,
    is_reduced: bool,
    stride: usize,
}

impl Layout {
    /// Of a block of this shape that is reduced along these axes.
    pub(in crate::reductions) fn new(shape: &Axes, axes: &[usize]) -> Self {
        let reduced: SmallVec<[bool; 4]> =
            (0..shape.len()).map(|axis| axes.contains(&axis)).collect();
        let mut strides: Axes = shape.clone();
        let (mut cells, mut places) = (1, 1);
        for axis in (0..shape.len()).rev() {
            let next = if reduced[axis] { &mut places } else { &mut cells };
            strides[axis] = *next;
            *next *= shape[axis];
        }
        Self { shape: shape.clone(), reduced, strides, cells }
    }

    /// The number of a place in the whole array, whose reduced axes have these lengths, if the block starts here.
    pub(in crate::reductions) fn place_in_array(
        &self,
        place: u64,
        start: &[usize],
        array: &[usize],
    ) -> u64 {
        let axes = || (0..self.shape.len()).filter(|&axis| self.reduced[axis]);
        let shape: Axes = axes().map(|axis| self.shape[axis]).collect();
        let index = unravel(place as usize, &shape);
        let number = axes()
            .zip(index)
            .fold(0, |number, (axis, index)| number * array[axis] + start[axis] + index);
        number as u64
    }

    /// Shows all patches of a tile, in C order.
    pub(in crate::reductions) fn each_patch<'a, A>(
        &self,
        tile: &Tile,
        rows: Rows<'a, A>,
        mut visit: impl FnMut(Patch<'a, A>),
    ) {
        let (mut first_cell, mut first_place) = (0, 0);
        for (axis, &index) in tile.first.iter().enumerate() {
            let ahead = if self.reduced[axis] { &mut first_place } else { &mut first_cell };
            *ahead += index * self.strides[axis];
        }
        let mut runs = self.runs(tile);
        let one = Run { len: 1, is_reduced: false, stride: 1 };
        let last = runs.pop().unwrap_or(one);
        let before = match runs.last() {
            Some(run) if run.is_reduced != last.is_reduced => runs.pop(),
            _ => None,
        };
        let (count, step) = before.map_or((1, 0), |run| (run.len, run.stride));
        let matrix = count * last.len;
        let outer: Axes = runs.iter().map(|run| run.len).collect();
        for number in 0..outer.iter().product() {
            let (mut cell, mut place) = (first_cell, first_place);
            for (index, run) in unravel(number, &outer).iter().zip(&runs) {
                let ahead = if run.is_reduced { &mut place } else { &mut cell };
                *ahead += index * run.stride;
            }
            // Along a row places are neighbours: the axes behind are whole.
            let step = if last.is_reduced { last.stride } else { step };
            visit(Patch {
                first_cell: cell,
                rows: rows.lines(number * matrix, last.len, count),
                place: Place { first: place as u64, step: step as u64 },
                by_column: !last.is_reduced,
            });
        }
    }

    fn runs(&self, tile: &Tile) -> SmallVec<[Run; 4]> {
        let mut runs: SmallVec<[Run; 4]> = SmallVec::new();
        let mut left = tile.len;
        for axis in (0..self.shape.len()).rev() {
            let len = self.shape[axis].min(left);
            left /= len.max(1);
            if len == 1 {
                continue;
            }
            let run = Run { len, is_reduced: self.reduced[axis], stride: self.strides[axis] };
            match runs.last_mut() {
                // Rows that lie apart are not taken as one.
                Some(inner) if inner.is_reduced == run.is_reduced && tile.rows == 1 => {
                    inner.len *= len;
                }
                _ => runs.push(run),
            }
        }
        runs.reverse();
        runs
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tile::Tiling;

    /// Each element of the block is shown once, to its own cell, with its own place.
    fn check(shape: &[usize], axes: &[usize]) -> Result<(), TestCaseError> {
        let shape: Axes = shape.into();
        let layout = Layout::new(&shape, axes);
        let elements: Vec<usize> = (0..shape.iter().product()).collect();
        let mut seen = vec![false; elements.len()];
        for tile in Tiling::new(&shape).tiles() {
            let row_len = tile.row_len();
            let rows = Rows::new(&elements, tile.start, row_len as isize, row_len, tile.rows);
            let mut result = Ok(());
            layout.each_patch(&tile, rows, |patch| {
                for (i, row) in patch.rows.iter().enumerate() {
                    for (j, &element) in row.iter().enumerate() {
                        let (ahead, along) = if patch.by_column { (j, i) } else { (i, j) };
                        let cell = patch.first_cell + ahead;
                        let place = patch.place.first + patch.place.step * along as u64;
                        let (mut own_cell, mut own_place) = (0, 0);
                        for (axis, &index) in unravel(element, &shape).iter().enumerate() {
                            if axes.contains(&axis) {
                                own_place = own_place * shape[axis] + index;
                            } else {
                                own_cell = own_cell * shape[axis] + index;
                            }
                        }
                        let found = (cell, place as usize);
                        if found != (own_cell, own_place)
                            || std::mem::replace(&mut seen[element], true)
                        {
                            result = Err(TestCaseError::fail(format!(
                                "{element}: {found:?} is not {:?}",
                                (own_cell, own_place)
                            )));
                        }
                    }
                }
            });
            result?;
        }
        prop_assert!(seen.iter().all(|&seen| seen));
        Ok(())
    }

    proptest! {
        #[test]
        fn every_element_is_shown_to_its_cell(
            shape in prop::collection::vec(1_usize..12, 0..5),
            mask: [bool; 5],
        ) {
            let axes: Vec<usize> = (0..shape.len()).filter(|&axis| mask[axis]).collect();
            check(&shape, &axes)?;
        }

        #[test]
        fn long_rows_too(rows in 1_usize..12, last in 400_usize..6000, mask: [bool; 3]) {
            let axes: Vec<usize> = (0..3).filter(|&axis| mask[axis]).collect();
            check(&[2, rows, last], &axes)?;
            let axes: Vec<usize> = axes.into_iter().filter(|&axis| axis < 2).collect();
            check(&[rows, last], &axes)?;
            check(&[last, rows], &axes)?;
        }
    }
}
