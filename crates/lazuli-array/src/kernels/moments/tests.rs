//! The moments against exact rational arithmetic, over data that is hard to sum, every way of
//! splitting it into tiles and states, and every way the states can meet.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::oracle::{Exact, relative_error};
use super::*;

mod accuracy;
mod extremes;

use accuracy::{conditioned_errors, errors, five, two_pass};

const EPS: f64 = f64::EPSILON;

/// Splits `values` into tiles, gives `tiles` of them in turn to a state, and merges the states by
/// fours until one is left.
fn split<A: Scalar>(values: &[A], tile: usize, tiles: usize, order: MomentsOrder) -> Moments {
    let mut states: Vec<Moments> = values
        .chunks(tile.saturating_mul(tiles))
        .map(|block| {
            let mut state = Moments::new(order);
            block.chunks(tile).for_each(|tile| state.update(tile));
            state
        })
        .collect();
    while states.len() > 1 {
        states = states.chunks(4).map(merged).collect();
    }
    states.pop().unwrap_or_else(|| Moments::new(order))
}

fn merged(states: &[Moments]) -> Moments {
    let mut total = states[0].clone();
    states[1..].iter().for_each(|state| total.merge(state));
    total
}

/// Ways to split: tile length, and tiles per state.
const SPLITS: [(usize, usize); 12] = [
    (usize::MAX, 1),
    (TILE, usize::MAX),
    (TILE, 1),
    (1000, 3),
    (257, 2),
    (256, usize::MAX),
    (65, 7),
    (64, 1),
    (7, 5),
    (2, usize::MAX),
    (1, usize::MAX),
    (1, 1),
];

/// Exponentially distributed numbers from a fixed linear congruential sequence.
fn exponential(count: usize) -> Vec<f64> {
    let mut state = 20_261_120u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        -(((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64).ln()
    };
    (0..count).map(|_| next()).collect()
}

static EXPONENTIAL: LazyLock<Vec<f64>> = LazyLock::new(|| exponential(10_001));

/// NIST's NumAcc2 to NumAcc4: 1001 values around `base + 0.2`.
fn num_acc(base: f64) -> Vec<f64> {
    let pairs = (0..1000).map(|index| base + if index % 2 == 0 { 0.1 } else { 0.3 });
    std::iter::once(base + 0.2).chain(pairs).collect()
}

#[test]
fn nist_sets_are_as_good_as_two_passes_for_every_split() {
    let sets =
        [vec![10_000_001.0, 10_000_003.0, 10_000_002.0], num_acc(1.0), num_acc(1e6), num_acc(1e7)];
    for (index, values) in sets.iter().enumerate() {
        let exact = Exact::of(values);
        let bound = errors(two_pass(values), &exact).map(|error| error + 4.0 * EPS);
        let check = |tile, tiles| {
            let found = errors(five(&split(values, tile, tiles, MomentsOrder::Kurtosis)), &exact);
            for moment in [0, 1, 2, 4] {
                assert!(
                    found[moment] <= bound[moment],
                    "set {index}, moment {moment}, tiles of {tile} by {tiles}: {} > {}",
                    found[moment],
                    bound[moment],
                );
            }
        };
        (1..=values.len().min(130)).for_each(|tile| check(tile, 1));
        SPLITS.iter().for_each(|&(tile, tiles)| check(tile, tiles));
    }
}

#[test]
fn far_from_zero_fourteen_digits_are_left() {
    for offset in [0.0, 1e6, -1e9, 1e12, 1e15] {
        let values: Vec<f64> = EXPONENTIAL.iter().map(|value| value + offset).collect();
        let exact = Exact::of(&values);
        for (tile, tiles) in SPLITS {
            let state = split(&values, tile, tiles, MomentsOrder::Kurtosis);
            for (moment, error) in errors(five(&state), &exact).into_iter().enumerate() {
                assert!(error < 3e-15, "{offset:e}, moment {moment}, {tile} by {tiles}: {error:e}");
            }
            let unbiased = relative_error(state.var(1), &exact.var(1)).abs();
            assert!(unbiased < 3e-15, "{offset:e}, {tile} by {tiles}: {unbiased:e}");
        }
    }
}

/// Data whose tiles lie far from each other, so that the shift taken from the tile before is bad.
#[test]
fn tiles_far_from_each_other_are_centred() {
    let noise = &EXPONENTIAL;
    let numbered = |f: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
        noise.iter().enumerate().map(|(index, &value)| f(index as f64, value)).collect()
    };
    let sets = [
        ("squares", numbered(&|index, _| index * index)),
        ("steps", numbered(&|index, value| value + (index / 900.0).floor() * 1e10)),
        ("one outlier", numbered(&|index, value| if index == 7000.0 { 1e15 } else { value })),
        ("last places", numbered(&|_, value| 1.0 + (4.0 * value).floor() * EPS)),
        ("shrinking", numbered(&|index, value| value * (-index / 500.0).exp())),
        ("growing", numbered(&|index, value| value * (index / 500.0).exp())),
        ("heavy tail", numbered(&|_, value| (3.0 * value).exp())),
    ];
    for (name, values) in &sets {
        let exact = Exact::of(values);
        for (tile, tiles) in SPLITS {
            let found = five(&split(values, tile, tiles, MomentsOrder::Kurtosis));
            let errors = conditioned_errors(found, &exact);
            for (moment, error) in errors.into_iter().enumerate() {
                assert!(error < 3e-15, "{name}, moment {moment}, {tile} by {tiles}: {error:e}");
            }
        }
    }
}

