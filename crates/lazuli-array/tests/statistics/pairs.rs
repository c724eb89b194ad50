//! Weighted averages, covariance and correlation.

use lazuli_array::{ArrayError, ChunkedArray};
use lazuli_core::compute;
use ndarray::{Array1, Array2, ArrayD, Axis, array};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;
use proptest::prelude::*;

use crate::support::{
    array as layout_array, assert_close, bits_of, cases, chunked, layouts, pieces, same_everywhere,
    unit,
};

fn exact(value: f64) -> BigRational {
    BigRational::from_float(value).expect("finite")
}

fn count(values: &[f64]) -> BigRational {
    BigRational::from_integer(BigInt::from(values.len()))
}

/// `sum((x - mean x) (y - mean y))`, exactly.
fn exact_product(x: &[f64], y: &[f64]) -> BigRational {
    let mean =
        |values: &[f64]| values.iter().map(|&v| exact(v)).sum::<BigRational>() / count(values);
    let (mean_x, mean_y) = (mean(x), mean(y));
    x.iter().zip(y).map(|(&x, &y)| (exact(x) - &mean_x) * (exact(y) - &mean_y)).sum()
}

/// Pairs that hang together, around a value far from zero.
fn sample(offset: f64) -> (Array1<f64>, Array1<f64>) {
    let x = Array1::from_shape_fn(1000, |i| offset + unit(3, i));
    let y = Array1::from_shape_fn(1000, |i| offset - 0.5 * unit(3, i) + 0.25 * unit(4, i));
    (x, y)
}

#[test]
fn covariance_has_the_digits_of_the_exact_rational() {
    for offset in [0.0, 1e6, 1e12] {
        let (x, y) = sample(offset);
        let (xs, ys) = (x.to_vec(), y.to_vec());
        let (xx, xy, yy) =
            (exact_product(&xs, &xs), exact_product(&xs, &ys), exact_product(&ys, &ys));
        let divisor = BigRational::from_integer(BigInt::from(999));
        let covariance = (&xy / divisor).to_f64().expect("in range");
        let square = (&xy * &xy / (xx * yy)).to_f64().expect("in range");
        for chunk in [1, 7, 64, 333, 1000] {
            let x = ChunkedArray::from_array(x.clone(), [chunk]);
            let y = ChunkedArray::from_array(y.clone(), [chunk + 3]);
            let (cov, corr) = compute((x.covariance(&y, 1), x.correlation(&y))).unwrap();
            assert!((cov / covariance - 1.0).abs() < 1e-14, "{offset} {chunk}: {cov} {covariance}");
            assert!((corr * corr / square - 1.0).abs() < 1e-14 && corr < 0.0);
            let both = lazuli_array::stack(Axis(0), &[x, y]);
            let (cov, corr) = compute((both.cov(1), both.corrcoef())).unwrap();
            assert!((cov[[1, 0]] / covariance - 1.0).abs() < 1e-13, "{offset} {chunk}");
            assert!((corr[[0, 1]].powi(2) / square - 1.0).abs() < 1e-13);
        }
    }
}

