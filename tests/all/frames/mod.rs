//! Partitioned frames against polars on the whole table: random data in random files, on every executor,
//! with the same bits on each.

mod against_polars;
mod combine;
mod flights;
mod one_read;
mod rows;
mod wrong;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use lazuli::frame::polars::prelude::*;
use proptest::prelude::*;

/// A row: a key, a whole number, a fraction; any may be missing.
type Row = (Option<String>, Option<i64>, Option<f64>);

/// Rows of a few files, some of them empty.
fn tables() -> impl Strategy<Value = Vec<Vec<Row>>> {
    let key = prop::option::weighted(0.9, prop_oneof!["[a-c]", "[a-z\",\n é]{1,6}"]);
    let whole = prop::option::weighted(0.9, -1_000_000_i64..1_000_000);
    let fraction = prop::option::weighted(0.9, (-1e6..1e6_f64).prop_map(|value| value + 0.5));
    prop::collection::vec(prop::collection::vec((key, whole, fraction), 0..40), 1..6)
}

/// Writes each table as a CSV file.
fn write_files(folder: &Path, tables: &[Vec<Row>]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for (number, rows) in tables.iter().enumerate() {
        let mut text = String::from("key,whole,fraction\n");
        for (key, whole, fraction) in rows {
            let key = key.as_ref().map(|key| format!("\"{}\"", key.replace('"', "\"\"")));
            let whole = whole.map_or("NA".into(), |value| value.to_string());
            let fraction = fraction.map_or(String::new(), |value| value.to_string());
            writeln!(text, "{},{whole},{fraction}", key.unwrap_or_default()).unwrap();
        }
        let path = folder.join(format!("{number}.csv"));
        fs::write(&path, text).unwrap();
        files.push(path);
    }
    files
}

/// The rows as one table of polars.
fn table<'a>(rows: impl Iterator<Item = &'a Row> + Clone) -> DataFrame {
    let keys: Vec<Option<&str>> = rows.clone().map(|row| row.0.as_deref()).collect();
    let wholes: Vec<Option<i64>> = rows.clone().map(|row| row.1).collect();
    let fractions: Vec<Option<f64>> = rows.map(|row| row.2).collect();
    df!("key" => keys, "whole" => wholes, "fraction" => fractions).unwrap()
}

/// Whether two tables have the same names, dtypes and values, floats to a relative 1e-12 of `scale`.
fn assert_close(found: &DataFrame, expected: &DataFrame, scale: f64) {
    assert_eq!(found.schema(), expected.schema());
    assert_eq!(found.height(), expected.height());
    for (found, expected) in found.columns().iter().zip(expected.columns()) {
        for row in 0..found.len() {
            match (found.get(row).unwrap(), expected.get(row).unwrap()) {
                (AnyValue::Float64(a), AnyValue::Float64(b)) => {
                    assert!(
                        (a - b).abs() <= 1e-12 * b.abs().max(scale),
                        "{}[{row}]: {a} {b}",
                        found.name()
                    );
                }
                (a, b) => assert_eq!(a, b, "{}[{row}]", found.name()),
            }
        }
    }
}
