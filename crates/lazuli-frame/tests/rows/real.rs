//! Real data against polars: departures from New York City in 2013, and the weather there.

use lazuli_core::Executor;
use lazuli_frame::polars::prelude::*;
use lazuli_frame::{CsvOptions, Frame, JoinType, scan_csv};

use crate::support::{assert_close, real_data, sorted};

/// The frame, and the same rows read by the plain path into one table.
fn both(kind: &str) -> Option<(Frame, DataFrame)> {
    let pattern = real_data()?.join(kind).join("*.csv").display().to_string();
    let frame = scan_csv(&pattern).unwrap();
    let columns: Vec<(PlSmallStr, DataType)> =
        frame.schema().unwrap().iter().map(|(name, dtype)| (name.clone(), dtype.clone())).collect();
    let mut whole: Option<DataFrame> = None;
    for file in frame.files() {
        let read = lazuli_frame::source::csv::read_columns(file, &columns, &CsvOptions::default());
        let table = read.unwrap().frame;
        match &mut whole {
            None => whole = Some(table),
            Some(whole) => _ = whole.vstack_mut(&table).unwrap(),
        }
    }
    Some((frame, whole.unwrap()))
}

fn numbers(table: &DataFrame, keys: &[&str]) -> Vec<String> {
    let names = table.columns().iter().filter(|column| {
        column.dtype().is_primitive_numeric() && !keys.contains(&column.name().as_str())
    });
    names.map(|column| column.name().to_string()).collect()
}

#[test]
fn every_number_by_month_by_carrier_and_by_both() {
    let Some((frame, whole)) = both("flights") else { return };
    for keys in [&["month"][..], &["carrier"], &["month", "carrier"], &[]] {
        let mut aggregates = Vec::new();
        for name in numbers(&whole, keys) {
            let x = || col(&*name);
            let all = [
                ("count", x().count()),
                ("mean", x().mean()),
                ("std", x().std(1)),
                ("min", x().min()),
                ("max", x().max()),
                ("median", x().median()),
                ("skew", x().skew(true)),
                ("q10", x().quantile(lit(0.1), QuantileMethod::Linear)),
                ("q95", x().quantile(lit(0.95), QuantileMethod::Linear)),
            ];
            aggregates.extend(all.map(|(of, expr)| expr.alias(format!("{of} of {name}"))));
        }
        let by: Vec<Expr> = keys.iter().map(|key| col(*key)).collect();
        let (asked, expected) = match keys {
            [] => (frame.agg(aggregates.clone()), whole.clone().lazy().select(aggregates)),
            keys => (
                frame.group_by(keys).agg(aggregates.clone()),
                whole.clone().lazy().group_by_stable(by).agg(aggregates),
            ),
        };
        let found = Executor::shared().compute(asked).unwrap();
        assert_close(&found, &expected.collect().unwrap(), 1.0);
    }
}

#[test]
fn flights_and_the_weather_of_their_hour() {
    let Some(((flights, all_flights), (weather, all_weather))) =
        both("flights").zip(both("weather"))
    else {
        return;
    };
    let on = ["origin", "year", "month", "day", "hour"];
    let by: Vec<Expr> = on.iter().map(|name| col(*name)).collect();
    let taken = ["origin", "year", "month", "day", "hour", "flight", "carrier", "dep_delay"];
    use lazuli_frame::polars::prelude::JoinType as Polars;
    for (how, polars) in [
        (JoinType::Inner, Polars::Inner),
        (JoinType::Left, Polars::Left),
        (JoinType::Full, Polars::Full),
        (JoinType::Anti, Polars::Anti),
    ] {
        let joined = flights.select(taken).join(&weather.drop("time_hour"), on, how);
        let args = JoinArgs::new(polars).with_coalesce(JoinCoalesce::CoalesceColumns);
        let expected = all_flights
            .clone()
            .lazy()
            .select(taken.map(col))
            .join(
                all_weather.clone().lazy().drop(cols(["time_hour"])),
                by.clone(),
                by.clone(),
                args,
            )
            .collect()
            .unwrap();
        let found = Executor::shared().compute(&joined).unwrap();
        assert_eq!(found.schema(), expected.schema());
        assert!(sorted(&found).equals_missing(&sorted(&expected)), "{how:?}");
    }
}
