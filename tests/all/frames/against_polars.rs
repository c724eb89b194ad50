//! Aggregates of the whole table, by file and by key.

use lazuli::core::Executor;
use lazuli::frame::polars::prelude::*;
use lazuli::prelude::{compute, scan_csv};
use proptest::prelude::*;

use super::{assert_close, table, tables, write_files};
use crate::support::{Named, executors};

/// Aggregates, with the counts inside of expressions put through `count`.
fn aggregates_with(count: impl Fn(Expr) -> Expr) -> Vec<Expr> {
    vec![
        (count(col("key").count()) - count(len())).alias("minus the missing keys"),
        col("whole").min().alias("low"),
        col("whole").max().alias("high"),
        col("whole").sum().alias("total"),
        col("whole").mean().alias("mean whole"),
        col("fraction").mean(),
        col("fraction").std(1).alias("std"),
        col("whole").var(0).alias("var"),
        col("key").count().alias("keys"),
        len().alias("rows"),
        ((col("whole").max() - col("whole").min()) * lit(2)).alias("twice the range"),
        (col("whole") * lit(2) + lit(1)).sum().alias("sum of odd numbers"),
    ]
}

fn aggregates() -> Vec<Expr> {
    aggregates_with(|count| count)
}

/// What polars calls the same, if its counts are of 64 bits: in its own dtype the difference wraps.
fn by_polars() -> Vec<Expr> {
    aggregates_with(|count| count.cast(DataType::Int64))
}

/// Same bits on every executor.
fn everywhere(delayed: &lazuli::core::Delayed<DataFrame>) -> DataFrame {
    let mut found = Vec::new();
    for Named { executor, .. } in executors() {
        found.push(executor.compute(delayed).unwrap());
    }
    for other in &found[1..] {
        assert!(found[0].equals_missing(other), "{} {other}", found[0]);
    }
    found.swap_remove(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn all_of_them(tables in tables(), limit in -1_000_000_i64..1_000_000) {
        let folder = tempfile::tempdir().unwrap();
        let files = write_files(folder.path(), &tables);
        let types = [("key", DataType::String), ("whole", DataType::Int64), ("fraction", DataType::Float64)];
        let options = lazuli::prelude::CsvOptions::default().with_schema(types);
        let frame = lazuli::prelude::scan_csv_with(&files, options).unwrap();
        let whole = table(tables.iter().flatten());
        let scale = 1e12;

        let expected = whole.clone().lazy().select(by_polars()).collect().unwrap();
        assert_close(&everywhere(&frame.agg(aggregates())), &expected, scale);

        let condition = || col("whole").gt(lit(limit)).and(col("key").is_not_null());
        let expected = whole.clone().lazy().filter(condition()).select(by_polars()).collect().unwrap();
        assert_close(&everywhere(&frame.filter(condition()).agg(aggregates())), &expected, scale);

        let expected = whole.lazy().group_by_stable([col("key")]).agg(by_polars()).collect().unwrap();
        assert_close(&everywhere(&frame.group_by([col("key")]).agg(aggregates())), &expected, scale);

        let by_file = everywhere(&frame.by_file().agg(aggregates()));
        prop_assert_eq!(by_file.height(), files.len());
        for (row, rows) in tables.iter().enumerate() {
            let expected = table(rows.iter()).lazy().select(by_polars()).collect().unwrap();
            let found = by_file.slice(row as i64, 1);
            let path = found.column("path").unwrap().get(0).unwrap().get_str().unwrap().to_owned();
            prop_assert_eq!(path, files[row].display().to_string());
            assert_close(&found.drop("path").unwrap(), &expected, scale);
        }

        let rows = tables.iter().map(Vec::len).sum::<usize>();
        let head = compute(frame.head(7)).unwrap();
        prop_assert!(head.equals_missing(&table(tables.iter().flatten()).head(Some(7))));
        prop_assert_eq!(head.height(), rows.min(7));
    }
}

#[test]
fn plain_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    std::fs::write(&path, "n,f,t\n3,0.5,b\n-1,NA,a\n,2.5,\n").unwrap();
    let frame = scan_csv(&path).unwrap();
    let (n, f, t) = (frame.column("n"), frame.column("f"), frame.column("t"));
    let executor = Executor::shared();
    assert_eq!(
        executor.compute((n.max::<i64>(), n.min::<i8>(), n.sum::<f64>())).unwrap(),
        (Some(3), Some(-1), Some(2.0))
    );
    assert_eq!(
        executor.compute((f.mean(), f.max::<f64>(), f.std(1))).unwrap(),
        (Some(1.5), Some(2.5), Some(2.0_f64.sqrt()))
    );
    assert_eq!(
        executor.compute((t.max::<String>(), t.count(), n.count())).unwrap(),
        (Some("b".into()), 2, 2)
    );
    let error = executor.compute(n.min::<u8>()).unwrap_err();
    assert!(
        error.to_string().contains("`n` is of dtype i64 and has the value -1, which is no u8"),
        "{error}"
    );
}
