//! Half precision and complex numbers: stored, converted, computed with; against `ndarray` and plain loops.

use half::f16;
use lazuli_array::{ChunkedArray, open_npy};
use ndarray::{Array1, Array2, Ix1};
use num_complex::{Complex, Complex64};
use proptest::prelude::*;

use crate::support::compute;

#[test]
fn half_precision_is_stored_and_computed_in_another_type() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let values = Array1::from_iter((0..1000).map(|i| f64::from(i) / 8.0));
    let x = ChunkedArray::from_array(values.clone(), [300]);
    compute(x.astype::<f16>().store_npy(&path)).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 128 + 2000);
    let back = open_npy::<f16, Ix1>(&path).unwrap();
    let wide = back.astype::<f32>();
    assert_eq!(compute(wide.sum()).unwrap(), values.sum());
    assert_eq!(compute(back.astype::<f64>()).unwrap(), values);
    assert_eq!(compute(back.count_nonzero()).unwrap(), 999);
}

fn complex() -> impl Strategy<Value = Complex64> {
    (-9.0..9.0, -9.0..9.0).prop_map(|(re, im)| Complex::new(re, im))
}

fn close(a: Complex64, b: Complex64) -> bool {
    (a - b).norm() <= 1e-13 * b.norm().max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::support::cases(60)))]

    #[test]
    fn arithmetic_is_that_of_complex_numbers(
        a in prop::collection::vec(complex(), 12),
        b in prop::collection::vec(complex(), 4),
        number in complex(),
        chunks in (1_usize..5, 1_usize..5),
    ) {
        let a = Array2::from_shape_vec((3, 4), a).unwrap();
        let b = Array1::from_vec(b);
        let x = ChunkedArray::from_array(a.clone(), [chunks.0, chunks.1]);
        let y = ChunkedArray::from_array(b.clone(), [chunks.1]);
        prop_assert_eq!(compute(&x + &y).unwrap(), &a + &b);
        prop_assert_eq!(compute(&x - &y).unwrap(), &a - &b);
        prop_assert_eq!(compute(&x * &y).unwrap(), &a * &b);
        let quotient = compute(&x / &y).unwrap();
        prop_assert!(quotient.iter().zip(&(&a / &b)).all(|(a, b)| close(*a, *b)));
        prop_assert_eq!(compute((&x - number) * number).unwrap(), (&a - number) * number);
        prop_assert_eq!(compute(number - &x).unwrap(), a.mapv(|value| number - value));
        prop_assert_eq!(compute(-&x.conj()).unwrap(), a.mapv(|value| -value.conj()));
        prop_assert_eq!(compute(x.re()).unwrap(), a.mapv(|value| value.re));
        prop_assert_eq!(compute(x.im()).unwrap(), a.mapv(|value| value.im));
        let polar = compute((x.abs(), x.arg())).unwrap();
        for ((value, abs), arg) in a.iter().zip(&polar.0).zip(&polar.1) {
            prop_assert!((value.norm() - abs).abs() < 1e-14 && (value.arg() - arg).abs() < 1e-14);
        }
        let (sum, mean, prod) = compute((x.sum(), x.mean(), x.prod())).unwrap();
        prop_assert!(close(sum, a.sum()) && close(mean, a.sum() / 12.0));
        let product: Complex64 = a.iter().product();
        prop_assert!((prod - product).norm() <= 1e-12 * product.norm());
    }
}

#[test]
fn complex_numbers_of_any_size_have_products_and_quotients() {
    let large = Array1::from_elem(100, Complex::new(1e200, -1e200));
    let small = Array1::from_elem(100, Complex::new(5e-201, 5e-201));
    for chunk in [1, 7, 100] {
        let x = ChunkedArray::from_array(large.clone(), [chunk]);
        let y = ChunkedArray::from_array(small.clone(), [chunk]);
        let both = lazuli_array::concatenate(ndarray::Axis(0), [&x, &y]);
        let product = compute(both.prod()).unwrap();
        assert!((product - Complex::new(1.0, 0.0)).norm() < 1e-12, "{chunk}: {product}");
        let one = compute(&x / &x).unwrap();
        assert!(one.iter().all(|one| *one == Complex::new(1.0, 0.0)));
        let largest: f64 = compute(x.abs().max()).unwrap();
        assert!((largest - 2_f64.sqrt() * 1e200).abs() < 1e185);
    }
    let none = ChunkedArray::from_array(Array1::<Complex64>::zeros(0), [1]);
    let (sum, mean, prod) = compute((none.sum(), none.mean(), none.prod())).unwrap();
    assert_eq!((sum, prod), (Complex::new(0.0, 0.0), Complex::new(1.0, 0.0)));
    assert!(mean.re.is_nan() && mean.im.is_nan());
    let zero = ChunkedArray::from_array(Array1::from_elem(3, Complex::new(0.0_f32, 0.0)), [2]);
    let quotient = compute(Complex::new(1.0_f32, -1.0) / &zero).unwrap();
    assert!(quotient.iter().all(|q| q.re == f32::INFINITY && q.im == f32::NEG_INFINITY));
    let wide = compute(zero.astype::<Complex64>() + Complex::new(1.0, 2.0)).unwrap();
    assert_eq!(wide[2], Complex::new(1.0, 2.0));
}

/// Sum, mean and magnitudes of one array are one pass over it.
#[test]
fn parts_of_complex_numbers_share_a_pass() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let z = ChunkedArray::from_fn([1000], [100], move |[i]| {
        counted.fetch_add(1, SeqCst);
        Complex::new(i as f64, -(i as f64))
    });
    compute((z.sum(), z.mean(), z.prod(), z.abs().max(), z.count_nonzero())).unwrap();
    assert_eq!(calls.load(SeqCst), 1000);
}
