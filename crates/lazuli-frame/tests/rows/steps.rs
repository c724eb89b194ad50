//! Operations that work row by row, against polars.

use lazuli_frame::Frame;
use lazuli_frame::polars::prelude::*;

use crate::support::{everywhere, frame, refusal, table};

fn check(made: &Frame, expected: LazyFrame) {
    let expected = expected.collect().unwrap();
    let found = everywhere(made);
    assert!(found.equals_missing(&expected), "{found} {expected}");
    assert_eq!(found.schema(), expected.schema());
    assert_eq!(*made.schema().unwrap(), **expected.schema());
}

#[test]
fn what_polars_makes_of_the_whole_table() {
    for rows in [0, 1, 2, 7, 1000] {
        let table = table(rows, 7);
        let (frame, lazy) = (frame(&table), || table.clone().lazy());
        check(&frame.filter(col("n").gt(lit(0))), lazy().filter(col("n").gt(lit(0))));
        check(
            &frame.select([col("id"), (col("n") * lit(2)).alias("twice")]),
            lazy().select([col("id"), (col("n") * lit(2)).alias("twice")]),
        );
        check(&frame.select("id"), lazy().select([col("id")]));
        check(
            &frame.with_columns([(col("f") / lit(2)).alias("half"), col("n").abs()]),
            lazy().with_columns([(col("f") / lit(2)).alias("half"), col("n").abs()]),
        );
        check(&frame.rename([("n", "f"), ("f", "n")]), lazy().rename(["n", "f"], ["f", "n"], true));
        check(
            &frame.cast([("n", DataType::Float64)]),
            lazy().with_columns([col("n").cast(DataType::Float64)]),
        );
        check(&frame.drop(["n", "b"]), lazy().drop(cols(["n", "b"])));
        check(&frame.drop_nulls(["k", "n"]), lazy().drop_nulls(Some(cols(["k", "n"]))));
        check(
            &frame.fill_null("n", lit(5)).fill_null("k", lit("none")),
            lazy().with_columns([col("n").fill_null(lit(5)), col("k").fill_null(lit("none"))]),
        );
        check(&frame.select(all().as_expr()), lazy());
        check(
            &frame.select([cols(["k", "n"]).as_expr(), lit(1).alias("one")]),
            lazy().select([cols(["k", "n"]).as_expr(), lit(1).alias("one")]),
        );
    }
}

#[test]
fn steps_follow_one_another() {
    let table = table(500, 3);
    let made = frame(&table)
        .filter(col("n").is_not_null())
        .with_columns((col("n") + lit(1)).alias("n"))
        .filter(col("n").lt(lit(100)))
        .rename([("n", "m")])
        .with_columns([(col("m") * lit(3)).alias("n"), col("id").alias("m2")])
        .drop("m2");
    let expected = table
        .lazy()
        .filter(col("n").is_not_null())
        .with_columns([(col("n") + lit(1)).alias("n")])
        .filter(col("n").lt(lit(100)))
        .rename(["n"], ["m"], true)
        .with_columns([(col("m") * lit(3)).alias("n")]);
    check(&made, expected);
}

#[test]
fn aggregates_see_the_rows_behind_the_steps() {
    let table = table(2000, 5);
    let steps = |frame: Frame| {
        frame.filter(col("f").gt(lit(0.0))).with_columns((col("n") * lit(2)).alias("n"))
    };
    let made = steps(frame(&table));
    let by_key = made.group_by("k").agg([col("n").sum(), col("f").max(), len()]);
    let expected = table
        .lazy()
        .filter(col("f").gt(lit(0.0)))
        .with_columns([(col("n") * lit(2)).alias("n")])
        .group_by_stable([col("k")])
        .agg([col("n").sum(), col("f").max(), len()])
        .collect()
        .unwrap();
    assert!(everywhere(&by_key).equals_missing(&expected));
    assert_eq!(everywhere(&made.agg(len())), everywhere(&steps(frame(&table_of(2000))).agg(len())));
}

fn table_of(rows: usize) -> DataFrame {
    table(rows, 5)
}

#[test]
fn tables_one_after_another() {
    let (one, other) = (table(20, 1), table(33, 2));
    let both =
        Frame::concat([frame(&one), frame(&other.select(["f", "id", "k", "n", "b"]).unwrap())]);
    assert_eq!(both.npartitions(), 6);
    let expected = one.vstack(&other).unwrap();
    check(&both, expected.clone().lazy());
    check(&both.filter(col("b")), expected.clone().lazy().filter(col("b")));
    check(
        &Frame::concat([both.clone(), frame(&one), both.clone()]),
        expected.vstack(&one).unwrap().vstack(&expected).unwrap().lazy(),
    );
    let sums = expected
        .lazy()
        .group_by_stable([col("k")])
        .agg([col("n").sum(), col("id").first()])
        .collect()
        .unwrap();
    let found = everywhere(&both.group_by("k").agg([col("n").sum(), col("id").first()]));
    assert!(found.equals_missing(&sums), "{found} {sums}");

    let text = refusal(Frame::concat([frame(&one), frame(&one.drop("n").unwrap())]));
    assert!(text.contains("table 2") && text.contains("\"n\""), "{text}");
    let floats = frame(&one).cast([("n", DataType::Float64)]);
    let text = refusal(Frame::concat([frame(&one), floats]));
    assert!(text.contains("i64") && text.contains("f64") && text.contains("\"n\""), "{text}");
}

#[test]
fn integers_do_not_wrap_in_steps_either() {
    let table = df!("n" => [1_i64, i64::MAX]).unwrap();
    let text = refusal(frame(&table).with_columns((col("n") + lit(1)).alias("m")));
    assert!(text.contains("does not fit i64"), "{text}");
    let text = refusal(frame(&table).cast([("n", DataType::Int32)]));
    assert!(text.contains("i32"), "{text}");
}
