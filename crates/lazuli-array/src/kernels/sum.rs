//! Sums, as states that meet.
//!
//! Floats are added in `f64`: within a tile by lanes, between tiles as a [two-float](TwoFloat)
//! sum, so the error does not grow with the length of the array. Integers are added exactly, in
//! 128 bits; within a tile in the narrowest type that cannot overflow.

use std::fmt::Debug;

use lazuli_numerics::{TwoFloat, scale};

use super::dispatch::{Kernel, dispatch, prefetch_past};
use super::field::{Field, FloatSumField, IntSumField};
use super::lanes::{TILE, WIDTH, quarters_of_rows, sum_of_lanes};
use super::rows::Rows;
use super::scalar::Scalar;
use super::words::Words;

/// A running sum of elements of type `A`. `Default` is the sum of nothing: zero.
pub trait SumState<A>: Copy + Debug + Default + PartialEq + Send + Sync + 'static {
    /// The type of the sum: `f64` for floats, `i128` for integers.
    type Total: Copy + Send + Sync + Debug + PartialOrd + 'static;
    /// Sums side by side.
    type Field: Field<A, State = Self> + Words;

    /// Adds all elements of `values`.
    fn update(&mut self, values: &[A]) {
        for tile in values.chunks(TILE) {
            self.update_rows(Rows::one(tile));
        }
    }

    /// Adds all elements of one tile.
    fn update_rows(&mut self, tile: Rows<'_, A>);

    /// Adds all that was added to `other`.
    fn merge(&mut self, other: &Self);

    /// The sum so far.
    fn total(&self) -> Self::Total;

    /// Adds elements one after another, and notes the sum after each.
    fn running(&mut self, values: &[A], sums: &mut Vec<Self::Total>);

    /// Adds rows, which have an element for each of many sums, and notes each sum after each row.
    fn running_rows(sums: &mut [Self], rows: &[A], noted: &mut Vec<Self::Total>);

    /// So many sums of nothing, side by side.
    fn field(cells: usize) -> Self::Field;
}

/// A running sum of `f32` or `f64`, in `f64` and beyond.
///
/// Its error is a few units in the last place of the sum of absolute values, however long the
/// array. Infinities and NaN add as IEEE says: infinity and a finite number is infinity,
/// infinities of both signs are NaN. A sum is infinite only where the sum itself is: partial sums beyond the
/// range of `f64` are kept in another scale.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FloatSum {
    sum: TwoFloat,
    /// What is beyond the range of `f64`, over `2^SCALE`.
    large: TwoFloat,
}

/// More doublings than a sum of 2^63 values needs.
const SCALE: i32 = 64;

impl From<TwoFloat> for FloatSum {
    fn from(sum: TwoFloat) -> Self {
        Self { sum, large: TwoFloat::default() }
    }
}

impl FloatSum {
    pub(super) fn two_float(&self) -> TwoFloat {
        if self.large == TwoFloat::default() || !self.sum.value().is_finite() {
            return self.sum;
        }
        self.large.plus_two(self.sum.scaled(-SCALE)).scaled(SCALE)
    }

    pub(super) fn update_floats<A: Scalar>(&mut self, tile: Rows<'_, A>) {
        let sum = self.sum.plus(dispatch(FloatTileSum { tile }));
        if sum.value().is_finite() {
            self.sum = sum;
        } else {
            self.update_beyond(tile);
        }
    }

    /// Makes what is beyond the range infinite: running sums are noted as they are.
    #[inline]
    fn settle(&mut self) {
        if self.large != TwoFloat::default() {
            *self = self.two_float().into();
        }
    }

    /// Adds a tile whose sum, or that of all so far, is not finite.
    #[cold]
    fn update_beyond<A: Scalar>(&mut self, tile: Rows<'_, A>) {
        let values = || tile.elements().map(|value| value.to_f64());
        if let Some(rest) = values().filter(|value| !value.is_finite()).reduce(|a, b| a + b) {
            self.sum = (self.sum.value() + rest).into();
        } else if self.sum.value().is_finite() {
            let scaled: Vec<f64> = values().map(|value| scale(value, -SCALE)).collect();
            let own = dispatch(FloatTileSum { tile: Rows::one(&scaled) });
            self.large = self.large.plus_two(self.sum.scaled(-SCALE)).plus(own);
            self.sum = TwoFloat::default();
        }
    }

