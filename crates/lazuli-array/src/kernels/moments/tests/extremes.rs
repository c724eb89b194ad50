//! Values at the ends of the range of `f64`: their powers overflow or vanish, their moments do not.

use super::super::super::oracle::relative_error_of_root;
use super::*;

/// Relative errors of mean, standard deviation, skewness and kurtosis: a variance may have no `f64`.
fn errors_in_range(state: &Moments, exact: &Exact) -> [f64; 4] {
    [
        relative_error(state.mean(), &exact.mean()).abs(),
        relative_error_of_root(state.std(0), &exact.var(0)).abs(),
        relative_error_of_root(state.skewness(), &exact.signed_skewness_squared()).abs(),
        relative_error(state.kurtosis(), &exact.kurtosis()).abs(),
    ]
}

#[test]
fn fourteen_digits_are_left_at_any_scale() {
    let noise = &EXPONENTIAL[..1501];
    for scale in [1e150, 1e-150, 1e38, 1e-38, 1e290, 1e-290, 1e77, 1e-77, 1e120, 1e-120] {
        for offset in [0.0, 3.0, -1e6] {
            let values: Vec<f64> = noise.iter().map(|value| (value + offset) * scale).collect();
            let exact = Exact::of(&values);
            for (tile, tiles) in SPLITS {
                let state = split(&values, tile, tiles, MomentsOrder::Kurtosis);
                for (moment, error) in errors_in_range(&state, &exact).into_iter().enumerate() {
                    assert!(
                        error < 3e-15,
                        "{scale:e}, {offset:e}, moment {moment}, {tile} by {tiles}: {error:e}"
                    );
                }
            }
        }
    }
}

#[test]
fn subnormal_values_have_moments() {
    let units: Vec<f64> = EXPONENTIAL[..3000].iter().map(|value| (1e4 * value).round()).collect();
    let values: Vec<f64> = units.iter().map(|value| value * 5e-324).collect();
    let (exact, of_units) = (Exact::of(&values), Exact::of(&units));
    for (tile, tiles) in SPLITS {
        let state = split(&values, tile, tiles, MomentsOrder::Kurtosis);
        let [.., skewness, kurtosis] = errors_in_range(&state, &exact);
        assert!(skewness < 3e-15 && kurtosis < 3e-15, "{tile} by {tiles}");
        // Rounded to the nearest multiple of the least number.
        let std = split(&units, tile, tiles, MomentsOrder::Kurtosis).std(0);
        assert!((state.std(0) / 5e-324 - std).abs() <= 1.0, "{tile} by {tiles}");
        let mean = relative_error(state.mean() / 5e-324, &of_units.mean()).abs();
        assert!(mean < 1e-4, "{tile} by {tiles}: {mean:e}");
        assert_eq!(state.var(0), 0.0, "which is below the least number");
    }
    let small: Vec<f32> = units.iter().map(|&value| value as f32 * f32::from_bits(1)).collect();
    let wide: Vec<f64> = small.iter().map(|&value| value.into()).collect();
    let exact = Exact::of(&wide);
    let state = split(&small, 1000, 2, MomentsOrder::Kurtosis);
    assert!(errors_in_range(&state, &exact).into_iter().all(|error| error < 3e-15));
}

/// Tiles of scales far apart, of zeros, and of constants, in every order.
#[test]
fn scales_meet() {
    let noise = &EXPONENTIAL[..110];
    let kinds: [&dyn Fn(f64) -> f64; 7] = [
        &|_| 0.0,
        &|value| value,
        &|value| value * 1e150,
        &|value| value * 1e-150,
        &|_| 1e-150,
        &|_| -1e200,
        &|value| value * 1e-310,
    ];
    for first in &kinds {
        for second in &kinds {
            for third in &kinds {
                let values: Vec<f64> = [first, second, third]
                    .iter()
                    .flat_map(|kind| noise.iter().map(|&value| kind(value)))
                    .collect();
                let exact = Exact::of(&values);
                for (tile, tiles) in [(110, 1), (7, 10), (50, 7), (330, 1), (65, 2)] {
                    let state = split(&values, tile, tiles, MomentsOrder::Kurtosis);
                    if exact.is_constant() {
                        assert_eq!((state.mean(), state.std(0)), (values[0], 0.0));
                        assert!(state.skewness().is_nan() && state.kurtosis().is_nan());
                        continue;
                    }
                    let [mean, std, skewness, kurtosis] = errors_in_range(&state, &exact);
                    // Subnormal results have fewer digits.
                    let is_normal = state.std(0) > 1e-300;
                    assert!(
                        !is_normal || mean < 1e-14 && std < 1e-14,
                        "{tile} by {tiles}: {mean:e} {std:e}"
                    );
                    assert!(
                        skewness < 1e-13 && kurtosis < 1e-13,
                        "{tile} by {tiles}: {skewness:e} {kurtosis:e}"
                    );
                }
            }
        }
    }
}

#[test]
fn one_and_two_values_are_what_they_are() {
    for value in [1.0, -0.0, 5e-324, f64::MAX, -1e200, 1e-200] {
        let state = split(&[value], 1, 1, MomentsOrder::Kurtosis);
        assert_eq!((state.mean(), state.var(0), state.std(0)), (value, 0.0, 0.0));
        assert!(state.var(1).is_nan() && state.skewness().is_nan() && state.kurtosis().is_nan());
    }
    for (tile, tiles) in [(1, 1), (2, 1)] {
        let state = split(&[1e200, 3e200], tile, tiles, MomentsOrder::Kurtosis);
        assert_eq!((state.mean(), state.std(0), state.var(0)), (2e200, 1e200, f64::INFINITY));
        assert_eq!((state.skewness(), state.kurtosis()), (0.0, -2.0));
        let state = split(&[f64::MAX, -f64::MAX], tile, tiles, MomentsOrder::Kurtosis);
        assert_eq!((state.mean(), state.std(0), state.kurtosis()), (0.0, f64::MAX, -2.0));
    }
}

/// An infinity among values of any scale is what counts.
#[test]
fn what_is_not_finite_wins_over_every_scale() {
    for other in [0.0, 1.0, 1e200, 1e-200] {
        for (tile, tiles) in [(1, 1), (3, 1), (100, 2)] {
            let mut values = vec![other; 300];
            values[150] = f64::INFINITY;
            let state = split(&values, tile, tiles, MomentsOrder::Kurtosis);
            assert_eq!(state.mean(), f64::INFINITY, "{other:e}, {tile} by {tiles}");
            assert!(state.std(0).is_nan() && state.kurtosis().is_nan());
            values[7] = f64::NAN;
            let state = split(&values, tile, tiles, MomentsOrder::Kurtosis);
            assert!(state.mean().is_nan() && state.std(0).is_nan());
        }
    }
}
