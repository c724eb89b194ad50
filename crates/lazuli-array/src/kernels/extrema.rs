//! The least and the greatest value, in one state.
//!
//! Invariant: what is kept does not depend on how the values were split. NaN propagates, as in
//! NumPy's `min` and `max`, always as the same NaN; and since -0.0 and 0.0 compare equal, an
//! extremum that is zero is reported as 0.0.

use super::dispatch::{Kernel, dispatch, prefetch_past};
use super::lanes::{WIDTH, quarters_of_rows};
use super::rows::Rows;
use super::scalar::Scalar;
use super::words::{Words, words};

/// Running least and greatest value of elements of type `A`.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Debug, PartialEq)]
pub struct Extrema<A> {
    range: Option<Range<A>>,
}

words!([A: Words] Extrema<A> { range });

/// Both are NaN where any value was.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range<A> {
    min: A,
    max: A,
}

words!([A: Words] Range<A> { min, max });

impl<A> Default for Extrema<A> {
    fn default() -> Self {
        Self { range: None }
    }
}

impl<A: Scalar> Extrema<A> {
    /// The state that has seen no value.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in all elements of `tile`.
    pub fn update(&mut self, tile: &[A]) {
        self.update_rows(Rows::one(tile));
    }

    /// Takes in all elements of `tile`.
    pub fn update_rows(&mut self, tile: Rows<'_, A>) {
        if !tile.is_empty() {
            self.take_in(dispatch(TileRange { tile }));
        }
    }

    /// Takes in all that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        if let Some(range) = other.range {
            self.take_in(range);
        }
    }

    /// The least value: `None` if there is none, NaN if any value is NaN, 0.0 for -0.0.
    pub fn min(&self) -> Option<A> {
        self.range.map(|range| range.min)
    }

    /// The greatest value: `None` if there is none, NaN if any value is NaN, 0.0 for -0.0.
    pub fn max(&self) -> Option<A> {
        self.range.map(|range| range.max)
    }

    /// What is known of values between these, or of none where the least is above the greatest; of values
    /// that are NaN among others.
    pub(super) fn of_range(min: A, max: A, has_nan: bool) -> Self {
        let range = match A::NAN {
            Some(nan) if has_nan => Some(Range { min: nan, max: nan }),
            _ if min > max => None,
            _ => Some(Range { min: min.without_negative_zero(), max: max.without_negative_zero() }),
        };
        Self { range }
    }

    fn take_in(&mut self, other: Range<A>) {
        self.range = Some(match self.range {
            // Neither choice picks another's number over a NaN of one's own.
            Some(range) if !other.min.is_nan() => {
                Range { min: lesser(range.min, other.min), max: greater(range.max, other.max) }
            }
            _ => other,
        });
    }
}

/// `b` where `b < a`, else `a`: one instruction, which never picks a NaN `b`.
#[inline(always)]
pub(super) fn lesser<A: Scalar>(a: A, b: A) -> A {
    if b < a { b } else { a }
}

/// `b` where `b > a`, else `a`: one instruction, which never picks a NaN `b`.
#[inline(always)]
pub(super) fn greater<A: Scalar>(a: A, b: A) -> A {
    if b > a { b } else { a }
}

/// `b` where it is NaN, else `a`.
#[inline(always)]
pub(super) fn latest_nan<A: Scalar>(a: A, b: A) -> A {
    if b.is_nan() { b } else { a }
}

/// The range of one tile, which must not be empty.
struct TileRange<'a, A> {
    tile: Rows<'a, A>,
}

