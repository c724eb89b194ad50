//! Reading `.npy` files, against the same view of an array of `ndarray`.

use half::f16;
use lazuli_array::{AnyArray, Span, open_npy, open_npy_any};
use lazuli_core::{CancelToken, ErrorKind, Executor};
use ndarray::{ArrayD, Axis, Ix1, Ix2, IxDyn, ShapeBuilder, Slice};
use num_complex::Complex;
use proptest::prelude::*;

use crate::support::{Sample, cases, compute, npy, write};

/// A file of an array of this shape, and the array.
fn file_of<A: Sample>(
    version: u8,
    shape: &[usize],
    fortran: bool,
    big: bool,
) -> (Vec<u8>, ArrayD<A>) {
    let len = shape.iter().product();
    let values: Vec<A> = (0..len).map(A::sample).collect();
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.bytes(big)).collect();
    let lens: String = shape.iter().map(|len| format!("{len},")).collect();
    let order = if big { '>' } else { '<' };
    let file = npy(version, &format!("{order}{}", A::DESCR), fortran, &format!("({lens})"), &bytes);
    let shape = IxDyn(shape).set_f(fortran);
    (file, ArrayD::from_shape_vec(shape, values).expect("as many as the shape has"))
}

#[test]
fn every_type_version_and_order_is_read() {
    fn check<A: Sample>(dtype: &str) {
        let folder = tempfile::tempdir().unwrap();
        for (version, fortran, big) in
            [(1, false, false), (2, true, false), (3, false, true), (1, true, true)]
        {
            let path = folder.path().join("x.npy");
            let (file, expected) = file_of::<A>(version, &[5, 3, 4], fortran, big);
            write(&path, &file);
            let x = open_npy::<A, IxDyn>(&path).unwrap();
            assert!(compute(&x).unwrap() == expected, "{dtype} {version} {fortran} {big}");
            assert!(compute(x.rechunk([2, 2, 3]).t()).unwrap() == expected.t());
            let any = open_npy_any(&path).unwrap();
            assert_eq!(
                (any.dtype(), any.shape(), any.itemsize()),
                (dtype, &[5, 3, 4][..], size_of::<A>())
            );
        }
    }
    check::<i8>("int8");
    check::<i16>("int16");
    check::<i32>("int32");
    check::<i64>("int64");
    check::<u8>("uint8");
    check::<u16>("uint16");
    check::<u32>("uint32");
    check::<u64>("uint64");
    check::<f16>("float16");
    check::<f32>("float32");
    check::<f64>("float64");
    check::<bool>("bool");
    check::<Complex<f32>>("complex64");
    check::<Complex<f64>>("complex128");
}

#[test]
fn statistics_of_any_type_are_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    write(&path, &npy(1, "|b1", false, "(4,)", &[0, 1, 9, 0]));
    assert_eq!(compute(open_npy_any(&path).unwrap().stats(0)).unwrap().mean, 0.5);
    write(&path, &file_of::<f16>(1, &[9], false, true).0);
    assert_eq!(compute(open_npy_any(&path).unwrap().stats(0)).unwrap().mean, 0.5);
    write(&path, &file_of::<Complex<f64>>(1, &[9], false, false).0);
    let any = open_npy_any(&path).unwrap();
    assert!(matches!(any, AnyArray::C64(_)));
    let error = compute(any.stats(0)).unwrap_err().to_string();
    assert!(error.contains("complex128"), "{error}");
}

/// No elements, no axes.
#[test]
fn arrays_without_elements_or_axes_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    for (shape, expected) in [("()", vec![7.0]), ("(0,)", vec![]), ("(3, 0, 2)", vec![])] {
        let bytes: Vec<u8> = expected.iter().flat_map(|value: &f64| value.to_le_bytes()).collect();
        write(&path, &npy(1, "<f8", false, shape, &bytes));
        let x = compute(open_npy::<f64, IxDyn>(&path).unwrap()).unwrap();
        assert_eq!(x.into_raw_vec_and_offset().0, expected);
    }
}

