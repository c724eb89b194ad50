//! Errors of computed moments, and what a two-pass program would give.

use super::super::super::oracle::{Exact, relative_error, relative_error_of_root};
use super::Moments;

/// Mean, variance, standard deviation, skewness and kurtosis, with ddof 0.
pub(super) type Five = [f64; 5];

pub(super) fn five(moments: &Moments) -> Five {
    let m = moments;
    [m.mean(), m.var(0), m.std(0), m.skewness(), m.kurtosis()]
}

/// Relative errors.
pub(super) fn errors(computed: Five, exact: &Exact) -> Five {
    [
        relative_error(computed[0], &exact.mean()).abs(),
        relative_error(computed[1], &exact.var(0)).abs(),
        relative_error_of_root(computed[2], &exact.var(0)).abs(),
        relative_error_of_root(computed[3], &exact.signed_skewness_squared()).abs(),
        relative_error(computed[4], &exact.kurtosis()).abs(),
    ]
}

/// Errors relative to the size of what was added up, where moments that cancel to nearly nothing
/// cannot have small relative errors themselves.
pub(super) fn conditioned_errors(computed: Five, exact: &Exact) -> Five {
    let errors = errors(computed, exact);
    let [mean, _, std, skewness, kurtosis] = computed.map(f64::abs);
    // In units of the standard deviation, the mean fourth power, and the most that the mean of
    // the cubes' absolute values can be: the root of the mean square times the mean fourth power.
    let fourth = computed[4] + 3.0;
    let third = fourth.sqrt();
    [
        errors[0] * mean / (mean + std),
        errors[1],
        errors[2],
        errors[3] * skewness / third,
        errors[4] * kurtosis / fourth,
    ]
}

/// What a careful two-pass program in `f64` gives: pairwise sums around the rounded mean.
pub(super) fn two_pass(values: &[f64]) -> Five {
    fn pairwise(values: &[f64], term: &impl Fn(f64) -> f64) -> f64 {
        match values.len() {
            0..=8 => values.iter().map(|&value| term(value)).sum(),
            n => pairwise(&values[..n / 2], term) + pairwise(&values[n / 2..], term),
        }
    }
    let n = values.len() as f64;
    let mean = pairwise(values, &|value| value) / n;
    let central = |power| pairwise(values, &|value| (value - mean).powi(power)) / n;
    let (var, m3, m4) = (central(2), central(3), central(4));
    [mean, var, var.sqrt(), m3 / var.powf(1.5), m4 / var.powi(2) - 3.0]
}
