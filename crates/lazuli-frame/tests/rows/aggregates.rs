//! Aggregates that need all rows of a group at once, against polars.

use lazuli_core::{Executor, Reduction, compute};
use lazuli_frame::Frame;
use lazuli_frame::polars::prelude::*;

use crate::support::{assert_close, everywhere, frame, refusal, table};

fn aggregates() -> Vec<Expr> {
    vec![
        col("f").median().alias("median"),
        col("n").quantile(lit(0.9), QuantileMethod::Linear).alias("q90"),
        col("n").quantile(lit(0.3), QuantileMethod::Nearest).alias("q30"),
        col("n").n_unique().alias("distinct"),
        col("k").n_unique().alias("keys"),
        col("f").skew(true).alias("skew"),
        col("f").kurtosis(true, true).alias("kurtosis"),
        pearson_corr(col("n"), col("f")).alias("corr"),
        cov(col("n"), col("f"), 1).alias("cov"),
        col("b").any(true).alias("any"),
        col("b").all(true).alias("all"),
        (col("f") / lit(300.0)).product().alias("product"),
        col("id").sort_by([col("f")], Default::default()).first().alias("of the least"),
        (col("n") - col("n").mean()).abs().sum().alias("deviation"),
        (col("f").max() - col("f").median()).alias("above"),
        col("n").filter(col("b")).median().alias("of the true"),
        // What can be split is answered beside.
        col("n").mean().alias("mean"),
        len().alias("rows"),
    ]
}

#[test]
fn by_key_and_of_all_rows() {
    for rows in [1, 2, 9, 1500] {
        let table = table(rows, rows as u64);
        let frame = frame(&table);
        let lazy = || table.clone().lazy();
        let by_key = lazy().group_by_stable([col("k")]).agg(aggregates()).collect().unwrap();
        assert_close(&everywhere(&frame.group_by("k").agg(aggregates())), &by_key, 1e3);
        let by_two =
            lazy().group_by_stable([col("b"), col("k")]).agg(aggregates()).collect().unwrap();
        assert_close(&everywhere(&frame.group_by(["b", "k"]).agg(aggregates())), &by_two, 1e3);
        let by_float = lazy().group_by_stable([col("f") / lit(0.0)]).agg([col("n").median()]);
        let found = everywhere(&frame.group_by([col("f") / lit(0.0)]).agg(col("n").median()));
        assert_close(&found, &by_float.collect().unwrap(), 1e3);
        let whole = lazy().select(aggregates()).collect().unwrap();
        assert_close(&everywhere(&frame.agg(aggregates())), &whole, 1e3);
        let few = lazy().filter(col("n").gt(lit(0))).select(aggregates()).collect().unwrap();
        assert_close(&everywhere(&frame.filter(col("n").gt(lit(0))).agg(aggregates())), &few, 1e3);
    }
}

#[test]
fn an_aggregate_inside_of_another_is_a_second_pass_without_rows() {
    let table = table(1200, 4);
    let nested = || {
        vec![
            (col("f") - col("f").mean()).abs().sum().alias("deviation"),
            (col("n").max() - col("n")).mean(),
            ((col("f") - col("f").mean()) / col("f").std(1)).max().alias("standard"),
            col("f").filter(col("n").gt(col("n").mean())).sum().alias("of the large"),
            col("n").sum().alias("plain"),
        ]
    };
    let frame = frame(&table);
    let expected = table.clone().lazy().select(nested()).collect().unwrap();
    assert_close(&everywhere(&frame.agg(nested())), &expected, 1e3);
    let plan = Executor::sync().plan(frame.agg(nested())).unwrap();
    assert_eq!(plan.tasks().filter(|task| task.name() == "read").count(), 6);
    assert_eq!(plan.tasks().filter(|task| task.name() == "group").count(), 0);
    // What cannot be done so is computed of all rows at once.
    let both = || vec![(col("f") - col("f").median()).abs().sum(), col("n").sum()];
    let expected = table.lazy().select(both()).collect().unwrap();
    assert_close(&everywhere(&frame.agg(both())), &expected, 1e3);
    let text = refusal(frame.agg((col("m") - col("m").mean()).sum()));
    assert!(text.contains("there is no column \"m\""), "{text}");
    let text = refusal(frame.agg((col("k") - col("k").mean()).sum()));
    assert!(text.contains("col(\"k\")"), "{text}");
}

#[test]
fn lists_of_a_group() {
    let table = df!("k" => ["a", "b", "a", "a"], "n" => [1, 2, 3, 3]).unwrap();
    let found = everywhere(&frame(&table).group_by("k").agg(col("n").mode(true)));
    let expected = table.lazy().group_by_stable([col("k")]).agg([col("n").mode(true)]);
    assert!(found.equals(&expected.collect().unwrap()), "{found}");
}

#[test]
fn many_buckets_have_the_groups_in_order() {
    let rows = 6000;
    let keys: Vec<i64> = (0..rows).map(|row| row * 7919 % 1009).collect();
    let table = df!("k" => &keys, "n" => (0..rows).collect::<Vec<i64>>()).unwrap();
    let parts = (0..40).map(|part| lazuli_core::Delayed::value(table.slice(part * 150, 150)));
    let frame = Frame::from_delayed(table.schema().as_ref().clone(), parts);
    let asked = frame.group_by("k").agg([col("n").median(), col("n").first().alias("first")]);
    let expected = table
        .lazy()
        .group_by_stable([col("k")])
        .agg([col("n").median(), col("n").first().alias("first")])
        .collect()
        .unwrap();
    assert_eq!(everywhere(&asked), expected);
    let plan = Executor::sync().plan(&asked).unwrap();
    assert_eq!(plan.tasks().filter(|task| task.name() == "group").count(), 40);
}

