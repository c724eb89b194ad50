//! Reductions along axes.

use lazuli_array::{ArrayError, ChunkedArray};
use lazuli_core::{Reduction, compute};
use ndarray::{Array1, Array2, ArrayD, Axis, IxDyn, array, s};
use proptest::prelude::*;

use crate::support::{
    Layout, array as layout_array, assert_close, bits_of, cases, chunked, layouts, same_everywhere,
    unit,
};

/// The elements that are reduced to each element of the result, in C order of the reduced axes.
fn groups<A: Clone>(values: &ArrayD<A>, axes: &[usize]) -> ArrayD<Vec<A>> {
    let kept: Vec<usize> = (0..values.ndim()).filter(|axis| !axes.contains(axis)).collect();
    let order: Vec<usize> = kept.iter().chain(axes).copied().collect();
    let shape: Vec<usize> = kept.iter().map(|&axis| values.shape()[axis]).collect();
    let reduced: usize = axes.iter().map(|&axis| values.shape()[axis]).product();
    let elements: Vec<A> = values.view().permuted_axes(order).iter().cloned().collect();
    let cells: usize = shape.iter().product();
    let groups = (0..cells).map(|cell| elements[cell * reduced..][..reduced].to_vec()).collect();
    ArrayD::from_shape_vec(IxDyn(&shape), groups).expect("as many as there are")
}

/// `f` of each group, by a plain two-pass formula.
fn expected(values: &ArrayD<f64>, axes: &[usize], f: impl Fn(&[f64]) -> f64) -> ArrayD<f64> {
    groups(values, axes).map(|group| f(group))
}

fn central(group: &[f64], power: i32) -> f64 {
    let mean = group.iter().sum::<f64>() / group.len() as f64;
    group.iter().map(|value| (value - mean).powi(power)).sum::<f64>()
}

type OfGroup = fn(&[f64]) -> f64;

