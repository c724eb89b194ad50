//! What does not fit into a memory limit is put aside, with the same answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lazuli_core::{Delayed, Event, Executor, Observer};
use lazuli_frame::polars::prelude::*;
use lazuli_frame::{Frame, JoinType};

use crate::support::assert_close;

/// Bytes that were moved to the scratch file.
#[derive(Default)]
struct Spilled(AtomicU64);

impl Observer for Spilled {
    fn event(&self, event: &Event<'_>) {
        if let Event::Spilled { bytes, .. } = event {
            self.0.fetch_add(*bytes, Ordering::SeqCst);
        }
    }
}

/// 8 MB of numbers in 64 partitions.
fn numbers() -> Frame {
    let rows = 250_000_i64;
    let n: Vec<i64> = (0..rows).map(|row| row * 7_919 % 1_000_003).collect();
    let id: Vec<i64> = (0..rows).collect();
    let key: Vec<i64> = n.iter().map(|n| n % 5_000).collect();
    let half: Vec<f64> = n.iter().map(|&n| n as f64 / 2.0).collect();
    let table = df!("n" => n, "id" => id, "key" => key, "half" => half).unwrap();
    Frame::from_dataframe(&table, 64)
}

fn with_little(asked: &Delayed<DataFrame>) {
    let expected = Executor::sync().compute(asked).unwrap();
    let spilled = Arc::new(Spilled::default());
    let observer = Arc::clone(&spilled) as Arc<dyn Observer>;
    let little = Executor::threaded(2).unwrap().with_memory_limit(3 << 20).with_observer(observer);
    let found = little.compute(asked).unwrap_or_else(|error| panic!("{error}"));
    assert!(found.equals_missing(&expected), "{found} {expected}");
    assert!(spilled.0.load(Ordering::SeqCst) > 2 << 20, "{:?}", spilled.0);
}

#[test]
fn a_sort_of_more_than_fits() {
    let sorted = numbers().sort("n", Default::default());
    let check = sorted.map_partitions(|rows| {
        let ordered = rows.column("n")?.i64()?.iter().is_sorted();
        df!("least" => [rows.column("n")?.i64()?.min()], "ordered" => [ordered])
    });
    with_little(&check.to_dataframe());
    let table = Executor::sync().compute(check.to_dataframe()).unwrap();
    assert!(table.column("least").unwrap().i64().unwrap().iter().is_sorted());
    assert!(table.column("ordered").unwrap().bool().unwrap().all());
    assert!(table.height() > 4);
}

#[test]
fn groups_of_more_rows_than_fit() {
    with_little(&numbers().group_by("key").agg([col("half").median(), col("n").n_unique()]));
}

#[test]
fn a_join_of_more_than_fits() {
    let joined = numbers().join(&numbers().select(["n", "half"]), "n", JoinType::Full);
    with_little(&joined.agg([len(), col("half_right").sum()]));
}

/// Groups by the million are dealt into buckets, which may wait in a scratch file: as polars has them, in the order
/// of their first rows, and with the same bits however little memory there is.
#[test]
fn many_groups_meet_in_buckets() {
    let rows = 1_500_000_u64;
    let key = |row: u64| ((row * 2_654_435_761) % 1_000_003) as i64;
    let keys: Vec<i64> = (0..rows).map(key).collect();
    let values: Vec<f64> = (0..rows).map(|row| (row as f64).sin() * 1e3).collect();
    let counts: Vec<i64> = (0..rows as i64).collect();
    let table = df!("key" => keys, "value" => values, "count" => counts).unwrap();
    let frame = Frame::from_dataframe(&table, 24);
    let aggregates =
        [col("count").sum(), col("value").max(), col("value").mean().alias("mean"), len()];
    let asked = || frame.group_by("key").agg(&aggregates[..]);

    let found = Executor::sync().compute(asked()).unwrap();
    let expected = table.clone().lazy().group_by_stable([col("key")]).agg(aggregates.clone());
    assert_close(&found, &expected.collect().unwrap(), 1e3);

    let spilled = Arc::new(Spilled::default());
    let observer = Arc::clone(&spilled) as Arc<dyn Observer>;
    let limit = table.estimated_size() as u64;
    let little = Executor::threaded(2).unwrap().with_memory_limit(limit).with_observer(observer);
    for executor in [Executor::threaded(4).unwrap(), little] {
        assert!(executor.compute(asked()).unwrap().equals(&found));
    }
    assert!(spilled.0.load(Ordering::SeqCst) > 2 << 20, "{:?}", spilled.0);
}
