//! Powers of two by which values are scaled whose moments overflow or vanish in `f64`.
//!
//! The fourth power of 1e150, and of 1e-150, is no `f64`. A tile of such values is multiplied by a power of two
//! before it is summed, which is exact, and its state says by which; states meet in the scale of the larger
//! values, beside which what is lost of the smaller ones is nothing. There are few scales, so that states of
//! alike values have the same one. Values of usual size are never scaled.

use super::super::extrema::Extrema;
use super::super::rows::Rows;
use super::super::scalar::Scalar;

/// Scales are the multiples of this, and [`MOST`] at the ends.
const STEP: i32 = 250;

/// The factor and its inverse are normal numbers.
const MOST: i32 = 1000;

/// The scale of values that are all zero: that of any others they meet is larger or the same.
pub(super) const OF_ZERO: i32 = -MOST;

/// Values of this size are summed as they are. Their spread is at least 2^-53 of their size, unless it is
/// nothing, so that fourth powers are far inside the range of `f64`, and their sums too.
pub(super) fn is_usual(size: f64) -> bool {
    const LARGE: f64 = power_of_two(125);
    const SMALL: f64 = power_of_two(-125);
    size > SMALL && size < LARGE
}

/// `2^exponent`, a normal number.
pub(super) const fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

/// The size of the largest of some values: None where any is infinite or NaN.
pub(super) fn largest<A: Scalar>(tile: Rows<'_, A>) -> Option<f64> {
    let mut extrema = Extrema::new();
    extrema.update_rows(tile);
    let ends = [extrema.min()?.to_f64(), extrema.max()?.to_f64()];
    ends.iter().all(|end| end.is_finite()).then(|| ends[0].abs().max(ends[1].abs()))
}

/// The scale of values of which this is the largest size.
pub(super) fn scale_of(largest: f64) -> i32 {
    if largest == 0.0 {
        return OF_ZERO;
    }
    let (_, exponent) = libm::frexp(largest);
    ((exponent + STEP / 2).div_euclid(STEP) * STEP).clamp(-MOST, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_values_have_usual_fourth_powers() {
        for exponent in -1074..1024 {
            let value = libm::scalbn(1.0, exponent);
            let scale = scale_of(value);
            let scaled = value * power_of_two(-scale);
            assert!(scaled > 1e-40 && scaled < 1e40, "{value:e} {scaled:e}");
            assert_eq!(scaled * power_of_two(scale), value, "the scale is exact");
        }
        assert_eq!(scale_of(1.0), 0);
        assert_eq!([f64::MAX, 5e-324, 0.0].map(scale_of), [1000, -1000, -1000]);
        assert_eq!(
            [1e-200, 1.0, -1e30, 0.0, 1e150].map(|size: f64| is_usual(size.abs())),
            [false, true, true, false, false]
        );
    }
}
