//! The greatest and least elements, where they are, and distinct elements.

use lazuli_array::ChunkedArray;
use lazuli_core::compute;
use ndarray::{Array1, ArrayD, Axis, array};
use proptest::prelude::*;

use crate::support::{
    array as layout_array, bits_of, cases, chunked, layouts, noise, same_everywhere, unit,
};

/// Values with ties, zeros of both signs and NaNs among them.
fn element(seed: u64, place: usize) -> f64 {
    match noise(seed, place) % 12 {
        0 => f64::NAN,
        1 => -0.0,
        2 => 0.0,
        3..6 => (unit(seed, place) * 4.0).round(),
        _ => unit(seed, place),
    }
}

/// NaN above all.
fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.iter_mut().for_each(|value| *value += 0.0);
    values.sort_by(|a, b| {
        a.is_nan().cmp(&b.is_nan()).then(a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))
    });
    values
}

fn first_k(values: Vec<f64>, k: isize) -> Vec<f64> {
    let mut sorted = sorted(values);
    if k > 0 {
        sorted.reverse();
    }
    sorted.truncate(k.unsigned_abs());
    sorted
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| if value.is_nan() { u64::MAX } else { value.to_bits() }).collect()
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn first_elements_are_those_of_the_sorted_array(
        layout in layouts(),
        axis in 0_usize..4,
        k in -12_isize..12,
        seed: u64,
    ) {
        let axis = axis % layout.shape.len();
        let values = layout_array(&layout, |place| element(seed, place));
        let x = chunked(&layout, &values);
        let (whole, lanes) = same_everywhere((x.topk(k), x.topk_axis(k, Axis(axis))), |(whole, lanes)| {
            whole.iter().map(|x| x.to_bits()).chain(bits_of(lanes)).collect()
        });
        prop_assert_eq!(bits(&whole.to_vec()), bits(&first_k(values.iter().copied().collect(), k)));
        prop_assert_eq!(lanes.shape()[axis], values.shape()[axis].min(k.unsigned_abs()));
        for (found, lane) in lanes.lanes(Axis(axis)).into_iter().zip(values.lanes(Axis(axis))) {
            prop_assert_eq!(bits(&found.to_vec()), bits(&first_k(lane.to_vec(), k)));
        }
    }

    #[test]
    fn distinct_elements_are_counted(layout in layouts(), seed: u64) {
        let values = layout_array(&layout, |place| element(seed, place));
        let x = chunked(&layout, &values);
        let found = same_everywhere(x.unique(200_000), |unique| {
            unique.values.iter().map(|x| x.to_bits()).chain(unique.counts.iter().copied()).collect()
        });
        let mut expected: Vec<(u64, u64)> = Vec::new();
        for bits in bits(&sorted(values.iter().copied().collect())) {
            match expected.last_mut() {
                Some((last, count)) if *last == bits => *count += 1,
                _ => expected.push((bits, 1)),
            }
        }
        let (values, counts): (Vec<u64>, Vec<u64>) = expected.into_iter().unzip();
        prop_assert_eq!(bits(&found.values.to_vec()), values);
        prop_assert_eq!(found.counts.to_vec(), counts);
    }

    #[test]
    fn places_leave_out_what_is_nan(layout in layouts(), axis in 0_usize..4, seed: u64) {
        let axis = axis % layout.shape.len();
        prop_assume!(!layout.shape.contains(&0));
        // One number at least in each lane: the last.
        let last = layout.shape[axis] - 1;
        let mut values = layout_array(&layout, |place| element(seed, place));
        values.index_axis_mut(Axis(axis), last).fill(0.25);
        let x = chunked(&layout, &values);
        let place = |lane: Vec<f64>, beats: fn(f64, f64) -> bool| {
            let mut best: Option<(usize, f64)> = None;
            for (place, value) in lane.into_iter().enumerate().filter(|(_, value)| !value.is_nan()) {
                if best.is_none_or(|(_, best)| beats(value, best)) {
                    best = Some((place, value));
                }
            }
            best.expect("one number at least").0 as u64
        };
        let (least, greatest, whole) =
            compute((x.nanargmin_axis(Axis(axis)), x.nanargmax_axis(Axis(axis)), x.nanargmax())).unwrap();
        let expected = |beats: fn(f64, f64) -> bool| -> Vec<u64> {
            values.lanes(Axis(axis)).into_iter().map(|lane| place(lane.to_vec(), beats)).collect()
        };
        prop_assert_eq!(least.iter().copied().collect::<Vec<_>>(), expected(|a, b| a < b));
        prop_assert_eq!(greatest.iter().copied().collect::<Vec<_>>(), expected(|a, b| a > b));
        prop_assert_eq!(whole, place(values.iter().copied().collect(), |a, b| a > b));
    }
}

#[test]
fn integers_bounds_and_errors() {
    let x = ChunkedArray::from_array(array![i64::MIN, 7, i64::MAX, 7, -1], [2]);
    assert_eq!(compute(x.topk(2)).unwrap().to_vec(), [i64::MAX, 7]);
    assert_eq!(compute(x.topk(isize::MIN)).unwrap().to_vec(), [i64::MIN, -1, 7, 7, i64::MAX]);
    assert_eq!(compute(x.topk(0)).unwrap().len(), 0);
    let error = compute(x.unique(3)).unwrap_err().to_string();
    assert!(error.contains("more than 3") && error.contains("order.rs"), "{error}");
    assert_eq!(compute(x.unique(4)).unwrap().counts.to_vec(), [1, 1, 2, 1]);
    assert!(x.topk_axis(1, Axis(1)).check().unwrap_err().to_string().contains("topk_axis"));
    let nan = ChunkedArray::from_array(Array1::from_elem(3, f64::NAN), [2]);
    assert!(compute(nan.nanargmin()).unwrap_err().to_string().contains("nanargmin"));
    let empty = ChunkedArray::from_array(ArrayD::<f32>::zeros(vec![0, 3]), [2, 2]);
    assert_eq!(compute(empty.topk(3)).unwrap().len(), 0);
    assert_eq!(compute(empty.topk_axis(3, Axis(0))).unwrap().shape(), [0, 3]);
    assert_eq!(compute(empty.unique(0)).unwrap().values.len(), 0);
}

#[test]
fn many_blocks_and_long_lanes() {
    let x = ChunkedArray::from_fn([200, 3000], [7, 1000], |[i, j]| {
        ((i * 7919 + j * 104_729) % 65_537) as f64
    });
    let (most, of_rows) = compute((x.topk(100), x.topk_axis(-1, Axis(1)))).unwrap();
    let all: Vec<f64> = (0..200 * 3000)
        .map(|place| ((place / 3000 * 7919 + place % 3000 * 104_729) % 65_537) as f64)
        .collect();
    assert_eq!(most.to_vec(), first_k(all.clone(), 100));
    for (row, least) in of_rows.iter().enumerate() {
        assert_eq!(*least, all[row * 3000..][..3000].iter().copied().fold(f64::INFINITY, f64::min));
    }
}
