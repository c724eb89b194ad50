//! Files and requests that are wrong: one clear error that names the file, the line and the column.

use std::fs;
use std::path::PathBuf;

use lazuli::core::ErrorKind;
use lazuli::frame::FrameError;
use lazuli::frame::polars::prelude::*;
use lazuli::frame::source::csv::{ReadError, ReadErrorKind};
use lazuli::prelude::{compute, scan_csv};
use tempfile::TempDir;

fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn files_that_cannot_be_read() {
    let (folder, path) = file("");
    let missing = folder.path().join("missing.csv");
    for (path, what) in
        [(&missing, "No such file"), (&path, "empty"), (&folder.path().to_owned(), "directory")]
    {
        let text = scan_csv(path).unwrap_err().to_string();
        assert!(text.contains(&path.display().to_string()) && text.contains(what), "{text}");
    }
    let error = scan_csv(&folder.path().join("*.txt").display().to_string()).unwrap_err();
    assert!(matches!(error.find(), Some(FrameError::NoFiles { .. })));
    assert!(matches!(
        scan_csv(Vec::<PathBuf>::new()).unwrap_err().find(),
        Some(FrameError::NoFiles { .. })
    ));
}

#[test]
fn a_bad_cell_names_file_line_column_text_and_dtype() {
    // The sample sees both ends of the file; the bad cell is between them.
    let mut text = String::from("name,delay\n");
    for row in 0..40_000 {
        text += &if row == 20_000 { "x,soon\n".into() } else { format!("\"a, b\",{row}\n") };
    }
    let (_folder, path) = file(&text);
    let frame = scan_csv(&path).unwrap();
    let error = compute(frame.column("delay").max::<i64>()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Task);
    assert_eq!((error.task(), error.part()), (Some("read"), path.to_str()));
    assert!(error.site().is_some_and(|site| site.file().ends_with("wrong.rs")));
    let read: &ReadError = error.find().unwrap();
    assert_eq!(
        (read.kind(), read.line(), read.column()),
        (ReadErrorKind::BadCell, Some(20_002), Some("delay"))
    );
    assert!(read.to_string().contains("\"soon\"") && read.to_string().contains("i64"), "{read}");
    // A column that is not asked for is not looked at.
    assert_eq!(compute(frame.column("name").count()).unwrap(), 40_000);
}

#[test]
fn a_bad_cell_in_the_sampled_part_is_named_too() {
    let bad = "name,delay\na,1\nb,2\nc,30\nd,4\ne,soon\nf,6\n";
    let (folder, path) = file(bad);
    let good = folder.path().join("good.csv");
    fs::write(&good, "name,delay\na,1\nb,2\n").unwrap();
    for files in [vec![&path], vec![&good, &path], vec![&path, &good]] {
        let frame = scan_csv(&files).unwrap();
        let error = compute(frame.column("delay").max::<i64>()).unwrap_err();
        assert_eq!((error.kind(), error.part()), (ErrorKind::Task, path.to_str()));
        let read: &ReadError = error.find().unwrap();
        assert_eq!(
            (read.kind(), read.line(), read.column()),
            (ReadErrorKind::BadCell, Some(6), Some("delay"))
        );
        let expected = r#"line 6, column "delay": cannot read "soon" as i64"#;
        assert_eq!(read.to_string(), format!("{}: {expected}", path.display()));
        assert!(compute(frame.column("name").count()).is_ok());
    }
}

#[test]
fn an_unknown_column_names_the_file_and_the_columns() {
    let (_folder, path) = file("a,b\n1,2\n");
    let frame = scan_csv(&path).unwrap();
    let error = compute(frame.agg([col("c").max()])).unwrap_err();
    let text = error.to_string();
    assert_eq!(error.kind(), ErrorKind::Plan);
    for what in [&*path.display().to_string(), "\"c\"", "\"a\", \"b\""] {
        assert!(text.contains(what), "{text}");
    }
}

#[test]
fn files_that_disagree_are_named() {
    let (folder, path) = file("a,b\n1,2\n");
    let other = folder.path().join("y.csv");
    fs::write(&other, "a,c\n1,2\n").unwrap();
    let text = scan_csv([&path, &other]).unwrap_err().to_string();
    for what in ["x.csv", "y.csv", "b", "c"] {
        assert!(text.contains(what), "{text}");
    }
    fs::write(&other, "a,b\nlong,2\n").unwrap();
    let text = scan_csv([&path, &other]).unwrap_err().to_string();
    assert!(text.contains("y.csv"), "{text}");
}

#[test]
fn aggregates_without_an_exact_split_are_refused() {
    let (_folder, path) = file("a,b\n1,2\n");
    let frame = scan_csv(&path).unwrap();
    for expr in
        [col("a").median(), col("a").n_unique(), col("a"), col("a").max().over([col("b")]).unwrap()]
    {
        let error = compute(frame.agg([expr.clone()])).unwrap_err();
        assert!(matches!(error.find(), Some(FrameError::Aggregate(_))), "{expr}: {error}");
    }
    assert!(compute(frame.by_file().agg([col("a").max().alias("path")])).is_err());
}
