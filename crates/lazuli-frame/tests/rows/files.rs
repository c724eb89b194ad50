//! Frames as files: whole or absent.

use std::fs;
use std::path::Path;

use lazuli_core::{Delayed, compute};
use lazuli_frame::polars::prelude::*;
use lazuli_frame::{Frame, scan_csv, scan_ipc, scan_jsonl, scan_parquet};

use crate::support::{everywhere, refusal, table};

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

type Write = fn(&Frame, &Path) -> Delayed<Vec<std::path::PathBuf>>;

fn formats() -> [(&'static str, Write); 4] {
    [
        ("parquet", |frame, path| frame.to_parquet(path)),
        ("csv", |frame, path| frame.to_csv(path)),
        ("arrow", |frame, path| frame.to_ipc(path)),
        ("jsonl", |frame, path| frame.to_jsonl(path)),
    ]
}

fn read(extension: &str, path: &str) -> Frame {
    match extension {
        "parquet" => scan_parquet(path),
        "csv" => scan_csv(path),
        "arrow" => scan_ipc(path),
        _ => scan_jsonl(path),
    }
    .unwrap()
}

#[test]
fn one_file_or_one_for_each_partition() {
    let table = table(500, 1);
    let folder = tempfile::tempdir().unwrap();
    let frame = Frame::from_dataframe(&table, 4);
    for (extension, write) in formats() {
        let one = folder.path().join(format!("all.{extension}"));
        assert_eq!(compute(write(&frame, &one)).unwrap(), std::slice::from_ref(&one));
        let found = everywhere(&read(extension, &one.display().to_string()));
        assert!(found.equals_missing(&table), "{extension}: {found}");

        let many = folder.path().join("deep").join(extension);
        let written = compute(write(&frame, &many)).unwrap();
        let expected: Vec<String> =
            (0..4).map(|part| format!("part-0000{part}.{extension}")).collect();
        assert_eq!(names(&many), expected);
        assert_eq!(written.len(), 4);
        let pattern = many.join(format!("*.{extension}")).display().to_string();
        assert!(everywhere(&read(extension, &pattern)).equals_missing(&table), "{extension}");
        // What is there is not mixed with what is new.
        let text = refusal(write(&frame, &many));
        assert!(text.contains("has files in it already"), "{text}");
        assert_eq!(names(&many), expected);
    }
    assert_eq!(names(folder.path()), ["all.arrow", "all.csv", "all.jsonl", "all.parquet", "deep"]);
}

#[test]
fn nothing_is_left_of_what_fails() {
    let folder = tempfile::tempdir().unwrap();
    let schema = Schema::from_iter([("id".into(), DataType::Int64)]);
    let frame = Frame::from_dataframe(&table(9, 1), 3).map_partitions_as(schema, |rows| match rows
        .column("id")?
        .get(0)?
    {
        AnyValue::Int64(6) => Err(PolarsError::ComputeError("out of luck".into())),
        _ => rows.select(["id"]),
    });
    for (extension, write) in formats() {
        let one = folder.path().join(format!("all.{extension}"));
        fs::write(&one, "what was there").unwrap();
        assert!(refusal(write(&frame, &one)).contains("out of luck"));
        assert_eq!(fs::read_to_string(&one).unwrap(), "what was there");
        fs::remove_file(&one).unwrap();
        let many = folder.path().join(extension);
        assert!(refusal(write(&frame, &many)).contains("out of luck"));
        assert_eq!(names(&many), Vec::<String>::new());
        fs::remove_dir(&many).unwrap();
    }
    assert_eq!(names(folder.path()), Vec::<String>::new());
    let nowhere = folder.path().join("no").join("such.csv");
    assert!(
        refusal(Frame::from_dataframe(&table(3, 1), 1).to_csv(nowhere)).contains("No such file")
    );
}

#[test]
fn a_table_without_rows_keeps_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    let none = table(0, 1);
    for (extension, write) in &formats()[..3] {
        let one = folder.path().join(format!("none.{extension}"));
        compute(write(&Frame::from_dataframe(&none, 2), &one)).unwrap();
        let found = everywhere(&read(extension, &one.display().to_string()));
        assert_eq!((found.height(), found.get_column_names()), (0, none.get_column_names()));
    }
}
