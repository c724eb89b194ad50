//! Arrays of arrays: concatenated, stacked, and given by tasks; against those of `ndarray`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use lazuli_array::{ChunkedArray, concatenate, open_npy, stack};
use lazuli_core::{Delayed, Executor, task};
use ndarray::{Array, Array2, ArrayD, Axis, Ix2, IxDyn};
use proptest::prelude::*;

use crate::support::compute;

fn numbered(shape: &[usize], from: usize) -> ArrayD<f64> {
    let len: usize = shape.iter().product();
    Array::from_shape_vec(shape, (from..from + len).map(|i| i as f64).collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::support::cases(100)))]

    /// Arrays in memory, computed ones, ones with delayed numbers and joined ones, in any chunks and views.
    #[test]
    fn joined_arrays_are_those_of_ndarray(
        shape in prop::collection::vec(1_usize..7, 1..4),
        axis in any::<prop::sample::Index>(),
        lens in prop::collection::vec((0_usize..6, 1_usize..5, 0_u8..4), 1..6),
        chunks in prop::collection::vec(1_usize..20, 3),
        flip: bool,
        step in 1_isize..4,
    ) {
        let axis = Axis(axis.index(shape.len()));
        let mut from = 0;
        let mut arrays = Vec::new();
        let mut expected = Vec::new();
        for (len, chunk, kind) in lens {
            let mut shape = shape.clone();
            shape[axis.0] = len;
            let values = numbered(&shape, from);
            from += values.len();
            let lazy = ChunkedArray::from_array(values.clone(), vec![chunk; shape.len()]);
            let (lazy, values) = match kind {
                0 => (lazy, values),
                1 => (&lazy * 2.0 + 1.0, values.mapv(|value| value * 2.0 + 1.0)),
                2 => {
                    let low = values.iter().copied().fold(7.0, f64::min);
                    let lazy = lazy - Delayed::value(low);
                    (lazy, values.mapv(|value| value - low))
                }
                _ => {
                    let twice = concatenate(axis, [&lazy, &lazy.flip(axis)]);
                    let flipped = values.slice_axis(axis, ndarray::Slice::new(0, None, -1));
                    let values = ndarray::concatenate(axis, &[values.view(), flipped]).unwrap();
                    (twice, values)
                }
            };
            arrays.push(lazy);
            expected.push(values);
        }
        let views: Vec<_> = expected.iter().map(|array| array.view()).collect();
        let mut expected = ndarray::concatenate(axis, &views).unwrap();
        let mut joined = concatenate(axis, &arrays);
        prop_assert_eq!(compute(&joined).unwrap(), &expected);
        prop_assert_eq!(compute(joined.rechunk(&chunks[..shape.len()])).unwrap(), &expected);
        if flip {
            joined = joined.flip(axis);
            expected.invert_axis(axis);
        }
        let start = expected.len_of(axis).min(1) as isize;
        joined = joined.slice_axis(axis, lazuli_array::Span::new(start, None, step));
        expected.slice_axis_inplace(axis, ndarray::Slice::new(start, None, step));
        prop_assert_eq!(compute(joined.t()).unwrap(), expected.t());
        let sum = joined.rechunk(&chunks[..shape.len()]).sum();
        prop_assert_eq!(compute(sum).unwrap(), expected.sum());
    }
}

#[test]
fn stacked_arrays_have_a_new_axis() {
    let parts: Vec<ArrayD<f64>> = (0..4).map(|part| numbered(&[3, 5], 100 * part)).collect();
    let lazy: Vec<_> =
        parts.iter().map(|part| ChunkedArray::from_array(part.clone(), [2, 2])).collect();
    let views: Vec<_> = parts.iter().map(|array| array.view()).collect();
    for axis in [Axis(0), Axis(1), Axis(2)] {
        let expected = ndarray::stack(axis, &views).unwrap();
        let stacked = stack(axis, &lazy);
        assert_eq!(compute(&stacked).unwrap(), expected);
        assert_eq!(stacked.chunksize()[axis.0], 1);
        assert_eq!(compute(stacked.rechunk([3, 3, 3])).unwrap(), expected);
    }
}

