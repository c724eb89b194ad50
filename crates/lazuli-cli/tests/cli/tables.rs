//! Tables of every format, in and out, described and arranged.

use serde_json::json;

use crate::support::Folder;

const DATA: &str = "k,n,f\nb,3,0.5\na,1,\nb,NA,2.5\nc,10,-1.0\n";

fn folder() -> Folder {
    Folder::with(&[("x.csv", DATA)])
}

#[test]
fn every_format_is_read_as_it_was_written() {
    let folder = folder();
    let rows = folder.call(&["head", "x.csv", "--format", "json"]).json();
    for extension in ["parquet", "arrow", "jsonl", "tsv", "csv"] {
        let file = format!("y.{extension}");
        assert_eq!(folder.call(&["head", "x.csv", "-o", &file]).answer(), "");
        assert_eq!(folder.call(&["head", &file, "--format", "json"]).json(), rows, "{extension}");
        let sum = folder.call(&["agg", &file, "-e", "sum(n)", "--format", "json"]).json();
        assert_eq!(sum, json!([{"sum(n)": 14}]), "{extension}");
    }
    let error = folder.call(&["head", "y.parquet", "x.csv"]).error();
    assert!(error.contains("files of two formats"), "{error}");
    folder.call(&["head", "x.csv", "-n", "1", "-o", "y.md"]).answer();
    assert_eq!(folder.read("y.md"), "| k | n | f |\n| --- | --: | --: |\n| b | 3 | 0.5 |\n");
    // What is said counts for more than the name of the file.
    folder.call(&["head", "x.csv", "-n", "1", "-o", "y.md", "--format", "jsonl"]).answer();
    assert_eq!(folder.read("y.md"), "{\"k\":\"b\",\"n\":3,\"f\":0.5}\n");
}

#[test]
fn answers_are_sorted_and_cut() {
    let folder = folder();
    let by_key = ["agg", "x.csv", "-e", "count(*) AS rows, max(n)", "--by", "k", "--format", "csv"];
    let call = |more: &[&str]| folder.call(&[&by_key[..], more].concat());
    let sorted = call(&["--sort", "rows desc, k", "--limit", "2"]).answer();
    assert_eq!(sorted, "k,rows,max(n)\nb,2,3\na,1,1\n");
    let error = call(&["--sort", "row"]).error();
    assert!(error.contains("there is no column \"row\" (did you mean \"rows\"?)"), "{error}");
    assert!(!error.contains(".rs"), "{error}");
    let first = folder.call(&["head", "x.csv", "-n", "2", "--sort", "n desc", "--format", "csv"]);
    assert_eq!(first.answer(), "k,n,f\nc,10,-1.0\nb,3,0.5\n");
}

#[test]
fn keys_and_files_together() {
    let folder = Folder::with(&[("x.csv", DATA), ("y.csv", "k,n,f\nb,4,1.0\n")]);
    let call = ["agg", "*.csv", "-e", "sum(n)", "--by", "k", "--by-file", "--format", "csv"];
    let expected = "path,k,sum(n)\nx.csv,b,3\nx.csv,a,1\nx.csv,c,10\ny.csv,b,4\n";
    assert_eq!(folder.call(&call).answer(), expected);
    let medians = ["agg", "*.csv", "-e", "median(n)", "--by-file", "--format", "csv"];
    assert_eq!(folder.call(&medians).answer(), "path,median(n)\nx.csv,3.0\ny.csv,4.0\n");
}

#[test]
fn columns_are_described() {
    let rows = folder().call(&["describe", "x.csv", "--format", "json"]).json();
    let missing = json!(null);
    assert_eq!(rows[0]["column"], json!("k"));
    assert_eq!((&rows[0]["count"], &rows[0]["mean"]), (&json!(4), &missing));
    let deviation = rows[1]["std"].as_f64().unwrap();
    assert!((deviation - (67.0_f64 / 3.0).sqrt()).abs() < 1e-12, "{deviation}");
    let expected = json!({
        "column": "n", "dtype": "i64", "count": 3, "null_count": 1, "mean": 14.0 / 3.0,
        "std": deviation, "min": 1.0, "q25": 2.0, "median": 3.0, "q75": 6.5, "max": 10.0,
    });
    assert_eq!(rows[1], expected);
    let few = folder().call(&[
        "describe", "x.csv", "--where", "n > 2", "--sort", "column", "--limit", "1", "--format",
        "csv",
    ]);
    assert!(few.answer().lines().nth(1).is_some_and(|line| line.starts_with("f,f64,2,0,-0.25,")));
}

#[test]
fn a_column_that_is_nearly_right() {
    let folder = folder();
    for call in [
        ["agg", "x.csv", "-e", "sum(nn)"].as_slice(),
        &["agg", "x.csv", "-e", "count(*)", "--where", "nn > 1"],
        &["agg", "x.csv", "-e", "count(*)", "--by", "nn"],
    ] {
        let error = folder.call(call).error();
        assert!(error.contains("no column \"nn\" (did you mean \"n\"?)"), "{error}");
        assert!(error.starts_with("x.csv: ") && !error.contains(".rs"), "{error}");
    }
}