#[test]
fn a_bad_guess_costs_no_digits() {
    let tile = &EXPONENTIAL[..TILE];
    let exact = Exact::of(tile);
    let tile = super::Rows::one(tile);
    for guess in [1.0, 3.0, -1e3, 1e14, 1e20, -1e300, f64::INFINITY, f64::NAN] {
        let found = five(&tile::moments_of(tile, Some(guess), MomentsOrder::Kurtosis));
        for (moment, error) in errors(found, &exact).into_iter().enumerate() {
            assert!(error < 3e-15, "guess {guess:e}, moment {moment}: {error:e}");
        }
    }
}

#[test]
fn every_element_type_converts_to_the_same_moments() {
    fn check<A: Scalar>(values: Vec<A>) {
        let exact = Exact::of(&values.iter().map(|value| value.to_f64()).collect::<Vec<_>>());
        let found = five(&split(&values, 1000, 3, MomentsOrder::Kurtosis));
        assert!(errors(found, &exact).into_iter().all(|error| error < 3e-15), "{found:?}");
    }
    let noise = &EXPONENTIAL[..3000];
    check(noise.iter().map(|&value| value as f32).collect());
    check(noise.iter().map(|&value| (10.0 * value) as i8).collect());
    check(noise.iter().map(|&value| (1e3 * value) as i16 - 2000).collect());
    check(noise.iter().map(|&value| (1e8 * value) as i32).collect());
    check(noise.iter().map(|&value| (1e17 * value) as i64 - (1 << 61)).collect());
    check(noise.iter().map(|&value| (20.0 * value) as u8).collect());
    check(noise.iter().map(|&value| (5e3 * value) as u16).collect());
    check(noise.iter().map(|&value| (3e8 * value) as u32).collect());
    check(noise.iter().map(|&value| (1e18 * value) as u64 + (1 << 62)).collect());
}

#[test]
fn a_higher_order_changes_no_bit_of_the_lower_moments() {
    let values: Vec<f64> = EXPONENTIAL.iter().map(|value| value + 1e3).collect();
    for (tile, tiles) in SPLITS {
        let most = split(&values, tile, tiles, MomentsOrder::Kurtosis);
        for order in [MomentsOrder::Mean, MomentsOrder::Variance, MomentsOrder::Skewness] {
            let state = split(&values, tile, tiles, order);
            assert_eq!((state.mean, state.m2), (most.mean, most.m2));
            assert_eq!(state.skewness().is_nan(), order < MomentsOrder::Skewness);
            assert!(state.kurtosis().is_nan());
        }
    }
}

#[test]
fn nothing_and_too_few_values_are_nan() {
    let empty = Moments::new(MomentsOrder::Kurtosis);
    assert!(five(&empty).into_iter().all(f64::is_nan));
    let mut one = empty.clone();
    one.update(&[2.5]);
    one.update::<f64>(&[]);
    one.merge(&empty);
    assert_eq!((one.count(), one.mean(), one.var(0), one.std(0)), (1, 2.5, 0.0, 0.0));
    assert!([one.var(1), one.std(2), one.skewness(), one.kurtosis()].into_iter().all(f64::is_nan));
    let mut other = empty;
    other.merge(&one);
    assert_eq!(other, one);
    other.update(&[3.5]);
    assert_eq!((other.var(0), other.var(1)), (0.25, 0.5));
    assert!(other.var(2).is_nan() && other.std(3).is_nan());
}

#[test]
fn equal_values_have_no_spread_at_all() {
    for value in [0.1, -1e300, 12_345.678_9, 5e-324] {
        for (tile, tiles) in SPLITS {
            let state = split(&[value; 1500], tile, tiles, MomentsOrder::Kurtosis);
            assert_eq!((state.mean(), state.var(1)), (value, 0.0), "{tile} by {tiles}");
            assert!(state.skewness().is_nan() && state.kurtosis().is_nan());
        }
    }
}