    /// A few elements are added in `f64` before they join the rest: an addition of two-floats for each would
    /// be one long chain.
    fn running_floats<A: Scalar>(&mut self, values: &[A], sums: &mut Vec<f64>) {
        const FEW: usize = 32;
        self.settle();
        for few in values.chunks(FEW) {
            let (high, low) = self.sum.parts();
            let mut added = 0.0;
            sums.extend(few.iter().map(|value| {
                added += value.to_f64();
                // The sum is infinite or NaN before its rest could be.
                high + (low + added)
            }));
            self.sum = self.sum.plus(added);
        }
    }

    /// The halves of all sums lie side by side meanwhile, so that a row is a vector loop.
    fn running_rows_of_floats<A: Scalar>(sums: &mut [Self], rows: &[A], noted: &mut Vec<f64>) {
        sums.iter_mut().for_each(Self::settle);
        let halves = sums.iter().map(|sum| sum.sum.parts());
        let (mut high, mut low): (Vec<f64>, Vec<f64>) = halves.unzip();
        for row in rows.chunks(sums.len().max(1)) {
            dispatch(AddRow { row, high: &mut high, low: &mut low });
            noted.extend_from_slice(&high);
        }
        for ((sum, high), low) in sums.iter_mut().zip(high).zip(low) {
            sum.sum = TwoFloat::new(high, low);
        }
    }

    fn merge_floats(&mut self, other: &Self) {
        let sum = self.sum.plus_two(other.sum);
        self.large = self.large.plus_two(other.large);
        let are_finite = self.sum.value().is_finite() && other.sum.value().is_finite();
        if sum.value().is_finite() || !are_finite {
            self.sum = sum;
        } else {
            let both = self.sum.scaled(-SCALE).plus_two(other.sum.scaled(-SCALE));
            self.large = self.large.plus_two(both);
            self.sum = TwoFloat::default();
        }
    }
}

/// Adds an element to each sum.
struct AddRow<'a, A> {
    row: &'a [A],
    high: &'a mut [f64],
    low: &'a mut [f64],
}

impl<A: Scalar> Kernel for AddRow<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for ((high, low), value) in self.high.iter_mut().zip(self.low).zip(self.row) {
            (*high, *low) = TwoFloat::new(*high, *low).plus(value.to_f64()).parts();
        }
    }
}

/// The plain `f64` sum of one tile.
struct FloatTileSum<'a, A> {
    tile: Rows<'a, A>,
}

impl<A: Scalar> Kernel for FloatTileSum<'_, A> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let mut lanes = [0.0; WIDTH];
        for row in self.tile.iter() {
            let (quarters, rest) = quarters_of_rows(row);
            for index in 0..quarters[0].len() {
                let group = quarters.map(|rows| &rows[index]);
                group.into_iter().for_each(prefetch_past);
                let [a, b, c, d] = group;
                for lane in 0..WIDTH {
                    lanes[lane] += (a[lane].to_f64() + b[lane].to_f64())
                        + (c[lane].to_f64() + d[lane].to_f64());
                }
            }
            let (full, tail) = rest.as_chunks::<WIDTH>();
            for row in full {
                for lane in 0..WIDTH {
                    lanes[lane] += row[lane].to_f64();
                }
            }
            for (lane, value) in lanes.iter_mut().zip(tail) {
                *lane += value.to_f64();
            }
        }
        sum_of_lanes(lanes)
    }
}

macro_rules! float_sum {
    ($($float:ident),*) => {$(
        impl SumState<$float> for FloatSum {
            type Total = f64;
            type Field = FloatSumField;

            fn field(cells: usize) -> FloatSumField {
                FloatSumField::new(cells)
            }

            fn update_rows(&mut self, tile: Rows<'_, $float>) {
                self.update_floats(tile);
            }
            fn merge(&mut self, other: &Self) {
                self.merge_floats(other);
            }
            fn running(&mut self, values: &[$float], sums: &mut Vec<f64>) {
                self.running_floats(values, sums);
            }
            fn running_rows(sums: &mut [Self], rows: &[$float], noted: &mut Vec<f64>) {
                Self::running_rows_of_floats(sums, rows, noted);
            }
            fn total(&self) -> f64 {
                self.two_float().value()
            }
        }
    )*};
}

float_sum!(f32, f64);

