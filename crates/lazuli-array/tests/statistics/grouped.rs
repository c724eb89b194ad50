//! Statistics by label along an axis.

use lazuli_array::{ArrayError, ChunkedArray, GroupBy, Labels};
use lazuli_core::{Executor, compute};
use ndarray::{Array2, ArrayD, Axis, IxDyn, array};
use proptest::prelude::*;

use crate::support::{
    Layout, Loads, array as layout_array, assert_close, bits_of, cases, chunked, layouts, noise,
    same_everywhere, unit,
};

type OfGroup = fn(&[f64]) -> f64;

fn mean(group: &[f64]) -> f64 {
    group.iter().sum::<f64>() / group.len() as f64
}

fn central(group: &[f64], power: i32) -> f64 {
    let mean = mean(group);
    group.iter().map(|value| (value - mean).powi(power)).sum::<f64>()
}

fn numbers(group: &[f64]) -> Vec<f64> {
    group.iter().copied().filter(|value| !value.is_nan()).collect()
}

fn extreme(group: &[f64], pick: fn(f64, f64) -> f64) -> f64 {
    let spoilt = group.is_empty() || group.iter().any(|value| value.is_nan());
    if spoilt { f64::NAN } else { group.iter().copied().reduce(pick).unwrap_or(f64::NAN) }
}

const KINDS: usize = 14;

/// A statistic by label, and the same of one group by plain code.
fn statistic(by: &GroupBy<f64, IxDyn>, kind: usize) -> (ChunkedArray<f64, IxDyn>, OfGroup) {
    match kind {
        0 => (by.sum(), |group| group.iter().sum()),
        1 => (by.mean(), mean),
        2 => (by.var(1), |group| {
            if group.len() < 2 { f64::NAN } else { central(group, 2) / (group.len() - 1) as f64 }
        }),
        3 => (by.std(0), |group| (central(group, 2) / group.len() as f64).sqrt()),
        4 => (by.min(), |group| extreme(group, f64::min)),
        5 => (by.max(), |group| extreme(group, f64::max)),
        6 => (by.count().astype::<f64>(), |group| numbers(group).len() as f64),
        7 => (by.nansum(), |group| numbers(group).iter().sum()),
        8 => (by.nanmean(), |group| mean(&numbers(group))),
        9 => (by.nanvar(0), |group| {
            let numbers = numbers(group);
            central(&numbers, 2) / numbers.len() as f64
        }),
        10 => (by.nanstd(0), |group| {
            let numbers = numbers(group);
            (central(&numbers, 2) / numbers.len() as f64).sqrt()
        }),
        11 => (by.nanmin(), |group| extreme(&numbers(group), f64::min)),
        12 => (by.nanmax(), |group| extreme(&numbers(group), f64::max)),
        _ => (by.moment(3), |group| central(group, 3) / group.len() as f64),
    }
}

/// `of` of the elements of each group, by plain loops over an array in memory.
fn expected(
    values: &ArrayD<f64>,
    axis: usize,
    groups: usize,
    group_of: &[Option<usize>],
    of: OfGroup,
) -> ArrayD<f64> {
    let mut shape = values.shape().to_vec();
    shape[axis] = groups;
    ArrayD::from_shape_fn(IxDyn(&shape), |index| {
        let mut at = index.clone();
        let group: Vec<f64> = (0..values.shape()[axis])
            .filter(|&along| group_of[along] == Some(index[axis]))
            .map(|along| {
                at[axis] = along;
                values[&at]
            })
            .collect();
        of(&group)
    })
}

/// Labels of every kind: few, many, neighbours alike or scattered, some outside of the keys.
fn labels(len: usize, kind: u8, seed: u64) -> Labels<u64> {
    match kind {
        0 => Labels::of((0..len).map(|index| index as u64 % 7)),
        1 => Labels::of((0..len).map(|index| index as u64 / 5)),
        2 => Labels::of((0..len).map(|index| noise(seed, index) % 4)),
        3 => Labels::of((0..len).map(|_| 3)),
        _ => Labels::among((0..len).map(|index| noise(seed, index) % 9), [8, 2, 30, 5, 0, 8]),
    }
}

