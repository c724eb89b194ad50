//! Dtypes beyond numbers and text, and the columns an aggregation asks for.

use polars::prelude::*;

use super::table::{assert_same, by_polars};
use crate::aggregate::{AggregateError, Aggregation};

fn both_ways(table: &DataFrame, keys: &[Expr], aggs: &[Expr]) {
    let aggregation =
        Aggregation::new(keys.to_vec(), aggs.to_vec(), None).expect("all can be split");
    let half = table.height() / 2;
    let partitions = [table.slice(0, half), table.slice(half as i64, table.height())];
    let states = partitions.map(|partition| aggregation.partial(&partition).expect("a state"));
    let ours = aggregation
        .finish(&aggregation.combine(states.to_vec()).expect("one state"))
        .expect("finish");
    assert_same(&ours, &by_polars(table, keys, aggs, None));
}

#[test]
fn dates_times_and_durations_keep_their_dtypes() {
    let ticks =
        Column::new("t".into(), [Some(5i64), None, Some(86_400_000_001), Some(-7), Some(12)]);
    let keys = Column::new("k".into(), ["a", "b", "a", "a", "b"]);
    let dtypes = [
        DataType::Datetime(TimeUnit::Milliseconds, None),
        DataType::Datetime(TimeUnit::Nanoseconds, None),
        DataType::Duration(TimeUnit::Microseconds),
        DataType::Time,
    ];
    for dtype in dtypes {
        let dated = ticks.cast(&dtype).expect("ticks are of any of these");
        let table = DataFrame::new(5, vec![keys.clone(), dated]).expect("two columns");
        let mut aggs = vec![
            col("t").min().alias("min"),
            col("t").max().alias("max"),
            col("t").mean().alias("mean"),
            col("t").first().alias("first"),
            col("t").count().alias("count"),
        ];
        if dtype.is_duration() {
            aggs.push(col("t").sum().alias("sum"));
            aggs.push(col("t").std(1).alias("std"));
        }
        both_ways(&table, &[], &aggs);
        both_ways(&table, &[col("k")], &aggs);
    }
}

#[test]
fn decimals_and_bytes_are_ordered() {
    let prices = Column::new("p".into(), [Some(1.25), None, Some(-3.5), Some(2.0)]);
    let prices = prices.cast(&DataType::Decimal(10, 2)).expect("decimals");
    let bytes = Column::new("x".into(), [b"b".as_slice(), b"a", b"c", b""]);
    let keys = Column::new("k".into(), [1, 2, 1, 2]);
    let table = DataFrame::new(4, vec![keys, prices, bytes]).expect("three columns");
    let aggs =
        [col("p").min().alias("min"), col("p").max().alias("max"), col("x").min(), col("p").last()];
    both_ways(&table, &[], &aggs);
    both_ways(&table, &[col("k")], &aggs);
}

#[test]
fn a_column_of_nothing_has_no_values() {
    let table = df!("k" => [1, 1, 2]).expect("one column");
    let nothing = Column::full_null("x".into(), 3, &DataType::Null);
    let table = table.hstack(&[nothing]).expect("two columns");
    let aggs = [
        col("x").min().alias("min"),
        col("x").count().alias("count"),
        col("x").first().alias("first"),
        col("x").mean().alias("mean"),
        col("x").sum().alias("sum"),
    ];
    both_ways(&table, &[], &aggs);
    both_ways(&table, &[col("k")], &aggs);
}

#[test]
fn aggregates_undefined_for_a_dtype_are_refused() {
    let table = df!("s" => ["a", "b"]).expect("one column");
    let day = Column::new("d".into(), [1i32, 2]).cast(&DataType::Date).expect("dates");
    let list = Column::new("l".into(), [Series::new("".into(), [1]), Series::new("".into(), [2])]);
    let table = table.hstack(&[day, list]).expect("three columns");
    for (agg, aggregate) in [
        (col("s").sum(), "sum"),
        (col("s").mean(), "mean"),
        (col("s").std(1), "std"),
        (col("d").sum(), "sum"),
        (col("d").var(1), "var"),
        (col("l").max(), "max"),
        (col("l").min(), "min"),
    ] {
        let aggregation = Aggregation::new(Vec::new(), vec![agg], None).expect("all can be split");
        let refused = aggregation.partial(&table);
        let Err(AggregateError::UnsupportedDtype { aggregate: named, .. }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(named, aggregate);
    }
}

#[test]
fn bare_counts_have_the_dtype_of_polars_and_others_do_not_wrap() {
    let table = df!("v" => [Some(1), None, None], "b" => [true, true, false]).expect("columns");
    let counts = [col("v").count(), len(), col("v").null_count(), col("b").sum()];
    let mut aggs = Vec::new();
    for (index, count) in counts.into_iter().enumerate() {
        aggs.push(count.clone().alias(format!("bare {index}")));
        aggs.push((lit(0) - count.clone()).alias(format!("negative {index}")));
        aggs.push((count * lit(2_000_000_000)).alias(format!("huge {index}")));
    }
    let aggregation = Aggregation::new(Vec::new(), aggs, None).expect("all can be split");
    let answer =
        aggregation.finish(&aggregation.partial(&table).expect("a state")).expect("finish");
    for (index, count) in [1u32, 3, 2, 2].into_iter().enumerate() {
        let column = |what: &str| answer.column(&format!("{what} {index}")).expect("an output");
        let (bare, wide) = (column("bare"), i64::from(count));
        assert_eq!(bare.dtype(), &IDX_DTYPE);
        assert_eq!(bare.u32().expect("counts").get(0), Some(count));
        assert_eq!(column("negative").i64().expect("numbers").get(0), Some(-wide));
        assert_eq!(column("huge").i64().expect("numbers").get(0), Some(wide * 2_000_000_000));
    }
}

#[test]
fn a_count_beyond_32_bits_is_counted() {
    let aggs = vec![len(), (len() - lit(1)).alias("others")];
    let aggregation = Aggregation::new(Vec::new(), aggs, None).expect("len can be split");
    let partition = DataFrame::new(3 << 30, Vec::new()).expect("rows without columns");
    let state = aggregation.partial(&partition).expect("a state");
    let both = aggregation.combine(vec![state.clone(), state]).expect("one state");
    let answer = aggregation.finish(&both).expect("finish");
    let expected = df!("len" => [6u64 << 30], "others" => [(6i64 << 30) - 1]);
    assert_eq!(answer, expected.expect("two columns"));
}

#[test]
fn columns_are_those_of_keys_aggregates_and_filter() {
    let aggs = vec![col("b").sum(), (col("a") * col("c")).max(), len()];
    let aggregation = Aggregation::new(vec![col("k")], aggs, Some(col("z").gt(col("b"))))
        .expect("all can be split");
    assert_eq!(aggregation.columns(), ["k", "b", "a", "c", "z"]);
    let names: Vec<&str> = aggregation.output_names().map(PlSmallStr::as_str).collect();
    assert_eq!(names, ["k", "b", "a", "len"]);
    let missing =
        aggregation.partial(&df!("k" => [1]).expect("one column")).expect_err("no column b");
    assert!(missing.to_string().contains('b'), "{missing}");
}
