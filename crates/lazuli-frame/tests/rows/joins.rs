//! Joins against polars: with a small right table, and by buckets.

use lazuli_core::Delayed;
use lazuli_frame::polars::prelude::*;
use lazuli_frame::{Frame, JoinType};

use crate::support::{Loads, everywhere, frame, sorted, table};

/// The table in partitions whose sizes nobody knows, so that it is joined by buckets.
fn unknown(table: &DataFrame, parts: usize) -> Frame {
    let size = table.height() / parts + 1;
    let parts = (0..parts).map(|part| Delayed::value(table.slice((part * size) as i64, size)));
    Frame::from_delayed(table.schema().as_ref().clone(), parts)
}

fn right(rows: usize) -> DataFrame {
    let mut right = table(rows, 77);
    right.rename("id", "other".into()).unwrap();
    right.drop("b").unwrap()
}

/// What polars makes of the whole tables.
fn expected(left: &DataFrame, right: &DataFrame, on: &[&str], how: JoinType) -> DataFrame {
    let on: Vec<Expr> = on.iter().map(|name| col(*name)).collect();
    let by = |how| {
        let args = JoinArgs::new(how).with_coalesce(JoinCoalesce::CoalesceColumns);
        left.clone().lazy().join(right.clone().lazy(), on.clone(), on.clone(), args)
    };
    use lazuli_frame::polars::prelude::JoinType as Polars;
    match how {
        JoinType::Inner => by(Polars::Inner),
        JoinType::Left => by(Polars::Left),
        JoinType::Full => by(Polars::Full),
        JoinType::Semi => by(Polars::Semi),
        JoinType::Anti => by(Polars::Anti),
        _ => left.clone().lazy().cross_join(right.clone().lazy(), None),
    }
    .collect()
    .unwrap()
}

const ALL: [JoinType; 5] =
    [JoinType::Inner, JoinType::Left, JoinType::Full, JoinType::Semi, JoinType::Anti];

#[test]
fn as_polars_joins_the_whole_tables() {
    for (left_rows, right_rows) in [(0, 0), (40, 0), (0, 30), (60, 50), (1, 1)] {
        let (left, right) = (table(left_rows, 5), right(right_rows));
        for on in [&["k"][..], &["k", "n"], &["f"]] {
            for how in ALL {
                let expected = sorted(&expected(&left, &right, on, how));
                for (left, right) in [
                    (frame(&left), frame(&right)),
                    (frame(&left), unknown(&right, 4)),
                    (unknown(&left, 5), unknown(&right, 1)),
                ] {
                    let made = left.join(&right, on, how);
                    let found = everywhere(&made);
                    assert_eq!(made.schema().unwrap(), expected.schema().as_ref(), "{how:?}");
                    let found = sorted(&found);
                    assert!(found.equals_missing(&expected), "{how:?} {on:?}: {found} {expected}");
                }
            }
        }
    }
}

#[test]
fn a_small_right_table_leaves_order_and_partitions() {
    let (left, right) = (table(200, 5), right(20));
    let made = frame(&left).join(&frame(&right), "n", JoinType::Left);
    assert_eq!(made.npartitions(), 3);
    let order = everywhere(&made.select("id"));
    assert!(order.column("id").unwrap().i64().unwrap().iter().is_sorted());
    let (loads, executor) = Loads::watch();
    let both = (made.agg(len()), frame(&left).agg(len()));
    executor.compute(both).unwrap();
    assert!(loads.take().is_empty());
}

#[test]
fn every_row_with_every_row() {
    let (left, right) = (table(13, 5), right(7));
    let expected = expected(&left, &right, &[], JoinType::Cross);
    let none = Vec::<&str>::new();
    let found = everywhere(&frame(&left).join(&frame(&right), none, JoinType::Cross));
    assert_eq!((found.height(), found.schema()), (91, expected.schema()));
    assert!(sorted(&found).equals_missing(&sorted(&expected)));
}

#[test]
fn keys_of_other_names_and_what_follows_a_join() {
    let left = df!("a" => [1_i64, 2, 3], "v" => [10, 20, 30]).unwrap();
    let right = df!("b" => [3_i64, 1, 1], "v" => [7, 8, 9]).unwrap();
    for right in [frame(&right), unknown(&right, 2)] {
        let made = frame(&left).join_on(&right, "a", "b", JoinType::Inner);
        let sum =
            made.filter(col("v_right").gt(lit(7))).agg([col("v_right").sum(), col("v").sum()]);
        assert_eq!(everywhere(&sum), df!("v_right" => [17], "v" => [20]).unwrap());
        assert_eq!(everywhere(&made.agg(len())), df!("len" => [3_u32]).unwrap());
        let again = made.join_on(&frame(&left), "v_right", "v", JoinType::Anti);
        assert_eq!(everywhere(&again.agg(len())), df!("len" => [3_u32]).unwrap());
    }
}