/// A statistic along axes, and the same of one group.
fn statistic(
    x: &ChunkedArray<f64, IxDyn>,
    axes: &[usize],
    kind: usize,
) -> (ChunkedArray<f64, IxDyn>, OfGroup) {
    let of = x.along(axes);
    match kind {
        0 => (of.sum(), |group| group.iter().sum()),
        1 => (of.prod(), |group| group.iter().product()),
        2 => (of.mean(), |group| group.iter().sum::<f64>() / group.len() as f64),
        3 => (of.var(1), |group| {
            if group.len() < 2 { f64::NAN } else { central(group, 2) / (group.len() - 1) as f64 }
        }),
        4 => (of.std(0), |group| (central(group, 2) / group.len() as f64).sqrt()),
        5 => (of.moment(3), |group| central(group, 3) / group.len() as f64),
        6 => (of.moment(4), |group| central(group, 4) / group.len() as f64),
        7 => (of.count_nonzero().astype::<f64>(), |group| {
            group.iter().filter(|&&x| x != 0.0).count() as f64
        }),
        8 => {
            (of.any().astype::<f64>(), |group| f64::from(u8::from(group.iter().any(|&x| x != 0.0))))
        }
        9 => {
            (of.all().astype::<f64>(), |group| f64::from(u8::from(group.iter().all(|&x| x != 0.0))))
        }
        10 => (of.min(), |group| group.iter().copied().fold(f64::INFINITY, f64::min)),
        11 => (of.max(), |group| group.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        12 => (of.ptp(), |group| {
            let (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
            group.iter().copied().fold(high, f64::max) - group.iter().copied().fold(low, f64::min)
        }),
        13 => (of.argmin().astype::<f64>(), |group| first(group, |a, b| a < b)),
        14 => (of.argmax().astype::<f64>(), |group| first(group, |a, b| a > b)),
        15 => (of.skewness(), |group| {
            let n = group.len() as f64;
            let spread = central(group, 2) / n;
            if spread < 1e-9 { f64::NAN } else { central(group, 3) / n / spread.powf(1.5) }
        }),
        _ => (of.kurtosis(), |group| {
            let n = group.len() as f64;
            let spread = central(group, 2) / n;
            if spread < 1e-9 { f64::NAN } else { central(group, 4) / n / spread.powi(2) - 3.0 }
        }),
    }
}

const KINDS: usize = 17;

/// The place of the first one that no other beats.
fn first(group: &[f64], beats: impl Fn(f64, f64) -> bool) -> f64 {
    let mut best = 0;
    for (place, &value) in group.iter().enumerate() {
        if beats(value, group[best]) {
            best = place;
        }
    }
    best as f64
}

fn axes_of(mask: &[bool], ndim: usize) -> Vec<usize> {
    (0..ndim).filter(|&axis| mask[axis]).collect()
}

/// Values with ties and zeros among them.
fn element(seed: u64, place: usize) -> f64 {
    let value = unit(seed, place);
    if value.abs() < 0.3 { (value * 8.0).round() / 4.0 } else { value + 0.25 }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn statistics_are_those_of_each_group(
        layout in layouts(),
        mask: [bool; 4],
        kinds in prop::collection::vec(0..KINDS, 1..4),
        seed: u64,
    ) {
        let axes = axes_of(&mask, layout.shape.len());
        let values = layout_array(&layout, |place| element(seed, place));
        let has_none = axes.iter().any(|&axis| layout.shape[axis] == 0);
        let x = chunked(&layout, &values);
        for kind in kinds {
            // Extremes of nothing are errors, and a test of their own.
            if has_none && (10..15).contains(&kind) {
                continue;
            }
            let (found, of_group) = statistic(&x, &axes, kind);
            let found = same_everywhere(found, bits_of);
            // The plain formulas lose digits of the third and fourth powers.
            assert_close(&found, &expected(&values, &axes, of_group), 1e-9, &format!("kind {kind}"));
        }
    }

    #[test]
    fn bits_do_not_depend_on_what_else_is_asked(
        layout in layouts(),
        masks in prop::collection::vec((any::<[bool; 4]>(), 0..KINDS), 2..6),
        seed: u64,
    ) {
        prop_assume!(!layout.shape.contains(&0));
        let values = layout_array(&layout, |place| element(seed, place));
        let x = chunked(&layout, &values);
        let asked: Vec<_> = masks
            .iter()
            .map(|(mask, kind)| statistic(&x, &axes_of(mask, layout.shape.len()), *kind).0)
            .collect();
        let (together, _, _) = compute((&asked, x.kurtosis(), x.nanmax())).unwrap();
        for (one, beside) in asked.iter().zip(&together) {
            prop_assert_eq!(bits_of(&compute(one).unwrap()), bits_of(beside));
        }
        // Nor on where memory lies.
        let other = Layout { fortran: !layout.fortran, ..layout.clone() };
        let moved = layout_array(&other, |place| element(seed, place));
        let moved = chunked(&other, &moved);
        for ((mask, kind), beside) in masks.iter().zip(&together) {
            let (one, _) = statistic(&moved, &axes_of(mask, layout.shape.len()), *kind);
            prop_assert_eq!(bits_of(&compute(one).unwrap()), bits_of(beside));
        }
    }

    #[test]
    fn nan_is_skipped_where_that_is_asked_and_stays_where_it_is_not(
        layout in layouts(),
        mask: [bool; 4],
        seed: u64,
        every in 1_usize..40,
    ) {
        let axes = axes_of(&mask, layout.shape.len());
        prop_assume!(!layout.shape.contains(&0));
        let values = layout_array(&layout, |place| {
            if (place * 7 + seed as usize % 11).is_multiple_of(every) { f64::NAN } else { element(seed, place) }
        });
        let x = chunked(&layout, &values);
        let of = x.along(axes.as_slice());
        let kept = |f: fn(&[f64]) -> f64| {
            expected(&values, &axes, move |group| {
                f(&group.iter().copied().filter(|value| !value.is_nan()).collect::<Vec<_>>())
            })
        };
        let all = (of.nansum(), of.nanmean(), of.nanvar(0), of.nanmin(), of.nanmax(), of.nanprod());
        let (sum, mean, var, min, max, prod) = compute(all).unwrap();
        assert_close(&sum, &kept(|group| group.iter().sum()), 1e-12, "nansum");
        assert_close(&prod, &kept(|group| group.iter().product()), 1e-12, "nanprod");
        assert_close(&mean, &kept(|group| group.iter().sum::<f64>() / group.len() as f64), 1e-12, "nanmean");
        assert_close(&var, &kept(|group| central(group, 2) / group.len() as f64), 1e-10, "nanvar");
        let least = |group: &[f64]| group.iter().copied().reduce(f64::min).unwrap_or(f64::NAN);
        let greatest = |group: &[f64]| group.iter().copied().reduce(f64::max).unwrap_or(f64::NAN);
        assert_close(&min, &kept(least), 0.0, "nanmin");
        assert_close(&max, &kept(greatest), 0.0, "nanmax");
        let (plain, lowest, places) = compute((of.mean(), of.min(), of.argmax())).unwrap();
        for ((group, mean), (low, place)) in
            groups(&values, &axes).iter().zip(&plain).zip(lowest.iter().zip(&places))
        {
            let first = group.iter().position(|value| value.is_nan());
            prop_assert_eq!(mean.is_nan(), first.is_some());
            prop_assert_eq!(low.is_nan(), first.is_some());
            if let Some(first) = first {
                prop_assert_eq!(*place as usize, first);
            }
        }
    }

    #[test]
    fn integers_are_exact(layout in layouts(), mask: [bool; 4], seed: u64) {
        let axes = axes_of(&mask, layout.shape.len());
        let wide = layout_array(&layout, |place| crate::support::noise(seed, place) as i64 >> 20);
        let narrow = wide.mapv(|value| value as u8);
        let (x, y) = (chunked(&layout, &wide), chunked(&layout, &narrow));
        let (sums, bytes) = compute((x.sum_axes(&axes), y.sum_axes(&axes))).unwrap();
        prop_assert_eq!(sums, groups(&wide, &axes).mapv(|group| group.iter().sum::<i64>()));
        let total = |group: Vec<u8>| group.iter().map(|&byte| u64::from(byte)).sum::<u64>();
        prop_assert_eq!(bytes, groups(&narrow, &axes).mapv(total));
    }
}

#[test]
fn axes_are_kept_where_that_is_asked() {
    let x = ChunkedArray::from_fn([3, 4, 5], [2, 2, 3], |[i, j, k]| (i * 20 + j * 5 + k) as f64);
    let kept = x.along([0, 2]).keepdims().mean();
    assert_eq!((kept.shape(), kept.numblocks()), (&[1, 4, 1][..], vec![1, 2, 1]));
    let spread = compute((&x - &kept).abs().max()).unwrap();
    assert_eq!(spread, 22.0);
    let typed = compute(x.sum_axis(Axis(1))).unwrap();
    assert_eq!(typed.dim(), (3, 5));
    assert_eq!(typed[[2, 4]], (44 + 49 + 54 + 59) as f64);
}

#[test]
fn any_number_of_states_may_meet_at_a_time() {
    let x = ChunkedArray::from_fn([100, 3], [3, 2], |[i, j]| unit(j as u64, i));
    let plans = [2, 3, 100].map(|states| x.along(Axis(0)).split_every(states).mean());
    let [two, three, all] = compute(plans).unwrap();
    let close =
        |a: &Array1<f64>, b: &Array1<f64>| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-15);
    assert!(close(&two, &three) && close(&two, &all));
    // Each is the same bits beside the others as alone.
    let alone = compute(x.along(Axis(0)).split_every(3).mean()).unwrap();
    assert_eq!(alone, three);
}

#[test]
fn nothing_along_an_axis_is_as_in_numpy() {
    let x = ChunkedArray::from_array(Array2::<f64>::zeros((0, 3)), [2, 2]);
    let (sum, prod, mean, all, any) = compute((
        x.sum_axis(Axis(0)),
        x.prod_axis(Axis(0)),
        x.mean_axis(Axis(0)),
        x.all_axis(Axis(0)),
        x.any_axis(Axis(0)),
    ))
    .unwrap();
    assert_eq!((sum, prod), (array![0.0, 0.0, 0.0], array![1.0, 1.0, 1.0]));
    assert!(mean.iter().all(|mean| mean.is_nan()));
    assert_eq!((all, any), (array![true, true, true], array![false, false, false]));
    let error = compute(x.max_axis(Axis(0))).unwrap_err();
    assert!(error.to_string().contains("max"), "{error}");
    // No element of the result, no error.
    assert_eq!(compute(x.max_axis(Axis(1))).unwrap().len(), 0);
    let place = compute(x.argmin_axis(Axis(0))).unwrap_err();
    assert!(place.to_string().contains("argmin"), "{place}");
}

#[test]
fn axes_that_there_are_not_are_errors_with_their_line() {
    let x = ChunkedArray::from_fn([4, 5], [2, 2], |[i, j]| (i + j) as f64);
    for wrong in [x.mean_axes(&[2]), x.mean_axes(&[1, 0, 1])] {
        let error = wrong.check().unwrap_err();
        assert!(matches!(error, ArrayError::BadAxes { .. }), "{error}");
        assert!(error.to_string().contains("axes.rs"), "{error}");
        assert!(compute(&wrong).is_err());
    }
    // An error below a stage is that of the stage.
    let misfit = &x + &ChunkedArray::from_fn([3], [3], |[i]| i as f64);
    let error = misfit.mean_axis(Axis(0)).check().unwrap_err();
    assert!(matches!(error, ArrayError::ShapeMismatch { .. }), "{error}");
}

#[test]
fn a_sum_of_integers_that_does_not_fit_is_an_error() {
    let x = ChunkedArray::from_array(array![[i64::MAX, 1], [1, 2]], [1, 1]);
    let error = compute(x.sum_axis(Axis(0))).unwrap_err();
    assert!(error.to_string().contains("`sum` does not fit"), "{error}");
    assert_eq!(compute(x.sum_axis(Axis(1)).slice(s![1..])).unwrap(), array![3]);
}

/// The elements of each group, in the order in which they are shown.
struct InOrder;

/// Counts elements, and those that come after a greater one.
impl Reduction<[i64]> for InOrder {
    type State = (u64, u64, i64);
    type Output = [u64; 2];
    fn identity(&self) -> (u64, u64, i64) {
        (0, 0, i64::MIN)
    }
    fn update(&self, (count, falls, last): &mut (u64, u64, i64), slice: &[i64]) {
        for &value in slice {
            *count += 1;
            *falls += u64::from(value < *last);
            *last = value;
        }
    }
    fn combine(&self, state: &mut (u64, u64, i64), following: (u64, u64, i64)) {
        *state = (state.0 + following.0, state.1 + following.1, following.2);
    }
    fn finish(&self, (count, falls, _): (u64, u64, i64)) -> [u64; 2] {
        [count, falls]
    }
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn a_reduction_of_ones_own_sees_each_group_in_order(layout in layouts(), mask: [bool; 4]) {
        let axes = axes_of(&mask, layout.shape.len());
        // Within a block and a group, numbers rise.
        let whole = Layout { chunks: layout.shape.iter().map(|&len| vec![len]).collect(), ..layout.clone() };
        let values = layout_array(&whole, |place| place as i64);
        let reduced: usize = axes.iter().map(|&axis| layout.shape[axis]).product();
        for (layout, may_fall) in [(&whole, false), (&layout, true)] {
            let found = compute(chunked(layout, &values).along(axes.as_slice()).reduce(InOrder)).unwrap();
            for [count, falls] in found {
                prop_assert_eq!(count as usize, reduced);
                prop_assert!(falls == 0 || may_fall);
            }
        }
    }
}
