//! Fields against exact arithmetic, and against the states of whole arrays.

use proptest::prelude::*;

use super::super::extrema::Extrema;
use super::super::moments::{Moments, MomentsOrder};
use super::super::oracle::{Exact, relative_error};
use super::super::rows::Rows;
use super::super::sum::SumState;
use super::*;

/// Shows a matrix of rows to fields: `rows_of_tile` rows at a time, `tiles_of_block` tiles to a block; the state of
/// each column, and of each row.
fn moments_of(
    matrix: &[Vec<f64>],
    rows_of_tile: usize,
    tiles_of_block: usize,
    order: MomentsOrder,
) -> (Vec<Moments>, Vec<Moments>) {
    let columns = matrix[0].len();
    let mut down = MomentsField::new(order, columns);
    let mut along = MomentsField::new(order, matrix.len());
    let mut row = 0;
    for block in matrix.chunks(rows_of_tile * tiles_of_block) {
        let mut part = MomentsField::new(order, columns);
        for tile in block.chunks(rows_of_tile) {
            let elements = tile.concat();
            let rows = Rows::new(&elements, 0, columns as isize, columns, tile.len());
            part.update_columns(0, rows, Place::default());
            along.update_rows(row, rows, Place::default());
            row += tile.len();
        }
        Field::<f64>::end_block(&mut part, &|place| place);
        Field::<f64>::merge(&mut down, &part);
    }
    let states = |field: &MomentsField, cells| {
        (0..cells).map(|cell| Field::<f64>::state(field, cell)).collect()
    };
    (states(&down, columns), states(&along, matrix.len()))
}

/// Exponentially distributed numbers, by place.
fn exponential(place: usize) -> f64 {
    let mut bits = (place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let uniform = ((bits ^ (bits >> 29)) >> 11) as f64 / (1_u64 << 53) as f64;
    -(1.0 - uniform).ln()
}

#[track_caller]
fn assert_digits(moments: &Moments, values: &[f64], tolerance: f64) {
    let exact = Exact::of(values);
    let mean = relative_error(moments.mean(), &exact.mean()).abs();
    let var = relative_error(moments.var(0), &exact.var(0)).abs();
    let kurtosis = relative_error(moments.kurtosis(), &exact.kurtosis()).abs();
    assert_eq!(moments.count() as usize, values.len());
    assert!(mean < 2e-16, "mean: {mean:e}");
    assert!(var < tolerance && kurtosis < 10.0 * tolerance, "{var:e} {kurtosis:e}");
}

#[test]
fn columns_far_from_zero_keep_fourteen_digits() {
    let kinds: [fn(usize) -> f64; 5] = [
        |place| exponential(place) + 1e12,
        // NIST's NumAcc3 and NumAcc4, about, and a drift, and steps.
        |place| 1_000_000.2 + if place % 2 == 0 { 0.1 } else { -0.1 },
        |place| 10_000_000.2 + if place % 2 == 0 { 0.1 } else { -0.1 },
        |place| 1e6 * place as f64 + exponential(place),
        |place| if place < 700 { exponential(place) } else { 1e9 + exponential(place) },
    ];
    let columns = 37;
    let matrix: Vec<Vec<f64>> = (0..1501)
        .map(|row| (0..columns).map(|column| kinds[column % kinds.len()](row)).collect())
        .collect();
    for (rows, tiles) in [(1, 100), (4, 25), (4, 1000), (40, 3), (7, 1), (1501, 1)] {
        let (down, _) = moments_of(&matrix, rows, tiles, MomentsOrder::Kurtosis);
        for column in 0..kinds.len() {
            let values: Vec<f64> = matrix.iter().map(|row| row[column]).collect();
            assert_digits(&down[column], &values, 1e-14);
        }
    }
}

#[test]
fn a_first_row_that_lies_far_out_costs_no_digits_that_matter() {
    let mut matrix: Vec<Vec<f64>> = (0..1000).map(|row| vec![exponential(row); 20]).collect();
    matrix[0] = vec![1e9; 20];
    matrix[500] = vec![-3e12; 20];
    for rows in [1, 4, 30] {
        let (down, _) = moments_of(&matrix, rows, 1000, MomentsOrder::Kurtosis);
        let values: Vec<f64> = matrix.iter().map(|row| row[0]).collect();
        let exact = Exact::of(&values);
        assert!(relative_error(down[3].var(0), &exact.var(0)).abs() < 3e-14);
    }
}

#[test]
fn values_out_of_range_follow_the_rules_of_whole_arrays() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let mut matrix: Vec<Vec<f64>> = (0..300).map(|row| vec![exponential(row); 70]).collect();
    for (column, value) in [(2, inf), (20, -inf), (33, nan), (40, 1e200), (55, f64::MAX)] {
        matrix[130][column] = value;
    }
    (matrix[7][21], matrix[200][21]) = (inf, -inf);
    (matrix[9][56], matrix[10][56]) = (f64::MAX, f64::MAX);
    for rows in [1, 4, 50] {
        for order in [MomentsOrder::Variance, MomentsOrder::Kurtosis] {
            let (down, _) = moments_of(&matrix, rows, 10, order);
            for (column, found) in down.iter().enumerate() {
                let values: Vec<f64> = matrix.iter().map(|row| row[column]).collect();
                let mut whole = Moments::new(order);
                whole.update(&values);
                let same = |a: f64, b: f64| {
                    a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-13 * b.abs()
                };
                let both = (found.mean(), whole.mean());
                assert!(same(both.0, both.1), "column {column}: mean {both:?}");
                let both = (found.var(0), whole.var(0));
                assert!(same(both.0, both.1), "column {column}: var {both:?}");
            }
        }
    }
}

