//! The element types the kernels are written for.
//!
//! [`Scalar`] is sealed: `f32`, `f64`, and the signed and unsigned integers of 8 to 64 bits. It
//! gives a kernel what it may ask of one element; every method is a few instructions and is inlined
//! into the loop.

use std::fmt::Debug;

use super::sum::{FloatSum, IntSum, SumState};

mod sealed {
    pub trait Sealed {}
}

/// An element type of numeric kernels: `f32`, `f64`, `i8` to `i64`, `u8` to `u64`.
///
/// Arithmetic is that of NumPy: IEEE for floats, wrapping for integers. An integer divided by zero
/// is 0, and a quotient of integers is rounded towards zero, as `/` does in Rust.
pub trait Scalar: Copy + Send + Sync + PartialOrd + Debug + sealed::Sealed + 'static {
    /// The state that adds up elements of this type without losing any digit that matters.
    type Sum: SumState<Self>;

    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// Not above any element: negative infinity, or the least integer.
    const LOWEST: Self;
    /// Not below any element: infinity, or the greatest integer.
    const HIGHEST: Self;
    /// The NaN of this type, where it has one.
    const NAN: Option<Self>;

    /// The nearest `f64`: exact but for integers beyond 2^53, which are rounded.
    fn to_f64(self) -> f64;
    /// Whether this is NaN: never so for an integer.
    fn is_nan(self) -> bool;
    /// The same number, with -0.0 turned to 0.0.
    fn without_negative_zero(self) -> Self;
    /// `self + other`, integers wrapping.
    fn plus(self, other: Self) -> Self;
    /// `self - other`, integers wrapping.
    fn minus(self, other: Self) -> Self;
    /// `self * other`, integers wrapping.
    fn times(self, other: Self) -> Self;
    /// `self / other`; of integers the quotient rounded towards zero, wrapping, and 0 if `other`
    /// is 0.
    fn over(self, other: Self) -> Self;
    /// `-self`, integers wrapping (so an unsigned `n` gives `2^bits - n`).
    fn negative(self) -> Self;
    /// The absolute value; the least signed integer, having none, stays itself.
    fn absolute(self) -> Self;
}

/// A floating-point [`Scalar`]: `f32` or `f64`.
pub trait Float: Scalar {
    /// The square root; NaN below zero.
    fn square_root(self) -> Self;
}

macro_rules! float_scalar {
    ($($float:ident),*) => {$(
        impl sealed::Sealed for $float {}

        impl Scalar for $float {
            type Sum = FloatSum;

            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const LOWEST: Self = $float::NEG_INFINITY;
            const HIGHEST: Self = $float::INFINITY;
            const NAN: Option<Self> = Some($float::NAN);

            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                $float::is_nan(self)
            }
            #[inline(always)]
            fn without_negative_zero(self) -> Self {
                self + 0.0
            }
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self + other
            }
            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self - other
            }
            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self * other
            }
            #[inline(always)]
            fn over(self, other: Self) -> Self {
                self / other
            }
            #[inline(always)]
            fn negative(self) -> Self {
                -self
            }
            #[inline(always)]
            fn absolute(self) -> Self {
                self.abs()
            }
        }

        impl Float for $float {
            #[inline(always)]
            fn square_root(self) -> Self {
                self.sqrt()
            }
        }
    )*};
}

macro_rules! integer_scalar {
    ($($integer:ident: |$value:ident| $absolute:expr),* $(,)?) => {$(
        impl sealed::Sealed for $integer {}

        impl Scalar for $integer {
            type Sum = IntSum;

            const ZERO: Self = 0;
            const ONE: Self = 1;
            const LOWEST: Self = $integer::MIN;
            const HIGHEST: Self = $integer::MAX;
            const NAN: Option<Self> = None;

            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                false
            }
            #[inline(always)]
            fn without_negative_zero(self) -> Self {
                self
            }
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
            #[inline(always)]
            fn over(self, other: Self) -> Self {
                if other == 0 { 0 } else { self.wrapping_div(other) }
            }
            #[inline(always)]
            fn negative(self) -> Self {
                self.wrapping_neg()
            }
            #[inline(always)]
            fn absolute(self) -> Self {
                let $value = self;
                $absolute
            }
        }
    )*};
}

float_scalar!(f32, f64);
integer_scalar!(
    i8: |value| value.wrapping_abs(),
    i16: |value| value.wrapping_abs(),
    i32: |value| value.wrapping_abs(),
    i64: |value| value.wrapping_abs(),
    u8: |value| value,
    u16: |value| value,
    u32: |value| value,
    u64: |value| value,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integer_arithmetic_wraps_and_never_traps() {
        assert_eq!(i32::MAX.plus(1), i32::MIN);
        assert_eq!(u8::ZERO.minus(1), 255);
        assert_eq!(i64::MIN.times(-1), i64::MIN);
        assert_eq!(i64::MIN.over(-1), i64::MIN);
        assert_eq!(7i16.over(0), 0);
        assert_eq!((-7i16).over(2), -3);
        assert_eq!(3u64.negative(), u64::MAX - 2);
        assert_eq!(i8::MIN.absolute(), i8::MIN);
        assert_eq!((-5i8).absolute(), 5);
        assert_eq!(200u8.absolute(), 200);
    }

    #[test]
    fn floats_follow_ieee() {
        assert_eq!(1.0.over(0.0), f64::INFINITY);
        assert!(Scalar::is_nan(0.0.over(0.0)));
        assert!(Scalar::is_nan((-1.0f32).square_root()));
        assert!((-0.0f64).without_negative_zero().is_sign_positive());
        assert_eq!((-2.5f32).without_negative_zero(), -2.5);
        assert!(f64::NAN.absolute().is_nan() && !2.0f32.absolute().is_nan());
    }

    #[test]
    fn large_integers_round_to_nearest() {
        assert_eq!(((1i64 << 53) + 1).to_f64(), (1u64 << 53) as f64);
        assert_eq!(u64::MAX.to_f64(), 2f64.powi(64));
        assert_eq!(0.1f32.to_f64(), f64::from(0.1f32));
    }
}
