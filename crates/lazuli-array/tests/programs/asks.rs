//! What is asked of an array in the end, and the same by plain code.

use lazuli_array::{ChunkedArray, Labels, QuantileMethod};
use lazuli_core::Delayed;
use ndarray::{ArrayD, Axis, IxDyn};

use crate::{Draw, Kind};

/// A statistic of the chunked array, and what it should be.
pub(crate) struct Ask {
    pub(crate) name: &'static str,
    pub(crate) asked: Asked,
    expected: Vec<f64>,
    /// What it may be off by.
    tolerance: f64,
}

/// A statistic as it is asked for.
pub(crate) enum Asked {
    Values(Delayed<Vec<f64>>),
    Array(ChunkedArray<f64, IxDyn>),
}

impl Ask {
    pub(crate) fn check(&self, found: &[f64], what: &str) {
        assert_eq!(found.len(), self.expected.len(), "{what}");
        for (&found, &expected) in found.iter().zip(&self.expected) {
            let is_close = found == expected
                || found.is_nan() && expected.is_nan()
                || (found - expected).abs() <= self.tolerance;
            assert!(is_close, "{what}: {found} for {expected}");
        }
    }
}

fn one(delayed: &Delayed<f64>) -> Asked {
    Asked::Values(delayed.map(|value: &f64| vec![*value]))
}

fn mean(group: &[f64]) -> f64 {
    group.iter().sum::<f64>() / group.len() as f64
}

fn std(group: &[f64]) -> f64 {
    let mean = mean(group);
    (group.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / group.len() as f64).sqrt()
}

fn median(group: &[f64]) -> f64 {
    let mut sorted = group.to_vec();
    sorted.sort_by(f64::total_cmp);
    if group.is_empty() || group.iter().any(|value| value.is_nan()) {
        return f64::NAN;
    }
    let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    if low == high { low } else { high - (high - low) * 0.5 }
}

/// A function of each lane along an axis, in C order of the array without it.
fn lanes(values: &ArrayD<f64>, axis: usize, of: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    values.lanes(Axis(axis)).into_iter().map(|lane| of(&lane.to_vec())).collect()
}

/// A function of each group along an axis, in C order.
fn groups(
    values: &ArrayD<f64>,
    axis: usize,
    labels: &[usize],
    of: impl Fn(&[f64]) -> f64,
) -> Vec<f64> {
    let mut keys = labels.to_vec();
    keys.sort_unstable();
    keys.dedup();
    let mut shape = values.shape().to_vec();
    shape[axis] = keys.len();
    let grouped = ArrayD::from_shape_fn(shape, |index| {
        let mut at = index.clone();
        let group = (0..labels.len()).filter(|&along| labels[along] == keys[index[axis]]);
        let group: Vec<f64> = group
            .map(|along| {
                at[axis] = along;
                values[&at]
            })
            .collect();
        of(&group)
    });
    grouped.into_iter().collect()
}

