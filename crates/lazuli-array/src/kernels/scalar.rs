//! The element types the kernels are written for.
//!
//! [`Scalar`] is sealed: `f32`, `f64`, and the signed and unsigned integers of 8 to 64 bits. It
//! gives a kernel what it may ask of one element; every method is a few instructions and is inlined
//! into the loop.

use std::fmt::Debug;

use super::product::{FloatProduct, IntProduct, ProductState};
use super::sum::{FloatSum, IntSum, SumState};
use super::words::Words;

mod sealed {
    pub trait Sealed {}
}

/// An element type of numeric kernels: `f32`, `f64`, `i8` to `i64`, `u8` to `u64`.
///
/// Arithmetic is that of NumPy: IEEE for floats, wrapping for integers. An integer divided by zero
/// is 0, and a quotient of integers is rounded towards zero, as `/` does in Rust.
pub trait Scalar:
    Copy + Send + Sync + PartialOrd + Debug + Words + sealed::Sealed + 'static
{
    /// The state that adds up elements of this type without losing any digit that matters.
    type Sum: SumState<Self>;
    /// The state that multiplies elements of this type.
    type Product: ProductState<Self>;

    /// The type of sums and products as elements of arrays: `f64` for floats, the widest integer of the
    /// same signedness for integers.
    type Wide: Scalar
        + Default
        + Widen<<Self::Sum as SumState<Self>>::Total>
        + Widen<<Self::Product as ProductState<Self>>::Total>;

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
    /// What is left of `self / other` rounded down, as NumPy's `remainder`: it has the sign of `other`.
    /// Of integers 0 if `other` is 0.
    fn modulo(self, other: Self) -> Self;
    /// -1, 0 or 1; NaN of NaN.
    fn sign(self) -> Self;
}

macro_rules! float_scalar {
    ($($float:ident),*) => {$(
        impl sealed::Sealed for $float {}

        impl Scalar for $float {
            type Sum = FloatSum;
            type Product = FloatProduct;
            type Wide = f64;

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
            #[inline(always)]
            fn modulo(self, other: Self) -> Self {
                let rest = self % other;
                if rest == 0.0 {
                    rest.abs().copysign(other)
                } else if (rest < 0.0) != (other < 0.0) {
                    rest + other
                } else {
                    rest
                }
            }
            #[inline(always)]
            fn sign(self) -> Self {
                if self > 0.0 {
                    1.0
                } else if self < 0.0 {
                    -1.0
                } else {
                    self
                }
            }
        }

    )*};
}

macro_rules! integer_scalar {
    ($($integer:ident in $wide:ident: |$value:ident| $absolute:expr),* $(,)?) => {$(
        impl sealed::Sealed for $integer {}

        impl Scalar for $integer {
            type Sum = IntSum;
            type Product = IntProduct;
            type Wide = $wide;

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
            #[inline(always)]
            #[allow(unused_comparisons, reason = "one text for signed and unsigned integers")]
            fn modulo(self, other: Self) -> Self {
                if other == 0 {
                    return 0;
                }
                let rest = self.wrapping_rem(other);
                if rest != 0 && (rest < 0) != (other < 0) { rest.wrapping_add(other) } else { rest }
            }
            #[inline(always)]
            #[allow(unused_comparisons, reason = "one text for signed and unsigned integers")]
            fn sign(self) -> Self {
                if self < 0 { (0 as Self).wrapping_sub(1) } else { Self::from(self > 0) }
            }
        }
    )*};
}

/// A sum or a product as an element of an array.
pub trait Widen<T>: Sized {
    /// The element; None where it does not fit.
    fn widen(total: T) -> Option<Self>;

    /// The elements of many; None where one does not fit.
    fn widen_all(totals: &[T], elements: &mut Vec<Self>) -> Option<()>
    where
        T: Copy,
    {
        for &total in totals {
            elements.push(Self::widen(total)?);
        }
        Some(())
    }
}

impl Widen<f64> for f64 {
    fn widen(total: f64) -> Option<Self> {
        Some(total)
    }

    fn widen_all(totals: &[f64], elements: &mut Vec<Self>) -> Option<()> {
        elements.extend_from_slice(totals);
        Some(())
    }
}

impl Widen<i128> for i64 {
    fn widen(total: i128) -> Option<Self> {
        total.try_into().ok()
    }
}

impl Widen<i128> for u64 {
    fn widen(total: i128) -> Option<Self> {
        total.try_into().ok()
    }
}

float_scalar!(f32, f64);
integer_scalar!(
    i8 in i64: |value| value.wrapping_abs(),
    i16 in i64: |value| value.wrapping_abs(),
    i32 in i64: |value| value.wrapping_abs(),
    i64 in i64: |value| value.wrapping_abs(),
    u8 in u64: |value| value,
    u16 in u64: |value| value,
    u32 in u64: |value| value,
    u64 in u64: |value| value,
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
        let rests = [(7, 3), (-7, 3), (7, -3), (-7, -3), (6, -3), (5, 0)];
        assert_eq!(rests.map(|(a, b)| i32::modulo(a, b)), [1, 2, -2, -1, 0, 0]);
        assert_eq!((i8::MIN.modulo(-1), 7u8.modulo(3)), (0, 1));
        assert_eq!([(-5i8).sign(), 0.sign(), 9.sign()], [-1, 0, 1]);
        assert_eq!(200u8.sign(), 1);
    }

    #[test]
    fn floats_follow_ieee() {
        assert_eq!(1.0.over(0.0), f64::INFINITY);
        assert!(Scalar::is_nan(0.0.over(0.0)));
        assert!((-0.0f64).without_negative_zero().is_sign_positive());
        assert_eq!((-2.5f32).without_negative_zero(), -2.5);
        let rests = [(5.5, 2.0), (-5.5, 2.0), (5.5, -2.0), (-5.5, -2.0)];
        assert_eq!(rests.map(|(a, b)| f64::modulo(a, b)), [1.5, 0.5, -0.5, -1.5]);
        assert!(6.0f64.modulo(-3.0).is_sign_negative() && (-6.0f64).modulo(3.0).is_sign_positive());
        assert!(Scalar::is_nan(f64::NAN.sign()) && (-0.0f64).sign() == 0.0);
        assert!(f64::NAN.absolute().is_nan() && !2.0f32.absolute().is_nan());
    }

    #[test]
    fn large_integers_round_to_nearest() {
        assert_eq!(((1i64 << 53) + 1).to_f64(), (1u64 << 53) as f64);
        assert_eq!(u64::MAX.to_f64(), 2f64.powi(64));
        assert_eq!(0.1f32.to_f64(), f64::from(0.1f32));
    }
}
