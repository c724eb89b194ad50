//! A number as the unevaluated sum of two `f64`: about 106 bits.
//!
//! The states carry their running values this way. A mean far from zero keeps the digits that a
//! single `f64` would round away, and a sum over millions of tiles does not drift.
//!
//! Invariant: `hi` is the `f64` nearest to the number, so it alone is the rounded value; where
//! `hi` is infinite or NaN, `lo` is zero.
//!
//! Source: T. J. Dekker, "A floating-point technique for extending the available precision", Numerische
//! Mathematik 18 (1971).

use crate::exact::{two_product, two_sum};

/// The sum `hi + lo`, not evaluated, where `hi` is the nearest `f64` to it.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TwoFloat {
    hi: f64,
    lo: f64,
}

impl From<f64> for TwoFloat {
    #[inline(always)]
    fn from(value: f64) -> Self {
        Self { hi: value, lo: 0.0 }
    }
}

impl TwoFloat {
    /// The sum of these two, of which the first is the nearest `f64`.
    #[inline(always)]
    pub fn new(hi: f64, lo: f64) -> Self {
        Self { hi, lo }
    }

    /// The nearest `f64`, and the rest.
    #[inline(always)]
    pub fn parts(self) -> (f64, f64) {
        (self.hi, self.lo)
    }

    /// `a + b`, exactly, unless it overflows.
    #[inline(always)]
    pub fn sum(a: f64, b: f64) -> Self {
        let (hi, lo) = two_sum(a, b);
        // A choice, not a branch: fields add many of these at once.
        Self { hi, lo: if hi.is_finite() { lo } else { 0.0 } }
    }

    /// The nearest `f64`.
    #[inline(always)]
    pub fn value(self) -> f64 {
        self.hi
    }

    /// `self + x`.
    #[inline(always)]
    pub fn plus(self, x: f64) -> Self {
        let sum = Self::sum(self.hi, x);
        Self::sum(sum.hi, sum.lo + self.lo)
    }

    /// `self + other`.
    #[inline(always)]
    pub fn plus_two(self, other: Self) -> Self {
        let sum = Self::sum(self.hi, other.hi);
        Self::sum(sum.hi, sum.lo + (self.lo + other.lo))
    }

    /// `self * x`.
    #[inline]
    pub fn times(self, x: f64) -> Self {
        let (product, error) = two_product(self.hi, x);
        Self::sum(product, error + self.lo * x)
    }

    /// `self * other`.
    #[inline]
    pub fn times_two(self, other: Self) -> Self {
        let (product, error) = two_product(self.hi, other.hi);
        Self::sum(product, error + (self.hi * other.lo + self.lo * other.hi))
    }

    /// `self * 2^exponent`, exactly where it is a normal number.
    #[inline]
    pub fn scaled(self, exponent: i32) -> Self {
        let (hi, lo) = (scale(self.hi, exponent), scale(self.lo, exponent));
        if hi.is_finite() { Self { hi, lo } } else { hi.into() }
    }

    /// `self - other`, rounded to one `f64` at the end only.
    #[inline(always)]
    pub fn minus(self, other: Self) -> f64 {
        self.plus_two(Self { hi: -other.hi, lo: -other.lo }).hi
    }
}

/// `x * 2^exponent`, rounded once.
#[inline]
pub fn scale(x: f64, exponent: i32) -> f64 {
    libm::scalbn(x, exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_one_f64_would_lose() {
        let sum = TwoFloat::from(1e16).plus(1.0).plus(1.0).plus(1.0);
        assert_eq!(sum.plus(-1e16).value(), 3.0);
        assert_eq!(sum.minus(TwoFloat::from(1e16)), 3.0);
        assert_eq!(sum.plus_two(sum).plus(-2e16).value(), 6.0);
    }

    #[test]
    fn infinities_stay_what_they_are() {
        let inf = TwoFloat::from(f64::INFINITY);
        assert_eq!(inf.plus(-1e308), inf);
        assert_eq!(TwoFloat::from(1e308).plus(1e308), inf);
        assert!(inf.plus(f64::NEG_INFINITY).value().is_nan());
        assert!(inf.minus(inf).is_nan());
    }
}
