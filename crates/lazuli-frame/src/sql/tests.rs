//! What texts mean, and which are refused.

use polars::prelude::{DataFrame, IntoLazy, df, len};

use super::*;
use crate::aggregate::Aggregation;

fn table() -> DataFrame {
    df!(
        "x" => [Some(1.0), Some(2.0), None, Some(4.0)],
        "n" => [1i64, 2, 3, 4],
        "s" => ["a", "b, c", "d", "e"],
        "odd, name" => [1i64, 1, 1, 1],
    )
    .expect("columns of one length")
}

fn answer(text: &str) -> DataFrame {
    let aggs = parse_aggregates(text).unwrap_or_else(|error| panic!("{error}"));
    table().lazy().select(aggs).collect().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn names(text: &str) -> Vec<String> {
    answer(text).get_column_names().into_iter().map(|name| name.to_string()).collect()
}

fn number(text: &str) -> f64 {
    let answer = answer(text);
    let column = answer.columns()[0].cast(&polars::prelude::DataType::Float64).expect("a number");
    column.f64().expect("a float").get(0).expect("not null")
}

#[test]
fn expressions_are_named_by_their_text() {
    let text = " max( x ),count(*) , min(n) AS least, Max(s), round(avg(x), 2), sum(\"odd, name\")";
    assert_eq!(
        names(text),
        ["max( x )", "count(*)", "least", "Max(s)", "round(avg(x), 2)", "sum(\"odd, name\")"]
    );
    assert_eq!(
        names("sum(n)\n,\n  max(n) -- the most, of all\n"),
        ["sum(n)", "max(n) -- the most, of all"]
    );
}

#[test]
fn only_commas_between_expressions_separate() {
    assert_eq!(
        names(
            "max(s) || ', ' || min(s) AS a, sum(CASE WHEN s IN ('b, c', 'd') THEN 1 ELSE 0 END) b"
        ),
        ["a", "b"]
    );
    assert_eq!(number("sum(CASE WHEN s = 'b, c' THEN n ELSE 0 END)"), 2.0);
    assert_eq!(names("max(coalesce(x, n)) as \"é, ü\", count(*) as ñ"), ["é, ü", "ñ"]);
}

#[test]
fn deviations_are_of_the_sample_unless_they_say_otherwise() {
    let (sample, population) = (7.0 / 3.0, 14.0 / 9.0);
    let near = |text: &str, expected: f64| {
        let found = number(text);
        assert!((found - expected).abs() < 1e-15, "{text}: {found} is not {expected}");
    };
    for text in ["variance(x)", "var_samp(x)", "var(x)", "VARIANCE(x)"] {
        near(text, sample);
    }
    for text in ["stddev(x)", "stddev_samp(x)"] {
        near(text, sample.sqrt());
    }
    near("var_pop(x)", population);
    near("stddev_pop(x)", population.sqrt());
    near("STDDEV_POP(x) + 1", population.sqrt() + 1.0);
    near("stddev_pop(x) FILTER (WHERE n < 3)", 0.5);
    near("var_pop(n * 2)", 5.0);
    assert_eq!(names("stddev_pop(x), var_pop(x) AS v"), ["stddev_pop(x)", "v"]);
}

#[test]
fn counts_sums_and_means_are_those_of_sql() {
    assert_eq!(parse_aggregates("count(*)").expect("SQL"), [len().alias("count(*)")]);
    assert_eq!((number("count(x)"), number("count(*)"), number("avg(x)")), (3.0, 4.0, 7.0 / 3.0));
    assert_eq!((number("mean(x)"), number("count(*) FILTER (WHERE x > 1)")), (7.0 / 3.0, 2.0));
    let nothing = answer("sum(x) FILTER (WHERE n > 9)");
    assert_eq!(nothing.columns()[0].null_count(), 1);
}

#[test]
fn keys_and_filters_are_expressions() {
    let keys = parse_keys("s, n % 2, \"odd, name\", n / 2 AS half").expect("SQL");
    let names: Vec<_> =
        keys.iter().map(|key| key.clone().meta().output_name().expect("a name")).collect();
    assert_eq!(names, ["s", "n % 2", "odd, name", "half"]);
    let filter = parse_filter(" x > 1 AND s <> 'b, c' ").expect("SQL");
    assert_eq!(table().lazy().filter(filter).collect().expect("rows").height(), 1);
}

/// Does `work` with a small stack, which in the pool each thread has.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work);
    thread.expect("a thread").join().expect("the work is done");
}

