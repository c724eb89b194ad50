//! Reshaping against unchunked `ndarray`.

use lazuli_array::ChunkedArray;
use lazuli_core::Executor;
use ndarray::IxDyn;
use proptest::prelude::*;

use super::support::*;

/// Two shapes of as many elements: products of the same small factors, put together in two ways.
fn shapes() -> impl Strategy<Value = [Vec<usize>; 2]> {
    prop::collection::vec(1_usize..5, 0..6).prop_flat_map(|factors| {
        let cuts = || prop::collection::vec(any::<bool>(), factors.len());
        let factors = factors.clone();
        (cuts(), cuts(), any::<bool>()).prop_map(move |(first, second, turned)| {
            let shape = |cuts: Vec<bool>, factors: &[usize]| {
                let mut shape: Vec<usize> = Vec::new();
                for (&factor, is_new) in factors.iter().zip(cuts) {
                    match shape.last_mut() {
                        Some(last) if !is_new => *last *= factor,
                        _ => shape.push(factor),
                    }
                }
                shape
            };
            let mut others = factors.clone();
            if turned {
                others.reverse();
            }
            [shape(first, &factors), shape(second, &others)]
        })
    })
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn elements_stay_in_order(
        (shape, other, cut) in shapes().prop_flat_map(|[shape, other]| {
            let cut = chunks(&shape);
            (Just(shape), Just(other), cut)
        }),
        staged: bool,
        seed: u64,
    ) {
        let values = whole(seed, &shape);
        let x = chunked(&values, &cut, staged);
        let reshaped = x.reshape(IxDyn(&other));
        let expected = values.clone().into_shape_with_order(IxDyn(&other)).expect("as many elements");
        prop_assert_eq!(&same_everywhere(&reshaped, bits_of), &expected);
        // There and back, behind a view and an operation.
        let back = (reshaped.t() * 2.0).t().reshape(IxDyn(&shape));
        prop_assert_eq!(same_everywhere(&back, bits_of), values * 2.0);
        // No block is larger than those it is made of.
        let largest = |array: &ChunkedArray<f64, IxDyn>| array.chunksize().iter().product::<usize>();
        prop_assert!(largest(&reshaped) <= largest(&x).max(1));
    }
}

#[test]
fn axes_of_length_one_are_views() {
    let x = ChunkedArray::from_fn([4, 6], [2, 3], |[i, j]| (i * j) as f64);
    let tasks =
        |collection| Executor::sync().plan(&collection).expect("it is planned").tasks().len();
    let expected = tasks(x.sum());
    assert_eq!(tasks(x.reshape([1, 4, 1, 6]).reshape([4, 6, 1]).sum()), expected);
    assert!(tasks(x.reshape([24]).sum()) > expected);
}

#[test]
fn axes_that_stay_keep_their_chunks() {
    let x = ChunkedArray::from_fn([10, 6, 8], [3, 2, 8], |[i, j, k]| (i * j * k) as f64);
    let reshaped = x.reshape([10, 6, 2, 4]);
    assert_eq!(reshaped.chunks()[..2], x.chunks()[..2]);
    assert_eq!(reshaped.chunksize(), [3, 2, 2, 4]);
    assert_eq!(x.reshape([60, 8]).chunksize(), [6, 8]);
}

#[test]
fn another_number_of_elements_is_an_error() {
    let x = ChunkedArray::from_fn([4, 6], [2, 3], |[i, j]| (i * j) as f64);
    let message = failure(x.reshape([5, 5]));
    assert!(message.contains("`reshape` at") && message.contains("reshaped.rs:"), "{message}");
    assert!(failure(x.reshape([1 << 40, 1 << 40])).contains("more elements than can be counted"));
    assert!(failure((&x + &x.t()).reshape([24])).contains("`add` at"));
    let none = ChunkedArray::<f64, ndarray::Ix2>::zeros([0, 3], [1, 1]);
    assert_eq!(lazuli_core::compute(none.reshape([7, 0, 2])).expect("none").shape(), [7, 0, 2]);
}
