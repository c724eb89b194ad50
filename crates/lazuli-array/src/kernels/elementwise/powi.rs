//! Integer powers by repeated squaring.
//!
//! The exponent is the same for all elements, so squares and cubes get loops of their own, and
//! other powers walk the exponent's bits once for a row of elements rather than once for each.
//! The standard library's `powi` is a call per element, and its bits may differ between builds.

use super::super::dispatch::{Kernel, dispatch};
use super::super::lanes::WIDTH;
use super::super::scalar::Scalar;
use super::map::{map, map_in_place};

/// Sets each element of `out` to the element of `values` at its place to the power `exponent`.
pub(super) fn powi<A: Scalar>(values: &[A], exponent: i32, out: &mut [A]) {
    match exponent {
        2 => map(values, out, square),
        3 => map(values, out, cube),
        _ => {
            map(values, out, |value| value);
            dispatch(Powi { values: out, exponent });
        }
    }
}

/// Replaces each element of `values` by its power `exponent`.
pub(super) fn powi_in_place<A: Scalar>(values: &mut [A], exponent: i32) {
    match exponent {
        2 => map_in_place(values, square),
        3 => map_in_place(values, cube),
        _ => dispatch(Powi { values, exponent }),
    }
}

#[inline(always)]
fn square<A: Scalar>(value: A) -> A {
    value.times(value)
}

#[inline(always)]
fn cube<A: Scalar>(value: A) -> A {
    value.times(value).times(value)
}

struct Powi<'a, A> {
    values: &'a mut [A],
    exponent: i32,
}

impl<A: Scalar> Kernel for Powi<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for row in self.values.chunks_mut(WIDTH) {
            let mut base = [A::ONE; WIDTH];
            base[..row.len()].copy_from_slice(row);
            row.copy_from_slice(&power_of_row(base, self.exponent)[..row.len()]);
        }
    }
}

#[inline(always)]
fn power_of_row<A: Scalar>(mut base: [A; WIDTH], exponent: i32) -> [A; WIDTH] {
    let mut power = [A::ONE; WIDTH];
    let mut bits = exponent.unsigned_abs();
    while bits != 0 {
        if bits & 1 == 1 {
            for lane in 0..WIDTH {
                power[lane] = power[lane].times(base[lane]);
            }
        }
        bits >>= 1;
        if bits != 0 {
            for value in &mut base {
                *value = square(*value);
            }
        }
    }
    if exponent < 0 {
        for value in &mut power {
            *value = A::ONE.over(*value);
        }
    }
    power
}
