//! Requests that cannot be answered are errors when they are computed, never panics.

use lazuli::ErrorKind;
use lazuli::array::ArrayError;
use lazuli::prelude::*;

#[test]
fn shapes_that_differ() {
    let x = ChunkedArray::from_fn([10], [5], |[i]| i as f64);
    let y = ChunkedArray::from_fn([11], [5], |[i]| i as f64);
    let error = compute((&x + &y).sum()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Plan);
    assert!(matches!(error.find(), Some(ArrayError::ShapeMismatch { operation: "add", .. })));
    assert!(compute((((&x + &y) * 2.0).mean(), x.mean())).is_err());
}

#[test]
fn chunks_that_do_not_fit() {
    let x = ndarray::Array2::<f64>::zeros((4, 4));
    for chunks in [vec![2], vec![2, 0], vec![]] {
        let x = ChunkedArray::from_array(x.clone(), chunks);
        let error = compute(x.sum()).unwrap_err();
        assert!(matches!(error.find(), Some(ArrayError::BadChunks { .. })));
    }
}

#[test]
fn empty_arrays() {
    let x = ChunkedArray::from_fn([0], [5], |[i]| i as f64);
    assert_eq!(compute(x.sum()).unwrap(), 0.0);
    assert!(compute((x.mean(), x.std(0))).is_ok_and(|(mean, std)| mean.is_nan() && std.is_nan()));
    let error = compute(x.max()).unwrap_err();
    assert!(matches!(error.find(), Some(ArrayError::Empty("max"))));
    assert_eq!(compute(&x).unwrap().len(), 0);
    assert_eq!(compute(x.stats(0)).unwrap().min, None);
}

#[test]
fn a_function_that_panics_names_its_block() {
    let x = ChunkedArray::from_fn([10], [5], |[i]| assert_ne!(i, 7, "no seven"));
    let error = compute(x.map(|()| 1_u8).sum()).unwrap_err();
    assert_eq!((error.kind(), error.part()), (ErrorKind::Panic, Some("[5:10]")));
    assert!(error.site().is_some_and(|site| site.file().ends_with("wrong.rs")));
}

#[test]
fn what_cannot_be_planned_names_the_line_that_asked_for_it() {
    let x = ChunkedArray::from_fn([1_usize << 32, 1 << 32], [1, 1], |[i, j]| (i + j) as f64);
    let line = line!() + 1;
    let sum = x.sum();
    let error = compute(&sum).expect_err("there are too many elements");
    assert_eq!(error.kind(), ErrorKind::Plan);
    let site = error.site().map(|site| (site.file(), site.line()));
    assert_eq!(site, Some((file!(), line)), "{error}");
}
