//! Behaviours of polars' own tests of lazy aggregation that have a meaning for partitions: missing values, groups and
//! tables without any, NaN among keys and values, order, names.

use lazuli_core::compute;
use lazuli_frame::Frame;
use lazuli_frame::polars::prelude::*;

use crate::support::{assert_close, everywhere};

/// Every way to cut a small table into partitions, one of them with a partition without rows.
fn cuts(table: &DataFrame) -> Vec<Frame> {
    let mut cuts: Vec<Frame> =
        (1..=table.height().max(1)).map(|parts| Frame::from_dataframe(table, parts)).collect();
    let empty = Frame::from_dataframe(&table.clear(), 1);
    cuts.push(Frame::concat([empty.clone(), Frame::from_dataframe(table, 2), empty]));
    cuts
}

fn check_by(table: &DataFrame, keys: &[&str], aggregates: &[Expr]) {
    let by: Vec<Expr> = keys.iter().map(|key| col(*key)).collect();
    let expected = table.clone().lazy().group_by_stable(by).agg(aggregates).collect().unwrap();
    for frame in cuts(table) {
        assert_close(&everywhere(&frame.group_by(keys).agg(aggregates)), &expected, 1.0);
    }
}

fn check(table: &DataFrame, aggregates: &[Expr]) {
    let expected = table.clone().lazy().select(aggregates).collect().unwrap();
    for frame in cuts(table) {
        assert_close(&everywhere(&frame.agg(aggregates)), &expected, 1.0);
    }
}

fn all_of(name: &str) -> Vec<Expr> {
    let x = || col(name);
    vec![
        x().sum().alias("sum"),
        x().mean().alias("mean"),
        x().min().alias("min"),
        x().max().alias("max"),
        x().std(1).alias("std"),
        x().var(0).alias("var"),
        x().median().alias("median"),
        x().quantile(lit(0.25), QuantileMethod::Linear).alias("quantile"),
        x().n_unique().alias("n_unique"),
        x().count().alias("count"),
        x().len().alias("len"),
        x().null_count().alias("null_count"),
        x().first().alias("first"),
        x().last().alias("last"),
        x().product().alias("product"),
        x().skew(true).alias("skew"),
    ]
}

#[test]
fn missing_values_are_passed_over() {
    let table = df!(
        "k" => ["a", "b", "a", "b", "a"],
        "x" => [Some(1.5), None, None, Some(-2.0), Some(4.0)],
    )
    .unwrap();
    check(&table, &all_of("x"));
    check_by(&table, &["k"], &all_of("x"));
}

#[test]
fn a_group_of_missing_values() {
    let table = df!(
        "k" => [Some("a"), Some("b"), None, Some("b"), None],
        "x" => [Some(1.0), None, Some(2.0), None, Some(3.5)],
    )
    .unwrap();
    check_by(&table, &["k"], &all_of("x"));
    let none = df!("k" => ["a", "b"], "x" => [None::<f64>, None]).unwrap();
    check(&none, &all_of("x"));
    check_by(&none, &["k"], &all_of("x"));
}

#[test]
fn tables_without_rows() {
    let table = df!("k" => Vec::<&str>::new(), "x" => Vec::<f64>::new()).unwrap();
    check(&table, &all_of("x"));
    check_by(&table, &["k"], &all_of("x"));
    let frame = Frame::from_dataframe(&table, 3);
    assert_eq!(compute(frame.len()).unwrap(), 0);
    assert_eq!(everywhere(&frame.sort("x", Default::default())).height(), 0);
}

#[test]
fn nan_is_one_key_and_zero_has_no_sign() {
    let table = df!(
        "k" => [f64::NAN, 0.0, -f64::NAN, -0.0, 1.0],
        "x" => [1.0, 2.0, 3.0, 4.0, 5.0],
    )
    .unwrap();
    for frame in cuts(&table) {
        let found =
            everywhere(&frame.group_by("k").agg([col("x").sum(), col("x").median().alias("m")]));
        let expected =
            df!("k" => [f64::NAN, 0.0, 1.0], "x" => [4.0, 6.0, 5.0], "m" => [2.0, 3.0, 5.0]);
        assert!(found.equals_missing(&expected.unwrap()), "{found}");
    }
}

#[test]
fn nan_among_values() {
    let table = df!("k" => [1, 2, 1, 2], "x" => [f64::NAN, 1.0, 2.0, 3.0]).unwrap();
    let aggregates = [
        col("x").sum().alias("sum"),
        col("x").min().alias("min"),
        col("x").max().alias("max"),
        col("x").mean().alias("mean"),
        col("x").n_unique().alias("n_unique"),
    ];
    check(&table, &aggregates);
    check_by(&table, &["k"], &aggregates);
}

#[test]
fn groups_come_in_the_order_of_their_first_rows() {
    let table = df!("k" => [3, 1, 2, 1, 3], "x" => [1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
    check_by(&table, &["k"], &[col("x").first(), col("x").median().alias("m")]);
    check_by(&table, &["k"], &[col("x").last()]);
}

#[test]
fn keys_of_every_kind() {
    let days = Column::new("day".into(), [1, 2, 1, 1]).cast(&DataType::Date).unwrap();
    let mut table = df!(
        "b" => [Some(true), None, Some(true), Some(false)],
        "i" => [i64::MIN, i64::MAX, i64::MIN, 0],
        "u" => [u64::MAX, 0, u64::MAX, 1],
        "t" => ["", "x", "", " "],
        "x" => [1.0, 2.0, 3.0, 4.0],
    )
    .unwrap();
    table.with_column(days).unwrap();
    for key in ["b", "i", "u", "t", "day"] {
        check_by(&table, &[key], &[col("x").sum(), col("x").median().alias("m"), len()]);
        let other = if key == "t" { "i" } else { "t" };
        check_by(&table, &[key, other], &[col("x").max(), col("x").n_unique().alias("d")]);
    }
}

#[test]
fn a_literal_beside_columns_and_names_as_they_are_given() {
    let table = df!("k" => ["a", "b", "a"], "x" => [1, 2, 3]).unwrap();
    check_by(
        &table,
        &["k"],
        &[(col("x").sum() + lit(1)).alias("more"), col("x").max().name().suffix("_max")],
    );
    check(
        &table,
        &[
            (lit(2) * col("x").median()).alias("twice"),
            col("x").filter(col("k").eq(lit("a"))).sum(),
        ],
    );
}

#[test]
fn truths_and_texts() {
    let table = df!(
        "k" => [1, 1, 2, 2, 3],
        "b" => [Some(true), None, Some(false), Some(true), None],
        "t" => [Some("x"), Some("y"), None, Some("y"), Some("")],
    )
    .unwrap();
    let aggregates = [
        col("b").sum().alias("sum"),
        col("b").mean().alias("mean"),
        col("b").any(true).alias("any"),
        col("b").all(true).alias("all"),
        col("b").any(false).alias("kleene"),
        col("t").min().alias("min"),
        col("t").max().alias("max"),
        col("t").n_unique().alias("distinct"),
        col("t").first().alias("first"),
    ];
    check(&table, &aggregates);
    check_by(&table, &["k"], &aggregates);
}
