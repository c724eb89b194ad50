//! Sums of floats to twice the precision of a float.
//!
//! A sum is held as an unevaluated pair `high + low`: each addition's rounding error is computed
//! exactly (Knuth, The Art of Computer Programming 2, section 4.2.2, theorem C) and collected in
//! `low`. The error of the sum of n values is about n^2 2^-106 of the sum of their magnitudes
//! (Ogita, Rump, Oishi 2005, algorithm Sum2), so a total, rounded once, does not show how the
//! values were cut into partitions, and the mean of values with a huge common offset keeps the
//! digits below the offset.

/// The unevaluated sum `high + low`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct DoubleWord {
    pub(super) high: f64,
    pub(super) low: f64,
}

/// Partial sums that are kept side by side, so that the additions of one do not wait for those of
/// another.
const LANES: usize = 8;

impl DoubleWord {
    /// The sum of `values`. Its order of additions depends on their number alone.
    pub(super) fn sum(values: &[f64]) -> DoubleWord {
        let mut high = [0.0; LANES];
        let mut low = [0.0; LANES];
        let blocks = values.chunks_exact(LANES);
        let rest = blocks.remainder();
        for block in blocks {
            for lane in 0..LANES {
                let (sum, error) = two_sum(high[lane], block[lane]);
                high[lane] = sum;
                low[lane] += error;
            }
        }
        let mut total = DoubleWord::default();
        for (high, low) in high.into_iter().zip(low) {
            total.add(DoubleWord { high, low });
        }
        for &value in rest {
            total.push(value);
        }
        total.rounded()
    }

    /// Adds a value.
    #[inline]
    pub(super) fn push(&mut self, value: f64) {
        let (sum, error) = two_sum(self.high, value);
        self.high = sum;
        self.low += error;
    }

    /// Adds another sum.
    #[inline]
    pub(super) fn add(&mut self, other: DoubleWord) {
        self.push(other.high);
        self.low += other.low;
    }

    /// The same sum, with the nearest float to it as its high word. Infinities and NaN are the high
    /// word's alone.
    pub(super) fn rounded(self) -> DoubleWord {
        if !self.high.is_finite() {
            return DoubleWord { high: self.high, low: 0.0 };
        }
        let (high, low) = two_sum(self.high, self.low);
        DoubleWord { high, low }
    }

    /// `(self - count * center) / count`: how far the mean of `count` values lies from `center`.
    pub(super) fn mean_from(self, count: f64, center: f64) -> f64 {
        let product = count * center;
        let product_error = count.mul_add(center, -product);
        let (difference, error) = two_sum(self.high, -product);
        (difference + (error - product_error + self.low)) / count
    }
}

impl From<i128> for DoubleWord {
    /// Exact up to 2^106.
    fn from(value: i128) -> DoubleWord {
        let high = value as f64;
        DoubleWord { high, low: value.wrapping_sub(high as i128) as f64 }
    }
}

/// The rounded sum and its rounding error.
#[inline]
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let other = sum - a;
    (sum, (a - (sum - other)) + (b - other))
}

/// The rounded product and its rounding error, by halves of the digits (Dekker 1971): not every processor
/// multiplies and adds in one step, and all are to give the same bits.
#[inline]
pub(super) fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    if !product.is_finite() {
        return (product, 0.0);
    }
    let halves = |value: f64| {
        let scaled = value * 134_217_729.0;
        let high = scaled - (scaled - value);
        (high, value - high)
    };
    let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
    let error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    (product, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_values_survive_large_ones() {
        let values: Vec<f64> = (0..1000).flat_map(|_| [1e16, 1.0, -1e16]).collect();
        let sum = DoubleWord::sum(&values);
        assert_eq!(sum, DoubleWord { high: 1000.0, low: 0.0 });
    }

    #[test]
    fn a_sum_does_not_depend_on_the_split() {
        let values: Vec<f64> = (0..10_000).map(|i| f64::from(i).sin() * 1e6 + 1e9).collect();
        let whole = DoubleWord::sum(&values);
        for cut in [0, 1, 7, 1234, 10_000] {
            let (left, right) = values.split_at(cut);
            let mut both = DoubleWord::sum(left);
            both.add(DoubleWord::sum(right));
            assert_eq!(both.rounded().high, whole.high, "cut at {cut}");
        }
    }

    #[test]
    fn infinities_and_nan_come_through() {
        assert_eq!(
            DoubleWord::sum(&[1.0, f64::INFINITY, 2.0]),
            DoubleWord { high: f64::INFINITY, low: 0.0 }
        );
        assert!(DoubleWord::sum(&[f64::INFINITY, 1.0, f64::NEG_INFINITY]).high.is_nan());
        assert!(DoubleWord::sum(&[1.0, f64::NAN]).high.is_nan());
    }

    #[test]
    fn products_are_exact() {
        for (a, b) in [(0.1, 0.3), (1e9 + 1.0 / 3.0, 1e9 + 1.0 / 7.0), (-1e-9, 3.3e12)] {
            let (product, error) = two_product(a, b);
            assert_eq!((product, error), (a * b, a.mul_add(b, -product)));
        }
        assert_eq!(two_product(1e200, 1e200), (f64::INFINITY, 0.0));
    }

    #[test]
    fn integers_keep_all_digits() {
        let value = (1i128 << 100) + 12345;
        let words = DoubleWord::from(value);
        assert_eq!(words.high as i128 + words.low as i128, value);
        assert_eq!(DoubleWord::from(-7), DoubleWord { high: -7.0, low: 0.0 });
    }

    #[test]
    fn a_mean_keeps_the_digits_below_its_offset() {
        // Three values whose mean is 1e9 + 1/3, seen from 1e9.
        let sum = DoubleWord { high: 3e9 + 1.0, low: 0.0 };
        assert_eq!(sum.mean_from(3.0, 1e9), 1.0 / 3.0);
    }
}