fn plain_covariance(x: &[f64], y: &[f64], ddof: usize) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_x, mean_y) = (mean(x), mean(y));
    let products = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y));
    if x.len() <= ddof { f64::NAN } else { products.sum::<f64>() / (x.len() - ddof) as f64 }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn pairs_along_axes_are_those_of_each_lane(layout in layouts(), axis in 0_usize..4, seed: u64) {
        let axis = axis % layout.shape.len();
        let values = layout_array(&layout, |place| unit(seed, place));
        let others = layout_array(&layout, |place| unit(!seed, place) + unit(seed, place));
        let weights = layout_array(&layout, |place| unit(seed ^ 5, place).abs());
        let halves: Vec<usize> = layout.shape.iter().map(|len| len.div_ceil(2).max(1)).collect();
        let x = chunked(&layout, &values);
        let y = ChunkedArray::from_array(others.clone(), halves);
        let w = chunked(&layout, &weights);
        let along = x.along(Axis(axis));
        let asked = (along.covariance(&y, 1), along.average(&w), x.average(&w), x.covariance(&y, 0));
        let (cov, average, whole, whole_cov) = same_everywhere(asked, |(cov, average, whole, of)| {
            let mut bits = bits_of(cov);
            bits.extend(bits_of(average));
            bits.extend([whole.to_bits(), of.to_bits()]);
            bits
        });
        let lanes = |of: &dyn Fn(Vec<f64>, Vec<f64>, Vec<f64>) -> f64| -> ArrayD<f64> {
            let take = |array: &ArrayD<f64>| -> Vec<Vec<f64>> {
                array.lanes(Axis(axis)).into_iter().map(|lane| lane.to_vec()).collect()
            };
            let (x, y, w) = (take(&values), take(&others), take(&weights));
            let all = x.into_iter().zip(y).zip(w).map(|((x, y), w)| of(x, y, w)).collect();
            ArrayD::from_shape_vec(cov.raw_dim(), all).expect("a value for each lane")
        };
        let expected = lanes(&|x, y, _| plain_covariance(&x, &y, 1));
        assert_close(&cov, &expected, 1e-12, "covariance");
        let weighted = |x: &[f64], w: &[f64]| {
            let total: f64 = w.iter().sum();
            x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>() / total
        };
        let expected = lanes(&|x, _, w| weighted(&x, &w));
        assert_close(&average, &expected, 1e-12, "average");
        let flat = |array: &ArrayD<f64>| array.iter().copied().collect::<Vec<_>>();
        let expected = [weighted(&flat(&values), &flat(&weights)), plain_covariance(&flat(&values), &flat(&others), 0)];
        for (found, expected) in [whole, whole_cov].iter().zip(expected) {
            prop_assert!((found - expected).abs() < 1e-12 || found.is_nan() && expected.is_nan());
        }
    }

    #[test]
    fn matrices_are_those_of_pairs_of_rows(
        rows in 1_usize..9,
        (columns, cuts) in (1_usize..600).prop_flat_map(|len| (Just(len), pieces(len))),
        row_cut in 1_usize..9,
        seed: u64,
    ) {
        let values = Array2::from_shape_fn([rows, columns], |(i, j)| unit(seed, i * columns + j) + i as f64);
        let mut row_sizes = vec![row_cut; rows / row_cut];
        row_sizes.extend((rows % row_cut > 0).then_some(rows % row_cut));
        let sizes = vec![row_sizes, cuts];
        let x = ChunkedArray::from_array(values.clone(), sizes);
        let cov = same_everywhere(x.cov(1), |cov| cov.iter().map(|x| x.to_bits()).collect());
        let expected = Array2::from_shape_fn([rows, rows], |(i, j)| {
            plain_covariance(&values.row(i).to_vec(), &values.row(j).to_vec(), 1)
        });
        assert_close(&cov.into_dyn(), &expected.into_dyn(), 1e-12, "cov");
    }
}

#[test]
fn weights_along_an_axis_and_other_rules() {
    let values = Array2::from_shape_fn([6, 4], |(i, j)| (i * i + 3 * j) as f32);
    let x = ChunkedArray::from_array(values.clone(), [4, 3]);
    let w = ChunkedArray::from_array(array![1_u8, 0, 2, 0, 0, 3], [2]);
    let found = compute(x.average_axis(Axis(0), &w)).unwrap();
    let expected = (0..4).map(|j| {
        (f64::from(values[[0, j]])
            + 2.0 * f64::from(values[[2, j]])
            + 3.0 * f64::from(values[[5, j]]))
            / 6.0
    });
    assert_eq!(found.to_vec(), expected.collect::<Vec<_>>());
    // Weights that are computed, and sum up to nothing.
    let none = w.astype::<f64>() * 0.0;
    assert!(compute(x.average_axis(Axis(0), &none)).unwrap().iter().all(|value| value.is_nan()));
    let kept = x.along([0]).keepdims().average(&x);
    assert_eq!(kept.shape(), [1, 4]);

    let error = x.average_axis(Axis(1), &w).check().unwrap_err();
    assert!(matches!(error, ArrayError::ShapeMismatch { operation: "average", .. }), "{error}");
    let error = compute(x.covariance(&w, 0)).unwrap_err().to_string();
    assert!(error.contains("covariance") && error.contains("pairs.rs"), "{error}");
    // NumPy's: an average of nothing, a constant, NaN.
    let empty = ChunkedArray::from_array(Array1::<f64>::zeros(0), [1]);
    assert!(compute(empty.average(&empty)).unwrap().is_nan());
    assert!(compute(empty.covariance(&empty, 0)).unwrap().is_nan());
    let constant = ChunkedArray::from_array(Array1::from_elem(7, 0.1), [2]);
    let (cov, corr) =
        compute((constant.covariance(&constant, 0), constant.correlation(&constant))).unwrap();
    assert!(cov == 0.0 && corr.is_nan());
    let spoilt = ChunkedArray::from_array(array![[1.0, f64::NAN], [1.0, 3.0]], [2, 1]);
    let cov = compute(spoilt.cov(1)).unwrap();
    assert!(cov[[0, 0]].is_nan() && cov[[0, 1]].is_nan() && cov[[1, 1]] == 2.0);
    let no_columns = ChunkedArray::from_array(Array2::<f64>::zeros([3, 0]), [2, 1]);
    assert!(compute(no_columns.cov(0)).unwrap().iter().all(|value| value.is_nan()));
    assert_eq!(compute(no_columns.t().cov(0)).unwrap().shape(), [0, 0]);
}
