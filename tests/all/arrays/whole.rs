//! Whole-array reductions beside the moments, arrays that are made by a rule, sizes that cannot be counted,
//! and arrays computed beside their statistics.

use lazuli::array::{ArrayError, Random};
use lazuli::prelude::*;
use ndarray::{Array1, Ix1};
use proptest::prelude::*;

use super::{array, close, layouts, noise, same_everywhere, unit};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn places_and_truth(layout in layouts(), seed: u64) {
        // Few values, so that there are many equal ones.
        let a = array(&layout, |i| (noise(seed, i) % 7) as i32 - 3);
        let x = ChunkedArray::from_array(a.clone(), layout.chunks.clone());
        let count = a.iter().filter(|&&value| value != 0).count() as u64;
        let asked = (x.count_nonzero(), x.any(), x.all());
        let found = same_everywhere(asked, |&(count, any, all)| vec![count, any.into(), all.into()]);
        prop_assert_eq!(found, (count, count > 0, count as usize == a.len()));
        let places = Executor::sync().compute((x.argmin(), x.argmax()));
        if a.is_empty() {
            prop_assert!(matches!(places.unwrap_err().find(), Some(ArrayError::Empty("argmin"))));
        } else {
            let places = same_everywhere((x.argmin(), x.argmax()), |&(low, high)| vec![low, high]);
            let (low, high) = (*a.iter().min().unwrap(), *a.iter().max().unwrap());
            let first = |of: i32| a.iter().position(|&value| value == of).unwrap() as u64;
            prop_assert_eq!(places, (first(low), first(high)));
        }
    }

    #[test]
    fn nan_is_left_out(layout in layouts(), seed: u64, share in 1_u64..4) {
        let a = array(&layout, |i| if noise(seed, i) % 4 < share { f64::NAN } else { 100.0 + unit(seed, i) });
        let kept: Array1<f64> = a.iter().copied().filter(|value| !value.is_nan()).collect();
        let x = ChunkedArray::from_array(a.clone(), layout.chunks.clone());
        let rest = ChunkedArray::from_array(kept.clone(), [kept.len().max(1)]);
        let bits = |values: &[f64; 4]| values.iter().map(|value| value.to_bits()).collect();
        let found = same_everywhere([x.nansum(), x.nanmean(), x.nanvar(0), x.nanstd(1)], bits);
        let expected = compute([rest.sum(), rest.mean(), rest.var(0), rest.std(1)]).unwrap();
        for (found, expected) in found.into_iter().zip(expected) {
            prop_assert!(close(found, expected, 1e-13), "{found} {expected}");
        }
        match compute((x.nanmin(), x.nanmax())) {
            Err(error) => prop_assert!(a.is_empty() && matches!(error.find(), Some(ArrayError::Empty("nanmin")))),
            Ok((low, high)) if kept.is_empty() => prop_assert!(low.is_nan() && high.is_nan()),
            Ok((low, high)) => {
                prop_assert_eq!(low, kept.iter().copied().fold(f64::INFINITY, f64::min));
                prop_assert_eq!(high, kept.iter().copied().fold(f64::NEG_INFINITY, f64::max));
            }
        }
    }

    #[test]
    fn products_of_whole_numbers_are_exact(layout in layouts(), seed: u64) {
        // Powers of two with a few odd factors: what is exact in integers is in floats.
        let a = array(&layout, |i| [1_i64, -1, 1, 2, 1, 3][(noise(seed, i) % 6) as usize]);
        let x = ChunkedArray::from_array(a.clone(), layout.chunks.clone());
        let exact = a.iter().try_fold(1_i128, |all, &value| all.checked_mul(value.into()));
        match exact {
            Some(exact) => {
                prop_assert_eq!(compute(x.prod()).unwrap(), exact);
                prop_assert!(close(compute(x.astype::<f64>().prod()).unwrap(), exact as f64, 1e-15));
            }
            None => {
                let error = compute(x.prod()).unwrap_err();
                prop_assert!(matches!(error.find(), Some(ArrayError::Overflow("prod"))));
            }
        }
    }

    #[test]
    fn random_elements_do_not_know_their_chunks(
        shape in [1_usize..60, 1_usize..60],
        chunks in [1_usize..60, 1_usize..60],
        seed: u64,
    ) {
        let (a, b) = (Random::new(seed), Random::new(seed).stream(1));
        let uniform = |chunks| a.uniform(shape, chunks, -1.0..3.0);
        let found = same_everywhere(uniform(chunks), |array| array.iter().map(|value| value.to_bits()).collect());
        prop_assert_eq!(&found, &compute(uniform(shape)).unwrap());
        prop_assert!(found.iter().all(|value| (-1.0..3.0).contains(value)));
        let whole = compute(b.integers(shape, chunks, -5..6)).unwrap();
        prop_assert!(whole.iter().all(|value| (-5..6).contains(value)));
    }
}

