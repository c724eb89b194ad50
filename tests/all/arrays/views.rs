//! Views, broadcasting and dimension types against `ndarray`'s own.

use lazuli::array::ndarray::{Axis, s};
use lazuli::array::{ArrayError, Chunks, Span};
use lazuli::prelude::*;
use ndarray::{Array, Array1, ArrayD, Ix1, Ix2, Ix3, IxDyn, Slice};
use proptest::prelude::*;

use super::{array, layouts, same_everywhere, unit};

type Lazy = ChunkedArray<f64, IxDyn>;

/// One step of a random program: what it does, and numbers that say how.
fn step(
    x: &Lazy,
    a: &ArrayD<f64>,
    (what, p, q, r): (u8, usize, usize, usize),
) -> (Lazy, ArrayD<f64>) {
    let ndim = a.ndim();
    let axis = Axis(p % ndim.max(1));
    match what {
        _ if ndim == 0 => (x.insert_axis(Axis(0)), a.clone().insert_axis(Axis(0))),
        0 => {
            let len = a.len_of(axis);
            let (start, end) = (q % (len + 1), r % (len + 1));
            let (start, end) = (start.min(end) as isize, start.max(end) as isize);
            let step = [1, 2, 3, -1, -2, -5][(q + r) % 6];
            let sliced = a.slice_axis(axis, Slice { start, end: Some(end), step }).to_owned();
            (x.slice_axis(axis, Span::new(start, Some(end), step)), sliced)
        }
        1 => (x.t(), a.t().to_owned()),
        2 => {
            let mut flipped = a.clone();
            flipped.invert_axis(axis);
            (x.flip(axis), flipped)
        }
        3 if ndim < 4 => {
            let axis = Axis(p % (ndim + 1));
            (x.insert_axis(axis), a.clone().insert_axis(axis))
        }
        4 if a.len_of(axis) > 0 => {
            let index = q % a.len_of(axis);
            (x.index_axis(axis, index as isize), a.index_axis(axis, index).to_owned())
        }
        5 => {
            let other = Axis(q % ndim);
            let mut swapped = a.clone();
            swapped.swap_axes(axis.0, other.0);
            (x.swap_axes(axis, other), swapped)
        }
        6 if a.len_of(axis) == 1 => (x.squeeze(axis), a.clone().remove_axis(axis)),
        7 if a.len_of(axis) > 0 => {
            // Beside its own first line, which is repeated.
            let first = a.slice_axis(axis, Slice::from(..1)).to_owned();
            (x - x.slice_axis(axis, ..1), a - &first)
        }
        8 => (x * 2.0 + x.map(|value| value + 1.0), a * 2.0 + a.mapv(|value| value + 1.0)),
        9 => {
            let chunks: Vec<usize> =
                a.shape().iter().map(|&len| len.div_ceil(1 + q % 4).max(1)).collect();
            (x.rechunk(chunks), a.clone())
        }
        _ => (x.clone(), a.clone()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn programs_of_views_are_what_ndarray_makes_of_them(
        layout in layouts(),
        seed: u64,
        generated: bool,
        steps in prop::collection::vec((0_u8..10, any::<u16>(), any::<u16>(), any::<u16>()), 1..9),
    ) {
        let values = array(&layout, |i| unit(seed, i));
        let mut a = values.clone();
        let mut x = ChunkedArray::from_array(values.clone(), layout.chunks.clone());
        if generated && layout.shape.len() == 2 {
            let (shape, chunks) = ([layout.shape[0], layout.shape[1]], layout.chunks.clone());
            let at = move |index: [usize; 2]| values[&index[..]];
            x = ChunkedArray::from_fn(shape, chunks, at).into_dyn();
        }
        for (what, p, q, r) in steps {
            (x, a) = step(&x, &a, (what, p.into(), q.into(), r.into()));
        }
        prop_assert_eq!(x.shape(), a.shape());
        let sizes = x.chunks();
        for (sizes, len) in sizes.iter().zip(a.shape()) {
            prop_assert_eq!(sizes.iter().sum::<usize>(), *len);
        }
        let found = same_everywhere(&x, |array| array.iter().map(|value| value.to_bits()).collect());
        prop_assert_eq!(&found, &a);
        let sum = compute(x.sum()).unwrap();
        prop_assert!((sum - a.sum()).abs() <= 1e-9 * a.mapv(f64::abs).sum().max(1.0));
    }

    #[test]
    fn shapes_broadcast_as_in_ndarray(
        left in prop::collection::vec(1_usize..5, 0..4),
        right in prop::collection::vec(1_usize..5, 0..4),
        seed: u64,
    ) {
        let make = |shape: &[usize], salt: u64| {
            let len = shape.iter().product();
            Array::from_shape_vec(IxDyn(shape), (0..len).map(|i| unit(seed ^ salt, i)).collect()).unwrap()
        };
        let (a, b) = (make(&left, 0), make(&right, 1));
        let lazy = |a: &ArrayD<f64>| ChunkedArray::from_array(a.clone(), vec![2; a.ndim()]);
        let fits = left.iter().rev().zip(right.iter().rev()).all(|(l, r)| l == r || *l == 1 || *r == 1);
        let found = compute(lazy(&a) + lazy(&b));
        if fits {
            prop_assert_eq!(found.unwrap(), &a + &b);
            let mask = lazy(&a).lt(lazy(&b));
            let lesser = compute(mask.where_(lazy(&a), lazy(&b))).unwrap();
            prop_assert_eq!(lesser, compute(lazy(&a).minimum(lazy(&b))).unwrap());
        } else {
            let error = found.unwrap_err();
            let is_named = matches!(error.find(), Some(ArrayError::ShapeMismatch { operation: "add", .. }));
            prop_assert!(is_named, "{}", error);
            prop_assert!(error.to_string().contains("views.rs"), "{}", error);
        }
    }
}

#[test]
fn both_sides_of_a_difference_share_a_pass() {
    let x = ChunkedArray::from_fn([1000, 10], [100, 10], |[i, j]| (i * i + j) as f64);
    let rows = x.slice(s![1.., ..]) - x.slice(s![..-1, ..]);
    let twice = rows.slice(s![.., 1..]) - rows.slice(s![.., ..-1]);
    let (first, all, same) = compute((rows.min(), rows.max(), twice.any())).unwrap();
    assert_eq!((first, all, same), (1.0, 1997.0, false));
}

#[test]
fn blocks_of_a_slice_end_where_those_of_the_array_do() {
    let x = ChunkedArray::from_fn([10, 7], [4, 7], |[i, j]| (i + j) as f64);
    assert_eq!(x.slice(s![1.., ..]).chunks(), [vec![3, 4, 2], vec![7]]);
    assert_eq!(x.slice(s![..;-1, 2]).chunks(), [vec![2, 4, 4]]);
    assert_eq!(x.slice(s![..;3, ..]).chunks(), [vec![2, 1, 1], vec![7]]);
    assert_eq!(x.t().chunksize(), [7, 4]);
}

#[test]
fn irregular_chunks_give_the_same_array() {
    let a = Array::from_shape_fn((11, 6), |(i, j)| (i * 6 + j) as i32);
    let x = ChunkedArray::from_array(a.clone(), [vec![1, 7, 3], vec![2, 4]]);
    assert_eq!((x.numblocks(), x.chunksize()), (vec![3, 2], vec![7, 4]));
    assert_eq!(compute(&x).unwrap(), a);
    assert_eq!(compute(x.sum()).unwrap(), 66 * 65 / 2);
    assert_eq!(compute(x.rechunk(Chunks::auto(64)).sum()).unwrap(), 66 * 65 / 2);
    let error = compute(x.rechunk([vec![1, 7], vec![6]]).sum()).unwrap_err();
    assert!(matches!(error.find(), Some(ArrayError::BadChunks { .. })));
}

#[test]
fn what_does_not_fit_is_named_with_its_line() {
    let x = ChunkedArray::from_fn([4, 6], [2, 2], |[i, j]| (i + j) as f64);
    let wrong: [(&str, Result<(), ArrayError>); 7] = [
        ("slice", x.slice(s![..7, ..]).check()),
        ("index_axis", x.index_axis(Axis(1), 6).check()),
        ("squeeze", x.squeeze(Axis(0)).check()),
        ("flip", x.flip(Axis(2)).check()),
        ("swap_axes", x.swap_axes(Axis(0), Axis(2)).check()),
        ("permuted_axes", x.permuted_axes([0, 0]).check()),
        ("into_dimensionality", x.clone().into_dyn().into_dimensionality::<Ix3>().map(drop)),
    ];
    for (name, result) in wrong {
        let error = result.expect_err(name).to_string();
        assert!(error.contains(name) && error.contains("views.rs"), "{error}");
    }
    assert!(x.broadcast([5, 6]).check().is_err() && x.broadcast([3, 4, 6]).check().is_ok());
    // An error stays what it is in all that is made of it.
    let derived = (x.slice(s![..7, ..]).t() + 1.0).slice(s![0, ..]);
    let error = compute(derived.sum()).unwrap_err();
    assert!(
        matches!(error.find(), Some(ArrayError::BadAxes { operation: "slice", .. })),
        "{error}"
    );
}

#[test]
fn dimension_types_come_and_go() {
    let x: ChunkedArray<f64, Ix2> = ChunkedArray::linspace(0.0, 1.0, 12, [5]).insert_axis(Axis(0));
    let column: ChunkedArray<f64, Ix1> = x.index_axis(Axis(0), -1);
    let found: Array1<f64> = compute(&column).unwrap();
    assert_eq!((found[0], found[11]), (0.0, 1.0));
    let back = x.into_dyn().into_dimensionality::<Ix2>().unwrap();
    assert_eq!(compute(back.slice(s![0, ..3;2]).to_array()).unwrap().len(), 2);
}
