//! Files and requests that are wrong: one clear error that names the file, the line and the column.

use std::fs;
use std::path::PathBuf;

use lazuli::core::ErrorKind;
use lazuli::frame::FrameError;
use lazuli::frame::polars::prelude::*;
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
    // It is read on behind a bad cell: what fails is the look at all of them.
    assert_eq!(error.task(), Some("check"));
    assert!(error.site().is_some_and(|site| site.file().ends_with("wrong.rs")));
    let Some(FrameError::BadCells(bad)) = error.find() else { panic!("{error}") };
    assert_eq!((bad.count, bad.cells.len()), (1, 1));
    let cell = &bad.cells[0];
    assert_eq!((&cell.path, cell.line), (&path, Some(20_002)));
    assert_eq!((&*cell.column, &*cell.text, &*cell.expected), ("delay", "soon", "i64"));
    assert!(error.to_string().contains("cannot read \"soon\" as i64"), "{error}");
    // A column that is not asked for is not looked at.
    assert_eq!(compute(frame.column("name").count()).unwrap(), 40_000);
}

#[test]
fn the_cell_that_made_a_column_text_is_named() {
    let (folder, path) = file("name,delay\na,1\nb,2\nc,30\nd,4\ne,soon\nf,6\n");
    let frame = scan_csv(&path).unwrap();
    let cell =
        format!(r#"{}: line 6, column "delay": "soon" makes the column text"#, path.display());
    let refusals = [
        compute(frame.agg([col("delay").sum()])).unwrap_err(),
        compute(frame.agg([(col("delay") * lit(2)).mean()])).unwrap_err(),
        compute(frame.by_file().agg([col("delay").std(1)])).unwrap_err(),
        compute(frame.column("delay").max::<i64>()).unwrap_err(),
    ];
    for error in refusals {
        assert!(matches!(error.find(), Some(FrameError::Text { .. })), "{error}");
        assert!(error.to_string().contains(&cell), "{error}");
    }
    assert_eq!(compute(frame.column("delay").max::<String>()).unwrap(), Some("soon".into()));

    // Where other files have numbers in its place, it matters as soon as the column is asked for.
    let good = folder.path().join("good.csv");
    fs::write(&good, "name,delay\na,1\nb,2\n").unwrap();
    for files in [[&good, &path], [&path, &good]] {
        let frame = scan_csv(&files[..]).unwrap();
        let error = compute(frame.column("delay").max::<i64>()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Plan);
        let text = error.to_string();
        for what in ["good.csv", "x.csv", "\"delay\"", "\"soon\"", "line 6"] {
            assert!(text.contains(what), "{text}");
        }
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
fn files_that_disagree_are_named_where_it_matters() {
    let (folder, path) = file("a,b\n1,2\n");
    let other = folder.path().join("y.csv");
    fs::write(&other, "a,c\n3,2\n").unwrap();
    let frame = scan_csv([&path, &other]).unwrap();
    assert_eq!(compute(frame.column("a").sum::<i64>()).unwrap(), Some(4));
    for (column, file) in [("b", "x.csv"), ("c", "y.csv")] {
        let text = compute(frame.column(column).sum::<i64>()).unwrap_err().to_string();
        assert!(text.contains(file) && text.contains(&format!("{column:?}")), "{text}");
    }
    assert!(compute(frame.head(1)).is_err());
}

/// What must be known of very many files is not known from all of them.
#[test]
fn a_file_that_was_not_sampled_is_named_when_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for number in 0..600 {
        let path = folder.path().join(format!("{number:03}.csv"));
        fs::write(&path, format!("a,b\n{number},x\n")).unwrap();
        files.push(path);
    }
    let sum = || compute(scan_csv(&files)?.column("a").sum::<i64>());
    assert_eq!(sum().unwrap(), Some((0..600).sum()));
    let mut odd = 0;
    for text in ["a,b\nmany,x\n", "b,c\nx,1\n", "", "a,b\n1,x\n2\n"] {
        // Every file can be the odd one; most of them were not sampled.
        for file in [1, 298, 599] {
            let before = fs::read(&files[file]).unwrap();
            fs::write(&files[file], text).unwrap();
            let error = sum().unwrap_err().to_string();
            assert!(error.contains(&format!("{file:03}.csv")), "{text:?}: {error}");
            fs::write(&files[file], before).unwrap();
            odd += 1;
        }
    }
    assert_eq!(odd, 12);
}

#[test]
fn integers_never_wrap() {
    let big = 4_000_000_000_i64;
    let (_folder, path) = file(&format!("a,b\n{big},5\n1,7\n"));
    let options = lazuli::prelude::CsvOptions::default().with_schema([("b", DataType::UInt32)]);
    let frame = lazuli::prelude::scan_csv_with(&path, options).unwrap();
    let wraps = [
        (col("a") * col("a")).sum(),
        col("a").max() * col("a").max(),
        (col("a") + lit(i64::MAX)).min(),
        (-(col("a") - lit(i64::MAX) - lit(big))).max() + lit(i64::MAX),
        (col("b") - lit(6_u32)).sum(),
        col("a").cast(DataType::Int32).sum(),
        when(col("a").gt(lit(5))).then(col("a") * col("a")).otherwise(lit(0)).sum(),
    ];
    for expr in wraps {
        let error = compute(frame.agg([expr.clone()])).unwrap_err();
        let text = error.to_string();
        let refused = text.contains(" does not fit ") || text.contains("conversion from");
        assert!(refused, "{expr}: {error}");
    }
    let text = compute(frame.agg([(col("a").max() * col("a").max()).alias("square")]));
    let text = text.unwrap_err().to_string();
    assert!(text.contains(r#"col("a").max()"#) && text.contains("i64"), "{text}");
    assert!(compute(frame.filter((col("a") * col("a")).gt(lit(1))).agg([len()])).is_err());

    let squares = frame.agg([
        (col("a").cast(DataType::Float64) * col("a")).sum(),
        (col("b") * col("b")).sum().alias("of b"),
        (col("a") * lit(2_000_000_000_i64)).max().alias("near the end"),
    ]);
    let expected =
        df!("a" => [1.6e19 + 1.0], "of b" => [74_u32], "near the end" => [big * 2_000_000_000]);
    let squares = compute(squares).unwrap();
    assert!(squares.equals(&expected.unwrap()), "{squares}");
}

#[test]
fn what_is_no_aggregate_is_refused() {
    let (_folder, path) = file("a,b\n1,2\n");
    let frame = scan_csv(&path).unwrap();
    for expr in [col("a"), col("a") + lit(1), col("a").max().over([col("b")]).unwrap()] {
        let error = compute(frame.agg([expr.clone()])).unwrap_err();
        assert!(matches!(error.find(), Some(FrameError::Aggregate(_))), "{expr}: {error}");
    }
    assert!(compute(frame.by_file().agg([col("a").max().alias("path")])).is_err());
}
