//! Quantiles: exact, along axes, and within an error of rank.

use lazuli_array::{ChunkedArray, QuantileMethod};
use lazuli_core::{Executor, compute};
use ndarray::{Array1, Axis, array};
use proptest::prelude::*;

use crate::support::{
    Loads, array as layout_array, bits_of, cases, chunked, layouts, noise, same_everywhere, unit,
};

const METHODS: [QuantileMethod; 5] = [
    QuantileMethod::Linear,
    QuantileMethod::Lower,
    QuantileMethod::Higher,
    QuantileMethod::Nearest,
    QuantileMethod::Midpoint,
];

/// Values of many sizes, ties and both infinities among them.
fn element(seed: u64, place: usize, kind: u8) -> f64 {
    let unit = unit(seed, place);
    match (kind, noise(!seed, place) % 16) {
        (1, _) => (unit * 3.0).round(),
        (2, 0) => f64::INFINITY,
        (2, 1) => f64::NEG_INFINITY,
        (2, 2) => -0.0,
        (2, 3) => unit * 1e-310,
        (3, 0..3) => f64::NAN,
        (4, _) => 1.0 + unit * 1e-12,
        _ => unit * 10_f64.powi((noise(seed, place) % 9) as i32 - 4),
    }
}

/// NumPy's definition, of a sorted copy.
fn quantile(values: &[f64], q: f64, method: QuantileMethod, skips_nan: bool) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    if sorted.is_empty() || sorted.len() < values.len() && !skips_nan {
        return f64::NAN;
    }
    sorted.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
    let place = q * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    let part = place - place.floor();
    match method {
        QuantileMethod::Lower => low,
        QuantileMethod::Higher => high,
        QuantileMethod::Nearest => sorted[place.round_ties_even() as usize],
        _ if low == high || part == 0.0 => low,
        QuantileMethod::Midpoint => high - (high - low) * 0.5,
        _ if part >= 0.5 => high - (high - low) * (1.0 - part),
        _ => low + (high - low) * part,
    }
}

fn same(found: f64, expected: f64) -> bool {
    found == expected || found.is_nan() && expected.is_nan()
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn quantiles_are_those_of_the_sorted_array(
        layout in layouts(),
        axis in 0_usize..4,
        mut qs in prop::collection::vec(0.0_f64..=1.0, 1..6),
        kind in 0_u8..5,
        method in 0..METHODS.len(),
        seed: u64,
    ) {
        let (axis, method) = (axis % layout.shape.len(), METHODS[method]);
        qs[0] = qs[0].round();
        let values = layout_array(&layout, |place| element(seed, place, kind));
        let x = chunked(&layout, &values);
        let asked = (
            x.quantiles(&qs, method),
            x.nanquantiles(&qs, method),
            x.quantiles_axis(&qs, method, Axis(axis)),
            x.nanquantiles_axis(&qs, method, Axis(axis)),
            x.median(),
        );
        let (whole, numbers, lanes, of_numbers, median) =
            same_everywhere(asked, |(whole, numbers, lanes, of_numbers, median)| {
                let mut bits = bits_of(lanes);
                bits.extend(bits_of(of_numbers));
                bits.extend(whole.iter().chain(numbers).chain([median]).map(|x| x.to_bits()));
                bits
            });
        let flat: Vec<f64> = values.iter().copied().collect();
        for (number, &q) in qs.iter().enumerate() {
            let expected = quantile(&flat, q, method, false);
            prop_assert!(same(whole[number], expected), "{} for {expected}", whole[number]);
            let expected = quantile(&flat, q, method, true);
            prop_assert!(same(numbers[number], expected), "{} for {expected}", numbers[number]);
            for (found, skips_nan) in [(&lanes, false), (&of_numbers, true)] {
                let found = found.index_axis(Axis(axis), number);
                for (&found, lane) in found.iter().zip(values.lanes(Axis(axis))) {
                    let expected = quantile(&lane.to_vec(), q, method, skips_nan);
                    prop_assert!(same(found, expected), "{found} for {expected}");
                }
            }
        }
        prop_assert!(same(median, quantile(&flat, 0.5, QuantileMethod::Linear, false)));
    }

    #[test]
    fn approximate_ranks_keep_their_promise(
        len in 1_usize..60_000,
        chunk in 1_usize..9_000,
        kind in 0_u8..3,
        error in 0.002_f64..0.2,
        seed: u64,
    ) {
        let kind = if kind == 2 { 4 } else { kind };
        let chunk = chunk.max(len / 40 + 1);
        let values = Array1::from_shape_fn(len, |place| {
            // In order, too: the worst case of many sketches.
            if seed % 3 == 0 { place as f64 } else { element(seed, place, kind) }
        });
        let x = ChunkedArray::from_array(values.clone(), [chunk]);
        let qs = [0.0, 0.1, 0.5, 0.77, 1.0];
        let found = same_everywhere(x.approx_quantiles(&qs, error), |found| {
            found.values.iter().map(|x| x.to_bits()).collect()
        });
        prop_assert!(found.rank_error <= error, "{} of {error}", found.rank_error);
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        for (value, q) in found.values.iter().zip(qs) {
            let first = sorted.partition_point(|other| other < value) as f64;
            let last = sorted.partition_point(|other| other <= value) as f64 - 1.0;
            let rank = (q * (len - 1) as f64).round();
            let off = (first - rank).max(rank - last).max(0.0);
            prop_assert!(last >= first, "{value} is an element");
            prop_assert!(off <= found.rank_error * len as f64 + 1e-6, "{q}: off by {off} of {len}");
        }
    }
}

