//! Partitions: taken one by one, mapped, kept, cut and sampled; and small tables of a frame.

use std::sync::Arc;
use std::sync::Mutex;

use lazuli_core::{Delayed, Executor, compute, sequence};
use lazuli_frame::Frame;
use lazuli_frame::polars::prelude::*;

use crate::support::{assert_close, everywhere, frame, refusal, table};

#[test]
fn the_first_and_the_last_rows() {
    let table = table(100, 1);
    let whole = frame(&table);
    let kept = whole.persist().unwrap();
    let few = table.clone().lazy().filter(col("n").gt(lit(0))).collect().unwrap();
    for rows in [0, 1, 33, 34, 99, 100, 1000] {
        for frame in [&whole, &kept] {
            assert!(everywhere(&frame.head(rows)).equals_missing(&table.head(Some(rows))));
            assert!(everywhere(&frame.tail(rows)).equals_missing(&table.tail(Some(rows))));
            let positive = frame.filter(col("n").gt(lit(0)));
            assert!(everywhere(&positive.head(rows)).equals_missing(&few.head(Some(rows))));
            assert!(everywhere(&positive.tail(rows)).equals_missing(&few.tail(Some(rows))));
        }
    }
    assert_eq!(
        compute((whole.len(), whole.filter(col("n").gt(lit(0))).len())).unwrap(),
        (100, few.height() as u64)
    );
}

#[test]
fn partitions_are_mapped_and_taken_one_by_one() {
    let table = table(10, 2);
    let whole = frame(&table);
    let heights: Vec<usize> =
        compute(sequence(whole.partitions())).unwrap().iter().map(DataFrame::height).collect();
    assert_eq!(heights, [4, 3, 3]);
    let sums = whole.map_partitions(|rows| rows.lazy().select([col("id").sum()]).collect());
    assert_eq!(everywhere(&sums), df!("id" => [6_i64, 15, 24]).unwrap());
    assert_eq!(
        everywhere(&sums.filter(col("id").gt(lit(6))).agg(len())),
        df!("len" => [2_u32]).unwrap()
    );

    let wrong = Schema::from_iter([("id".into(), DataType::Float64)]);
    let text = refusal(whole.map_partitions_as(wrong, |rows| rows.select(["id"])));
    assert!(text.contains("\"id\"") && text.contains("i64") && text.contains("f64"), "{text}");
    let text = refusal(whole.map_partitions(|rows| match rows.height() {
        0 => Ok(rows),
        _ => Err("out of luck"),
    }));
    assert!(text.contains("out of luck"), "{text}");

    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&seen);
    let visit = whole.for_each_partition(move |part, rows| {
        note.lock().unwrap().push((part, rows.height()));
        Ok::<(), PolarsError>(())
    });
    compute(visit).unwrap();
    let mut seen = seen.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, [(0, 4), (1, 3), (2, 3)]);
}

#[test]
fn another_number_of_partitions_has_the_same_rows() {
    let table = table(101, 3);
    for before in [1, 3, 8] {
        let frame = Frame::from_dataframe(&table, before);
        for after in [1, 2, 3, 7, 20, 200] {
            let made = frame.repartition(after);
            assert_eq!(made.npartitions(), after);
            assert!(everywhere(&made).equals_missing(&table), "{before} {after}");
        }
    }
}

#[test]
fn what_is_kept_is_not_computed_again() {
    let calls = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&calls);
    let made = frame(&table(10, 4)).map_partitions_as(
        Schema::from_iter([("id".into(), DataType::Int64)]),
        move |rows| {
            *counted.lock().unwrap() += 1;
            rows.select(["id"])
        },
    );
    let kept = made.persist().unwrap();
    assert_eq!((*calls.lock().unwrap(), kept.npartitions()), (3, 3));
    for _ in 0..2 {
        assert_eq!(compute(kept.column("id").sum::<i64>()).unwrap(), Some(45));
    }
    assert_eq!(*calls.lock().unwrap(), 3);
    assert!(kept.explain().unwrap().to_string().contains("tasks"));
}

#[test]
fn a_sample_is_the_same_in_every_run_and_about_as_large_as_asked_for() {
    let table = table(20_000, 5);
    let frame = frame(&table);
    let found = everywhere(&frame.sample(0.25, 11));
    assert!((4_500..5_500).contains(&found.height()), "{}", found.height());
    assert!(!found.equals_missing(&everywhere(&frame.sample(0.25, 12))));
    assert_eq!(everywhere(&frame.sample(0.0, 1)).height(), 0);
    assert!(everywhere(&frame.sample(1.0, 1)).equals_missing(&table));
}

