//! NIST's univariate sets and others that are hard to sum, through chunked arrays, at many chunkings.
//!
//! Sources: NIST/ITL Statistical Reference Datasets, univariate summary statistics
//! (<https://www.itl.nist.gov/div898/strd/univ/homepage.html>): NumAcc1 to NumAcc4, which are defined by a rule, and
//! Michelso, Michelson's 100 measurements of the speed of light. The certified values are those of the exact
//! decimal data, which `f64` cannot hold: NumAcc3 and NumAcc4 keep 9.5 and 8.3 digits of the standard deviation
//! however they are summed. Against the exact rationals of the *stored* values no digit is lost.

use lazuli_array::{ChunkedArray, Labels, Span, ndarray::s};
use lazuli_core::Executor;
use ndarray::{Array1, Axis, Ix1};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};

/// A set, and its certified mean, standard deviation (ddof 1) and autocorrelation at lag 1.
struct Set {
    name: &'static str,
    values: Vec<f64>,
    certified: [f64; 3],
    /// Digits of each that double precision leaves.
    digits: [f64; 3],
}

/// 1001 values: `base + 0.2`, then `base + 0.1` and `base + 0.3` in turn.
fn num_acc(base: u32) -> Vec<f64> {
    // Each as the decimal number that it is in the file.
    let decimal = |tenths: u32| format!("{base}.{tenths}").parse::<f64>().expect("a number");
    let pairs = (0..1000).map(|index| decimal(if index % 2 == 0 { 1 } else { 3 }));
    std::iter::once(decimal(2)).chain(pairs).collect()
}

/// Thousandths above 299 of the speed of light in thousands of kilometres a second.
const MICHELSO: [u16; 100] = [
    850, 740, 900, 1070, 930, 850, 950, 980, 980, 880, 1000, 980, 930, 650, 760, 810, 1000, 1000,
    960, 960, 960, 940, 960, 940, 880, 800, 850, 880, 900, 840, 830, 790, 810, 880, 880, 830, 800,
    790, 760, 800, 880, 880, 880, 860, 720, 720, 620, 860, 970, 950, 880, 910, 850, 870, 840, 840,
    850, 840, 840, 840, 890, 810, 810, 820, 800, 770, 760, 740, 750, 760, 910, 920, 890, 860, 880,
    720, 840, 850, 850, 780, 890, 840, 780, 810, 760, 810, 790, 810, 820, 850, 870, 870, 810, 740,
    810, 940, 950, 800, 810, 870,
];

fn sets() -> Vec<Set> {
    let michelso = MICHELSO.map(|thousandths| (299_000.0 + f64::from(thousandths)) / 1000.0);
    vec![
        Set {
            name: "NumAcc1",
            values: vec![10_000_001.0, 10_000_003.0, 10_000_002.0],
            certified: [10_000_002.0, 1.0, -0.5],
            digits: [15.0, 15.0, 15.0],
        },
        Set {
            name: "NumAcc2",
            values: num_acc(1),
            certified: [1.2, 0.1, -0.999],
            digits: [15.0, 15.0, 15.0],
        },
        Set {
            name: "NumAcc3",
            values: num_acc(1_000_000),
            certified: [1_000_000.2, 0.1, -0.999],
            digits: [15.0, 9.4, 15.0],
        },
        Set {
            name: "NumAcc4",
            values: num_acc(10_000_000),
            certified: [10_000_000.2, 0.1, -0.999],
            digits: [15.0, 8.2, 15.0],
        },
        Set {
            name: "Michelso",
            values: michelso.to_vec(),
            certified: [299.8524, 0.079_010_547_819_051_8, 0.535_199_668_621_283],
            digits: [15.0, 13.8, 13.0],
        },
    ]
}

/// How many digits agree, 15 at most.
fn digits(computed: f64, certified: f64) -> f64 {
    let error = (computed - certified).abs() / certified.abs();
    if error == 0.0 { 15.0 } else { (-error.log10()).min(15.0) }
}

