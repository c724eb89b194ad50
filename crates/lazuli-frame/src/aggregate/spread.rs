//! The spread of a group's values: the sum of squared differences from their mean, often called M2.
//!
//! A partition computes it in two passes around its own mean, corrected for the rounding of that
//! mean; states are merged by the formulas of Chan, Golub and LeVeque ("Updating formulae and a
//! pairwise algorithm for computing sample variances", 1979). Power sums are never formed: with a
//! mean of 1e9 and a deviation of 1 they would leave no digit of the variance.

use lazuli_numerics::{RunningSum, two_sum};
use polars::prelude::PolarsResult;

use super::groups::Groups;
use super::numbers::Numbers;
use super::sum::Sums;

/// Values whose difference from a value of their own type is known as a float.
pub(super) trait Difference: Copy + Default {
    /// The value in a form that all types share.
    fn to_origin(self) -> i128;
    /// The value of that form.
    fn from_origin(origin: i128) -> Self;
    /// `self - origin` without error, or with the least there can be.
    fn exactly_minus(self, origin: Self) -> RunningSum;
    /// The value nearest to the mean `sum / count`.
    fn center(sum: RunningSum, count: u64) -> Self;
    /// `self - center`.
    fn minus(self, center: Self) -> f64;
}

impl Difference for f64 {
    #[inline]
    fn to_origin(self) -> i128 {
        self.to_bits().into()
    }

    #[inline]
    fn from_origin(origin: i128) -> f64 {
        f64::from_bits(origin as u64)
    }

    #[inline]
    fn exactly_minus(self, origin: f64) -> RunningSum {
        let (high, low) = two_sum(self, -origin);
        RunningSum { high, low: if high.is_finite() { low } else { 0.0 } }
    }

    fn center(sum: RunningSum, count: u64) -> f64 {
        if count == 0 { 0.0 } else { sum.high / count as f64 }
    }

    #[inline]
    fn minus(self, center: f64) -> f64 {
        self - center
    }
}

macro_rules! integer_difference {
    ($($int:ty),*) => { $(
        impl Difference for $int {
            #[inline]
            fn to_origin(self) -> i128 {
                self.into()
            }

            #[inline]
            fn from_origin(origin: i128) -> $int {
                origin as $int
            }

            #[inline]
            fn exactly_minus(self, origin: $int) -> RunningSum {
                match i128::from(self).checked_sub(origin.into()) {
                    Some(difference) => difference.into(),
                    None => RunningSum { high: self as f64 - origin as f64, low: 0.0 },
                }
            }

            fn center(sum: RunningSum, count: u64) -> $int {
                f64::center(sum, count) as $int
            }

            // Integers near each other differ by an integer; where the difference is too large to
            // be one, it has no digits to lose.
            #[inline]
            fn minus(self, center: $int) -> f64 {
                let (large, small, sign) =
                    if self >= center { (self, center, 1.0) } else { (center, self, -1.0) };
                match large.checked_sub(small) {
                    Some(difference) => sign * difference as f64,
                    None => self as f64 - center as f64,
                }
            }
        }
    )* };
}

integer_difference!(i64, u64, i128);

/// The spread of each group of `numbers`, which must be dense, of the given sizes and sums.
///
/// # Errors
/// polars', if `numbers` are not dense.
pub(super) fn spreads(
    numbers: &Numbers,
    groups: &Groups,
    counts: &[u64],
    sums: &Sums,
) -> PolarsResult<Vec<f64>> {
    Ok(match numbers {
        Numbers::Signed(values) => around_centers(values.cont_slice()?, groups, counts, sums),
        Numbers::Unsigned(values) => around_centers(values.cont_slice()?, groups, counts, sums),
        Numbers::Wide(values) => around_centers(values.cont_slice()?, groups, counts, sums),
        Numbers::Float(values) => around_centers(values.cont_slice()?, groups, counts, sums),
    })
}

fn around_centers<T: Difference>(
    values: &[T],
    groups: &Groups,
    counts: &[u64],
    sums: &Sums,
) -> Vec<f64> {
    let center = |group: usize| T::center(sums.words(group), counts[group]);
    let Groups::Keyed { ids, .. } = groups else {
        return vec![spread(one_group(values, center(0)), counts[0])];
    };
    let centers: Vec<T> = (0..counts.len()).map(center).collect();
    let mut moments = vec![(0.0, 0.0); counts.len()];
    for (&value, &id) in values.iter().zip(ids.iter()) {
        let difference = value.minus(centers[id as usize]);
        let moments = &mut moments[id as usize];
        moments.0 += difference;
        moments.1 += difference * difference;
    }
    moments.into_iter().zip(counts).map(|(moments, &count)| spread(moments, count)).collect()
}

/// The sum of squares `moments.1` around a center becomes that around the mean, `moments.0 / count`
/// away.
fn spread(moments: (f64, f64), count: u64) -> f64 {
    if count == 0 {
        return 0.0;
    }
    let spread = moments.1 - moments.0 * moments.0 / count as f64;
    if spread < 0.0 { 0.0 } else { spread }
}

/// Values summed at a stretch; the sums of stretches are summed in turn, which keeps the rounding
/// error of a long column to that of a few thousand additions.
const STRETCH: usize = 2048;

/// Partial sums that are kept side by side.
const LANES: usize = 8;