#[test]
fn delayed_tables_are_a_frame() {
    let one = Delayed::value(df!("a" => [1_i64, 2], "t" => ["x", "y"]).unwrap());
    let other = Delayed::value(df!("t" => ["z"], "a" => [3_i64]).unwrap());
    let schema = Schema::from_iter([("a".into(), DataType::Int64), ("t".into(), DataType::String)]);
    let frame = Frame::from_delayed(schema.clone(), [one.clone(), other]);
    assert_eq!(everywhere(&frame), df!("a" => [1_i64, 2, 3], "t" => ["x", "y", "z"]).unwrap());
    assert_eq!(everywhere(&Frame::from_delayed(schema.clone(), [])).schema().as_ref(), &schema);
    let wrong = Delayed::value(df!("a" => [1.5], "t" => ["x"]).unwrap());
    let text = refusal(Frame::from_delayed(schema.clone(), [one.clone(), wrong]));
    assert!(text.contains("f64") && text.contains("i64"), "{text}");
    let more = Delayed::value(df!("a" => [1_i64], "t" => ["x"], "u" => [1]).unwrap());
    assert!(refusal(Frame::from_delayed(schema, [one, more])).contains("\"u\""));
}

#[test]
fn distinct_rows_and_counts() {
    let table = table(300, 6);
    let frame = frame(&table);
    let expected = table
        .unique_stable(Some(&["k".into(), "b".into()]), UniqueKeepStrategy::First, None)
        .unwrap()
        .select(["k", "b"])
        .unwrap();
    assert!(everywhere(&frame.unique(["k", "b"])).equals_missing(&expected));
    let counts = everywhere(&frame.value_counts("k"));
    let expected = table
        .lazy()
        .group_by_stable([col("k")])
        .agg([len().alias("count")])
        .sort(
            ["count"],
            SortMultipleOptions::default().with_order_descending(true).with_maintain_order(true),
        )
        .collect()
        .unwrap();
    assert!(counts.equals_missing(&expected), "{counts} {expected}");
}

#[test]
fn a_row_of_statistics_for_each_column() {
    let table = table(500, 8);
    let found = everywhere(&frame(&table).describe());
    let names: Vec<&str> =
        found.column("column").unwrap().str().unwrap().iter().flatten().collect();
    assert_eq!(names, ["k", "n", "f", "b", "id"]);
    for (row, name) in names.iter().enumerate() {
        let column = table.column(name).unwrap();
        let cell =
            |statistic: &str| found.column(statistic).unwrap().get(row).unwrap().extract::<f64>();
        assert_eq!(cell("count"), Some((500 - column.null_count()) as f64));
        assert_eq!(cell("null_count"), Some(column.null_count() as f64));
        let numbers = match *name {
            "k" => {
                assert_eq!((cell("mean"), cell("max")), (None, None));
                continue;
            }
            _ => column.cast(&DataType::Float64).unwrap().as_materialized_series().clone(),
        };
        let quantile = |at| {
            let value = numbers.quantile_reduce(at, QuantileMethod::Linear).unwrap();
            value.value().extract::<f64>().unwrap()
        };
        let expected = df!(
            "mean" => [numbers.mean().unwrap()],
            "std" => [numbers.std(1).unwrap()],
            "q25" => [quantile(0.25)], "median" => [quantile(0.5)], "q75" => [quantile(0.75)],
        );
        let found = df!(
            "mean" => [cell("mean").unwrap()],
            "std" => [cell("std").unwrap()],
            "q25" => [cell("q25").unwrap()],
            "median" => [cell("median").unwrap()],
            "q75" => [cell("q75").unwrap()],
        );
        assert_close(&found.unwrap(), &expected.unwrap(), 1.0);
    }
}

#[test]
fn many_frames_are_computed_at_once() {
    let frame = frame(&table(9, 1));
    let (all, (few, sum)) = Executor::sync()
        .compute((&frame, (frame.head(2), frame.column("id").sum::<i64>())))
        .unwrap();
    assert_eq!((all.height(), few.height(), sum), (9, 2, Some(36)));
}
