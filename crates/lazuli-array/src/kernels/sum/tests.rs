use proptest::prelude::*;

use super::super::dispatch::{available, dispatch_on};
use super::super::oracle::{Exact, error_in_ulps_of};
use super::*;

fn sum_of<A: Scalar>(values: &[A], tile: usize) -> <A::Sum as SumState<A>>::Total {
    let mut states: Vec<A::Sum> = Vec::new();
    for (index, tile) in values.chunks(tile).enumerate() {
        if index % 3 == 0 {
            states.push(A::Sum::default());
        }
        states.last_mut().unwrap().update(tile);
    }
    let mut total = A::Sum::default();
    for state in &states {
        total.merge(state);
    }
    total.total()
}

#[test]
fn empty_is_zero() {
    assert_eq!(sum_of::<f64>(&[], 1).to_bits(), 0.0f64.to_bits());
    assert_eq!(sum_of::<i8>(&[], 1), 0);
}

#[test]
fn infinities_and_nan_add_as_ieee_says() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    for tile in [1, 2, 64, 4096] {
        let mut values = vec![1e300; 200];
        values[70] = inf;
        assert_eq!(sum_of(&values, tile), inf);
        values[150] = -inf;
        assert!(sum_of(&values, tile).is_nan());
        values[150] = nan;
        assert!(sum_of(&values, tile).is_nan());
    }
    assert_eq!(sum_of(&[f64::MAX, f64::MAX], 1), inf);
    assert_eq!(sum_of(&[f32::MAX; 100], 7), 100.0 * f64::from(f32::MAX));
}

#[test]
fn a_sum_in_range_does_not_depend_on_partial_sums_that_are_not() {
    let max = f64::MAX;
    let values = [max, max, max, -max, -max, 1.0, -max, max, 2.0_f64.powi(969)];
    for tile in 1..=9 {
        // A few units in the last place of the sum of absolute values.
        let sum: f64 = sum_of(&values, tile);
        assert!(sum <= max && max - sum <= 1e-15 * max, "{tile}: {sum:e}");
    }
    let mut values = vec![1e308; 500];
    values.extend([-1e308; 499]);
    for tile in [1, 64, 333, 999] {
        let sum: f64 = sum_of(&values, tile);
        assert!((sum - 1e308).abs() <= 1e293, "{tile}: {sum:e}");
    }
    values.push(1e308);
    values.push(f64::NEG_INFINITY);
    assert_eq!(sum_of(&values, 7), f64::NEG_INFINITY);
    assert_eq!(sum_of(&[max, max, max, -max], 1), f64::INFINITY);
    let mut prefix = FloatSum::default();
    prefix.update(&[max, max]);
    let mut noted = Vec::new();
    SumState::<f64>::running(&mut prefix, &[1.0, -max], &mut noted);
    assert_eq!(noted, [f64::INFINITY; 2]);
}

#[test]
fn small_tiles_are_not_lost_beside_a_large_sum() {
    let mut values = vec![1.0; 10_000];
    (values[0], values[9_999]) = (1e16, -1e16);
    assert_eq!(sum_of(&values, 1), 9_998.0);
}

#[test]
fn a_long_sum_of_tenths_does_not_drift() {
    let values = vec![0.1f32; 1 << 22];
    assert_eq!(sum_of(&values, TILE), f64::from(0.1f32) * (1 << 22) as f64);
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    let values: Vec<f64> = (1..5000).map(|value| 1.0 / f64::from(value)).collect();
    for length in [1, 63, 65, 256, 4096, 4999] {
        let tile = Rows::one(&values[..length]);
        let sums = available().into_iter().map(|arch| dispatch_on(arch, FloatTileSum { tile }));
        let sums: Vec<f64> = sums.collect();
        assert!(sums.iter().all(|sum| *sum == sums[0]), "{length}: {sums:?}");
    }
}

#[test]
fn integers_are_exact_at_their_extremes() {
    let n = 100_003;
    assert_eq!(sum_of(&vec![i8::MIN; n], n), -128 * n as i128);
    assert_eq!(sum_of(&vec![i16::MIN; n], n), i128::from(i16::MIN) * n as i128);
    assert_eq!(sum_of(&vec![u16::MAX; n], n), i128::from(u16::MAX) * n as i128);
    assert_eq!(sum_of(&vec![i32::MIN; n], n), i128::from(i32::MIN) * n as i128);
    assert_eq!(sum_of(&vec![u32::MAX; n], n), i128::from(u32::MAX) * n as i128);
    assert_eq!(sum_of(&vec![i64::MIN; n], n), i128::from(i64::MIN) * n as i128);
    assert_eq!(sum_of(&vec![i64::MAX; n], n), i128::from(i64::MAX) * n as i128);
    assert_eq!(sum_of(&vec![u64::MAX; n], n), i128::from(u64::MAX) * n as i128);
}

proptest! {
    #[test]
    fn i64_sums_are_exact(values: Vec<i64>, tile in 1usize..50) {
        let exact: i128 = values.iter().map(|&value| i128::from(value)).sum();
        prop_assert_eq!(sum_of(&values, tile), exact);
    }

    #[test]
    fn u8_and_u64_sums_are_exact(values: Vec<u64>, tile in 1usize..50) {
        let exact: i128 = values.iter().map(|&value| i128::from(value)).sum();
        prop_assert_eq!(sum_of(&values, tile), exact);
        let bytes: Vec<u8> = values.iter().map(|&value| value as u8).collect();
        let exact: i128 = bytes.iter().map(|&value| i128::from(value)).sum();
        prop_assert_eq!(sum_of(&bytes, tile), exact);
    }

    #[test]
    fn float_sums_are_as_good_as_their_condition_allows(
        values in prop::collection::vec(-1e9f64..1e9, 1..400),
        tile in 1usize..300,
    ) {
        let exact = Exact::of(&values);
        let size: f64 = values.iter().map(|value| value.abs()).sum();
        let error = error_in_ulps_of(size, sum_of(&values, tile), &exact.sum());
        prop_assert!(error < 3.0, "{error} ulps of the sum of absolute values");
    }
}
