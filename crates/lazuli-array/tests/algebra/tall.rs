//! QR and singular values of tall matrices.

use lazuli_array::{ChunkedArray, Random};
use lazuli_core::{Executor, compute};
use ndarray::{Array2, Ix2};
use proptest::prelude::*;

use super::support::*;

fn largest(array: &Array2<f64>) -> f64 {
    array.iter().fold(0.0, |most, value| most.max(value.abs()))
}

fn bits(array: &Array2<f64>) -> Vec<u64> {
    array.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn factors_are_orthogonal_and_make_the_matrix(
        (rows, columns, cut) in (1_usize..12).prop_flat_map(|columns| {
            (columns..300).prop_flat_map(move |rows| {
                (Just(rows), Just(columns), chunks(&[rows, columns]))
            })
        }),
        seed: u64,
        staged: bool,
        dependent: bool,
    ) {
        let mut a = whole(seed, &[rows, columns]);
        if dependent {
            for mut row in a.outer_iter_mut() {
                row[columns - 1] = 2.0 * row[0];
            }
        }
        let x = chunked(&a, &cut, staged).into_dimensionality::<Ix2>().expect("a matrix");
        let a = a.into_dimensionality::<Ix2>().expect("a matrix");
        let identity = Array2::<f64>::eye(columns);

        let (q, r) = x.qr();
        let (q, r) = same_everywhere((&q, &r), |(q, r)| [bits(q), bits(r)].concat());
        let unit = largest(&a).max(1.0) * (rows * columns) as f64;
        prop_assert!(largest(&(q.dot(&r) - &a)) < 1e-15 * unit);
        prop_assert!(largest(&(q.t().dot(&q) - &identity)) < 1e-13);
        for ((i, j), &value) in r.indexed_iter() {
            prop_assert!(i < j || i == j && value >= 0.0 || value == 0.0);
        }

        let svd = x.svd();
        let (u, s, vt) = same_everywhere((&svd.u, &svd.s, &svd.vt), |(u, s, vt)| {
            [bits(u), s.iter().map(|value| value.to_bits()).collect(), bits(vt)].concat()
        });
        prop_assert!(s.windows(2).into_iter().all(|pair| pair[0] >= pair[1] && pair[1] >= 0.0));
        prop_assert!(largest(&((&u * &s).dot(&vt) - &a)) < 1e-15 * unit);
        prop_assert!(largest(&(u.t().dot(&u) - &identity)) < 1e-13);
        prop_assert!(largest(&(vt.dot(&vt.t()) - &identity)) < 1e-13);
    }
}

#[test]
fn singular_values_do_not_depend_on_chunks_but_for_rounding() {
    let x = Random::new(3).normal([700, 6], [700, 6], 1.0, 2.0);
    let expected = compute(x.svd().s).expect("it is tall");
    for rows in [3, 50, 113, 699] {
        let cut = x.rechunk([rows, 4]).svd();
        let (s, vt) = compute((&cut.s, &cut.vt)).expect("it is tall");
        let whole = compute(x.svd().vt).expect("it is tall");
        for (found, expected) in s.iter().zip(&expected) {
            assert!((found / expected - 1.0).abs() < 1e-13);
        }
        assert!(largest(&(vt - whole)) < 1e-10, "signs are fixed");
    }
}

#[test]
fn many_blocks_meet_in_levels() {
    let x = Random::new(8).uniform([2000, 3], [10, 3], -1.0..1.0);
    let (q, r) = x.qr();
    assert_eq!(q.numblocks(), [200, 1]);
    let (off, r) = compute(((q.dot(&r) - &x).abs().max(), &r)).expect("it is tall");
    assert!(off < 1e-13);
    let squares = compute(x.t().dot(&x)).expect("they fit");
    assert!(largest(&(r.t().dot(&r) - squares)) < 1e-11);
}

#[test]
fn integers_and_narrow_floats_are_factored_in_f64() {
    let x = ChunkedArray::from_fn([30, 2], [7, 2], |[i, j]| (i * (j + 1) % 7) as i16);
    let narrow = x.astype::<f32>();
    let (a, b) = compute((x.qr().1, narrow.qr().1)).expect("they are tall");
    assert_eq!(a, b);
}

/// Triangles are all that the way down needs of the way up: blocks are read again.
#[test]
fn no_block_is_held_between_the_passes() {
    let peak = |rows: usize| {
        let x = Random::new(1).uniform([rows, 10], [1000, 10], 0.0..1.0);
        Executor::sync().explain(x.qr().0.sum()).expect("it is planned").peak_bytes
    };
    let (few, many) = (peak(20_000), peak(200_000));
    assert!(many < few + 300 * 10 * 10 * 8, "{few} and {many}");
}

#[test]
fn matrices_that_are_not_tall_are_errors() {
    let x = ChunkedArray::from_fn([3, 4], [2, 2], |[i, j]| (i + j) as f64);
    for message in [failure(x.qr().1), failure(x.qr().0), failure(x.svd().s), failure(x.svd().u)] {
        assert!(message.contains("wider than tall") && message.contains("tall.rs:"), "{message}");
    }
    let none = ChunkedArray::<f64, Ix2>::zeros([3, 0], [3, 1]);
    assert!(failure(none.svd().vt).contains("no columns"));
}
