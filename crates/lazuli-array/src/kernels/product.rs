//! Products, as states that meet.
//!
//! Of floats, magnitudes are kept as a two-float between 1 and 2 and a power of two, so that nothing in
//! between overflows or vanishes, and a product of many factors keeps its digits. Of integers the product
//! is exact, or said not to fit.

use std::fmt::Debug;

use lazuli_numerics::TwoFloat;

use super::rows::Rows;
use super::scalar::Scalar;
use super::words::{Words, words};

/// A running product. `Default` is the product of nothing: one.
pub trait ProductState<A>: Copy + Debug + Default + Words + Send + Sync + 'static {
    /// The type of the product: `f64` for floats, `i128` for integers.
    type Total: Copy + Send + Sync + Debug + 'static;

    /// Multiplies by all elements of a tile.
    fn update_rows(&mut self, tile: Rows<'_, A>);

    /// Multiplies by all that `other` was multiplied by.
    fn merge(&mut self, other: &Self);

    /// The product; None when it does not fit its type.
    fn total(&self) -> Option<Self::Total>;
}

/// A running product of `f32` or `f64`. Its relative error is about `n` times 2^-104, and one rounding.
#[derive(Clone, Copy, Debug)]
pub struct FloatProduct {
    /// 0 where a factor is, else between 1 and 2, with the sign.
    fraction: TwoFloat,
    exponent: i64,
    /// The product of the factors that are infinite or NaN; 1 where there are none.
    rest: f64,
}

words!(FloatProduct { fraction, exponent, rest });

impl Default for FloatProduct {
    fn default() -> Self {
        Self { fraction: 1.0.into(), exponent: 0, rest: 1.0 }
    }
}

impl FloatProduct {
    fn times(&mut self, factor: f64) {
        if !factor.is_finite() {
            self.rest *= factor;
            return;
        }
        let (fraction, exponent) = split(factor);
        self.fraction = self.fraction.times(fraction);
        self.exponent += exponent;
        self.normalize();
    }

    fn normalize(&mut self) {
        let (_, exponent) = split(self.fraction.value());
        if exponent != 0 {
            self.fraction = self.fraction.scaled(-exponent as i32);
            self.exponent += exponent;
        }
    }
}

/// A finite number as a fraction between 1 and 2 and a power of two; zero as itself.
fn split(value: f64) -> (f64, i64) {
    if value == 0.0 {
        return (value, 0);
    }
    let (value, lifted) = if value.abs() < f64::MIN_POSITIVE {
        (value * (1_u64 << 54) as f64, 54)
    } else {
        (value, 0)
    };
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64 - 1023;
    let fraction = f64::from_bits(bits & !(0x7ff << 52) | 1023 << 52);
    (fraction, exponent - lifted)
}

macro_rules! float_product {
    ($($float:ident),*) => {$(
        impl ProductState<$float> for FloatProduct {
            type Total = f64;

            fn update_rows(&mut self, tile: Rows<'_, $float>) {
                tile.elements().for_each(|value| self.times(value.to_f64()));
            }
            fn merge(&mut self, other: &Self) {
                self.rest *= other.rest;
                self.fraction = self.fraction.times_two(other.fraction);
                self.exponent += other.exponent;
                self.normalize();
            }
            fn total(&self) -> Option<f64> {
                let value = self.fraction.value();
                // Two steps, so that what is subnormal is rounded once: the first is exact.
                let half = self.exponent.clamp(-3000, 3000) as i32;
                Some(lazuli_numerics::scale(value, half) * self.rest)
            }
        }
    )*};
}

float_product!(f32, f64);

/// A running product of integers, exact while its magnitude is below 2^127; and 0 if a factor is.
#[derive(Clone, Copy, Debug)]
pub struct IntProduct {
    has_zero: bool,
    product: Option<i128>,
}

words!(IntProduct { has_zero, product });

impl Default for IntProduct {
    fn default() -> Self {
        Self { has_zero: false, product: Some(1) }
    }
}

macro_rules! int_product {
    ($($integer:ident),*) => {$(
        impl ProductState<$integer> for IntProduct {
            type Total = i128;

            fn update_rows(&mut self, tile: Rows<'_, $integer>) {
                for value in tile.elements() {
                    if value == 0 {
                        self.has_zero = true;
                    } else {
                        let product = self.product;
                        self.product = product.and_then(|all| all.checked_mul(value.into()));
                    }
                }
            }
            fn merge(&mut self, other: &Self) {
                self.has_zero |= other.has_zero;
                self.product =
                    self.product.zip(other.product).and_then(|(a, b)| a.checked_mul(b));
            }
            fn total(&self) -> Option<i128> {
                if self.has_zero { Some(0) } else { self.product }
            }
        }
    )*};
}

int_product!(i8, i16, i32, i64, u8, u16, u32, u64);

#[cfg(test)]
mod tests {
    use super::*;

    fn product_of<A: Scalar, S: ProductState<A>>(values: &[A], tile: usize) -> Option<S::Total> {
        let mut total = S::default();
        for tile in values.chunks(tile) {
            let mut state = S::default();
            state.update_rows(Rows::one(tile));
            total.merge(&state);
        }
        total.total()
    }

    #[test]
    fn nothing_in_between_overflows_or_vanishes() {
        let two = 2_f64;
        let mut values = vec![1e300, -1e300, 1e-300, 1e-300, 5e-324, two.powi(1000), two.powi(74)];
        let expected = -(1e300 * 1e-300) * (1e300 * 1e-300);
        for tile in [1, 2, 6] {
            let found = product_of::<f64, FloatProduct>(&values, tile).unwrap();
            assert!((found - expected).abs() < 1e-15, "{found} {expected}");
        }
        values.push(0.0);
        assert_eq!(product_of::<f64, FloatProduct>(&values, 2), Some(0.0));
        values.push(f64::INFINITY);
        assert!(product_of::<f64, FloatProduct>(&values, 2).unwrap().is_nan());
        assert_eq!(product_of::<f64, FloatProduct>(&[1e200; 2], 1), Some(f64::INFINITY));
        assert_eq!(
            product_of::<f32, FloatProduct>(&[1e30; 3], 1),
            Some(f64::from(1e30_f32).powi(3))
        );
        assert_eq!(product_of::<f64, FloatProduct>(&[], 1), Some(1.0));
    }

    #[test]
    fn integers_are_exact_or_do_not_fit() {
        assert_eq!(
            product_of::<i64, IntProduct>(&[i64::MAX, -2, 3], 1),
            Some(-6 * i128::from(i64::MAX))
        );
        assert_eq!(product_of::<u64, IntProduct>(&[u64::MAX; 3], 1), None);
        assert_eq!(product_of::<u64, IntProduct>(&[u64::MAX, u64::MAX, 0, u64::MAX], 1), Some(0));
    }
}
