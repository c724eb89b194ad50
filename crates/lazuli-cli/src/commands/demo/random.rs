//! Random numbers that are the same in every run.

use std::f64::consts::TAU;

/// Marsaglia's xorshift generator with a multiplied output, xorshift64* (Vigna, "An experimental
/// exploration of Marsaglia's xorshift generators, scrambled", 2016).
pub(super) struct Random(u64);

impl Random {
    /// The sequence of this seed. Those of neighbouring seeds have nothing in common.
    pub(super) fn new(seed: u64) -> Self {
        // The finalizer of MurmurHash3 spreads the seed; a state of zero would stay zero.
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        state = (state ^ (state >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        state = (state ^ (state >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        Self((state ^ (state >> 33)).max(1))
    }

    /// 64 random bits, never all zero.
    pub(super) fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.bits()) * end as u128) >> 64) as usize
    }

    /// Evenly distributed, above 0 and up to 1.
    pub(super) fn unit(&mut self) -> f64 {
        ((self.bits() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Normally distributed (Box and Muller).
    pub(super) fn normal(&mut self, mean: f64, std: f64) -> f64 {
        let radius = (-2.0 * self.unit().ln()).sqrt();
        mean + std * radius * (TAU * self.unit()).cos()
    }

    /// Exponentially distributed with mean 1: its standard deviation is 1 and its skewness 2.
    pub(super) fn exponential(&mut self) -> f64 {
        -self.unit().ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distributions_have_their_moments() {
        let mut random = Random::new(1);
        let count = 200_000;
        let mut mean = |draw: fn(&mut Random) -> f64| {
            (0..count).map(|_| draw(&mut random)).sum::<f64>() / f64::from(count)
        };
        // Five standard errors on each side.
        assert!((mean(Random::unit) - 0.5).abs() < 0.004);
        assert!((mean(|random| random.normal(3.0, 2.0)) - 3.0).abs() < 0.023);
        assert!((mean(|random| random.normal(0.0, 2.0).powi(2)) - 4.0).abs() < 0.064);
        assert!((mean(Random::exponential) - 1.0).abs() < 0.012);
        assert!((mean(|random| random.below(10) as f64) - 4.5).abs() < 0.033);
    }

    #[test]
    fn seeds_differ() {
        assert_ne!(Random::new(1).bits(), Random::new(2).bits());
        assert_eq!(Random::new(1).bits(), Random::new(1).bits());
    }
}
