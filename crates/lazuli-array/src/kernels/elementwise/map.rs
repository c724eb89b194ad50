//! The loops under all elementwise work: one, two or three inputs, into another slice.
//!
//! The function given is inlined into a vector loop if it is small, as arithmetic is. A function
//! too large to inline runs as it was compiled, and rightly so.

use super::super::dispatch::{Kernel, dispatch};

/// Sets each element of `out` to `function` of the element of `input` at its place.
///
/// # Panics
/// If the slices differ in length.
pub fn map<A, B, F>(input: &[A], out: &mut [B], function: F)
where
    A: Copy,
    F: Fn(A) -> B,
{
    assert_eq!(input.len(), out.len(), "slices of one operation are equally long");
    dispatch(Map { input, out, function });
}

/// Sets each element of `out` to `function` of the elements of `left` and `right` at its place.
///
/// # Panics
/// If the slices differ in length.
pub fn zip_map<A, B, C, F>(left: &[A], right: &[B], out: &mut [C], function: F)
where
    A: Copy,
    B: Copy,
    F: Fn(A, B) -> C,
{
    assert_eq!(left.len(), out.len(), "slices of one operation are equally long");
    assert_eq!(right.len(), out.len(), "slices of one operation are equally long");
    dispatch(ZipMap { left, right, out, function });
}

/// Sets each element of `out` to `function` of the elements of the three inputs at its place.
///
/// # Panics
/// If the slices differ in length.
pub fn zip3_map<A, B, C, R, F>(first: &[A], second: &[B], third: &[C], out: &mut [R], function: F)
where
    A: Copy,
    B: Copy,
    C: Copy,
    F: Fn(A, B, C) -> R,
{
    assert_eq!(first.len(), out.len(), "slices of one operation are equally long");
    assert_eq!(second.len(), out.len(), "slices of one operation are equally long");
    assert_eq!(third.len(), out.len(), "slices of one operation are equally long");
    dispatch(Zip3Map { first, second, third, out, function });
}

struct Map<'a, A, B, F> {
    input: &'a [A],
    out: &'a mut [B],
    function: F,
}

impl<A: Copy, B, F: Fn(A) -> B> Kernel for Map<'_, A, B, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (out, &value) in self.out.iter_mut().zip(self.input) {
            *out = (self.function)(value);
        }
    }
}

struct ZipMap<'a, A, B, C, F> {
    left: &'a [A],
    right: &'a [B],
    out: &'a mut [C],
    function: F,
}

impl<A: Copy, B: Copy, C, F: Fn(A, B) -> C> Kernel for ZipMap<'_, A, B, C, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let inputs = self.left.iter().zip(self.right);
        for (out, (&left, &right)) in self.out.iter_mut().zip(inputs) {
            *out = (self.function)(left, right);
        }
    }
}

struct Zip3Map<'a, A, B, C, R, F> {
    first: &'a [A],
    second: &'a [B],
    third: &'a [C],
    out: &'a mut [R],
    function: F,
}

impl<A: Copy, B: Copy, C: Copy, R, F: Fn(A, B, C) -> R> Kernel for Zip3Map<'_, A, B, C, R, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let inputs = self.first.iter().zip(self.second).zip(self.third);
        for (out, ((&first, &second), &third)) in self.out.iter_mut().zip(inputs) {
            *out = (self.function)(first, second, third);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_and_no_other_is_computed() {
        for length in [0, 1, 31, 32, 33, 5000] {
            let input: Vec<i32> = (0..length).collect();
            let mut out = vec![0i64; input.len()];
            map(&input, &mut out, |value| i64::from(value) + 1);
            assert!(out.iter().copied().eq(1..=i64::from(length)));

            let doubled: Vec<i32> = input.iter().map(|value| 2 * value).collect();
            zip_map(&doubled, &input, &mut out, |a, b| i64::from(a - b));
            assert!(out.iter().copied().eq(0..i64::from(length)));

            zip3_map(&doubled, &input, &input, &mut out, |a, b, c| i64::from(a - b - c));
            assert!(out.iter().all(|&value| value == 0));
        }
    }

    #[test]
    #[should_panic(expected = "equally long")]
    fn slices_of_different_length_are_refused() {
        map(&[1, 2], &mut [0], |value: i32| value);
    }
}
