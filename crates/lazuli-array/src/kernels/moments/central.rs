//! The arithmetic of central sums: centring them, and merging those of two sets of values.
//!
//! Free of branches, so that a field can do it for many cells at once.

use lazuli_numerics::TwoFloat;

use super::power_sums::PowerSums;

/// How many values there are, their mean, and the sums of powers of their distance from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Central {
    pub(in super::super) count: f64,
    pub(in super::super) mean: TwoFloat,
    pub(in super::super) m2: TwoFloat,
    pub(in super::super) m3: TwoFloat,
    pub(in super::super) m4: TwoFloat,
}

impl Central {
    /// The central sums of `count` values whose sums around `shift` are `sums`.
    #[inline(always)]
    pub(in super::super) fn of(count: f64, shift: f64, sums: &PowerSums) -> Self {
        let offset = sums.first / count;
        let offset2 = offset * offset;
        let centred = (sums.second - count * offset2).max(0.0);
        let m2 = if sums.second.is_finite() { centred } else { sums.second };
        let m3 = sums.third - offset * (3.0 * sums.second - 2.0 * count * offset2);
        let m4 = sums.fourth
            - offset * (4.0 * sums.third - offset * (6.0 * sums.second - 3.0 * count * offset2));
        let mean = TwoFloat::sum(shift, offset);
        Self { count, mean, m2: m2.into(), m3: m3.into(), m4: m4.into() }
    }

    /// Those of the values times `2^exponent`.
    #[cold]
    pub(super) fn scaled(&self, exponent: i32) -> Self {
        Self {
            count: self.count,
            mean: self.mean.scaled(exponent),
            m2: self.m2.scaled(2 * exponent),
            m3: self.m3.scaled(3 * exponent),
            m4: self.m4.scaled(4 * exponent),
        }
    }

    /// Those of both sets of values, neither of which is empty. The distance of the means is `gap`, which
    /// must be finite. Powers above `POWER` are not kept.
    #[inline(always)]
    pub(in super::super) fn with<const POWER: u8>(&self, other: &Self, gap: f64) -> Self {
        let total = self.count + other.count;
        // Shares of the total rather than counts keep the products in range.
        let (a, b) = (self.count / total, other.count / total);
        let (m2, others_m2) = (self.m2.value(), other.m2.value());
        let (m3, others_m3) = (self.m3.value(), other.m3.value());
        let gap2 = gap * gap;
        let between = self.count * b * gap2;
        let mut both = Self {
            count: total,
            mean: self.mean.plus(b * gap),
            m2: self.m2.plus_two(other.m2).plus(between),
            ..*self
        };
        if POWER >= 3 {
            let cross = between * gap * (a - b) + 3.0 * gap * (a * others_m2 - b * m2);
            both.m3 = self.m3.plus_two(other.m3).plus(cross);
        }
        if POWER >= 4 {
            let cross = between * gap2 * (a * a - a * b + b * b)
                + 6.0 * gap2 * (a * a * others_m2 + b * b * m2)
                + 4.0 * gap * (a * others_m3 - b * m3);
            both.m4 = self.m4.plus_two(other.m4).plus(cross);
        }
        both
    }
}