impl<A: Scalar> Kernel for TileRange<'_, A> {
    type Output = Range<A>;

    #[inline(always)]
    fn run(self) -> Range<A> {
        let mut min = [A::HIGHEST; WIDTH];
        let mut max = [A::LOWEST; WIDTH];
        // The last NaN a lane has met, or zero: as wide as the elements, so that it vectorizes.
        let mut nan = [A::ZERO; WIDTH];
        for row in self.tile.iter() {
            let (quarters, rest) = quarters_of_rows(row);
            for index in 0..quarters[0].len() {
                let group = quarters.map(|rows| &rows[index]);
                group.into_iter().for_each(prefetch_past);
                for lane in 0..WIDTH {
                    for row in group {
                        min[lane] = lesser(min[lane], row[lane]);
                        max[lane] = greater(max[lane], row[lane]);
                        nan[lane] = latest_nan(nan[lane], row[lane]);
                    }
                }
            }
            for row in rest.chunks(WIDTH) {
                for (lane, &value) in row.iter().enumerate() {
                    min[lane] = lesser(min[lane], value);
                    max[lane] = greater(max[lane], value);
                    nan[lane] = latest_nan(nan[lane], value);
                }
            }
        }
        match A::NAN {
            Some(a_nan) if nan.iter().any(|lane| lane.is_nan()) => Range { min: a_nan, max: a_nan },
            _ => Range {
                min: min.into_iter().fold(A::HIGHEST, lesser).without_negative_zero(),
                max: max.into_iter().fold(A::LOWEST, greater).without_negative_zero(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn extrema_of<A: Scalar>(values: &[A], tile: usize) -> (Option<A>, Option<A>) {
        let mut total = Extrema::new();
        for pair in values.chunks(2 * tile) {
            let mut state = Extrema::new();
            pair.chunks(tile).for_each(|tile| state.update(tile));
            total.merge(&state);
        }
        (total.min(), total.max())
    }

    #[test]
    fn nothing_has_no_extrema() {
        assert_eq!(extrema_of::<f64>(&[], 1), (None, None));
        let mut state = Extrema::<i8>::new();
        state.update(&[]);
        state.merge(&Extrema::new());
        assert_eq!(state, Extrema::default());
    }

    #[test]
    fn any_nan_gives_nan() {
        for at in 0..600 {
            let mut values: Vec<f32> = (0..600).map(|value| value as f32).collect();
            values[at] = f32::NAN;
            for tile in [1, 40, 257, 600] {
                let (min, max) = extrema_of(&values, tile);
                assert!(min.unwrap().is_nan() && max.unwrap().is_nan(), "{at} {tile}");
            }
        }
    }

    #[test]
    fn infinities_are_values() {
        let inf = f64::INFINITY;
        assert_eq!(extrema_of(&[inf, 2.0, -inf], 2), (Some(-inf), Some(inf)));
        assert_eq!(extrema_of(&[inf], 1), (Some(inf), Some(inf)));
    }

    #[test]
    fn zero_has_no_sign() {
        for values in [[0.0f64, -0.0], [-0.0, 0.0], [-0.0, -0.0]] {
            for tile in [1, 2] {
                let (min, max) = extrema_of(&values, tile);
                assert_eq!(min.unwrap().to_bits(), 0.0f64.to_bits());
                assert_eq!(max.unwrap().to_bits(), 0.0f64.to_bits());
            }
        }
    }

    proptest! {
        #[test]
        fn integers_agree_with_the_iterator(values: Vec<i16>, tile in 1usize..70) {
            let expected = (values.iter().copied().min(), values.iter().copied().max());
            prop_assert_eq!(extrema_of(&values, tile), expected);
        }

        #[test]
        fn unsigned_integers_agree_with_the_iterator(values: Vec<u64>, tile in 1usize..70) {
            let expected = (values.iter().copied().min(), values.iter().copied().max());
            prop_assert_eq!(extrema_of(&values, tile), expected);
        }

        #[test]
        fn floats_agree_with_the_iterator(
            values in prop::collection::vec(-1e3f64..1e3, 1..300),
            tile in 1usize..70,
        ) {
            let min = values.iter().copied().min_by(f64::total_cmp);
            let max = values.iter().copied().max_by(f64::total_cmp);
            prop_assert_eq!(extrema_of(&values, tile), (min, max));
        }
    }
}