#[test]
fn the_longest_expressions_fit_the_stack() {
    // Beside the repeated words there are max, two brackets and the column.
    for (repeated, words) in [
        (" + 1", 1),
        (" * n", 2),
        (" || 'a'", 1),
        (" AND n < 3", 3),
        (" OR n > 3 ", 3),
        (" IS NULL", 2),
        ("::int", 2),
    ] {
        let text = format!("max(n{})", repeated.repeat((MOST_WORDS - 4) / words));
        on_a_small_stack(move || {
            let aggs = parse_aggregates(&text).unwrap_or_else(|error| panic!("{error}"));
            let aggregation = Aggregation::new(Vec::new(), aggs, None).expect("a maximum");
            // Not all of them have a type: an error is an answer, too.
            let state = aggregation.partial(&table());
            assert_eq!(state.is_ok(), state.and_then(|state| aggregation.finish(&state)).is_ok());
        });
    }
}

#[test]
fn an_expression_is_bounded_but_a_list_is_not() {
    on_a_small_stack(|| {
        let text = format!("max(n{})", "\n+ 1".repeat(2500));
        let error = parse_aggregates(&text).expect_err("too long");
        assert!(matches!(error, SqlError::TooLong { found: 2504, .. }), "{error}");
        let message = error.to_string();
        assert!(message.starts_with("`max(n + 1 + 1 + 1 "), "{message}");
        assert!(message.lines().count() == 1 && message.len() < 120, "{message}");
        let error = parse_filter(&text).expect_err("too long");
        assert!(matches!(error, SqlError::TooLong { .. }), "{error}");
        let numbers: Vec<String> = (3..5000).map(|n| n.to_string()).collect();
        let filter = format!("n IN ({})", numbers.join(", "));
        let filter = parse_filter(&filter).expect("a list");
        assert_eq!(table().lazy().filter(filter).collect().expect("rows").height(), 2);
        // Doubled at every level this would not fit the memory.
        let nested = format!("{}x{}", "var_pop(".repeat(40), ")".repeat(40));
        assert!(matches!(parse_aggregates(&nested), Err(SqlError::Misplaced { .. })));
    });
}

#[test]
fn errors_quote_the_expression_in_a_line() {
    for (text, start) in [
        ("max(x", "`max(x` is not an SQL expression: "),
        ("max(x))", "`max(x))` is not one SQL expression: `)` follows it"),
        ("max(x) min(x) n", "`max(x) min(x) n` is not one SQL expression"),
        ("max('x)", "`max('x)` is not SQL: Unterminated string literal"),
        ("", "``: an expression is missing"),
        ("max(x),, min(x)", "`max(x),, min(x)`: an expression is missing"),
        ("max(x),", "`max(x),`: an expression is missing"),
        ("count(*), no_such(x)", "`no_such(x)`: "),
        ("*", "`*`: a wildcard cannot stand here"),
        ("max((SELECT 1))", "`max((SELECT 1))`: a subquery cannot stand here"),
        ("greatest()", "`greatest()`: the arguments of `greatest` are not valid"),
        (
            "max(right(s, 99999999999999999999))",
            "`max(right(s, 99999999999999999999))`: the arguments of `right`",
        ),
        ("var_pop(x, n)", "`var_pop(x, n)`: the arguments of `var_pop` are not valid"),
        ("var_pop(DISTINCT x)", "`var_pop(DISTINCT x)`: "),
        ("stddev_pop(var_pop(x))", "`stddev_pop(var_pop(x))`: an aggregate inside another cannot"),
    ] {
        let message = parse_aggregates(text).expect_err(text).to_string();
        assert!(message.starts_with(start), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    for (text, start) in [
        ("x > 1 AS y", "`x > 1 AS y`: an alias cannot stand here"),
        ("x > 1, n > 2", "`x > 1, n > 2` is not one SQL expression: `,` follows it"),
        ("  ", "``: an expression is missing"),
    ] {
        let message = parse_filter(text).expect_err(text).to_string();
        assert!(message.starts_with(start), "{message}");
    }
}
