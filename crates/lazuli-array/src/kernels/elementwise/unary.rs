//! Arithmetic of one operand: sign, absolute value, integer power, square root.

use super::super::scalar::{Float, Scalar};
use super::map::{map, map_in_place};
use super::powi::{powi, powi_in_place};

/// An arithmetic operation on one operand of any type. Integers wrap (see [`Scalar`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-value`
    Neg,
    /// `|value|`
    Abs,
    /// `value` to an integer power, by repeated squaring. A negative power is the reciprocal of
    /// the positive one; of integers that is their quotient, so 1 and -1 keep magnitude 1 and all
    /// else, 0 included, gives 0. Anything to the power 0 is 1.
    Powi(i32),
}

impl UnaryOp {
    /// `out = op values`, element by element.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn slice<A: Scalar>(self, values: &[A], out: &mut [A]) {
        match self {
            Self::Neg => map(values, out, A::negative),
            Self::Abs => map(values, out, A::absolute),
            Self::Powi(exponent) => powi(values, exponent, out),
        }
    }

    /// `values = op values`, element by element.
    pub fn assign<A: Scalar>(self, values: &mut [A]) {
        match self {
            Self::Neg => map_in_place(values, A::negative),
            Self::Abs => map_in_place(values, A::absolute),
            Self::Powi(exponent) => powi_in_place(values, exponent),
        }
    }
}

/// Sets each element of `out` to the square root of the element of `values` at its place; NaN
/// below zero.
///
/// # Panics
/// If the slices differ in length.
pub fn sqrt<A: Float>(values: &[A], out: &mut [A]) {
    map(values, out, A::square_root);
}

/// Replaces each element of `values` by its square root; NaN below zero.
pub fn sqrt_in_place<A: Float>(values: &mut [A]) {
    map_in_place(values, A::square_root);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both<A: Scalar>(op: UnaryOp, values: &[A]) -> Vec<A> {
        let mut out = vec![A::ZERO; values.len()];
        op.slice(values, &mut out);
        let mut in_place = values.to_vec();
        op.assign(&mut in_place);
        assert_eq!(in_place, out);
        out
    }

    #[test]
    fn signs() {
        assert_eq!(both(UnaryOp::Neg, &[1.5f32, -2.0]), [-1.5, 2.0]);
        assert_eq!(both(UnaryOp::Neg, &[1i8, i8::MIN]), [-1, i8::MIN]);
        assert_eq!(both(UnaryOp::Neg, &[1u8, 0]), [255, 0]);
        assert_eq!(both(UnaryOp::Abs, &[-1.5f64, f64::NEG_INFINITY]), [1.5, f64::INFINITY]);
        assert_eq!(both(UnaryOp::Abs, &[-3i64, i64::MIN]), [3, i64::MIN]);
    }

    #[test]
    fn powers_of_floats() {
        let values: Vec<f64> = (-20..=20).map(f64::from).collect();
        for exponent in [0, 1, 2, 3, 4, 5, 7, 10] {
            let expected = values.iter().map(|value| value.powi(exponent));
            assert!(both(UnaryOp::Powi(exponent), &values).into_iter().eq(expected), "{exponent}");
        }
        assert_eq!(both(UnaryOp::Powi(-2), &[4.0, 0.0, -0.5]), [0.0625, f64::INFINITY, 4.0]);
        assert_eq!(both(UnaryOp::Powi(i32::MIN), &[1.0f32, -1.0]), [1.0, 1.0]);
        assert_eq!(both(UnaryOp::Powi(0), &[f64::NAN]), [1.0]);
    }

    #[test]
    fn powers_of_integers() {
        let values: Vec<i32> = (-50..=50).collect();
        for exponent in [0, 1, 2, 3, 4, 5, 9] {
            let expected = values.iter().map(|value| value.wrapping_pow(exponent));
            let powers = both(UnaryOp::Powi(exponent as i32), &values);
            assert!(powers.into_iter().eq(expected), "{exponent}");
        }
        assert_eq!(both(UnaryOp::Powi(-3), &[2i64, 1, 0, -1]), [0, 1, 0, -1]);
    }

    #[test]
    fn square_roots() {
        let mut out = [0.0; 3];
        sqrt(&[4.0, 2.0, -1.0], &mut out);
        assert_eq!(out[..2], [2.0, 2f64.sqrt()]);
        assert!(out[2].is_nan());
        let mut values = [9.0f32];
        sqrt_in_place(&mut values);
        assert_eq!(values, [3.0]);
    }
}
