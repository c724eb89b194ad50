//! Conversions between element types.

use half::f16;
use num_complex::Complex;

use super::float::Float;

/// A type that elements of type `A` convert to, as `as` does in Rust: to the nearest float; integers
/// wrap; floats are cut towards zero and kept in range, NaN being 0; what is not zero is `true`.
pub trait CastFrom<A>: Sized {
    /// The converted element.
    fn cast_from(value: A) -> Self;
}

macro_rules! casts {
    ($($from:ident),* to $to:tt) => {
        $(casts!(@ $from to $to);)*
    };
    (@ $from:ident to [$($to:ident)*]) => {
        $(impl CastFrom<$from> for $to {
            #[inline(always)]
            #[allow(clippy::cast_lossless, reason = "one text for all pairs of types")]
            fn cast_from(value: $from) -> Self {
                value as $to
            }
        })*

        impl CastFrom<$from> for bool {
            #[inline(always)]
            fn cast_from(value: $from) -> Self {
                value != $from::default()
            }
        }

        impl CastFrom<bool> for $from {
            #[inline(always)]
            fn cast_from(value: bool) -> Self {
                u8::from(value) as $from
            }
        }
    };
}

casts!(f32, f64, i8, i16, i32, i64, u8, u16, u32, u64 to [f32 f64 i8 i16 i32 i64 u8 u16 u32 u64]);

/// Half precision is a way to store numbers: what is computed is computed in another type.
macro_rules! half_casts {
    ($($other:ident through $through:ident),*) => {$(
        impl CastFrom<f16> for $other {
            #[inline(always)]
            #[allow(clippy::unnecessary_cast, reason = "one text for all types")]
            fn cast_from(value: f16) -> Self {
                value.to_f32() as $other
            }
        }

        impl CastFrom<$other> for f16 {
            /// Exact in between: what `f64` rounds is beyond the range of half precision.
            #[inline(always)]
            fn cast_from(value: $other) -> Self {
                <f16 as CastFrom<$through>>::cast_from(value as $through)
            }
        }
    )*};
}

half_casts!(i8 through f64, i16 through f64, i32 through f64, i64 through f64);
half_casts!(u8 through f64, u16 through f64, u32 through f64, u64 through f64);

impl CastFrom<f16> for f32 {
    #[inline(always)]
    fn cast_from(value: f16) -> Self {
        value.to_f32()
    }
}

impl CastFrom<f16> for f64 {
    #[inline(always)]
    fn cast_from(value: f16) -> Self {
        value.to_f64()
    }
}

impl CastFrom<f32> for f16 {
    #[inline(always)]
    fn cast_from(value: f32) -> Self {
        Self::from_f32(value)
    }
}

impl CastFrom<f64> for f16 {
    #[inline(always)]
    fn cast_from(value: f64) -> Self {
        Self::from_f32(to_odd(value))
    }
}

/// The `f32` next to `value` that is odd, unless one is equal: what is rounded again after that is as if it
/// was rounded once. (S. Boldo and G. Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms
/// using rounding to odd", IEEE Transactions on Computers 57 (2008).)
#[inline(always)]
fn to_odd(value: f64) -> f32 {
    let nearest = value as f32;
    let back = f64::from(nearest);
    if back == value {
        return nearest;
    }
    let towards_zero = nearest.to_bits() - u32::from(back.abs() > value.abs());
    f32::from_bits(towards_zero | 1)
}

impl CastFrom<Self> for f16 {
    #[inline(always)]
    fn cast_from(value: Self) -> Self {
        value
    }
}

impl CastFrom<bool> for f16 {
    #[inline(always)]
    fn cast_from(value: bool) -> Self {
        if value { Self::ONE } else { Self::ZERO }
    }
}

impl CastFrom<f16> for bool {
    #[inline(always)]
    fn cast_from(value: f16) -> Self {
        value != f16::ZERO
    }
}

/// Real numbers are complex ones; there is no way back but the parts of them.
macro_rules! complex_casts {
    ($($real:ident),*) => {$(
        impl<F: Float + CastFrom<$real>> CastFrom<$real> for Complex<F> {
            #[inline(always)]
            fn cast_from(value: $real) -> Self {
                Self::new(F::cast_from(value), F::ZERO)
            }
        }
    )*};
}

complex_casts!(bool, f16, f32, f64, i8, i16, i32, i64, u8, u16, u32, u64);

impl<F: Float, G: Float + CastFrom<F>> CastFrom<Complex<F>> for Complex<G> {
    #[inline(always)]
    fn cast_from(value: Complex<F>) -> Self {
        Self::new(G::cast_from(value.re), G::cast_from(value.im))
    }
}

impl<F: Float> CastFrom<Complex<F>> for bool {
    #[inline(always)]
    fn cast_from(value: Complex<F>) -> Self {
        value.re != F::ZERO || value.im != F::ZERO
    }
}

impl CastFrom<Self> for bool {
    #[inline(always)]
    fn cast_from(value: Self) -> Self {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_has_a_defined_value() {
        assert_eq!(u8::cast_from(300_i32), 44);
        assert_eq!(u8::cast_from(-1.5_f64), 0);
        assert_eq!(i32::cast_from(f64::NAN), 0);
        assert_eq!(i8::cast_from(f32::INFINITY), 127);
        assert_eq!(f32::cast_from(u64::MAX), 2_f32.powi(64));
        assert_eq!((i64::cast_from(true), bool::cast_from(f64::NAN)), (1, true));
        assert!(!bool::cast_from(-0.0_f64) && bool::cast_from(true));
    }

    #[test]
    fn half_precision_is_rounded_once() {
        // Halfway between two neighbours, and a little more than an f32 can hold beside it.
        let above = 1.0 + 2f64.powi(-11) + 2f64.powi(-40);
        assert_eq!(f16::cast_from(above).to_f64(), 1.0 + 2f64.powi(-10));
        assert_eq!(f16::cast_from(1.0 + 2f64.powi(-11)), f16::ONE);
        assert_eq!(
            [1e300, -1e300, 1e-300].map(f16::cast_from),
            [f16::INFINITY, f16::NEG_INFINITY, f16::ZERO]
        );
        assert!(f16::cast_from(f64::NAN).is_nan());
        assert_eq!(f16::cast_from(65_519_i64), f16::MAX);
        assert_eq!(f16::cast_from(65_520_i64), f16::INFINITY);
        assert_eq!((u8::cast_from(f16::NAN), i32::cast_from(f16::MIN)), (0, -65_504));
        assert!(bool::cast_from(f16::MIN_POSITIVE_SUBNORMAL) && !bool::cast_from(f16::NEG_ZERO));
    }

    #[test]
    fn complex_numbers_keep_their_parts() {
        let z = Complex::<f64>::cast_from(-2_i8);
        assert_eq!(z, Complex::new(-2.0, 0.0));
        assert_eq!(Complex::<f32>::cast_from(Complex::new(0.5, f64::MAX)).im, f32::INFINITY);
        assert!(
            bool::cast_from(Complex::new(0.0, 1.0)) && !bool::cast_from(Complex::new(0.0, -0.0))
        );
    }
}
