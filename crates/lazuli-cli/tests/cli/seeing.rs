//! What is asked for beside the answer: explanations, traces, reports.

use serde_json::Value;

use crate::support::Folder;

const CALL: [&str; 5] = ["agg", "*.csv", "-e", "max(a), sum(a) AS total", "--format=csv"];

fn folder() -> Folder {
    Folder::with(&[("x.csv", "a\n1\n2\n"), ("y.csv", "a\n3\n")])
}

#[test]
fn a_report_and_a_trace_are_written_beside_the_answer() {
    let folder = folder();
    let plain = folder.call(&CALL).answer();
    let flags = ["--report", "run.html", "--trace", "run.json"];
    assert_eq!(folder.call(&[&CALL[..], &flags].concat()).answer(), plain);
    let report = folder.read("run.html");
    assert!(report.starts_with("<!doctype html>") && report.contains("x.csv"));
    let trace: Value = serde_json::from_str(&folder.read("run.json")).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    // What is read of the files, by sampling and by the aggregate, is in it.
    let parts = events.iter().filter_map(|event| event["args"]["part"].as_str());
    assert!(parts.clone().any(|part| part.contains("x.csv")), "{trace}");
    assert!(parts.clone().any(|part| part.contains("y.csv")), "{trace}");
}

/// The bytes that a report names are those of the files.
#[test]
fn a_report_names_the_bytes_of_the_files() {
    let folder = folder();
    folder.call(&[&CALL[..], &["--report", "run.html"]].concat()).answer();
    let report = folder.read("run.html");
    let (_, record) = report.split_once("id=\"record\">").unwrap();
    let record: Value = serde_json::from_str(record.split_once("</script>").unwrap().0).unwrap();
    let runs = record["overview"]["runs"].as_array().unwrap();
    let aggregate = runs.last().unwrap();
    assert_eq!(aggregate["loaded"].as_u64(), Some(6 + 4), "{aggregate}");
    assert_eq!((&aggregate["state"], &aggregate["tasks"]), (&"done".into(), &aggregate["done"]));
}

#[test]
fn what_is_expected_and_what_was_is_said_on_stderr() {
    let folder = folder();
    let call = folder.call(&[&CALL[..], &["--explain"]].concat());
    assert_eq!((call.code, &call.stdout), (Some(0), &folder.call(&CALL).answer()));
    for text in ["pass 1", "x.csv", "tasks", "expected", "actual"] {
        assert!(call.stderr.contains(text), "{text}: {}", call.stderr);
    }
}

/// What failed is in the report, too, and what went wrong is told as ever.
#[test]
fn a_failure_is_reported() {
    let folder = Folder::with(&[("x.csv", &format!("a\n{}x\n", "1\n".repeat(100_000)))]);
    let call = ["agg", "x.csv", "-e", "max(a)", "--schema", "a=i64"];
    let plain = folder.call(&call).error();
    assert_eq!(folder.call(&[&call[..], &["--report", "run.html"]].concat()).error(), plain);
    assert!(folder.read("run.html").contains("\"state\":\"failed\""));
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let folder = folder();
    let call = folder.call(&[&CALL[..], &["--report", "none/run.html"]].concat());
    assert_eq!(call.code, Some(1));
    assert!(call.stderr.contains("none/run.html"), "{call:?}");
}
