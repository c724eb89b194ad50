//! What does not fit is named, with the line that wrote it.

use lazuli_core::{Delayed, Error, ErrorKind, Executor};
use lazuli_frame::polars::prelude::*;
use lazuli_frame::{Frame, FrameError, JoinType};

use crate::support::{frame, table};

fn error(frame: &Frame) -> Error {
    let error = Executor::sync().compute(frame).expect_err("it does not fit");
    assert_eq!(error.to_string(), {
        let again = frame.persist().expect_err("whatever is computed");
        again.to_string().replace("persist", "rows")
    });
    error
}

#[test]
fn an_operation_that_does_not_fit_names_its_line() {
    let frame = frame(&table(5, 1));
    let (id, m, n) = ("id", col("m"), col("n").sum());
    let wrong = [
        (line!(), frame.select([id, "m"])),
        (line!(), frame.filter(m.clone().gt(lit(1)))),
        (line!(), frame.with_columns(m.clone() + lit(1))),
        (line!(), frame.rename([("m", "x")])),
        (line!(), frame.drop("m")),
        (line!(), frame.cast([("m", DataType::Int8)])),
        (line!(), frame.drop_nulls("m")),
        (line!(), frame.fill_null("m", lit(1))),
        (line!(), frame.sort("m", Default::default())),
        (line!(), frame.with_columns_over("m", n)),
        (line!(), frame.with_columns_over("k", m.sum())),
        (line!(), frame.join(&frame, "m", JoinType::Inner)),
    ];
    for (line, made) in wrong {
        let error = error(&made.filter(col("id").gt(lit(1))));
        assert_eq!(error.kind(), ErrorKind::Plan);
        let text = error.to_string();
        assert!(text.contains(&format!("errors.rs:{line}:")), "{text}");
        assert!(text.contains("there is no column \"m\""), "{text}");
        assert!(matches!(error.find(), Some(FrameError::UnknownColumn { .. })), "{text}");
        assert!(made.schema().is_err());
    }
}

#[test]
fn a_name_that_is_nearly_right_is_suggested() {
    let table = df!("dep_delay" => [1], "arr_delay" => [2], "origin" => ["JFK"]).unwrap();
    let frame = frame(&table);
    for (wrong, right) in
        [("dep_dely", "dep_delay"), ("Origin", "origin"), ("arrdelay", "arr_delay")]
    {
        let text = error(&frame.select(wrong)).to_string();
        assert!(text.contains(&format!("did you mean \"{right}\"?")), "{text}");
    }
    assert!(!error(&frame.select("zzz")).to_string().contains("did you mean"));
}

#[test]
fn what_is_no_row_operation_is_refused() {
    let frame = frame(&table(5, 1));
    for (made, word) in [
        (frame.select(col("n").sum()), "n"),
        (frame.with_columns(col("n").shift(lit(1))), "row by row"),
        (frame.filter(col("n")), "bool"),
        (frame.select([col("n"), col("id").alias("n")]), "named `n`"),
        (frame.with_columns([col("n"), col("id").alias("n")]), "named `n`"),
        (frame.fill_null("n", lit(0.5)), "f64"),
        (frame.repartition(0), "at least one"),
        (frame.sample(1.5, 0), "between 0 and 1"),
        (frame.sort(Vec::<&str>::new(), Default::default()), "no column"),
        (frame.join_on(&frame, ["n"], ["k"], JoinType::Inner), "cast"),
        (frame.join(&frame, "n", JoinType::Cross), "cross"),
        (frame.with_columns(col("k") + lit(1)), "k"),
    ] {
        let text = error(&made).to_string();
        assert!(text.contains(word) && text.contains("errors.rs"), "{text}");
    }
}

#[test]
fn one_request_that_cannot_be_answered_is_named() {
    let frame = frame(&table(5, 1));
    let wrong: Delayed<DataFrame> = frame.agg(col("k").mean());
    let text = Executor::sync().compute((frame.agg(col("n").mean()), wrong)).unwrap_err();
    assert!(text.to_string().contains("mean is not defined for `col(\"k\")`"), "{text}");
}
