//! `lazuli stats` of small arrays, against what can be worked out by hand.

use serde_json::{Value, json};

use crate::support::{Folder, write_npy};

const KEYS: [&str; 13] = [
    "shape",
    "dtype",
    "count",
    "nan_count",
    "sum",
    "mean",
    "var",
    "std",
    "skewness",
    "kurtosis",
    "min",
    "max",
    "ddof",
];

fn stats(descr: &str, shape: &str, elements: &[u8], flags: &[&str]) -> Value {
    let folder = Folder::new();
    write_npy(&folder.join("x.npy"), descr, shape, elements);
    let text = folder.call(&[&["stats", "x.npy", "--format", "json"], flags].concat()).answer();
    let mut place = 0;
    for key in KEYS {
        let found = text[place..].find(&format!("\"{key}\":"));
        place += found.unwrap_or_else(|| panic!("{key} is not in its place: {text}"));
    }
    let object: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(object.as_object().unwrap().len(), KEYS.len());
    object
}

#[test]
fn floats() {
    // Deviations from the mean 3: -2, -1, 0, 3; their sums of powers 14, 18, 98.
    let elements: Vec<u8> = [1.0_f64, 2.0, 3.0, 6.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let found = stats("<f8", "(2, 2)", &elements, &[]);
    let close = |key: &str, expected: f64| {
        let value = found[key].as_f64().unwrap();
        assert!(
            (value - expected).abs() < 1e-14 * expected.abs(),
            "{key}: {value}, not {expected}"
        );
    };
    assert_eq!(found["shape"], json!([2, 2]));
    assert_eq!(found["dtype"], "float64");
    assert_eq!(found["count"], 4);
    assert_eq!(found["nan_count"], 0);
    assert_eq!(found["sum"], 12.0);
    assert_eq!(found["mean"], 3.0);
    assert_eq!(found["var"], 3.5);
    close("std", 3.5_f64.sqrt());
    close("skewness", 4.5 / 3.5_f64.powf(1.5));
    close("kurtosis", 24.5 / (3.5 * 3.5) - 3.0);
    assert_eq!(found["min"], 1.0);
    assert_eq!(found["max"], 6.0);
    assert_eq!(found["ddof"], 0);
    let found = stats("<f8", "(4,)", &elements, &["--ddof", "1"]);
    assert_eq!((&found["var"], &found["ddof"]), (&json!(14.0 / 3.0), &json!(1)));
}

#[test]
fn integers_are_exact() {
    let elements: Vec<u8> = [i64::MAX, i64::MAX, 1].iter().flat_map(|x| x.to_le_bytes()).collect();
    let folder = Folder::new();
    write_npy(&folder.join("x.npy"), "<i8", "(3,)", &elements);
    let text = folder.call(&["stats", "x.npy", "--format", "json"]).answer();
    assert!(text.contains("\"sum\":18446744073709551615,"), "{text}");
    assert!(text.contains("\"min\":1,\"max\":9223372036854775807,"), "{text}");
}

#[test]
fn a_nan_is_counted_and_is_null() {
    let elements: Vec<u8> = [1.0_f32, f32::NAN].iter().flat_map(|x| x.to_le_bytes()).collect();
    let found = stats("<f4", "(2,)", &elements, &[]);
    assert_eq!((&found["count"], &found["nan_count"]), (&json!(2), &json!(1)));
    assert_eq!((&found["mean"], &found["max"]), (&Value::Null, &Value::Null));
}

#[test]
fn an_empty_array_has_no_extremes() {
    let found = stats("<f8", "(0,)", &[], &[]);
    assert_eq!((&found["count"], &found["sum"]), (&json!(0), &json!(0.0)));
    assert_eq!((&found["mean"], &found["min"]), (&Value::Null, &Value::Null));
}

#[test]
fn other_formats() {
    let folder = Folder::new();
    write_npy(&folder.join("x.npy"), "|u1", "(3, 1)", &[1, 2, 3]);
    let csv = folder.call(&["stats", "x.npy", "--format", "csv"]).answer();
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some(KEYS.join(",").as_str()));
    assert!(lines.next().unwrap().starts_with("3x1,uint8,3,0,6,2.0,"), "{csv}");
    let pretty = folder.call(&["stats", "x.npy"]).answer();
    assert!(pretty.starts_with("shape      3x1\ndtype      uint8\ncount      3\n"), "{pretty}");
}