/// Long lines are read straight into tiles, others by block: 40,000 elements and more show both.
#[test]
fn views_of_large_files_are_read_right() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    for (fortran, big) in [(false, false), (true, true)] {
        let (file, expected) = file_of::<f64>(1, &[60, 1700], fortran, big);
        write(&path, &file);
        let x = open_npy::<f64, Ix2>(&path).unwrap();
        let expected = expected.into_dimensionality::<Ix2>().unwrap();
        for chunks in [[60, 1700], [7, 600], [60, 1], [1, 1700], [13, 1699]] {
            let x = x.rechunk(chunks);
            assert_eq!(compute(&x).unwrap(), expected, "{chunks:?}");
            assert_eq!(compute(x.t()).unwrap(), expected.t(), "{chunks:?}");
            let part = ndarray::s![2..57;-2, 5..1600;3];
            assert_eq!(compute(x.slice(part)).unwrap(), expected.slice(part), "{chunks:?}");
            let column = ndarray::s![.., 1000];
            assert_eq!(compute(x.slice(column)).unwrap(), expected.slice(column), "{chunks:?}");
        }
        // Beside itself in other views, in one pass.
        let twice = &x + x.flip(Axis(0)) * x.slice(ndarray::s![..1, ..]);
        let flipped = expected.slice(ndarray::s![..;-1, ..]);
        let first = expected.slice(ndarray::s![..1, ..]);
        assert_eq!(compute(twice).unwrap(), &expected + &(&flipped * &first));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(150)))]

    #[test]
    fn any_view_in_any_chunks_is_read(
        shape in prop::collection::vec(1_usize..8, 1..5),
        wide in prop::sample::select(vec![1_usize, 1, 90, 900]),
        fortran: bool,
        big: bool,
        chunks in prop::collection::vec(1_usize..9, 5),
        spans in prop::collection::vec((-8_isize..8, prop::option::of(-8_isize..9), prop::sample::select(vec![-3_isize, -1, 1, 1, 2, 5])), 5),
        turns in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..4),
    ) {
        let mut shape = shape;
        *shape.last_mut().unwrap() *= wide;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npy");
        let (file, mut expected) = file_of::<i32>(1, &shape, fortran, big);
        write(&path, &file);
        let mut x = open_npy::<i32, IxDyn>(&path).unwrap();
        for (a, b) in turns {
            let (a, b) = (a.index(shape.len()), b.index(shape.len()));
            x = x.swap_axes(Axis(a), Axis(b));
            expected.swap_axes(a, b);
        }
        for (axis, (start, end, step)) in (0..shape.len()).zip(spans) {
            let len = x.shape()[axis] as isize;
            let start = start.rem_euclid(len);
            let end = end.map(|end| start + (end.rem_euclid(len + 1) - start).max(0));
            x = x.slice_axis(Axis(axis), Span::new(start, end, step));
            expected.slice_axis_inplace(Axis(axis), Slice::new(start, end, step));
        }
        let sizes: Vec<usize> =
            chunks.iter().zip(x.shape()).map(|(size, len)| size * len.div_ceil(8).max(1)).collect();
        prop_assert_eq!(compute(x.rechunk(sizes)).unwrap(), expected);
    }
}

/// The file that is open stays, whatever gets its name.
#[test]
fn a_file_that_is_replaced_is_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let (file, expected) = file_of::<f64>(1, &[1000], false, false);
    write(&path, &file);
    let x = open_npy::<f64, Ix1>(&path).unwrap();
    std::fs::rename(&path, folder.path().join("y.npy")).unwrap();
    assert_eq!(compute(x).unwrap().into_dyn(), expected);
}

#[test]
fn a_file_that_is_cut_short_meanwhile_is_an_error_that_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let (file, _) = file_of::<f64>(1, &[40, 1000], false, false);
    write(&path, &file);
    let x = open_npy::<f64, Ix2>(&path).unwrap();
    let handle = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    handle.set_len(128 + 8 * 1000 * 30 + 5).unwrap();
    for x in [x.clone(), x.t(), x.rechunk([1, 1000]), x.rechunk([40, 10])] {
        let error = compute(x.sum()).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Task, "{text}");
        let source = format!("{:?}", error);
        assert!(source.contains("x.npy") && source.contains("byte 240133"), "{source}");
    }
    assert!(compute(x.slice(ndarray::s![..30, ..]).sum()).unwrap().is_finite());
}

/// A block that is not read by tiles counts as memory, and is refused where it does not fit.
#[test]
fn what_is_loaded_is_declared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    write(&path, &file_of::<f64>(1, &[400, 1000], false, false).0);
    let x = open_npy::<f64, Ix2>(&path).unwrap();
    let limited = Executor::threaded(2).unwrap().with_memory_limit(1_000_000);
    assert!(limited.compute(x.rechunk([100, 1000]).mean()).is_ok());
    assert!(limited.compute(x.rechunk([400, 1000]).mean()).is_ok(), "it is read by tiles");
    assert!(limited.compute(x.rechunk([400, 100]).mean()).is_ok());
    let error = limited.compute(x.rechunk([400, 1000]).t().mean()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory, "{error}");
}

#[test]
fn a_compute_that_is_cancelled_reads_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    write(&path, &file_of::<f64>(1, &[400, 1000], false, false).0);
    let x = open_npy::<f64, Ix2>(&path).unwrap();
    let token = CancelToken::new();
    let stop = token.clone();
    let stops = x.map(move |value| {
        stop.cancel();
        value
    });
    let error = Executor::sync().with_cancel(&token).compute((stops.sum(), x.t().sum()));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Cancelled);
}