#[test]
fn random_numbers_have_the_moments_of_their_distribution() {
    let n = [400_000];
    let uniform = Random::new(1).uniform(n, [30_000], 0.0..1.0);
    let normal = Random::new(1).stream(9).normal(n, [30_000], 0.0, 1.0);
    let (mean, var, skewness, kurtosis) =
        compute((normal.mean(), normal.var(0), normal.skewness(), normal.kurtosis())).unwrap();
    // Six standard errors.
    assert!(mean.abs() < 0.01 && (var - 1.0).abs() < 0.014, "{mean} {var}");
    assert!(skewness.abs() < 0.024 && kurtosis.abs() < 0.047, "{skewness} {kurtosis}");
    let (mean, var) = compute((uniform.mean(), uniform.var(0))).unwrap();
    assert!((mean - 0.5).abs() < 0.003 && (var - 1.0 / 12.0).abs() < 0.001, "{mean} {var}");
    let together = compute((&uniform * &normal).mean()).unwrap();
    assert!(together.abs() < 0.006, "streams are independent: {together}");
}

#[test]
fn moments_by_their_order() {
    let x = ChunkedArray::from_fn([1000], [64], |[i]| unit(5, i));
    let (second, third, fourth, var, skewness, kurtosis) =
        compute((x.moment(2), x.moment(3), x.moment(4), x.var(0), x.skewness(), x.kurtosis()))
            .unwrap();
    assert_eq!(second, var);
    assert!(close(third / var.powf(1.5), skewness, 1e-14));
    assert!(close(fourth / (var * var) - 3.0, kurtosis, 1e-14));
    assert_eq!(compute((x.moment(0), x.moment(1))).unwrap(), (1.0, 0.0));
    let error = compute(x.moment(5)).unwrap_err();
    assert!(matches!(error.find(), Some(ArrayError::UnknownMoment(5))));
}

#[test]
fn what_cannot_be_counted_is_an_error() {
    let large = 1_usize << 32;
    let x = ChunkedArray::from_fn([large, large], [1, 1], |[i, j]| (i + j) as f64);
    let error = compute(x.sum()).unwrap_err();
    assert!(matches!(error.find(), Some(ArrayError::TooManyElements { .. })), "{error}");
    let blocks = ChunkedArray::from_fn([large], [1], |[i]| i as f64);
    let error = compute(blocks.mean()).unwrap_err();
    assert!(matches!(error.find(), Some(ArrayError::TooManyBlocks { .. })), "{error}");
    let whole = ChunkedArray::<f64, _>::zeros([large, 1 << 30], [large, 1 << 30]);
    let error = compute(&whole).unwrap_err();
    assert!(matches!(error.find(), Some(ArrayError::TooManyBytes { .. })), "{error}");
    let step = ChunkedArray::arange(0.0, 1.0, 0.0, [10]);
    assert!(matches!(step.check(), Err(ArrayError::TooManyElements { .. })));
    let column = ChunkedArray::<u8, _>::ones([large, 1], [large, 1]);
    let product = &column * column.t().broadcast([large, large]);
    assert!(product.check().is_err());
    assert!((&column * column.t()).check().is_err());
    // An array that is not there costs nothing, however long its other axes.
    let none = ChunkedArray::<f64, _>::zeros([0, large], [1, 1]);
    assert_eq!(compute(none.sum()).unwrap(), 0.0);
}

#[test]
fn an_array_and_its_statistics_in_any_order() {
    let x = ChunkedArray::from_fn([1000, 7], [130, 3], |[i, j]| (i * 7 + j) as f64);
    let (first, mean, second) = compute((&x, x.mean(), &x)).unwrap();
    let (sum, third) = compute((x.sum(), &x)).unwrap();
    assert!(first == second && second == third && first[(999, 6)] == 6999.0);
    assert_eq!((mean, sum), (3499.5, 3499.5 * 7000.0));
    let twice = x.to_array();
    let (a, b, c) = compute((&twice, &twice, &x)).unwrap();
    assert!(a == b && b == c && c == first);
}

#[test]
fn closeness() {
    let x: ChunkedArray<f64, Ix1> = ChunkedArray::linspace(1.0, 2.0, 1001, [100]);
    let near = &x * (1.0 + 1e-9);
    let (is_near, is_far, is_same) = compute((
        x.all_close(&near, 1e-8, 0.0),
        x.all_close(&near, 1e-10, 0.0),
        x.all_close(&near, 0.0, 1e-8),
    ))
    .unwrap();
    assert_eq!((is_near, is_far, is_same), (true, false, true));
    let nan = x.gt(1.5).where_(f64::NAN, &x);
    let infinite = x.gt(1.5).where_(f64::INFINITY, &x);
    let found = compute((nan.all_close(&nan, 1.0, 1.0), infinite.all_close(&infinite, 0.0, 0.0)));
    assert_eq!(found.unwrap(), (false, true));
}
