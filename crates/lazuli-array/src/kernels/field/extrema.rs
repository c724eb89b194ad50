//! Fields of least and greatest values.

use super::super::dispatch::{Kernel, dispatch};
use super::super::extrema::{Extrema, greater, latest_nan, lesser};
use super::super::rows::Rows;
use super::super::scalar::Scalar;
use super::super::words::{Words, words};
use super::{Field, Place, WIDTH, piece_of, pieces, prefetch_past_piece, put_piece};

/// The least and the greatest value of each cell.
///
/// Invariant: a cell that has seen nothing has a least value above its greatest.
#[derive(Clone, Debug)]
pub struct ExtremaField<A> {
    min: Vec<A>,
    max: Vec<A>,
    /// The last NaN that a cell has met, or zero.
    nan: Vec<A>,
}

words!([A: Words] ExtremaField<A> { min, max, nan });

impl<A: Scalar> ExtremaField<A> {
    /// So many cells that have seen nothing.
    pub fn new(cells: usize) -> Self {
        Self {
            min: vec![A::HIGHEST; cells],
            max: vec![A::LOWEST; cells],
            nan: vec![A::ZERO; cells],
        }
    }
}

struct Columns<'a, A> {
    tile: Rows<'a, A>,
    min: &'a mut [A],
    max: &'a mut [A],
    nan: &'a mut [A],
}

impl<A: Scalar> Kernel for Columns<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        for (start, len) in pieces(self.tile.row_len()) {
            if len == WIDTH {
                self.piece::<true>(start, len)
            } else {
                self.piece::<false>(start, len)
            }
        }
    }
}

impl<A: Scalar> Columns<'_, A> {
    #[inline(always)]
    fn piece<const FULL: bool>(&mut self, start: usize, len: usize) {
        let load = |row: &[A]| piece_of::<FULL, _, _>(row, start, len, A::ZERO, |value| value);
        let (mut min, mut max, mut nan) = (load(self.min), load(self.max), load(self.nan));
        for row in self.tile.iter() {
            prefetch_past_piece(row, start);
            let values = load(row);
            for cell in 0..WIDTH {
                min[cell] = lesser(min[cell], values[cell]);
                max[cell] = greater(max[cell], values[cell]);
                nan[cell] = latest_nan(nan[cell], values[cell]);
            }
        }
        put_piece::<FULL, _>(self.min, start, len, &min);
        put_piece::<FULL, _>(self.max, start, len, &max);
        put_piece::<FULL, _>(self.nan, start, len, &nan);
    }
}

impl<A: Scalar> Field<A> for ExtremaField<A> {
    type State = Extrema<A>;

    fn update_columns(&mut self, first: usize, tile: Rows<'_, A>, _: Place) {
        let cells = first..first + tile.row_len();
        dispatch(Columns {
            tile,
            min: &mut self.min[cells.clone()],
            max: &mut self.max[cells.clone()],
            nan: &mut self.nan[cells],
        });
    }

    fn update_rows(&mut self, first: usize, tile: Rows<'_, A>, _: Place) {
        for (row, cell) in tile.iter().zip(first..) {
            let mut extrema = Extrema::new();
            extrema.update(row);
            let (Some(min), Some(max)) = (extrema.min(), extrema.max()) else { continue };
            self.min[cell] = lesser(self.min[cell], min);
            self.max[cell] = greater(self.max[cell], max);
            self.nan[cell] = latest_nan(self.nan[cell], min);
        }
    }

    fn merge(&mut self, following: &Self) {
        for cell in 0..self.min.len() {
            self.min[cell] = lesser(self.min[cell], following.min[cell]);
            self.max[cell] = greater(self.max[cell], following.max[cell]);
            self.nan[cell] = latest_nan(self.nan[cell], following.nan[cell]);
        }
    }

    fn state(&self, cell: usize) -> Extrema<A> {
        Extrema::of_range(self.min[cell], self.max[cell], self.nan[cell].is_nan())
    }
}