/// The autocorrelation at lag 1, written with views and the delayed mean.
fn autocorrelation(x: &ChunkedArray<f64, Ix1>) -> lazuli_core::Delayed<f64> {
    let d = x - x.mean();
    let lagged = &d.slice(s![1..]) * &d.slice(s![..-1]);
    lagged.sum() / (&d * &d).sum()
}

fn rational(value: f64) -> BigRational {
    BigRational::from_float(value).expect("a finite number")
}

/// `(computed - exact) / |exact|`.
fn relative_error(computed: f64, exact: &BigRational) -> f64 {
    let relative = (rational(computed) - exact) / exact.abs();
    relative.to_f64().expect("a rational has a nearest f64").abs()
}

/// The exact mean, variance (ddof 1) and autocorrelation of stored values.
fn exact(values: &[f64]) -> [BigRational; 3] {
    let values: Vec<BigRational> = values.iter().map(|&value| rational(value)).collect();
    let count = BigRational::from(BigInt::from(values.len()));
    let mean = values.iter().sum::<BigRational>() / &count;
    let d: Vec<BigRational> = values.iter().map(|value| value - &mean).collect();
    let squares: BigRational = d.iter().map(|d| d * d).sum();
    let lagged: BigRational = d.windows(2).map(|pair| &pair[0] * &pair[1]).sum();
    let var = &squares / (count - BigRational::from(BigInt::from(1)));
    [mean, var, lagged / squares]
}

const CHUNKS: [usize; 14] = [1, 2, 3, 5, 7, 16, 33, 64, 100, 129, 500, 1000, 1001, 5000];

#[test]
fn nist_sets_keep_the_digits_that_they_can() {
    for Set { name, values, certified, digits: expected } in sets() {
        let exact = exact(&values);
        for chunk in CHUNKS {
            let x = ChunkedArray::from_array(Array1::from_vec(values.clone()), [chunk]);
            let asked = (x.mean(), x.std(1), autocorrelation(&x));
            let (mean, std, lag) = Executor::sync().compute(asked).unwrap();
            for (which, computed) in [mean, std, lag].into_iter().enumerate() {
                let found = digits(computed, certified[which]);
                let least = expected[which] - 0.2;
                assert!(found >= least, "{name} by {chunk}, {which}: {found} of {least} digits");
            }
            assert!(relative_error(mean, &exact[0]) < 2e-16, "{name} by {chunk}");
            let var = relative_error(std * std, &exact[1]);
            assert!(var < 1e-15, "{name} by {chunk}: {var:e}");
            // The mean that is subtracted is an `f64`, and what it lacks is in every difference.
            let lag = relative_error(lag, &exact[2]);
            assert!(lag < 2e-11, "{name} by {chunk}: {lag:e}");
        }
    }
}

#[test]
fn statistics_of_values_of_any_size_are_finite_and_right() {
    let normal = lazuli_array::Random::new(3).normal([20_000], [20_000], 0.0, 1.0);
    let expected = Executor::sync().compute((normal.skewness(), normal.kurtosis(), normal.std(0)));
    let (skewness, kurtosis, std) = expected.unwrap();
    for scale in [2_f64.powi(498), 2_f64.powi(-498), 2_f64.powi(-990), 2_f64.powi(1000)] {
        for chunk in [1, 900, 4096, 20_000] {
            let x = (&normal * scale).rechunk(chunk);
            let found = Executor::sync().compute((x.skewness(), x.kurtosis(), x.std(0))).unwrap();
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-14 * b.abs().max(1.0);
            assert!(close(found.0, skewness) && close(found.1, kurtosis), "{scale:e} {chunk}");
            assert!(close(found.2 / scale, std), "{scale:e} {chunk}");
        }
    }
}

