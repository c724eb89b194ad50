//! Digits: huge offsets, cancellation, integers beyond a float's digits, overflow.

use polars::prelude::*;

use crate::aggregate::{AggregateError, Aggregation};

/// The answer for `values` cut into partitions of `size` and combined in pairs.
fn answer(values: Column, size: usize, aggs: Vec<Expr>) -> Result<DataFrame, AggregateError> {
    let table = values.into_frame();
    let aggregation = Aggregation::new(Vec::new(), aggs, None)?;
    let mut states = Vec::new();
    for start in (0..table.height()).step_by(size) {
        states.push(aggregation.partial(&table.slice(start as i64, size))?);
    }
    while states.len() > 1 {
        states = states
            .chunks(2)
            .map(|pair| aggregation.combine(pair.to_vec()))
            .collect::<Result<_, _>>()?;
    }
    aggregation.finish(&states.swap_remove(0))
}

fn float(answer: &DataFrame, name: &str) -> f64 {
    let column = answer.column(name).expect("the output is there");
    column.f64().expect("a float").get(0).expect("not null")
}

#[test]
fn a_huge_offset_costs_no_digits() {
    // 1e9 + i / 1024 are exact; so are their sums as integers.
    let steps: Vec<i64> = (0..5000i64).map(|i| i * 7919 % 1021).collect();
    let values: Vec<f64> = steps.iter().map(|&step| 1e9 + step as f64 / 1024.0).collect();
    let n = steps.len() as i64;
    let sum: i64 = steps.iter().sum();
    let squares: i64 = steps.iter().map(|step| step * step).sum();
    let exact = (n * squares - sum * sum) as f64 / (n * (n - 1)) as f64 / 1024.0 / 1024.0;
    for size in [1, 7, 100, 5000] {
        let aggs = vec![
            col("x").var(1).alias("var"),
            col("x").std(1).alias("std"),
            col("x").mean().alias("mean"),
        ];
        let answer = answer(Column::new("x".into(), &values), size, aggs).expect("an answer");
        assert!((float(&answer, "var") / exact - 1.0).abs() < 1e-13, "var by {size}");
        assert!((float(&answer, "std") / exact.sqrt() - 1.0).abs() < 1e-13, "std by {size}");
        assert_eq!(float(&answer, "mean"), 1e9 + sum as f64 / n as f64 / 1024.0, "mean by {size}");
    }
}

#[test]
fn sums_and_means_of_floats_do_not_depend_on_the_split() {
    let values: Vec<f64> = (0..3000).map(|i| f64::from(i * i).sin() * 10f64.powi(i % 17)).collect();
    let aggs = || vec![col("x").sum().alias("sum"), col("x").mean().alias("mean")];
    let whole = answer(Column::new("x".into(), &values), 3000, aggs()).expect("an answer");
    for size in [1, 2, 13, 999] {
        let cut = answer(Column::new("x".into(), &values), size, aggs()).expect("an answer");
        assert_eq!(cut, whole, "by {size}");
    }
}

#[test]
fn a_sum_that_overflows_is_an_error() {
    let values = vec![i64::MAX, 1, i64::MAX];
    let sum = answer(Column::new("x".into(), &values), 1, vec![col("x").sum().alias("total")]);
    let Err(AggregateError::Overflow { name, sum, dtype }) = sum else { panic!("{sum:?}") };
    assert_eq!(
        (name.as_str(), sum, dtype),
        ("total", 2 * i128::from(i64::MAX) + 1, DataType::Int64)
    );

    let narrow = answer(Column::new("x".into(), &[i32::MIN, -1]), 2, vec![col("x").sum()]);
    assert!(matches!(narrow, Err(AggregateError::Overflow { .. })), "{narrow:?}");
    let wide = answer(Column::new("x".into(), &[i128::MAX, 1]), 1, vec![col("x").sum()]);
    assert!(matches!(wide, Err(AggregateError::WideOverflow { .. })), "{wide:?}");

    // On the way there and back again is no overflow; and a mean has no dtype to overflow.
    let back = answer(Column::new("x".into(), &[i64::MAX, 2, -2, -5]), 1, vec![col("x").sum()])
        .expect("it fits");
    assert_eq!(back, df!("x" => [i64::MAX - 5]).expect("one column"));
    let mean = answer(Column::new("x".into(), &values), 2, vec![col("x").mean()]).expect("a mean");
    assert_eq!(float(&mean, "x"), i64::MAX as f64 / 3.0 * 2.0);
}

#[test]
fn more_rows_than_polars_counts_are_counted() {
    let aggregation = Aggregation::new(Vec::new(), vec![len()], None).expect("len can be split");
    let state = df!("__0" => [3_000_000_000u64]).expect("a state");
    let both = aggregation.combine(vec![state.clone(), state]).expect("states fit");
    assert_eq!(
        aggregation.finish(&both).expect("finish"),
        df!("len" => [6_000_000_000u64]).expect("one column")
    );
}

#[test]
fn large_tables_give_the_same_bits_as_their_rechunked_selves() {
    // Above 100,000 rows polars' engine sums by thread; the bits here come from the rows alone.
    let values: Vec<f64> = (0..250_000).map(|i| f64::from(i).sqrt().sin() * 1e6).collect();
    let exact: f64 = {
        let scaled: i128 = values.iter().map(|value| (value * 2f64.powi(60)) as i128).sum();
        scaled as f64 / 2f64.powi(60)
    };
    let sum =
        answer(Column::new("x".into(), &values), 250_000, vec![col("x").sum()]).expect("a sum");
    assert!((float(&sum, "x") / exact - 1.0).abs() < 1e-15);
}
