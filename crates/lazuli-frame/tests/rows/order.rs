//! Sorted rows, the first of them, and windows, against polars.

use lazuli_core::Delayed;
use lazuli_frame::Frame;
use lazuli_frame::polars::prelude::*;

use crate::support::{everywhere, frame, table};

fn options(descending: &[bool], nulls_last: bool) -> SortMultipleOptions {
    SortMultipleOptions::default()
        .with_order_descending_multi(descending.to_vec())
        .with_nulls_last(nulls_last)
        .with_maintain_order(true)
}

/// As many partitions as there are ranges.
fn many(table: &DataFrame) -> Frame {
    let size = table.height() / 12 + 1;
    let parts = (0..12).map(|part| Delayed::value(table.slice((part * size) as i64, size)));
    Frame::from_delayed(table.schema().as_ref().clone(), parts)
}

#[test]
fn rows_in_order_equal_ones_as_they_were() {
    for rows in [0, 1, 11, 700] {
        let mut table = table(rows, 9);
        let odd = [f64::NAN, -0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY];
        let odd: Vec<f64> = (0..rows).map(|row| odd[row * 7 % 5]).collect();
        table.with_column(Column::new("odd".into(), odd)).unwrap();
        for frame in [frame(&table), many(&table)] {
            for (by, descending) in [
                (&["k"][..], &[false][..]),
                (&["n"], &[true]),
                (&["b", "f"], &[true, false]),
                (&["k", "n", "id"], &[false, true, false]),
                (&["odd"], &[false]),
            ] {
                for nulls_last in [false, true] {
                    let options = || options(descending, nulls_last);
                    let expected = table.sort(by.iter().copied(), options()).unwrap();
                    let made = frame.sort(by, options());
                    let found = everywhere(&made);
                    assert!(found.equals_missing(&expected), "{by:?}: {found} {expected}");
                    for count in [0, 1, 10, 699, 5000] {
                        let first = everywhere(&frame.top_k(count, by, options()));
                        assert!(
                            first.equals_missing(&expected.head(Some(count))),
                            "{by:?} {count}"
                        );
                    }
                    assert!(everywhere(&made.head(5)).equals_missing(&expected.head(Some(5))));
                }
            }
        }
    }
}

#[test]
fn windows_within_groups() {
    let table = table(400, 2);
    let columns = || {
        [
            col("n").sum().alias("sum"),
            col("id").cum_count(false).alias("place"),
            col("f").rank(RankOptions::default(), None).alias("rank"),
            col("n").shift(lit(1)).alias("before"),
            (col("f") - col("f").mean()).alias("away"),
            col("f"),
        ]
    };
    for frame in [frame(&table), many(&table)] {
        for keys in [&["k"][..], &["k", "b"]] {
            let made = frame.with_columns_over(keys, columns());
            let over: Vec<Expr> = keys.iter().map(|key| col(*key)).collect();
            let expected = table
                .clone()
                .lazy()
                .with_columns(columns().map(|column| {
                    let name = column.clone().meta().output_name().unwrap();
                    column.over(over.clone()).unwrap().alias(name)
                }))
                .collect()
                .unwrap();
            let found = everywhere(&made);
            assert!(found.equals_missing(&expected), "{found} {expected}");
            assert_eq!(made.schema().unwrap(), expected.schema().as_ref());
            assert_eq!(made.npartitions(), frame.npartitions());
        }
    }
}