/// A running sum of integers of any width, exact for up to 2^63 elements.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntSum {
    total: i128,
}

impl From<i128> for IntSum {
    fn from(total: i128) -> Self {
        Self { total }
    }
}

impl IntSum {
    /// The sum so far, whatever the type of its elements.
    pub(super) fn exact(&self) -> i128 {
        self.total
    }
}

/// The exact sum of a slice of integers of at most 32 bits.
struct NarrowSum<'a, A> {
    values: &'a [A],
}

/// The exact sum of a slice of 64-bit integers.
struct WideSum<'a, A> {
    values: &'a [A],
}

/// Elements of 8 or 16 bits whose sum fits 32 bits; of 32 bits, 64.
const NARROW_RUN: usize = 1 << 15;

macro_rules! narrow_sum {
    ($($integer:ident in $partial:ident),* $(,)?) => {$(
        impl Kernel for NarrowSum<'_, $integer> {
            type Output = i128;

            #[inline(always)]
            fn run(self) -> i128 {
                let mut total = 0;
                for run in self.values.chunks(NARROW_RUN) {
                    let partial: $partial = run.iter().map(|&value| $partial::from(value)).sum();
                    total += i128::from(partial);
                }
                total
            }
        }

        int_sum!($integer by NarrowSum);
    )*};
}

/// Elements of 64 bits whose high halves, added up, still fit 64 bits, and whose sum is known but
/// for a multiple of 2^64 once the sum of the high halves is known.
const WIDE_RUN: usize = 1 << 30;

/// The exact sum of values given as `u64`: vector units add 64 bits, not 128. The sum of the high
/// halves is right but for less than `values.len() * 2^32 < 2^64`; the wrapped sum of the whole
/// values tells the rest.
#[inline(always)]
fn sum_by_halves(values: impl Iterator<Item = u64>) -> u128 {
    let (mut wrapped, mut high) = (0u64, 0u64);
    for value in values {
        wrapped = wrapped.wrapping_add(value);
        high = high.wrapping_add(value >> 32);
    }
    let floor = u128::from(high) << 32;
    floor + u128::from(wrapped.wrapping_sub(high << 32))
}

macro_rules! wide_sum {
    ($($integer:ident: $value:ident => $to_u64:expr, $offset:expr);* $(;)?) => {$(
        impl Kernel for WideSum<'_, $integer> {
            type Output = i128;

            #[inline(always)]
            fn run(self) -> i128 {
                let mut total = 0;
                for run in self.values.chunks(WIDE_RUN) {
                    let raised = sum_by_halves(run.iter().map(|&$value| $to_u64));
                    total += raised as i128 - run.len() as i128 * $offset;
                }
                total
            }
        }

        int_sum!($integer by WideSum);
    )*};
}

macro_rules! int_sum {
    ($integer:ident by $kernel:ident) => {
        impl SumState<$integer> for IntSum {
            type Total = i128;
            type Field = IntSumField;

            fn field(cells: usize) -> IntSumField {
                IntSumField::new(cells)
            }

            fn update_rows(&mut self, tile: Rows<'_, $integer>) {
                for values in tile.iter() {
                    self.total += dispatch($kernel { values });
                }
            }
            fn merge(&mut self, other: &Self) {
                self.total += other.total;
            }
            fn running(&mut self, values: &[$integer], sums: &mut Vec<i128>) {
                sums.extend(values.iter().map(|&value| {
                    self.total += i128::from(value);
                    self.total
                }));
            }
            fn running_rows(sums: &mut [Self], rows: &[$integer], noted: &mut Vec<i128>) {
                for row in rows.chunks(sums.len().max(1)) {
                    noted.extend(sums.iter_mut().zip(row).map(|(sum, &value)| {
                        sum.total += i128::from(value);
                        sum.total
                    }));
                }
            }
            fn total(&self) -> i128 {
                self.total
            }
        }
    };
}

narrow_sum!(i8 in i32, i16 in i32, i32 in i64, u8 in u32, u16 in u32, u32 in u64);
// A signed value is raised by 2^63, which is to flip its sign bit: logical shifts vectorize
// everywhere, arithmetic ones do not.
wide_sum!(
    i64: value => value as u64 ^ (1 << 63), 1 << 63;
    u64: value => value, 0;
);

#[cfg(test)]
mod tests;
