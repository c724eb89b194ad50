//! SQL as the command takes it, over partitions.

use lazuli_frame::polars::prelude::*;
use lazuli_frame::sql::{parse_aggregates, parse_filter, parse_keys};

use crate::support::{assert_close, everywhere, frame, refusal, table};

/// The table: n = 1, 2, 3, 4, 10 and a missing value; k = a, b, a, b, a, a; t = x, y, x, z, x and a missing text.
fn small() -> DataFrame {
    df!(
        "n" => [Some(1_i64), Some(2), Some(3), Some(4), Some(10), None],
        "k" => ["a", "b", "a", "b", "a", "a"],
        "t" => [Some("x"), Some("y"), Some("x"), Some("z"), Some("x"), None],
    )
    .unwrap()
}

fn value(text: &str) -> AnyValue<'static> {
    let aggregates = parse_aggregates(text).unwrap_or_else(|error| panic!("{error}"));
    let found = everywhere(&frame(&small()).agg(aggregates));
    assert_eq!((found.height(), found.width()), (1, 1), "{text}");
    found.columns()[0].get(0).unwrap().into_static()
}

#[test]
fn what_people_type() {
    for (text, expected) in [
        ("median(n)", 3.0),
        ("quantile_cont(n, 0.25)", 2.0),
        ("quantile_cont(n, 0.9)", 7.6),
        ("count(DISTINCT t)", 3.0),
        ("count(*)", 6.0),
        ("count(n)", 5.0),
        ("count(*) FILTER (WHERE n > 2)", 3.0),
        ("median(n) FILTER (WHERE k = 'a')", 3.0),
        ("sum(CASE WHEN k = 'a' THEN 1 ELSE 0 END)", 4.0),
        ("avg(CAST(n AS DOUBLE)) * 2", 8.0),
        ("max(n) - median(n)", 7.0),
        ("corr(n, n)", 1.0),
        ("sum(n * n)", 130.0),
        ("max(length(t))", 1.0),
        ("round(stddev(n), 3)", 3.536),
        ("mode(t) = 'x'", f64::NAN),
        ("skewness(n)", 1.697_056_274_847_714_3),
        ("product(n)", 240.0),
        ("product(n) FILTER (WHERE n < 4)", 6.0),
        ("arg_max(length(k), n)", 1.0),
        ("approx_count_distinct(t)", 3.0),
        ("quantile(n, 0.5)", 3.0),
    ] {
        let found = value(text);
        match found {
            AnyValue::Boolean(found) => assert!(found, "{text}"),
            found => {
                let found: f64 = found.extract().unwrap_or_else(|| panic!("{text}: {found}"));
                let close = (found - expected).abs() < 1e-9;
                assert!(close, "{text}: {found}");
            }
        }
    }
    assert_eq!(value("bool_and(n > 0)"), AnyValue::Boolean(true));
    assert_eq!(value("bool_or(n > 10)"), AnyValue::Boolean(false));
    assert_eq!(value("any_value(n)"), AnyValue::Int64(1));
}

#[test]
fn arguments_that_a_function_does_not_take() {
    for text in ["mode(n, k)", "arg_max(n)", "product()"] {
        let error = parse_aggregates(text).expect_err(text).to_string();
        assert!(error.contains(text) && error.contains("arguments"), "{error}");
    }
}

#[test]
fn by_key_with_a_condition() {
    let table = table(500, 4);
    let frame = frame(&table).filter(parse_filter("n > 0 AND f IS NOT NULL").unwrap());
    let keys = parse_keys("k, n % 2 AS odd").unwrap();
    let aggregates =
        parse_aggregates("median(f), count(DISTINCT id), avg(f) AS mean, max(n) - min(n)").unwrap();
    let expected = table
        .lazy()
        .filter(col("n").gt(lit(0)).and(col("f").is_not_null()))
        .group_by_stable([col("k"), (col("n") % lit(2)).alias("odd")])
        .agg([
            col("f").median().alias("median(f)"),
            col("id").n_unique().alias("count(DISTINCT id)"),
            col("f").mean().alias("mean"),
            (col("n").max() - col("n").min()).alias("max(n) - min(n)"),
        ])
        .collect()
        .unwrap();
    assert_close(&everywhere(&frame.group_by(keys).agg(aggregates)), &expected, 1e3);
}

#[test]
fn a_column_that_is_not_there() {
    let text = refusal(frame(&small()).agg(parse_aggregates("median(nn)").unwrap()));
    assert!(text.contains("there is no column \"nn\" (did you mean \"n\"?)"), "{text}");
}