#[test]
fn arrays_that_do_not_fit_are_errors_that_say_why() {
    let x = ChunkedArray::from_array(numbered(&[3, 5], 0), [2, 2]);
    let y = ChunkedArray::from_array(numbered(&[4, 5], 0), [2, 2]);
    let reports = |array: ChunkedArray<f64, IxDyn>, what: &str| {
        let error = compute(&array).unwrap_err().to_string();
        assert!(error.contains(what) && error.contains("joined.rs"), "{error}");
        assert!(array.check().is_err() && compute(array.sum()).is_err());
    };
    reports(concatenate(Axis(1), [&x, &y]), "beside one of shape [3, 5]");
    reports(concatenate(Axis(2), [&x, &x]), "there is no axis 2");
    reports(concatenate::<f64, IxDyn>(Axis(0), []), "at least one array");
    reports(stack(Axis(0), [&x, &y]).into_dyn(), "same lengths");
    reports(stack(Axis(3), [&x, &x]).into_dyn(), "no place");
    let wrong = &x + &y;
    reports(concatenate(Axis(0), [&x, &wrong]), "broadcast");
}

/// Files that are joined are read by tiles, as each alone is: nothing the size of a block is held.
#[test]
fn joined_files_are_read_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let parts: Vec<ChunkedArray<f64, Ix2>> = (0..3)
        .map(|part| {
            let path = folder.path().join(format!("{part}.npy"));
            let values = ChunkedArray::from_fn([100, 1000], [100, 1000], move |[i, j]| {
                (part * 100_000 + i * 1000 + j) as f64
            });
            compute(values.store_npy(&path)).unwrap();
            open_npy(&path).unwrap()
        })
        .collect();
    let x = concatenate(Axis(0), &parts);
    assert_eq!(x.numblocks(), [3, 1]);
    let limited = Executor::sync().with_memory_limit(300_000);
    let sum = limited.compute(x.sum()).unwrap();
    assert_eq!(sum, (0..300_000).map(f64::from).sum::<f64>());
    // A block of 240,000 bytes that has elements of two files is held.
    assert_eq!(limited.compute(x.rechunk([30, 1000]).sum()).unwrap(), sum);
    assert!(limited.compute(x.rechunk([150, 1000]).sum()).is_err(), "1,200,000 bytes do not fit");
}

fn counted(calls: &Arc<AtomicUsize>, value: f64, shape: (usize, usize)) -> Delayed<Array2<f64>> {
    let calls = Arc::clone(calls);
    task("load").call((), move |()| {
        calls.fetch_add(1, SeqCst);
        Array2::from_elem(shape, value)
    })
}

#[test]
fn given_arrays_are_computed_where_they_are_needed() {
    let calls = Arc::new(AtomicUsize::new(0));
    let days: Vec<_> = (0..10)
        .map(|day| ChunkedArray::from_delayed(&counted(&calls, f64::from(day), (4, 3)), [4, 3]))
        .collect();
    let x = concatenate(Axis(0), &days);
    assert_eq!((x.shape(), x.numblocks()), (&[40, 3][..], vec![10, 1]));
    let (mean, max) = compute((x.mean(), (&x * 2.0).max())).unwrap();
    assert_eq!((mean, max, calls.swap(0, SeqCst)), (4.5, 18.0, 10));
    // Of which no block has an element, that is not computed.
    let part = x.slice(ndarray::s![8..15, ..]);
    assert_eq!(compute(part.sum()).unwrap(), 3.0 * (4.0 * 2.0 + 3.0 * 3.0));
    assert_eq!(calls.swap(0, SeqCst), 2);
    assert_eq!(compute(x.rechunk([7, 2]).t().sum()).unwrap(), 540.0);
    assert_eq!(calls.load(SeqCst), 10);

    // Given once, read in any order.
    let order =
        task("order").call((), |()| numbered(&[3, 4], 0).into_dimensionality::<Ix2>().unwrap());
    let reversed = order.map_named("reversed", |array| array.clone().reversed_axes());
    let y = ChunkedArray::from_delayed(&reversed, [4, 3]);
    assert_eq!(compute(&y.t() - ChunkedArray::from_delayed(&order, [3, 4])).unwrap().sum(), 0.0);

    let wrong = ChunkedArray::from_delayed(&counted(&calls, 1.0, (4, 3)), [3, 4]);
    let error = compute(wrong.sum()).unwrap_err().to_string();
    assert!(error.contains("[4, 3]") && error.contains("[3, 4]"), "{error}");
}

/// At most some of the given arrays are there at once.
#[test]
fn given_arrays_are_dropped_as_the_pass_goes_on() {
    let parts: Vec<_> = (0..50)
        .map(|part| {
            let value = task("load")
                .output_bytes(80_000)
                .call((), move |()| Array2::from_elem((100, 100), f64::from(part)));
            ChunkedArray::from_delayed(&value, [100, 100])
        })
        .collect();
    let x = concatenate(Axis(0), &parts);
    let limited = Executor::threaded(2).unwrap().with_memory_limit(1_000_000);
    assert_eq!(limited.compute(x.mean()).unwrap(), 24.5);
}
