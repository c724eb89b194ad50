//! Where the least or the greatest element is.

use super::rows::Rows;
use super::scalar::Scalar;
use super::words::{Words, words};

/// The first place of an extreme element of those seen, as NumPy's `argmin` and `argmax`: the first NaN
/// where there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FirstExtreme<A> {
    best: Option<(A, u64)>,
}

words!([A: Words] FirstExtreme<A> { best });

impl<A: Scalar> FirstExtreme<A> {
    /// The first greatest element of a tile, or least, and its place in it.
    pub fn of_tile(tile: Rows<'_, A>, greatest: bool) -> Option<(A, usize)> {
        let mut best: Option<(A, usize)> = None;
        for (place, value) in tile.elements().enumerate() {
            if best.is_none_or(|(best, _)| is_better(value, best, greatest)) {
                best = Some((value, place));
            }
        }
        best
    }

    /// As [`of_tile`](Self::of_tile), of the elements that are not NaN.
    pub fn of_numbers(tile: Rows<'_, A>, greatest: bool) -> Option<(A, usize)> {
        let mut best: Option<(A, usize)> = None;
        for (place, value) in tile.elements().enumerate().filter(|(_, value)| !value.is_nan()) {
            if best.is_none_or(|(best, _)| is_better(value, best, greatest)) {
                best = Some((value, place));
            }
        }
        best
    }

    /// Takes in an element at a place of the array.
    pub fn update(&mut self, value: A, place: u64, greatest: bool) {
        let replaces = self.best.is_none_or(|(best, first)| {
            is_better(value, best, greatest) || place < first && !is_better(best, value, greatest)
        });
        if replaces {
            self.best = Some((value, place));
        }
    }

    /// Takes in what another has seen.
    pub fn merge(&mut self, other: &Self, greatest: bool) {
        if let Some((value, place)) = other.best {
            self.update(value, place, greatest);
        }
    }

    /// Gives the place another number.
    pub fn relocate(&mut self, place: impl Fn(u64) -> u64) {
        if let Some((_, at)) = &mut self.best {
            *at = place(*at);
        }
    }

    /// The place; None of no elements.
    pub fn place(&self) -> Option<u64> {
        self.best.map(|(_, place)| place)
    }
}

/// Whether a value is taken rather than another. NaN is better than any number, and not better than NaN.
fn is_better<A: Scalar>(value: A, than: A, greatest: bool) -> bool {
    if value.is_nan() || than.is_nan() {
        return value.is_nan() && !than.is_nan();
    }
    if greatest { value > than } else { value < than }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equals_wins_in_any_order() {
        let mut state = FirstExtreme::default();
        for (value, place) in [(3.0, 9), (1.0, 7), (1.0, 2), (2.0, 0), (1.0, 5)] {
            state.update(value, place, false);
        }
        assert_eq!(state.place(), Some(2));
        let mut with_nan = FirstExtreme::default();
        with_nan.update(f64::NAN, 8, true);
        with_nan.update(f64::NAN, 4, true);
        state.merge(&with_nan, true);
        state.update(9.0, 1, true);
        assert_eq!(state.place(), Some(4));
        let tile = [2_u8, 7, 7, 1, 1];
        assert_eq!(FirstExtreme::of_tile(Rows::one(&tile), true), Some((7, 1)));
        assert_eq!(FirstExtreme::of_tile(Rows::one(&tile), false), Some((1, 3)));
        assert_eq!(FirstExtreme::<u8>::of_tile(Rows::one(&[]), false), None);
    }
}
