//! Sums of the columns of a tile around their shifts.

use super::super::super::dispatch::Kernel;
use super::super::super::rows::Rows;
use super::super::super::scalar::Scalar;
use super::super::{WIDTH, piece_of, pieces, prefetch_past_piece, put_piece};

/// Columns whose values or distances from the shift are of this size, or of the inverse, are left out: their fourth
/// powers leave the range, or so do those of others that they meet.
const LARGE: f64 = (1_u128 << 125) as f64;
const SMALL: f64 = 1.0 / LARGE;

/// Sums columns around their shifts. The pieces whose sums would leave the range are left out.
pub(super) struct SumColumns<'a, A, const POWER: u8> {
    pub(super) tile: Rows<'a, A>,
    pub(super) is_first: bool,
    pub(super) shift: &'a mut [f64],
    pub(super) sums: [&'a mut [f64]; 4],
}

impl<A: Scalar, const POWER: u8> Kernel for SumColumns<'_, A, POWER> {
    type Output = Vec<usize>;

    #[inline(always)]
    fn run(mut self) -> Vec<usize> {
        let mut left_out = Vec::new();
        for (start, len) in pieces(self.tile.row_len()) {
            let is_taken = if len == WIDTH {
                self.piece::<true>(start, len)
            } else {
                self.piece::<false>(start, len)
            };
            if !is_taken {
                left_out.push(start);
            }
        }
        left_out
    }
}

impl<A: Scalar, const POWER: u8> SumColumns<'_, A, POWER> {
    /// Adds a piece to its sums, if they stay in range.
    #[inline(always)]
    fn piece<const FULL: bool>(&mut self, start: usize, len: usize) -> bool {
        let (tile, is_first) = (self.tile, self.is_first);
        let load = |row: usize| piece_of::<FULL, _, _>(tile.row(row), start, len, 0.0, A::to_f64);
        let known = |sums: &[f64]| piece_of::<FULL, _, _>(sums, start, len, 0.0, |sum| sum);
        let ahead = |row: usize| prefetch_past_piece(tile.row(row), start);
        let around = if is_first { first_shift(tile.count(), load) } else { known(self.shift) };
        let mut sums = sums_around::<POWER>(tile.count(), load, ahead, &around);
        if is_first {
            put_piece::<FULL, _>(self.shift, start, len, &around);
        } else {
            for (sums, before) in sums.iter_mut().zip(&self.sums).take(usize::from(POWER)) {
                let before = known(before);
                for cell in 0..WIDTH {
                    sums[cell] += before[cell];
                }
            }
        }
        // Not the higher powers: what is left out must not depend on the order asked for.
        let mut are_usual = true;
        for &second in &sums[1] {
            are_usual &= (second > SMALL * SMALL) & (second < LARGE * LARGE);
        }
        let is_taken = are_usual
            || (0..len).all(|cell| self.is_in_range(start + cell, around[cell], sums[1][cell]));
        for (to, sums) in self.sums.iter_mut().zip(&sums).take(usize::from(POWER)) {
            if is_taken {
                put_piece::<FULL, _>(to, start, len, sums);
            } else if is_first {
                to[start..start + len].fill(0.0);
            }
        }
        is_taken
    }
}

impl<A: Scalar, const POWER: u8> SumColumns<'_, A, POWER> {
    /// Whether a column with this shift and this sum of squares around it has powers in range. Of one whose values
    /// all are near the shift it is the shift that says so; around zero, all have to be zero.
    #[cold]
    fn is_in_range(&self, column: usize, shift: f64, second: f64) -> bool {
        if second > SMALL * SMALL {
            return second < LARGE * LARGE;
        }
        let size = shift.abs();
        second <= SMALL * SMALL
            && size < LARGE
            && (size > SMALL || self.tile.iter().all(|row| row[column].to_f64() == 0.0))
    }
}

/// The mean of each column of a tile, as far as it is finite.
#[inline(always)]
fn first_shift(rows: usize, load: impl Fn(usize) -> [f64; WIDTH]) -> [f64; WIDTH] {
    let mut shift = [0.0; WIDTH];
    for row in 0..rows {
        let values = load(row);
        for cell in 0..WIDTH {
            shift[cell] += values[cell];
        }
    }
    shift.map(|sum| {
        let mean = sum / rows as f64;
        if mean.is_finite() { mean } else { 0.0 }
    })
}

/// The sums of the powers of the distance from the shift of each column, four rows at a time.
#[inline(always)]
fn sums_around<const POWER: u8>(
    rows: usize,
    load: impl Fn(usize) -> [f64; WIDTH],
    ahead: impl Fn(usize),
    shift: &[f64; WIDTH],
) -> [[f64; WIDTH]; 4] {
    let mut sums = [[0.0; WIDTH]; 4];
    let mut row = 0;
    while row + 4 <= rows {
        (row..row + 4).for_each(&ahead);
        let values = [load(row), load(row + 1), load(row + 2), load(row + 3)];
        for cell in 0..WIDTH {
            let d = values.each_ref().map(|row| row[cell] - shift[cell]);
            let d2 = d.map(|d| d * d);
            sums[0][cell] += (d[0] + d[1]) + (d[2] + d[3]);
            sums[1][cell] += (d2[0] + d2[1]) + (d2[2] + d2[3]);
            if POWER >= 3 {
                sums[2][cell] += (d2[0] * d[0] + d2[1] * d[1]) + (d2[2] * d[2] + d2[3] * d[3]);
            }
            if POWER >= 4 {
                sums[3][cell] += (d2[0] * d2[0] + d2[1] * d2[1]) + (d2[2] * d2[2] + d2[3] * d2[3]);
            }
        }
        row += 4;
    }
    for row in row..rows {
        let values = load(row);
        for cell in 0..WIDTH {
            let d = values[cell] - shift[cell];
            let d2 = d * d;
            sums[0][cell] += d;
            sums[1][cell] += d2;
            if POWER >= 3 {
                sums[2][cell] += d2 * d;
            }
            if POWER >= 4 {
                sums[3][cell] += d2 * d2;
            }
        }
    }
    sums
}
