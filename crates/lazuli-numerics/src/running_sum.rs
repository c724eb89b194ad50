//! Sums of floats to twice the precision of a float.
//!
//! A sum is held as an unevaluated pair `high + low`: each addition's rounding error is computed
//! exactly (Knuth, The Art of Computer Programming 2, section 4.2.2, theorem C) and collected in
//! `low`. The error of the sum of n values is about n^2 2^-106 of the sum of their magnitudes
//! (Ogita, Rump, Oishi 2005, algorithm Sum2), so a total, rounded once, does not show how the
//! values were cut into partitions, and the mean of values with a huge common offset keeps the
//! digits below the offset.

use crate::exact::two_sum;

/// The unevaluated sum `high + low`. Unlike a [`TwoFloat`](crate::TwoFloat), its parts may overlap until it is
/// [rounded](Self::rounded), which makes each addition cheaper.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RunningSum {
    /// The sum as one float would have it.
    pub high: f64,
    /// What `high` has lost to rounding.
    pub low: f64,
}

/// Partial sums that are kept side by side, so that the additions of one do not wait for those of
/// another.
const LANES: usize = 8;

impl RunningSum {
    /// The sum of `values`. Its order of additions depends on their number alone.
    pub fn of(values: &[f64]) -> RunningSum {
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
        let mut total = RunningSum::default();
        for (high, low) in high.into_iter().zip(low) {
            total.add(RunningSum { high, low });
        }
        for &value in rest {
            total.push(value);
        }
        total.rounded()
    }

    /// Adds a value.
    #[inline]
    pub fn push(&mut self, value: f64) {
        let (sum, error) = two_sum(self.high, value);
        self.high = sum;
        self.low += error;
    }

    /// Adds another sum.
    #[inline]
    pub fn add(&mut self, other: RunningSum) {
        self.push(other.high);
        self.low += other.low;
    }

    /// The same sum, with the nearest float to it as its high word. Infinities and NaN are the high
    /// word's alone.
    #[inline]
    pub fn rounded(self) -> RunningSum {
        if !self.high.is_finite() {
            return RunningSum { high: self.high, low: 0.0 };
        }
        let (high, low) = two_sum(self.high, self.low);
        RunningSum { high, low }
    }

    /// `(self - count * center) / count`: how far the mean of `count` values lies from `center`.
    #[inline]
    pub fn mean_from(self, count: f64, center: f64) -> f64 {
        let product = count * center;
        let product_error = count.mul_add(center, -product);
        let (difference, error) = two_sum(self.high, -product);
        (difference + (error - product_error + self.low)) / count
    }
}

impl From<i128> for RunningSum {
    /// Exact up to 2^106.
    #[inline]
    fn from(value: i128) -> RunningSum {
        let high = value as f64;
        RunningSum { high, low: value.wrapping_sub(high as i128) as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_values_survive_large_ones() {
        let values: Vec<f64> = (0..1000).flat_map(|_| [1e16, 1.0, -1e16]).collect();
        let sum = RunningSum::of(&values);
        assert_eq!(sum, RunningSum { high: 1000.0, low: 0.0 });
    }

    #[test]
    fn a_sum_does_not_depend_on_the_split() {
        let values: Vec<f64> = (0..10_000).map(|i| f64::from(i).sin() * 1e6 + 1e9).collect();
        let whole = RunningSum::of(&values);
        for cut in [0, 1, 7, 1234, 10_000] {
            let (left, right) = values.split_at(cut);
            let mut both = RunningSum::of(left);
            both.add(RunningSum::of(right));
            assert_eq!(both.rounded().high, whole.high, "cut at {cut}");
        }
    }

    #[test]
    fn infinities_and_nan_come_through() {
        assert_eq!(
            RunningSum::of(&[1.0, f64::INFINITY, 2.0]),
            RunningSum { high: f64::INFINITY, low: 0.0 }
        );
        assert!(RunningSum::of(&[f64::INFINITY, 1.0, f64::NEG_INFINITY]).high.is_nan());
        assert!(RunningSum::of(&[1.0, f64::NAN]).high.is_nan());
    }

    #[test]
    fn integers_keep_all_digits() {
        let value = (1i128 << 100) + 12345;
        let words = RunningSum::from(value);
        assert_eq!(words.high as i128 + words.low as i128, value);
        assert_eq!(RunningSum::from(-7), RunningSum { high: -7.0, low: 0.0 });
    }

    #[test]
    fn a_mean_keeps_the_digits_below_its_offset() {
        // Three values whose mean is 1e9 + 1/3, seen from 1e9.
        let sum = RunningSum { high: 3e9 + 1.0, low: 0.0 };
        assert_eq!(sum.mean_from(3.0, 1e9), 1.0 / 3.0);
    }
}
