//! Real data: the departures from New York City airports in 2013, beside the checkout.

use std::path::PathBuf;

use lazuli::frame::polars::prelude::*;
use lazuli::prelude::{compute, scan_csv};

/// The pattern of the files; None, said aloud, where they are not there.
fn flights() -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/flights");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder.join("*.csv").display().to_string())
}

#[test]
fn arithmetic_on_counts_does_not_wrap() {
    let Some(pattern) = flights() else { return };
    let text =
        "count(dep_delay) - count(*) AS a, count(*) * 20000 AS b, -count(*) AS c, count(*) AS d";
    let aggregates = lazuli::frame::sql::parse_aggregates(text).unwrap();
    let counts = compute(scan_csv(&pattern).unwrap().agg(aggregates)).unwrap();
    let expected = df!(
        "a" => [-8255_i64], "b" => [6_735_520_000_i64], "c" => [-336_776_i64], "d" => [336_776_u32]
    );
    assert_eq!(counts, expected.unwrap());
}

fn float(table: &DataFrame, column: &str, row: usize) -> f64 {
    table.column(column).unwrap().get(row).unwrap().extract().unwrap()
}

fn assert_relative(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found} {expected}");
}

#[test]
fn figures_that_are_known() {
    let Some(pattern) = flights() else { return };
    let frame = scan_csv(&pattern).unwrap();
    assert_eq!(frame.npartitions(), 12);
    let whole =
        frame.agg([col("dep_delay").max(), col("arr_delay").mean(), col("distance").std(1), len()]);
    let by_month = frame.by_file().agg([col("dep_delay").max()]);
    let by_carrier = frame.group_by([col("carrier")]).agg([col("arr_delay").mean()]);
    let (whole, by_month, by_carrier) = compute((whole, by_month, by_carrier)).unwrap();

    assert_eq!(float(&whole, "dep_delay", 0), 1301.0);
    assert_relative(float(&whole, "arr_delay", 0), 6.89537675731489);
    assert_relative(float(&whole, "distance", 0), 733.2330333235209);
    assert_eq!(float(&whole, "len", 0), 336_776.0);

    assert_eq!((by_month.height(), by_month.get_column_names()[0].as_str()), (12, "path"));
    assert_eq!(
        (float(&by_month, "dep_delay", 0), float(&by_month, "dep_delay", 7)),
        (1301.0, 520.0)
    );

    let carriers = by_carrier.column("carrier").unwrap().str().unwrap();
    let american = carriers.iter().position(|carrier| carrier == Some("AA")).unwrap();
    assert_relative(float(&by_carrier, "arr_delay", american), 0.3642908567314615);
}