/// As NumPy has them; every rule stands in docs/NUMERICS.md.
#[test]
fn the_rules_of_edges_hold_at_every_chunking() {
    let inf = f64::INFINITY;
    for chunk in [1, 2, 3, 10] {
        let of = |values: Vec<f64>| {
            let x = ChunkedArray::from_array(Array1::from_vec(values), [chunk]);
            Executor::sync().compute(x.stats(0)).unwrap()
        };
        let none = of(vec![]);
        assert!(none.mean.is_nan() && none.var.is_nan() && none.min.is_none() && none.count == 0);
        let one = of(vec![2.5]);
        assert_eq!((one.mean, one.var), (2.5, 0.0));
        assert!(one.skewness.is_nan() && one.kurtosis.is_nan());
        let constant = of(vec![0.1; 7]);
        assert_eq!((constant.mean, constant.std), (0.1, 0.0));
        assert!(constant.skewness.is_nan() && constant.kurtosis.is_nan());
        let nan = of(vec![f64::NAN; 5]);
        assert!(nan.mean.is_nan() && nan.std.is_nan() && nan.nan_count == 5);
        let infinite = of(vec![1.0, inf, 2.0, 3.0]);
        assert!(infinite.mean == inf && infinite.std.is_nan() && infinite.kurtosis.is_nan());
        let both = of(vec![1.0, inf, -inf, 3.0]);
        assert!(both.mean.is_nan() && both.std.is_nan());
        let zeros = of(vec![-0.0, 0.0, -0.0]);
        assert_eq!((zeros.mean, zeros.std), (0.0, 0.0));
        let large = of(vec![f64::MAX; 5]);
        assert_eq!((large.mean, large.std), (f64::MAX, 0.0));
    }
}

/// A matrix whose columns are the values, times powers of two or beside zeros where that is asked for.
fn columns(values: &[f64], scales: &[f64]) -> ndarray::Array2<f64> {
    ndarray::Array2::from_shape_fn([values.len(), scales.len()], |(i, j)| values[i] * scales[j])
}

#[test]
fn nist_sets_keep_their_digits_along_axes_and_by_label() {
    for Set { name, values, certified, digits: expected } in sets() {
        let exact = exact(&values);
        let powers: Vec<f64> = (0..21).map(|j| 2_f64.powi(j - 9)).collect();
        let matrix = columns(&values, &powers);
        for chunk in CHUNKS {
            for transposed in [false, true] {
                let x = ChunkedArray::from_array(matrix.clone(), [chunk, 8]);
                let (x, axis) = if transposed { (x.t(), Axis(1)) } else { (x, Axis(0)) };
                // Half of the labels are in a group that holds nothing but the last value, twice.
                let twice = lazuli_array::concatenate(
                    axis,
                    &[x.clone(), x.slice_axis(axis, Span::new(-1, None, 1))],
                );
                let mut labels = vec![1_u8; values.len()];
                labels.push(2);
                let by = twice.group_by(axis, &Labels::of(labels));
                let along = x.along(axis);
                let asked = (along.mean(), along.std(1), by.mean(), by.std(1));
                let (mean, std, by_mean, by_std) = Executor::sync().compute(asked).unwrap();
                for (j, power) in powers.iter().enumerate() {
                    let of = |both: &ndarray::Array2<f64>| {
                        both[if transposed { [j, 0] } else { [0, j] }]
                    };
                    for (mean, std) in [(mean[j], std[j]), (of(&by_mean), of(&by_std))] {
                        let found = [mean / power, std / power];
                        for which in [0, 1] {
                            let digits = digits(found[which], certified[which]);
                            let least = expected[which] - 0.2;
                            assert!(
                                digits >= least,
                                "{name} by {chunk}, {which}: {digits} of {least}"
                            );
                        }
                        assert!(relative_error(found[0], &exact[0]) < 2e-16, "{name} by {chunk}");
                        let var = relative_error(found[1] * found[1], &exact[1]);
                        assert!(var < 1e-14, "{name} by {chunk}: {var:e}");
                    }
                }
            }
        }
    }
}