fn element(seed: u64, place: usize, with_nan: bool) -> f64 {
    if with_nan && noise(!seed, place).is_multiple_of(11) {
        f64::NAN
    } else {
        unit(seed, place) * 4.0 + 0.25
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn statistics_by_label_are_those_of_each_group(
        layout in layouts(),
        axis in 0_usize..4,
        kinds in prop::collection::vec(0..KINDS, 1..4),
        label_kind in 0_u8..5,
        with_nan: bool,
        seed: u64,
    ) {
        let axis = axis % layout.shape.len();
        let values = layout_array(&layout, |place| element(seed, place, with_nan));
        let labels = labels(layout.shape[axis], label_kind, seed);
        let by = chunked(&layout, &values).group_by(Axis(axis), &labels);
        for kind in kinds {
            let (found, of) = statistic(&by, kind);
            let found = same_everywhere(&found, bits_of);
            let groups = labels.keys().len();
            let expected = expected(&values, axis, groups, &labels.numbers(), of);
            assert_close(&found, &expected, 1e-12, &format!("statistic {kind} along {axis}"));
        }
    }

    #[test]
    fn what_is_spread_is_the_value_of_the_own_group(
        layout in layouts(),
        axis in 0_usize..4,
        label_kind in 0_u8..5,
        seed: u64,
    ) {
        let axis = axis % layout.shape.len();
        let values = layout_array(&layout, |place| unit(seed, place));
        let labels = labels(layout.shape[axis], label_kind, seed);
        let by = chunked(&layout, &values).group_by(Axis(axis), &labels);
        let (found, means) = compute((by.anomaly(), by.mean())).unwrap();
        let groups = labels.numbers();
        let expected = ArrayD::from_shape_fn(IxDyn(&layout.shape), |index| {
            let Some(group) = groups[index[axis]] else { return f64::NAN };
            let mut at = index.clone();
            at[axis] = group;
            values[&index] - means[&at]
        });
        prop_assert_eq!(
            found.mapv(f64::to_bits).into_raw_vec_and_offset().0,
            expected.mapv(|x| x.to_bits()).into_raw_vec_and_offset().0
        );
    }
}

fn sample() -> (ArrayD<f64>, Layout) {
    let chunks = vec![vec![100, 33, 200, 32], vec![7, 4]];
    let layout = Layout { shape: vec![365, 11], chunks, fortran: false };
    (layout_array(&layout, |place| unit(5, place)), layout)
}

#[test]
fn neighbours_in_a_compute_change_no_bit() {
    let (values, layout) = sample();
    let x = chunked(&layout, &values);
    let by = x.group_by(Axis(0), &Labels::of((0..365).map(|day| day % 30)));
    let alone = compute(by.mean()).unwrap();
    let (beside, ..) = compute((
        by.mean(),
        by.kurtosis(),
        by.count(),
        x.mean_axis(Axis(0)),
        x.group_by(Axis(1), &Labels::of(0..11)).std(0),
        (&x * 2.0).std(0),
    ))
    .unwrap();
    assert_eq!(bits_of(&alone), bits_of(&beside));
}

#[test]
fn one_pass_for_all_and_one_more_for_the_anomaly() {
    let (loads, executor) = Loads::watch(&Executor::sync());
    let x = ChunkedArray::from_fn([60, 4], [10, 4], |[i, j]| (i + 7 * j) as f64);
    let by = x.group_by(Axis(0), &Labels::of((0..60).map(|i| i % 12)));
    executor.compute((by.mean(), by.std(0), by.max(), x.mean(), x.mean_axis(Axis(0)))).unwrap();
    assert_eq!(loads.take().len(), 6);
    executor.compute(by.anomaly().std(0)).unwrap();
    assert_eq!(loads.take().len(), 12);
}

#[test]
fn integers_keep_their_types_and_empty_groups_their_rule() {
    let x = ChunkedArray::from_array(array![[1_i32, -2], [3, 4], [5, 6]], [2, 1]);
    let all = x.group_by(Axis(0), &Labels::of(["b", "a", "b"]));
    let (sum, least, any): (Array2<i64>, Array2<i32>, Array2<u64>) =
        compute((all.sum(), all.min(), all.count())).unwrap();
    assert_eq!(sum, array![[3, 4], [6, 4]]);
    assert_eq!(least, array![[3, 4], [1, -2]]);
    assert_eq!(any, array![[1, 1], [2, 2]]);

    let with_empty = x.group_by(Axis(0), &Labels::among([1, 1, 2], [1, 9]));
    let (sum, mean) = compute((with_empty.sum(), with_empty.mean())).unwrap();
    assert_eq!(sum, array![[4, 2], [0, 0]]);
    assert_eq!(mean.row(0).to_vec(), [2.0, 1.0]);
    assert!(mean.row(1).iter().all(|value| value.is_nan()));
    let error = compute(with_empty.min()).unwrap_err().to_string();
    assert!(error.contains("min") && error.contains("grouped.rs"), "{error}");
    let none = x.group_by(Axis(0), &Labels::among([1, 1, 2], []));
    assert_eq!(compute(none.sum()).unwrap().shape(), [0, 2]);
    let no_rows = ChunkedArray::from_array(Array2::<f64>::zeros([0, 2]), [1, 2]);
    let none = no_rows.group_by(Axis(0), &Labels::among([], ["a"]));
    assert!(compute(none.mean()).unwrap().iter().all(|value| value.is_nan()));
}

#[test]
fn misfits_name_the_operation_and_the_line() {
    let x = ChunkedArray::from_fn([4, 3], [2, 3], |[i, j]| (i * j) as i64);
    for (axis, labels) in [(0, 3), (2, 4), (1, 4)] {
        let by = x.group_by(Axis(axis), &Labels::of(0..labels));
        let error = by.mean().check().unwrap_err();
        assert!(matches!(error, ArrayError::BadAxes { operation: "group_by", .. }), "{error}");
        assert!(error.to_string().contains("grouped.rs"), "{error}");
        assert!(by.anomaly().check().is_err());
    }
    let by = x.group_by(Axis(0), &Labels::of([0, 1, 1, 0]));
    assert!(by.spread(&x).check().unwrap_err().to_string().contains("[2, 3]"));
    let outside = x.group_by(Axis(0), &Labels::among([0, 1, 1, 0], [0]));
    let error = outside.spread(&outside.max()).check().unwrap_err().to_string();
    assert!(error.contains("index 1") && error.contains("spread"), "{error}");
    assert!(compute(outside.anomaly()).unwrap()[[1, 0]].is_nan());
}
