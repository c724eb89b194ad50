//! Fields of sums.

use lazuli_numerics::TwoFloat;

use super::super::cast::CastFrom;
use super::super::dispatch::{Kernel, dispatch};
use super::super::rows::Rows;
use super::super::scalar::Scalar;
use super::super::sum::{FloatSum, IntSum, SumState};
use super::super::words::words;
use super::{Field, Place, WIDTH, piece_of, pieces, prefetch_past_piece, put_piece};

/// Sums of floats: in `f64` down a tile, as two-floats between tiles.
#[derive(Clone, Debug)]
pub struct FloatSumField {
    high: Vec<f64>,
    low: Vec<f64>,
}

words!(FloatSumField { high, low });

impl FloatSumField {
    /// So many sums of nothing.
    pub fn new(cells: usize) -> Self {
        Self { high: vec![0.0; cells], low: vec![0.0; cells] }
    }
}

/// Adds the sum of each column of a tile to its cell.
struct AddColumns<'a, A> {
    tile: Rows<'a, A>,
    high: &'a mut [f64],
    low: &'a mut [f64],
}

impl<A: Scalar> Kernel for AddColumns<'_, A> {
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

impl<A: Scalar> AddColumns<'_, A> {
    #[inline(always)]
    fn piece<const FULL: bool>(&mut self, start: usize, len: usize) {
        let (tile, rows) = (self.tile, self.tile.count());
        let load = |row: usize| piece_of::<FULL, _, _>(tile.row(row), start, len, 0.0, A::to_f64);
        let mut sums = [0.0; WIDTH];
        let mut row = 0;
        while row + 4 <= rows {
            (row..row + 4).for_each(|row| prefetch_past_piece(tile.row(row), start));
            let [a, b, c, d] = [load(row), load(row + 1), load(row + 2), load(row + 3)];
            for cell in 0..WIDTH {
                sums[cell] += (a[cell] + b[cell]) + (c[cell] + d[cell]);
            }
            row += 4;
        }
        for row in row..rows {
            let a = load(row);
            for cell in 0..WIDTH {
                sums[cell] += a[cell];
            }
        }
        let mut high = piece_of::<FULL, _, _>(self.high, start, len, 0.0, |value| value);
        let mut low = piece_of::<FULL, _, _>(self.low, start, len, 0.0, |value| value);
        for cell in 0..WIDTH {
            let sum = TwoFloat::new(high[cell], low[cell]).plus(sums[cell]);
            (high[cell], low[cell]) = sum.parts();
        }
        put_piece::<FULL, _>(self.high, start, len, &high);
        put_piece::<FULL, _>(self.low, start, len, &low);
    }
}

/// Adds the sums of another field.
struct AddField<'a> {
    into: &'a mut FloatSumField,
    from: &'a FloatSumField,
}

impl Kernel for AddField<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let into = self.into.high.iter_mut().zip(&mut self.into.low);
        let from = self.from.high.iter().zip(&self.from.low);
        for ((high, low), (&other_high, &other_low)) in into.zip(from) {
            let sum = TwoFloat::new(*high, *low).plus_two(TwoFloat::new(other_high, other_low));
            (*high, *low) = sum.parts();
        }
    }
}

impl<A: Scalar> Field<A> for FloatSumField {
    type State = FloatSum;

    fn update_columns(&mut self, first: usize, tile: Rows<'_, A>, _: Place) {
        let cells = first..first + tile.row_len();
        let (high, low) = (&mut self.high[cells.clone()], &mut self.low[cells]);
        dispatch(AddColumns { tile, high, low });
    }

    fn update_rows(&mut self, first: usize, tile: Rows<'_, A>, _: Place) {
        for (row, cell) in tile.iter().zip(first..) {
            let mut sum = FloatSum::from(TwoFloat::new(self.high[cell], self.low[cell]));
            sum.update_floats(Rows::one(row));
            (self.high[cell], self.low[cell]) = sum.two_float().parts();
        }
    }

    fn merge(&mut self, following: &Self) {
        dispatch(AddField { into: self, from: following });
    }

    fn state(&self, cell: usize) -> FloatSum {
        FloatSum::from(TwoFloat::new(self.high[cell], self.low[cell]))
    }
}

/// Sums of integers, exact.
#[derive(Clone, Debug)]
pub struct IntSumField {
    totals: Vec<i128>,
}

words!(IntSumField { totals });

impl IntSumField {
    /// So many sums of nothing.
    pub fn new(cells: usize) -> Self {
        Self { totals: vec![0; cells] }
    }
}

/// Adds the sum of each column of a tile of integers to its cell.
struct AddIntColumns<'a, A> {
    tile: Rows<'a, A>,
    totals: &'a mut [i128],
}

/// Rows of integers of at most 32 bits whose sum fits 64.
const NARROW_ROWS: usize = 1 << 30;

impl<A: Scalar + Into<i128>> Kernel for AddIntColumns<'_, A>
where
    i64: CastFrom<A>,
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let is_narrow = size_of::<A>() < 8 && self.tile.count() <= NARROW_ROWS;
        for (start, len) in pieces(self.tile.row_len()) {
            let totals = &mut self.totals[start..start + len];
            if is_narrow {
                let mut sums = [0_i64; WIDTH];
                for row in self.tile.iter() {
                    let values = piece_of::<false, _, _>(row, start, len, 0, i64::cast_from);
                    for cell in 0..WIDTH {
                        sums[cell] += values[cell];
                    }
                }
                for (total, sum) in totals.iter_mut().zip(sums) {
                    *total += i128::from(sum);
                }
            } else {
                for row in self.tile.iter() {
                    for (total, &value) in totals.iter_mut().zip(&row[start..start + len]) {
                        *total += value.into();
                    }
                }
            }
        }
    }
}

impl<A: Scalar + Into<i128>> Field<A> for IntSumField
where
    IntSum: SumState<A>,
    i64: CastFrom<A>,
{
    type State = IntSum;

    fn update_columns(&mut self, first: usize, tile: Rows<'_, A>, _: Place) {
        let totals = &mut self.totals[first..first + tile.row_len()];
        dispatch(AddIntColumns { tile, totals });
    }

    fn update_rows(&mut self, first: usize, tile: Rows<'_, A>, _: Place) {
        for (row, total) in tile.iter().zip(&mut self.totals[first..]) {
            let mut sum = IntSum::from(*total);
            SumState::<A>::update_rows(&mut sum, Rows::one(row));
            *total = sum.exact();
        }
    }

    fn merge(&mut self, following: &Self) {
        for (total, other) in self.totals.iter_mut().zip(&following.totals) {
            *total += other;
        }
    }

    fn state(&self, cell: usize) -> IntSum {
        IntSum::from(self.totals[cell])
    }
}