#[test]
fn integers_do_not_wrap_in_whole_groups() {
    let big = i64::MAX / 2;
    let table = df!("k" => ["a", "b", "b"], "n" => [1, big, big]).unwrap();
    let frame = frame(&table);
    for wraps in [
        col("n").product(),
        (col("n") - col("n").min() + lit(big + 10)).sum(),
        (col("n") * col("n").median().cast(DataType::Int64)).max(),
    ] {
        let text = refusal(frame.group_by("k").agg(wraps.clone()));
        assert!(text.contains("does not fit i64"), "{wraps}: {text}");
    }
    let fits = compute(frame.filter(col("k").eq(lit("a"))).agg(col("n").product())).unwrap();
    assert_eq!(fits, df!("n" => [1_i64]).unwrap());
}

#[test]
fn what_is_no_aggregate_is_refused() {
    let frame = frame(&table(10, 1));
    for wrong in [col("n"), col("n") + lit(1), col("n").sort(Default::default()), lit(1)] {
        let text = refusal(frame.agg(wrong.clone()));
        assert!(text.contains("is not an aggregate") || text.contains("row by row"), "{text}");
    }
    let text = refusal(frame.group_by("b").agg([col("n").median(), col("k").median()]));
    assert!(text.contains("`k`: `col(\"k\").median()` cannot be computed"), "{text}");
}

#[test]
fn thousands_of_expressions_are_answered() {
    let table = table(2000, 3);
    let many = |count: i64| -> Vec<Expr> {
        (0..count)
            .map(|number| {
                let values = col("n") + lit(number);
                match number % 4 {
                    0 => values.sum(),
                    1 => values.mean(),
                    2 => values.max() - col("f").min(),
                    _ => values.std(1),
                }
                .alias(format!("x{number}"))
            })
            .collect()
    };
    let found = compute(frame(&table).agg(many(2000))).unwrap();
    assert_eq!(found.width(), 2000);
    let expected = table.lazy().select(many(40)).collect().unwrap();
    let names: Vec<String> = (0..40).map(|number| format!("x{number}")).collect();
    assert_close(&found.select(names).unwrap(), &expected, 1e3);
}

/// The number of rows: a reduction of one's own.
struct Rows;

impl Reduction<DataFrame> for Rows {
    type State = usize;
    type Output = usize;

    fn identity(&self) -> usize {
        0
    }

    fn update(&self, rows: &mut usize, batch: &DataFrame) {
        *rows += batch.height();
    }

    fn combine(&self, rows: &mut usize, following: usize) {
        *rows += following;
    }

    fn finish(&self, rows: usize) -> usize {
        rows
    }
}

#[test]
fn one_column_exactly_and_about() {
    let table = table(5000, 2);
    let frame = frame(&table);
    let (n, f) = (frame.column("n"), frame.column("f"));
    let numbers = table.column("f").unwrap().as_materialized_series().drop_nulls();
    let mut sorted: Vec<f64> = numbers.f64().unwrap().iter().flatten().collect();
    sorted.sort_by(f64::total_cmp);
    let (median, tenth, about) =
        compute((f.median(), f.quantile(0.1), f.approx_quantile(0.1))).unwrap();
    assert_eq!(median, numbers.median());
    let exact = numbers.quantile_reduce(0.1, QuantileMethod::Linear).unwrap();
    assert_eq!(tenth, exact.value().extract::<f64>());
    let rank = sorted.partition_point(|value| *value <= about.unwrap()) as f64;
    assert!((rank / sorted.len() as f64 - 0.1).abs() < 0.01);
    let (exactly, about) = compute((n.n_unique(), n.approx_n_unique())).unwrap();
    assert_eq!(exactly, table.column("n").unwrap().n_unique().unwrap() as u64);
    assert!((about as f64 - exactly as f64).abs() <= 0.02 * exactly as f64 + 1.0);
    assert!(compute(frame.column("k").approx_quantile(0.5)).is_err());
}

#[test]
fn a_reduction_of_ones_own_for_each_group() {
    let table = table(700, 1);
    let frame = frame(&table);
    let both = Frame::concat([frame.clone(), frame.filter(col("b"))]);
    let whole = table.vstack(&table.clone().lazy().filter(col("b")).collect().unwrap()).unwrap();
    for (frame, table) in [(frame, table), (both, whole)] {
        let (keys, rows) = compute(frame.group_by(["k", "b"]).reduce("n", Rows)).unwrap();
        let expected =
            table.lazy().group_by_stable([col("k"), col("b")]).agg([len()]).collect().unwrap();
        let found: Vec<u32> = rows.iter().map(|rows| *rows as u32).collect();
        let counts: Vec<u32> =
            expected.column("len").unwrap().u32().unwrap().iter().flatten().collect();
        assert!(keys.equals_missing(&expected.drop("len").unwrap()));
        assert_eq!(found, counts);
    }
}

#[test]
fn a_reduction_of_ones_own_sees_the_rows_behind_the_steps() {
    let table = table(100, 1);
    let there = table.height() - table.column("n").unwrap().null_count();
    let frame = frame(&table);
    let twice = Frame::concat([frame.clone(), frame.clone()]);
    let asked = (
        frame.reduce(["n"], Rows),
        frame.drop_nulls("n").reduce(["k", "n"], Rows),
        twice.drop_nulls("n").reduce("id", Rows),
    );
    assert_eq!(compute(asked).unwrap(), (100, there, 2 * there));
}