/// The sums of the differences from `center` and of their squares.
fn one_group<T: Difference>(values: &[T], center: T) -> (f64, f64) {
    let mut total = (0.0, 0.0);
    for stretch in values.chunks(STRETCH) {
        let mut first = [0.0; LANES];
        let mut second = [0.0; LANES];
        for block in stretch.chunks(LANES) {
            for (lane, value) in block.iter().enumerate() {
                let difference = value.minus(center);
                first[lane] += difference;
                second[lane] += difference * difference;
            }
        }
        total.0 += first.iter().sum::<f64>();
        total.1 += second.iter().sum::<f64>();
    }
    total
}

/// A group in one state, as far as merging spreads needs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) count: u64,
    pub(super) sum: RunningSum,
    pub(super) spread: f64,
}

/// The spread of the union of `members`, whose groups are `groups`.
///
/// With the mean of the group's first member as origin: N = sum n, D = sum(n d) / N for the means d
/// seen from there, and M2 = sum(M2 + n (d - D)^2).
pub(super) fn merge(members: &[Member], groups: &Groups) -> Vec<f64> {
    let mut origins = vec![None; groups.len()];
    let mut totals = vec![(0u64, 0.0f64); groups.len()];
    let mut differences = Vec::with_capacity(members.len());
    for (member, id) in members.iter().zip(groups.ids()) {
        if member.count == 0 {
            differences.push(0.0);
            continue;
        }
        let count = member.count as f64;
        let origin = *origins[id].get_or_insert(member.sum.high / count);
        let difference = member.sum.mean_from(count, origin);
        totals[id].0 += member.count;
        totals[id].1 += count * difference;
        differences.push(difference);
    }
    let mut spreads = vec![0.0; groups.len()];
    for ((member, difference), id) in members.iter().zip(differences).zip(groups.ids()) {
        if member.count > 0 {
            let from_mean = difference - totals[id].1 / totals[id].0 as f64;
            spreads[id] += member.spread + member.count as f64 * from_mean * from_mean;
        }
    }
    spreads
}

#[cfg(test)]
mod tests {
    use polars::prelude::{Float64Chunked, Int64Chunked};

    use super::*;

    fn member(values: &[f64]) -> Member {
        let numbers = Numbers::Float(Float64Chunked::from_vec("x".into(), values.to_vec()));
        let groups = Groups::One { rows: values.len() };
        let sums = Sums::of(&numbers, &groups).expect("dense").expect("floats do not overflow");
        let counts = groups.sizes();
        let spread = spreads(&numbers, &groups, &counts, &sums).expect("dense")[0];
        Member { count: counts[0], sum: sums.words(0), spread }
    }

    /// Differences are exact here: the values are the offset and multiples of 2^-20.
    fn offset_values(offset: f64) -> (Vec<f64>, f64) {
        let steps: Vec<i64> = (0..4001i64).map(|i| i * i * 7919 % 1_048_573).collect();
        let values = steps.iter().map(|&step| offset + step as f64 / 1_048_576.0).collect();
        let n = steps.len() as i128;
        let sum: i128 = steps.iter().map(|&step| i128::from(step)).sum();
        let squares: i128 = steps.iter().map(|&step| i128::from(step) * i128::from(step)).sum();
        let exact = (n * squares - sum * sum) as f64 / n as f64 / 1_048_576.0 / 1_048_576.0;
        (values, exact)
    }

    #[test]
    fn a_huge_offset_costs_no_digits() {
        for offset in [0.0, 1e6, 1e9, -4e9] {
            let (values, exact) = offset_values(offset);
            let whole = member(&values).spread;
            assert!((whole / exact - 1.0).abs() < 1e-14, "{offset}: {whole} is not {exact}");
            for size in [1, 2, 3, 100, 1999] {
                let members: Vec<Member> = values.chunks(size).map(member).collect();
                let merged = merge(&members, &Groups::One { rows: members.len() })[0];
                assert!(
                    (merged / exact - 1.0).abs() < 1e-13,
                    "{offset}, {size}: {merged} is not {exact}"
                );
            }
        }
    }

    #[test]
    fn integers_beyond_the_digits_of_a_float_differ_exactly() {
        let big = i64::MAX - 10;
        let numbers =
            Numbers::Signed(Int64Chunked::from_vec("x".into(), vec![big, big + 2, big + 4]));
        let groups = Groups::One { rows: 3 };
        let sums = Sums::of(&numbers, &groups).expect("dense").expect("128 bits suffice");
        assert_eq!(spreads(&numbers, &groups, &[3], &sums).expect("dense"), [8.0]);
        assert_eq!((-1i64).minus(i64::MAX), -(2f64.powi(63)));
        assert_eq!(i64::MAX.minus(i64::MIN), 2f64.powi(64));
        assert_eq!(3u64.minus(5), -2.0);
    }

    #[test]
    fn empty_members_count_for_nothing() {
        let members = [member(&[]), member(&[1.0, 3.0]), member(&[]), member(&[5.0])];
        assert_eq!(merge(&members, &Groups::One { rows: 4 }), [8.0]);
        assert_eq!(merge(&members[..1], &Groups::One { rows: 1 }), [0.0]);
    }

    #[test]
    fn one_value_has_no_spread_and_nan_shows() {
        assert_eq!(member(&[0.1]).spread, 0.0);
        assert!(member(&[1.0, f64::NAN]).spread.is_nan());
        assert!(member(&[1.0, f64::INFINITY]).spread.is_nan());
    }
}