#[test]
fn equal_values_have_no_spread() {
    let matrix = vec![vec![0.1; 33]; 500];
    for rows in [1, 4, 100] {
        let (down, along) = moments_of(&matrix, rows, 3, MomentsOrder::Kurtosis);
        assert!(down.iter().chain(&along).all(|m| (m.mean(), m.var(0)) == (0.1, 0.0)));
    }
}

proptest! {
    #[test]
    fn a_mean_has_the_same_bits_beside_a_kurtosis(
        rows in 1_usize..300,
        columns in 1_usize..40,
        tile in 1_usize..60,
        scale in -250_i32..120,
    ) {
        let element = |place| exponential(place) * 10_f64.powi(scale);
        let matrix: Vec<Vec<f64>> = (0..rows)
            .map(|row| (0..columns).map(|column| element(row * columns + column)).collect())
            .collect();
        let of = |order| moments_of(&matrix, tile, 2, order);
        let (low, high) = (of(MomentsOrder::Mean), of(MomentsOrder::Kurtosis));
        for (low, high) in low.0.iter().zip(&high.0).chain(low.1.iter().zip(&high.1)) {
            prop_assert_eq!(low.mean().to_bits(), high.mean().to_bits());
            prop_assert_eq!(low.var(0).to_bits(), high.var(0).to_bits());
        }
    }

    #[test]
    fn sums_and_extrema_are_those_of_each_column(
        rows in 1_usize..60,
        columns in 1_usize..40,
        first in 0_usize..5,
        seed: u32,
    ) {
        let element = |place: usize| (place as u64 * 7919 + u64::from(seed)) as u8;
        let elements: Vec<u8> = (0..rows * columns).map(element).collect();
        let tile = Rows::new(&elements, 0, columns as isize, columns, rows);
        let mut sums = IntSumField::new(first + columns);
        let mut ends = ExtremaField::<u8>::new(first + columns);
        sums.update_columns(first, tile, Place::default());
        ends.update_columns(first, tile, Place::default());
        for column in 0..columns {
            let values = || elements[column..].iter().step_by(columns);
            let sum = Field::<u8>::state(&sums, first + column);
            prop_assert_eq!(SumState::<u8>::total(&sum), values().map(|&v| i128::from(v)).sum::<i128>());
            let mut extrema = Extrema::new();
            extrema.update(&values().copied().collect::<Vec<_>>());
            prop_assert_eq!(ends.state(first + column), extrema);
        }
        prop_assert!((0..first).all(|cell| ends.state(cell) == Extrema::new()));
    }
}
