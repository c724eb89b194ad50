//! Integer powers by repeated squaring.
//!
//! The exponent is the same for all elements, so squares and cubes get loops of their own, and
//! other powers walk the exponent's bits once for a row of elements rather than once for each.
//! The standard library's `powi` is a call per element, and its bits may differ between builds.

use super::super::dispatch::{Kernel, dispatch};
use super::super::lanes::WIDTH;
use super::super::scalar::Scalar;
use super::map::map;

/// Sets each element of `out` to the element of `values` at its place to the power `exponent`, by
/// repeated squaring. A negative power is the reciprocal of the positive one; of integers that is their
/// quotient, so 1 and -1 keep magnitude 1 and all else, 0 included, gives 0. Anything to the power 0
/// is 1.
///
/// # Panics
/// If the slices differ in length.
pub fn powi<A: Scalar>(values: &[A], exponent: i32, out: &mut [A]) {
    match exponent {
        2 => map(values, out, square),
        3 => map(values, out, cube),
        _ => {
            map(values, out, |value| value);
            dispatch(Powi { values: out, exponent });
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn power<A: Scalar>(exponent: i32, values: &[A]) -> Vec<A> {
        let mut out = vec![A::ZERO; values.len()];
        powi(values, exponent, &mut out);
        out
    }

    #[test]
    fn powers_of_floats() {
        let values: Vec<f64> = (-20..=20).map(f64::from).collect();
        for exponent in [0, 1, 2, 3, 4, 5, 7, 10] {
            let expected = values.iter().map(|value| value.powi(exponent));
            assert!(power(exponent, &values).into_iter().eq(expected), "{exponent}");
        }
        assert_eq!(power(-2, &[4.0, 0.0, -0.5]), [0.0625, f64::INFINITY, 4.0]);
        assert_eq!(power(i32::MIN, &[1.0_f32, -1.0]), [1.0, 1.0]);
        assert_eq!(power(0, &[f64::NAN]), [1.0]);
    }

    #[test]
    fn powers_of_integers() {
        let values: Vec<i32> = (-50..=50).collect();
        for exponent in [0, 1, 2, 3, 4, 5, 9] {
            let expected = values.iter().map(|value| value.wrapping_pow(exponent));
            assert!(power(exponent as i32, &values).into_iter().eq(expected), "{exponent}");
        }
        assert_eq!(power(-3, &[2_i64, 1, 0, -1]), [0, 1, 0, -1]);
    }
}
