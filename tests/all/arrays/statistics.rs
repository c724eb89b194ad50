//! Statistics against plain two-pass formulas over the unchunked array.

use lazuli::prelude::*;
use proptest::prelude::*;

use super::{array, close, layouts, noise, same_everywhere, unit};

/// Mean, variance, skewness and excess kurtosis, by the textbook in two passes, of the distances from the
/// first value: these are exact, where the values themselves lie far from zero and close together.
fn textbook(values: &[f64]) -> [f64; 4] {
    let count = values.len() as f64;
    let first = values.first().copied().unwrap_or_default();
    let mean = values.iter().map(|value| value - first).sum::<f64>() / count;
    let moment = |power: i32| {
        values.iter().map(|value| (value - first - mean).powi(power)).sum::<f64>() / count
    };
    let var = moment(2);
    [first + mean, var, moment(3) / var.powf(1.5), moment(4) / (var * var) - 3.0]
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn of_floats(layout in layouts(), seed: u64, offset in prop_oneof![Just(0.0), Just(1e3), Just(-1e6)]) {
        let a = array(&layout, |i| offset + unit(seed, i) * unit(!seed, i));
        let x = ChunkedArray::from_array(a.clone(), layout.chunks.clone());
        let asked = [x.mean(), x.var(0), x.skewness(), x.kurtosis(), x.std(1), x.sum()];
        let found = same_everywhere(&asked, |found| bits(found));
        let values: Vec<f64> = a.iter().copied().collect();
        let expected = textbook(&values);
        let few = values.len() < 3;
        for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
            // A spread of zero leaves skewness and kurtosis to rounding in the textbook's formula.
            if !(few && index > 0) {
                prop_assert!(close(*found, expected, 1e-8), "{index}: {found} {expected}");
            }
        }
        let count = values.len() as f64;
        if !few {
            prop_assert!(close(found[4], (expected[1] * count / (count - 1.0)).sqrt(), 1e-9));
        }
        prop_assert!(close(found[5], values.iter().sum(), 1e-9));

        let ends = Executor::sync().compute((x.min(), x.max()));
        if values.is_empty() {
            prop_assert!(ends.is_err());
        } else {
            let (low, high) = same_everywhere((x.min(), x.max()), |&(low, high)| bits(&[low, high]));
            prop_assert_eq!(low, values.iter().copied().fold(f64::INFINITY, f64::min));
            prop_assert_eq!(high, values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        }
    }

    #[test]
    fn of_integers_are_exact(layout in layouts(), seed: u64) {
        let a = array(&layout, |i| noise(seed, i) as i64);
        let x = ChunkedArray::from_array(a.clone(), layout.chunks.clone());
        let found = same_everywhere(x.sum(), |&sum| vec![sum as u64, (sum >> 64) as u64]);
        prop_assert_eq!(found, a.iter().map(|&value| i128::from(value)).sum::<i128>());
        if !a.is_empty() {
            let ends = same_everywhere((x.min(), x.max()), |&(low, high)| vec![low as u64, high as u64]);
            prop_assert_eq!(ends, (*a.iter().min().unwrap(), *a.iter().max().unwrap()));
        }
    }

    #[test]
    fn of_small_floats_are_as_if_they_were_wide(layout in layouts(), seed: u64) {
        let a = array(&layout, |i| unit(seed, i) as f32);
        let x = ChunkedArray::from_array(a.clone(), layout.chunks.clone());
        let wide = ChunkedArray::from_array(a.mapv(f64::from), layout.chunks.clone());
        let all = |sum, mean: Delayed<f64>, std| (sum, mean, std);
        let narrow = compute(all(x.sum(), x.mean(), x.std(0))).unwrap();
        let wide = compute(all(wide.sum(), wide.mean(), wide.std(0))).unwrap();
        prop_assert_eq!(format!("{narrow:?}"), format!("{wide:?}"));
    }
}

#[test]
fn not_a_number_spreads() {
    let x = ChunkedArray::from_fn([100], [30], |[i]| if i == 77 { f64::NAN } else { i as f64 });
    let (sum, mean, std, min, max) =
        compute((x.sum(), x.mean(), x.std(0), x.min(), x.max())).unwrap();
    assert!([sum, mean, std, min, max].iter().all(|value| value.is_nan()));
    let stats = compute(x.stats(0)).unwrap();
    assert_eq!((stats.count, stats.nan_count), (100, 1));
}

#[test]
fn the_formula_of_the_skewness_agrees_with_the_skewness() {
    let x = ChunkedArray::from_fn([100_000], [7_000], |[i]| unit(7, i).powi(2));
    let formula = ((&x * &x * &x).mean() - 3.0 * x.mean() * x.std(0).powi(2) - x.mean().powi(3))
        / x.std(0).powi(3);
    let (formula, direct) = compute((formula, x.skewness())).unwrap();
    assert!(close(formula, direct, 1e-10), "{formula} {direct}");
}