#[test]
fn infinities_and_nan_propagate() {
    let inf = f64::INFINITY;
    let place = |at: usize, value: f64, values: &[f64]| {
        let mut values = values.to_vec();
        values[at] = value;
        values
    };
    let finite = &EXPONENTIAL[..600];
    for (tile, tiles) in SPLITS {
        for at in [0, 255, 599] {
            let mut with_inf = place(at, inf, finite);
            let state = split(&with_inf, tile, tiles, MomentsOrder::Kurtosis);
            assert_eq!((state.mean(), state.count()), (inf, 600));
            assert!(five(&state)[1..].iter().all(|moment| moment.is_nan()));

            with_inf = place(300, -inf, &with_inf);
            let state = split(&with_inf, tile, tiles, MomentsOrder::Kurtosis);
            assert!(five(&state).into_iter().all(f64::is_nan));

            let with_nan = place(at, f64::NAN, finite);
            let state = split(&with_nan, tile, tiles, MomentsOrder::Kurtosis);
            assert_eq!(state.count(), 600);
            assert!(five(&state).into_iter().all(f64::is_nan));
        }
    }
}

#[test]
fn values_near_the_end_of_the_range_keep_their_mean() {
    let max = f64::MAX;
    for (tile, tiles) in SPLITS {
        let state = split(&[max; 900], tile, tiles, MomentsOrder::Kurtosis);
        assert_eq!((state.mean(), state.var(0)), (max, 0.0), "{tile} by {tiles}");
        let both: Vec<f64> = [max, -max].repeat(450);
        let state = split(&both, tile, tiles, MomentsOrder::Kurtosis);
        assert!(state.mean().abs() < 1e-10 * max, "{tile} by {tiles}: {}", state.mean());
        assert_eq!(state.var(0), f64::INFINITY);
    }
    let state = split(&[max, max.next_down()].repeat(450), TILE, 1, MomentsOrder::Kurtosis);
    assert!(state.mean() >= max.next_down() && state.var(0) == f64::INFINITY);
    let mut state = Moments::new(MomentsOrder::Variance);
    state.update(&[1e200, 1e200]);
    state.update(&[1.0, 3.0]);
    assert_eq!(state.mean(), 5e199);
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    use super::super::dispatch::{available, dispatch_on};
    use super::power_sums::Around;
    let small: Vec<f32> = EXPONENTIAL.iter().map(|&value| value as f32).collect();
    for length in [1, 63, 64, 255, 256, 1000, TILE, 10_001] {
        let (tile, small) = (&EXPONENTIAL[..length], &small[..length]);
        let (tile, small, shift) = (super::Rows::one(tile), super::Rows::one(small), 0.9);
        let sums = available().into_iter().map(|arch| {
            (
                dispatch_on(arch, Around::<f64, 2> { tile, shift }),
                dispatch_on(arch, Around::<f64, 4> { tile, shift }),
                dispatch_on(arch, Around::<f32, 3> { tile: small, shift }),
            )
        });
        let sums: Vec<_> = sums.collect();
        assert!(sums.iter().all(|other| *other == sums[0]), "{length}: {sums:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Random data far from zero, cut at random, its pieces merged in a random tree.
    #[test]
    fn any_split_and_any_tree_is_exact_to_the_last_places(
        unit in prop::collection::vec(-1.0f64..1.0, 2..300),
        scale in prop::sample::select(vec![1e-6, 1.0, 1e5]),
        offset in prop::sample::select(vec![0.0, 1.0, -1e6, 1e9, 1e12, -1e15]),
        cuts in prop::collection::vec(1usize..80, 1..300),
        turns in prop::collection::vec(any::<prop::sample::Index>(), 300),
    ) {
        let values: Vec<f64> = unit.iter().map(|value| value * scale + offset).collect();
        let exact = Exact::of(&values);
        prop_assume!(!exact.is_constant());
        let mut states = Vec::new();
        let (mut rest, mut cuts) = (&values[..], cuts.into_iter().cycle());
        while !rest.is_empty() {
            let mut state = Moments::new(MomentsOrder::Kurtosis);
            for _ in 0..2 {
                let (tile, after) = rest.split_at(rest.len().min(cuts.next().unwrap()));
                state.update(tile);
                rest = after;
            }
            states.push(state);
        }
        for turn in turns {
            if states.len() == 1 {
                break;
            }
            let state = states.swap_remove(turn.index(states.len()));
            let other = turn.index(states.len());
            states[other].merge(&state);
        }
        let total = merged(&states);
        prop_assert_eq!(total.count(), values.len() as u64);

        let errors = conditioned_errors(five(&total), &exact);
        let bounds = [4.0, 8.0, 5.0, 16.0, 16.0];
        for (moment, (error, bound)) in errors.into_iter().zip(bounds).enumerate() {
            prop_assert!(error <= bound * EPS, "moment {moment}: {error:e}");
        }
    }
}
