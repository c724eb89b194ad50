//! Which files and rows a request sees: patterns, and filters that would need more than one file.

use std::fs;

use lazuli::core::{Delayed, Reduction};
use lazuli::frame::aggregate::AggregateError;
use lazuli::frame::polars::prelude::*;
use lazuli::frame::{Frame, FrameError};
use lazuli::prelude::{compute, scan_csv};
use tempfile::TempDir;

/// Two files: the values 1 and 2, and the values 30 and 40.
fn two_files() -> (TempDir, Frame) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), "v\n1\n2\n").unwrap();
    fs::write(folder.path().join("b.csv"), "v\n30\n40\n").unwrap();
    let frame = scan_csv(&folder.path().join("*.csv").display().to_string()).unwrap();
    (folder, frame)
}

/// A reduction of one's own: the number of rows.
struct Rows;

impl Reduction<DataFrame> for Rows {
    type State = usize;
    type Output = usize;

    fn identity(&self) -> usize {
        0
    }

    fn update(&self, rows: &mut usize, partition: &DataFrame) {
        *rows += partition.height();
    }

    fn combine(&self, rows: &mut usize, following: usize) {
        *rows += following;
    }

    fn finish(&self, rows: usize) -> usize {
        rows
    }
}

/// What is wrong with the frame, by each way to ask for something.
fn refusals(frame: &Frame) -> [lazuli::core::Error; 4] {
    fn refusal<T: Clone + Send + Sync + 'static>(delayed: Delayed<T>) -> lazuli::core::Error {
        compute(delayed).err().expect("a refusal")
    }
    [
        refusal(frame.agg([col("v").sum()])),
        refusal(frame.by_file().agg([col("v").sum()])),
        refusal(frame.reduce(["v"], Rows)),
        refusal(frame.head(3)),
    ]
}

#[test]
fn a_filter_works_row_by_row_whatever_is_asked() {
    let (_folder, frame) = two_files();
    for error in refusals(&frame.filter(col("v").gt(col("v").mean()))) {
        let Some(FrameError::Aggregate(AggregateError::NestedAggregate { .. })) = error.find()
        else {
            panic!("{error}")
        };
    }
    for error in
        refusals(&frame.filter(col("v").gt(lit(0))).filter(col("v").gt(col("v").shift(lit(1)))))
    {
        let Some(FrameError::Aggregate(AggregateError::NotElementwise { .. })) = error.find()
        else {
            panic!("{error}")
        };
    }
    let few = frame.filter(col("v").gt(lit(1)));
    let (rows, head) = compute((few.reduce(["v"], Rows), few.head(2))).unwrap();
    assert_eq!((rows, head), (3, df!("v" => [2_i64, 30]).unwrap()));
}

#[test]
fn a_filter_of_an_unknown_column_is_named_whatever_is_asked() {
    let (_folder, frame) = two_files();
    for error in refusals(&frame.filter(col("w").gt(lit(1)))) {
        let Some(FrameError::UnknownColumn { column, .. }) = error.find() else {
            panic!("{error}")
        };
        assert_eq!(column, "w");
    }
}

#[test]
fn patterns_see_hidden_files_only_by_their_dot() {
    let (folder, frame) = two_files();
    let path = |name: &str| folder.path().join(name);
    fs::write(path(".c.csv"), "v\n5\n").unwrap();
    fs::write(path("D.CSV"), "v\n6\n").unwrap();
    #[cfg(unix)]
    use std::os::unix::ffi::OsStrExt;
    #[cfg(unix)]
    {
        fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"\xff.csv")), "v\n8\n").unwrap();
    }
    fs::create_dir(path(".hidden")).unwrap();
    fs::write(path(".hidden/e.csv"), "v\n7\n").unwrap();
    let files = |pattern: &str| {
        let pattern = path(pattern).display().to_string();
        scan_csv(&pattern).unwrap().files().to_vec()
    };
    let mut seen = frame.files().to_vec();
    #[cfg(unix)]
    seen.push(folder.path().join(std::ffi::OsStr::from_bytes(b"\xff.csv")));
    assert_eq!(files("*.csv"), frame.files());
    assert_eq!(files("?*.csv"), frame.files());
    assert_eq!(files("**/*.csv"), seen);
    assert_eq!(files(".//./*.csv").len(), 2);
    assert_eq!(files(".*.csv"), [path(".c.csv")]);
    assert_eq!(files(".c.csv"), [path(".c.csv")]);
    assert_eq!(files(".h*/*.csv"), [path(".hidden/e.csv")]);
    assert_eq!(files("*.CSV"), [path("D.CSV")]);
}

/// A folder of which a link leads to itself, and files of the same content under several names.
#[cfg(unix)]
#[test]
fn links_and_folders_that_a_pattern_finds() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::create_dir(folder.path().join("old.csv")).unwrap();
    fs::write(folder.path().join("a.csv"), "v\n1\n").unwrap();
    fs::write(inner.join("b.csv"), "v\n2\n").unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
    std::os::unix::fs::symlink(folder.path(), inner.join("up")).unwrap();
    std::os::unix::fs::symlink("a.csv", folder.path().join("latest.csv")).unwrap();
    let sum = |pattern: &str| {
        let pattern = folder.path().join(pattern).display().to_string();
        let frame = scan_csv(&pattern).unwrap();
        (frame.npartitions(), compute(frame.column("v").sum::<i64>()).unwrap().unwrap())
    };
    assert_eq!(sum("*.csv"), (1, 1));
    assert_eq!(sum("**/*.csv"), (2, 3));
    assert_eq!(sum("inner/*.csv"), (1, 2));
    assert_eq!(sum("*/*/*.csv"), (2, 3));
}
