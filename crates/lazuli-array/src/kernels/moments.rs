//! Count, mean and central moments up to the fourth, in one pass, as states that meet.
//!
//! A tile is summed around a shift near its mean (`power_sums`), centred (`tile`), and merged into
//! the running state by Pébay's formulas. Raw power sums never occur, so an array far from zero
//! loses no digits. Mean and central sums are two-floats: the mean must be known to far more than
//! an `f64` when the spread is a few units in its last place, and the sums over millions of tiles
//! must not drift. Values whose fourth powers leave the range of `f64` are scaled by a power of two
//! (`scale`). Everything said of a state is a function of the values and of the tiles and
//! states they were split into; the mean's bits do not even depend on the order asked for.
//!
//! Source: P. Pébay, "Formulas for robust, one-pass parallel computation of covariances and
//! arbitrary-order statistical moments", Sandia report SAND2008-6212 (2008), equations 1.1 to 1.6.

mod central;
mod power_sums;
mod scale;
mod tile;

#[cfg(test)]
mod tests;

use lazuli_numerics::{TwoFloat, scale};

use super::lanes::TILE;
use super::rows::Rows;
use super::scalar::Scalar;
use super::words::{Words, words};
pub(super) use central::Central;
pub(super) use power_sums::PowerSums;
pub(super) use tile::moments_of;

/// The highest moment a [`Moments`] keeps. What several requests need together is their maximum.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MomentsOrder {
    /// Count and mean. The variance comes with it, for the mean's accuracy is judged by it.
    Mean = 1,
    /// Also variance and standard deviation.
    Variance,
    /// Also skewness.
    Skewness,
    /// Also kurtosis.
    Kurtosis,
}

impl Words for MomentsOrder {
    fn put(&self, to: &mut dyn FnMut(u64)) {
        (*self as u64).put(to);
    }

    fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
        let orders = [Self::Mean, Self::Variance, Self::Skewness, Self::Kurtosis];
        let word = from()?;
        orders.into_iter().find(|&order| order as u64 == word)
    }
}

/// Running count, mean and central power sums (sums of powers of `value - mean`).
///
/// ```
/// use lazuli_array::kernels::{Moments, MomentsOrder};
///
/// let mut left = Moments::new(MomentsOrder::Variance);
/// left.update(&[1.0, 2.0]);
/// let mut right = Moments::new(MomentsOrder::Variance);
/// right.update(&[6.0]);
/// left.merge(&right);
/// assert_eq!((left.count(), left.mean(), left.var(1)), (3, 3.0, 7.0));
/// ```
///
/// Any value that is NaN makes all moments NaN; infinite values make the mean infinite (NaN if of
/// both signs) and all else NaN, as NumPy's formulas do. Integers beyond 2^53 are first rounded to
/// the nearest `f64`.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    order: MomentsOrder,
    count: u64,
    /// Mean of the tile taken in last: where the next one is expected to lie.
    latest: f64,
    /// What follows is of the values over `2^scale`.
    scale: i32,
    mean: TwoFloat,
    /// Sum of squares of `value - mean`, and so on.
    m2: TwoFloat,
    m3: TwoFloat,
    m4: TwoFloat,
}

words!(Moments { order, count, latest, scale, mean, m2, m3, m4 });

impl Moments {
    /// The state that has seen no value and will keep moments up to `order`.
    pub fn new(order: MomentsOrder) -> Self {
        Self {
            order,
            count: 0,
            latest: 0.0,
            scale: 0,
            mean: TwoFloat::default(),
            m2: TwoFloat::default(),
            m3: TwoFloat::default(),
            m4: TwoFloat::default(),
        }
    }

    /// Takes in all elements of `values`.
    pub fn update<A: Scalar>(&mut self, values: &[A]) {
        for tile in values.chunks(TILE) {
            self.update_rows(Rows::one(tile));
        }
    }

    /// Takes in all elements of one tile.
    pub fn update_rows<A: Scalar>(&mut self, tile: Rows<'_, A>) {
        if self.mean.value().is_nan() {
            // Nothing can change that.
            self.count += tile.len() as u64;
        } else if !tile.is_empty() {
            let guess = (self.count > 0).then_some(self.latest);
            self.merge(&tile::moments_of(tile, guess, self.order));
        }
    }

    /// Takes in all that `other` has seen. The order becomes the lesser of the two.
    pub fn merge(&mut self, other: &Self) {
        self.order = self.order.min(other.order);
        if other.count == 0 {
            return;
        }
        let own = self.count as f64;
        let others = other.count as f64;
        self.count += other.count;
        self.latest = other.latest;
        if own == 0.0 {
            self.scale = other.scale;
            (self.mean, self.m2, self.m3, self.m4) = (other.mean, other.m2, other.m3, other.m4);
            return;
        }

        let mut theirs = other.central(others);
        if self.scale != other.scale {
            let scale = self.scale.max(other.scale);
            theirs = theirs.scaled(other.scale - scale);
            self.rescale(scale);
        }
        let mine = self.central(own);
        let gap = theirs.mean.minus(mine.mean);
        if !gap.is_finite() {
            // Values that are finite are in range where they are scaled.
            self.set_not_finite(mine.mean.value() + theirs.mean.value());
            return;
        }
        let both = match self.order {
            MomentsOrder::Mean | MomentsOrder::Variance => mine.with::<2>(&theirs, gap),
            MomentsOrder::Skewness => mine.with::<3>(&theirs, gap),
            MomentsOrder::Kurtosis => mine.with::<4>(&theirs, gap),
        };
        (self.mean, self.m2, self.m3, self.m4) = (both.mean, both.m2, both.m3, both.m4);
    }

