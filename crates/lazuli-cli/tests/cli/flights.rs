//! Real data: departures from New York City airports in 2013.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Call, program};

const FILES: &str = "../shared/data/flights/*.csv";

/// The folder that the paths below are relative to; none, with a note, where the data is absent.
fn root() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if root.join("../shared/data/flights").is_dir() {
        return Some(root);
    }
    // Written past the test harness, which would keep it to itself.
    let _ = writeln!(std::io::stderr(), "skipped: there is no ../shared/data/flights");
    None
}

fn agg(root: &Path, arguments: &[&str]) -> Value {
    let call =
        program(root).args(["agg", FILES]).args(arguments).args(["--format", "json"]).output();
    Call::from(call.unwrap()).json()
}

#[track_caller]
fn assert_close(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap();
    assert!((value / expected - 1.0).abs() < 1e-12, "{value} is not {expected}");
}

#[test]
fn aggregates_of_all_files() {
    let Some(root) = root() else { return };
    let expressions = "max(dep_delay), avg(arr_delay), stddev(distance), count(*)";
    let rows = agg(&root, &["-e", expressions]);
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["max(dep_delay)"], 1301);
    assert_close(&rows[0]["avg(arr_delay)"], 6.895_376_757_314_89);
    assert_close(&rows[0]["stddev(distance)"], 733.233_033_323_520_9);
    assert_eq!(rows[0]["count(*)"], 336_776);
}

#[test]
fn aggregates_of_each_file() {
    let Some(root) = root() else { return };
    let call = program(&root)
        .args(["agg", FILES, "-e", "max(dep_delay)", "--by-file", "--format", "json"])
        .output();
    let text = Call::from(call.unwrap()).answer();
    assert_eq!(text.matches("{\"path\":").count(), 12, "the path comes first");
    let rows: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 12);
    assert_eq!(rows[0]["path"], "../shared/data/flights/2013-01.csv");
    assert_eq!(rows[0]["max(dep_delay)"], 1301);
    assert_eq!(rows[7]["path"], "../shared/data/flights/2013-08.csv");
    assert_eq!(rows[7]["max(dep_delay)"], 520);
}

#[test]
fn aggregates_of_groups() {
    let Some(root) = root() else { return };
    let rows = agg(&root, &["-e", "avg(arr_delay) AS arr_delay, count(*)", "--by", "carrier"]);
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 16);
    let american = rows.iter().find(|row| row["carrier"] == "AA").unwrap();
    assert_close(&american["arr_delay"], 0.364_290_856_731_461_5);
    let flights: i64 = rows.iter().map(|row| row["count(*)"].as_i64().unwrap()).sum();
    assert_eq!(flights, 336_776);
}

#[test]
fn aggregates_of_rows_that_fulfil_a_condition() {
    let Some(root) = root() else { return };
    let rows =
        agg(&root, &["-e", "count(*), max(dep_delay)", "--where", "month > 6 AND carrier = 'AA'"]);
    let half =
        agg(&root, &["-e", "count(*), max(dep_delay)", "--where", "month <= 6 AND carrier = 'AA'"]);
    let all = agg(&root, &["-e", "count(*)", "--where", "carrier = 'AA'"]);
    let count = |rows: &Value| rows[0]["count(*)"].as_i64().unwrap();
    assert_eq!(count(&rows) + count(&half), count(&all));
    assert_eq!(count(&all), 32_729);
}

#[test]
fn an_empty_answer_has_no_rows() {
    let Some(root) = root() else { return };
    let rows = agg(&root, &["-e", "count(*)", "--by", "carrier", "--where", "month > 12"]);
    assert_eq!(rows, serde_json::json!([]));
}