/// A statistic of the whole array, along an axis or by label.
pub(crate) fn ask<A: Kind>(exact: &ArrayD<A>, x: &ChunkedArray<A, IxDyn>, draw: &mut Draw) -> Ask {
    let values = exact.mapv(A::to_f64);
    let flat: Vec<f64> = values.iter().copied().collect();
    let size = flat.iter().copied().filter(|value| value.is_finite());
    let size = size.fold(1.0, |size: f64, value| size.max(value.abs()));
    let axis = draw.below(values.ndim().max(1));
    let is_scalar = values.ndim() == 0;
    let x64 = x.map(A::to_f64);
    let (name, asked, expected, tolerance) = match draw.below(14) {
        0 => ("mean", one(&x.mean()), vec![mean(&flat)], 1e-11 * size),
        1 => ("std", one(&x.std(0)), vec![std(&flat)], 1e-10 * size),
        2 => ("median", one(&x.median()), vec![median(&flat)], 0.0),
        3 if !is_scalar => {
            let along = x.along([axis]).mean();
            ("mean along", Asked::Array(along), lanes(&values, axis, mean), 1e-11 * size)
        }
        4 if !is_scalar => {
            let along = x.along([axis]).std(0);
            ("std along", Asked::Array(along), lanes(&values, axis, std), 1e-10 * size)
        }
        5 if !is_scalar => {
            let medians = x.quantiles_axis(&[0.5], QuantileMethod::Linear, Axis(axis));
            ("median along", Asked::Array(medians), lanes(&values, axis, median), 0.0)
        }
        6 | 7 if !is_scalar => {
            let labels: Vec<usize> = (0..values.shape()[axis]).map(|_| draw.below(4)).collect();
            let by = x.group_by(Axis(axis), &Labels::of(labels.clone()));
            let means = groups(&values, axis, &labels, mean);
            ("mean by label", Asked::Array(by.mean()), means, 1e-11 * size)
        }
        8 => {
            let delayed = x
                .unique(flat.len())
                .map(|unique| unique.counts.iter().map(|&count| count as f64).collect::<Vec<_>>());
            let mut images: Vec<u64> = exact.iter().map(|value| value.image()).collect();
            images.sort_unstable();
            let runs = images.chunk_by(|a, b| a == b).map(|run| run.len() as f64);
            ("unique", Asked::Values(delayed), runs.collect(), 0.0)
        }
        9 => {
            let k = draw.below(9);
            let delayed = x
                .topk(k as isize)
                .map(|first| first.iter().map(|value| value.to_f64()).collect::<Vec<_>>());
            let mut images: Vec<u64> = exact.iter().map(|value| value.image()).collect();
            images.sort_unstable_by(|a, b| b.cmp(a));
            images.truncate(k);
            let first = images.into_iter().map(|image| A::of_image(image).to_f64());
            ("topk", Asked::Values(delayed), first.collect(), 0.0)
        }
        10 => {
            let delayed = x64
                .histogram([-8.0, 0.0, 0.5, 90.0])
                .map(|found| found.counts.iter().map(|&count| count as f64).collect::<Vec<_>>());
            let count = |from: f64, to: f64, last: bool| {
                let is_in =
                    |value: &&f64| **value >= from && (**value < to || last && **value == to);
                flat.iter().filter(is_in).count() as f64
            };
            let counts =
                vec![count(-8.0, 0.0, false), count(0.0, 0.5, false), count(0.5, 90.0, true)];
            ("histogram", Asked::Values(delayed), counts, 0.0)
        }
        11 => {
            let products: f64 = flat.iter().map(|value| value * value).sum();
            let average = products / flat.iter().sum::<f64>();
            let total: f64 = flat.iter().sum();
            let average = if total == 0.0 { f64::NAN } else { average };
            let sure = total.abs() > 1e-3 * size || !total.is_finite() || total == 0.0;
            let tolerance = if sure { 1e-8 * average.abs() } else { f64::INFINITY };
            let delayed = one(&x64.average(&x64));
            ("average", delayed, vec![average], tolerance)
        }
        12 => {
            let variance = std(&flat).powi(2);
            ("covariance", one(&x64.covariance(&x64, 0)), vec![variance], 1e-12 * size * size)
        }
        _ => {
            let delayed = x.approx_quantiles(&[0.0, 1.0], 1e-6).map(|found| found.values.to_vec());
            let spoilt = flat.is_empty() || flat.iter().any(|value| value.is_nan());
            let of = |pick: fn(f64, f64) -> f64| {
                if spoilt {
                    f64::NAN
                } else {
                    flat.iter().copied().reduce(pick).unwrap_or(f64::NAN)
                }
            };
            ("approx_quantiles", Asked::Values(delayed), vec![of(f64::min), of(f64::max)], 0.0)
        }
    };
    Ask { name, asked, expected, tolerance }
}