    fn central(&self, count: f64) -> Central {
        Central { count, mean: self.mean, m2: self.m2, m3: self.m3, m4: self.m4 }
    }

    /// What is known of the values of a cell.
    pub(super) fn from_central(order: MomentsOrder, central: &Central) -> Self {
        let Central { count, mean, m2, m3, m4 } = *central;
        Self { order, count: count as u64, latest: mean.value(), scale: 0, mean, m2, m3, m4 }
    }

    /// What a cell keeps: the moments of the values as they are, infinite or zero where they leave the range.
    pub(super) fn to_central(&self) -> Central {
        self.central(self.count as f64).scaled(self.scale)
    }

    /// Whether these are moments of values that leave the range as they are, zeros apart.
    pub(super) fn is_scaled(&self) -> bool {
        self.scale != 0 && (self.mean.value() != 0.0 || self.m2.value() != 0.0)
    }

    /// In the least scale, where all values are zero: they are zero in any, and give way to all others.
    pub(super) fn giving_way(mut self) -> Self {
        if self.mean.value() == 0.0 && self.m2.value() == 0.0 {
            self.scale = scale::OF_ZERO;
        }
        self
    }

    /// The same moments in another scale.
    #[cold]
    fn rescale(&mut self, scale: i32) {
        let Central { mean, m2, m3, m4, .. } = self.central(0.0).scaled(self.scale - scale);
        (self.mean, self.m2, self.m3, self.m4) = (mean, m2, m3, m4);
        self.scale = scale;
    }

    /// Sets the moments, as they are in the scale of this state.
    fn set(&mut self, central: &Central) {
        (self.mean, self.m2) = (central.mean, central.m2);
        (self.m3, self.m4) = (central.m3, central.m4);
    }

    /// Sets moments of values that are not all finite: `mean` is infinite or NaN.
    fn set_not_finite(&mut self, mean: f64) {
        self.mean = mean.into();
        (self.m2, self.m3, self.m4) = (f64::NAN.into(), f64::NAN.into(), f64::NAN.into());
    }

    /// The highest moment kept.
    pub fn order(&self) -> MomentsOrder {
        self.order
    }

    /// The number of values.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The arithmetic mean; NaN of no values.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.unscaled(self.mean.value(), 1) }
    }

    /// The variance, `m2 / (count - ddof)`; NaN unless there are more than `ddof` values. Infinite or zero where
    /// it leaves the range of `f64`, as that of values around 1e200 or 1e-200 does.
    pub fn var(&self, ddof: u64) -> f64 {
        self.unscaled(self.scaled_var(ddof), 2)
    }

    /// The standard deviation, the square root of the variance. It is in range wherever the values are.
    pub fn std(&self, ddof: u64) -> f64 {
        self.unscaled(self.scaled_var(ddof).sqrt(), 1)
    }

    /// The variance of the scaled values.
    fn scaled_var(&self, ddof: u64) -> f64 {
        if self.count > ddof { self.m2.value() / (self.count - ddof) as f64 } else { f64::NAN }
    }

    /// What a number that goes with this power of the scaled values is of the values.
    fn unscaled(&self, number: f64, power: i32) -> f64 {
        if self.scale == 0 { number } else { scale(number, self.scale * power) }
    }

    /// The central moment of this order, `mk / count`; NaN of no values. None beyond the fourth, or beyond
    /// [`order`](Self::order).
    pub fn central_moment(&self, order: u8) -> Option<f64> {
        let sum = match order {
            0 => self.count as f64,
            1 => self.m2.value() * 0.0,
            2 => self.m2.value(),
            3 if self.order >= MomentsOrder::Skewness => self.m3.value(),
            4 if self.order >= MomentsOrder::Kurtosis => self.m4.value(),
            _ => return None,
        };
        Some(self.unscaled(sum / self.count as f64, i32::from(order)))
    }

    /// The skewness of the population, g1 = `(m3 / n) / (m2 / n)^(3/2)`, as `scipy.stats.skew`
    /// gives by default.
    ///
    /// NaN of no values, of values that are all equal, and when [`order`](Self::order) is below
    /// [`MomentsOrder::Skewness`]. SciPy also gives NaN where the values differ by few units in the
    /// last place only, since it cannot resolve them; here they are resolved.
    pub fn skewness(&self) -> f64 {
        if self.order >= MomentsOrder::Skewness {
            self.m3.value() / self.m2.value() / self.scaled_var(0).sqrt()
        } else {
            f64::NAN
        }
    }

    /// The excess kurtosis of the population, g2 = `(m4 / n) / (m2 / n)^2 - 3`, as
    /// `scipy.stats.kurtosis` gives by default. NaN as [`skewness`](Self::skewness).
    pub fn kurtosis(&self) -> f64 {
        if self.order >= MomentsOrder::Kurtosis {
            self.m4.value() / self.m2.value() / self.scaled_var(0) - 3.0
        } else {
            f64::NAN
        }
    }
}