#[test]
fn whatever_the_digits_a_search_ends() {
    // More alike than are ever gathered, at every level of digits.
    let len = 400_000;
    for spread in [0.0, 1e-15, 1e-12, 1e-9, 1e-5, 1.0] {
        let values = Array1::from_shape_fn(len, |place| 1.5 + spread * unit(1, place));
        let x = ChunkedArray::from_array(values.clone(), [70_000]);
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let found =
            compute(x.quantiles(&[0.0, 0.123, 0.5, 0.9, 1.0], QuantileMethod::Lower)).unwrap();
        let expected = [0.0, 0.123, 0.5, 0.9, 1.0].map(|q| sorted[(q * (len - 1) as f64) as usize]);
        assert_eq!(found.to_vec(), expected, "{spread}");
    }
}

#[test]
fn every_type_is_searched_through_all_its_digits() {
    macro_rules! check {
        ($($integer:ident),*) => {$({
            let values = Array1::from_shape_fn(90_000, |place| noise(9, place) as $integer);
            let mut sorted = values.to_vec();
            sorted.sort_unstable();
            let x = ChunkedArray::from_array(values, [40_000]);
            let found = compute(x.quantiles(&[0.0, 0.3, 1.0], QuantileMethod::Lower)).unwrap();
            let expected = [0.0, 0.3, 1.0].map(|q| sorted[(q * 89_999.0) as usize] as f64);
            assert_eq!(found.to_vec(), expected, stringify!($integer));
        })*};
    }
    check!(i8, i16, i32, i64, u8, u16, u32, u64);
    let values = Array1::from_shape_fn(90_000, |place| unit(7, place) as f32);
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let x = ChunkedArray::from_array(values, [40_000]);
    let median = f64::midpoint(f64::from(sorted[44_999]), f64::from(sorted[45_000]));
    assert!((compute(x.median()).unwrap() - median).abs() < 1e-15);
}

#[test]
fn quantiles_share_their_passes() {
    let (loads, executor) = Loads::watch(&Executor::sync());
    let x = ChunkedArray::from_fn([200_000], [50_000], |[i]| (i as f64 * 0.1).sin());
    let alone = executor.compute(x.median()).unwrap();
    assert_eq!(loads.take().len(), 2 * 4);
    let qs = x.quantiles(&[0.05, 0.5, 0.95], QuantileMethod::Linear);
    let (beside, median, ..) =
        executor.compute((qs, x.median(), x.std(0), x.nanquantile(0.3))).unwrap();
    assert_eq!(loads.take().len(), 2 * 4);
    assert_eq!([beside[1].to_bits(), median.to_bits()], [alone.to_bits(); 2]);
    // Where an element is NaN nothing has to be searched for; where all are equal, little.
    let spoilt = x.map(|value| if value > 0.999_999 { f64::NAN } else { value });
    assert!(executor.compute(spoilt.median()).unwrap().is_nan());
    assert_eq!(loads.take().len(), 4);
    let whole = ChunkedArray::from_fn([200_000], [50_000], |_| 0.1);
    assert_eq!(executor.compute(whole.median()).unwrap(), 0.1);
    assert_eq!(loads.take().len(), 2 * 4);
}

#[test]
fn bounds_and_errors() {
    let x = ChunkedArray::from_array(array![1.0, 2.0], [1]);
    for q in [-0.1, 1.5, f64::NAN] {
        let error = compute(x.quantile(q)).unwrap_err().to_string();
        assert!(error.contains("quantile") && error.contains("quantiles.rs"), "{error}");
        assert!(compute(x.approx_quantiles(&[q], 0.1)).is_err());
        assert!(x.quantile_axis(q, Axis(0)).check().is_err());
    }
    for bad in [0.0, 1.0, -1.0, f64::NAN] {
        let error = compute(x.approx_quantiles(&[0.5], bad)).unwrap_err().to_string();
        assert!(error.contains("error of rank"), "{error}");
    }
    assert!(x.median_axis(Axis(1)).check().is_err());
    assert_eq!(compute(x.quantiles(&[], QuantileMethod::Linear)).unwrap().len(), 0);
    assert_eq!(compute(x.approx_quantiles(&[1.0], 1e-300)).unwrap().values.to_vec(), [2.0]);
    let empty = ChunkedArray::from_array(Array1::<f64>::zeros(0), [1]);
    assert!(compute(empty.median()).unwrap().is_nan());
    assert!(compute(empty.approx_quantiles(&[0.5], 0.1)).unwrap().values[0].is_nan());
    let infinite = ChunkedArray::from_array(Array1::from_elem(4, f64::INFINITY), [3]);
    assert_eq!(compute(infinite.median()).unwrap(), f64::INFINITY);
}