#[test]
fn values_of_any_size_are_as_right_along_axes() {
    let normal = lazuli_array::Random::new(3).normal([3_000], [3_000], 0.25, 1.0);
    let expected = Executor::sync().compute((
        normal.mean(),
        normal.std(0),
        normal.skewness(),
        normal.kurtosis(),
    ));
    let (mean, std, skewness, kurtosis) = expected.unwrap();
    let values = Executor::sync().compute(&normal).unwrap().to_vec();
    let powers = [0, 498, -498, -990, 1000, 130, -130, -1020, 512, -400];
    let scales: Vec<f64> = powers.iter().map(|&power| 2_f64.powi(power)).collect();
    let matrix = columns(&values, &scales);
    for chunk in [1, 7, 900, 3_000] {
        for (columns, transposed) in [(10, false), (3, false), (1, false), (10, true), (1, true)] {
            if chunk == 1 && columns < 10 {
                continue;
            }
            let x = ChunkedArray::from_array(matrix.clone(), [chunk, columns]);
            let along = if transposed { x.t().along(Axis(1)) } else { x.along(Axis(0)) };
            let asked =
                (along.mean(), along.std(0), along.skewness(), along.kurtosis(), along.var(0));
            let found = Executor::sync().compute(asked).unwrap();
            for (j, scale) in scales.iter().enumerate() {
                let close = |found: f64, expected: f64| {
                    let close = (found - expected).abs() <= 2e-14 * expected.abs().max(1.0);
                    assert!(close, "{found} for {expected}, times {scale:e} by {chunk}, {columns}");
                };
                close(found.0[j] / scale, mean);
                close(found.1[j] / scale, std);
                close(found.2[j], skewness);
                close(found.3[j], kurtosis);
                let var = std * scale * (std * scale);
                assert!(
                    found.4[j] == var || (found.4[j] / var - 1.0).abs() < 1e-13 || var < 1e-300
                );
            }
        }
    }
}

/// Values of every size in one column, zeros before and between them, as whole arrays have them.
#[test]
fn sizes_that_meet_along_an_axis_are_those_of_the_whole_column() {
    let unit = |i: usize| ((i * 7919) % 1000) as f64 / 500.0 - 1.0;
    let kinds: [fn(usize, f64) -> f64; 6] = [
        |i, unit| if i < 200 { 0.0 } else { unit * 1e-200 },
        |i, unit| if i < 200 { unit * 1e-200 } else { 0.0 },
        |i, unit| if i % 300 < 150 { unit } else { unit * 1e-200 },
        |i, unit| if i % 300 < 150 { unit * 1e180 } else { unit },
        |i, unit| if i % 2 == 0 { unit * 1e-170 } else { -unit * 1e-170 },
        |_, _| 1e200,
    ];
    let matrix = ndarray::Array2::from_shape_fn([1000, 6], |(i, j)| kinds[j](i, unit(i)));
    for chunk in [3, 64, 150, 333, 1000] {
        let x = ChunkedArray::from_array(matrix.clone(), [chunk, 6]);
        let along = x.along(Axis(0));
        let (std, kurtosis) = Executor::sync().compute((along.std(0), along.kurtosis())).unwrap();
        for j in 0..6 {
            let column = ChunkedArray::from_array(matrix.column(j).to_owned(), [1000]);
            let (of, fourth) =
                Executor::sync().compute((column.std(0), column.kurtosis())).unwrap();
            assert!(
                std[j] == of || (std[j] / of - 1.0).abs() < 1e-13,
                "{chunk} {j}: {} {of}",
                std[j]
            );
            let same = kurtosis[j].is_nan() && fourth.is_nan();
            assert!(
                same || (kurtosis[j] - fourth).abs() < 1e-12 * fourth.abs().max(1.0),
                "{chunk} {j}"
            );
        }
    }
}
