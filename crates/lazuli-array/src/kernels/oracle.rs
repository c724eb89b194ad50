//! Exact moments by integer arithmetic, against which the kernels are tested.
//!
//! Every finite `f64` is an integer times a power of two, so sums and central power sums of stored
//! values are rationals that can be had without any rounding.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

/// The exact sum and central power sums of finite values.
pub(super) struct Exact {
    count: usize,
    sum: BigRational,
    /// Index `k`: the sum of the `k`th powers of `value - mean`.
    central: [BigRational; 5],
}

impl Exact {
    /// The exact moments of `values`, which must be finite.
    pub(super) fn of(values: &[f64]) -> Self {
        let least = values.iter().map(|&value| exponent_of(value)).min().unwrap_or(0);
        let integers: Vec<BigInt> = values.iter().map(|&value| scaled(value, least)).collect();
        let count = BigInt::from(values.len().max(1));
        let sum: BigInt = integers.iter().sum();
        let mut powers: [BigInt; 5] = Default::default();
        for integer in &integers {
            let difference = integer * &count - &sum;
            let mut power = BigInt::from(1);
            for total in &mut powers {
                *total += &power;
                power *= &difference;
            }
        }
        let unit = power_of_two(least);
        let mut power = 0;
        let central = powers.map(|total| {
            let scale = unit.pow(power) / BigRational::from(count.pow(power as u32));
            power += 1;
            BigRational::from(total) * scale
        });
        Self { count: values.len(), sum: BigRational::from(sum) * unit, central }
    }

    pub(super) fn sum(&self) -> BigRational {
        self.sum.clone()
    }

    pub(super) fn mean(&self) -> BigRational {
        &self.sum / self.count()
    }

    pub(super) fn var(&self, ddof: usize) -> BigRational {
        &self.central[2] / BigRational::from(BigInt::from(self.count - ddof))
    }

    /// The skewness with its sign, squared: that is rational.
    pub(super) fn signed_skewness_squared(&self) -> BigRational {
        let square = self.central[3].pow(2) * self.count() / self.central[2].pow(3);
        square * self.central[3].signum()
    }

    pub(super) fn kurtosis(&self) -> BigRational {
        let kurtosis = &self.central[4] * self.count() / self.central[2].pow(2);
        kurtosis - BigRational::from(BigInt::from(3))
    }

    /// Whether all values are the same.
    pub(super) fn is_constant(&self) -> bool {
        self.central[2].is_zero()
    }

    fn count(&self) -> BigRational {
        BigRational::from(BigInt::from(self.count))
    }
}

/// `(computed - exact) / |exact|`; the difference itself where `exact` is zero.
pub(super) fn relative_error(computed: f64, exact: &BigRational) -> f64 {
    let difference = BigRational::from_float(computed).expect("computed is finite") - exact;
    let relative = if exact.is_zero() { difference } else { difference / exact.abs() };
    relative.to_f64().expect("a rational has a nearest f64")
}

/// The relative error of `computed`, whose square with its sign should be `signed_square`.
pub(super) fn relative_error_of_root(computed: f64, signed_square: &BigRational) -> f64 {
    let computed = BigRational::from_float(computed).expect("computed is finite");
    let square = &computed * computed.abs();
    let difference = square - signed_square;
    let relative =
        if signed_square.is_zero() { difference } else { difference / signed_square.abs() };
    relative.to_f64().expect("a rational has a nearest f64") / 2.0
}

/// `|computed - exact|` in units in the last place of `size`.
pub(super) fn error_in_ulps_of(size: f64, computed: f64, exact: &BigRational) -> f64 {
    let difference = BigRational::from_float(computed).expect("computed is finite") - exact;
    let difference = difference.abs().to_f64().expect("a rational has a nearest f64");
    difference / (size * f64::EPSILON).max(f64::MIN_POSITIVE)
}

/// The exponent `e` such that `value` is an integer times 2^e.
fn exponent_of(value: f64) -> i32 {
    let biased = (value.to_bits() >> 52 & 0x7ff) as i32;
    biased.max(1) - 1075
}

/// `value / 2^exponent`, an integer, for an exponent not above the value's own.
fn scaled(value: f64, exponent: i32) -> BigInt {
    let fraction = value.to_bits() & ((1 << 52) - 1);
    let implicit = u64::from(value.to_bits() >> 52 & 0x7ff != 0) << 52;
    let magnitude = BigInt::from(fraction | implicit) << (exponent_of(value) - exponent);
    if value.is_sign_negative() { -magnitude } else { magnitude }
}

fn power_of_two(exponent: i32) -> BigRational {
    let magnitude = BigRational::from(BigInt::from(1) << exponent.unsigned_abs());
    if exponent < 0 { magnitude.recip() } else { magnitude }
}
