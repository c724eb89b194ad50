//! Cells that cannot be read: named, all of them, or missing, or left out with their rows; and the same whatever else
//! is asked.

use std::path::PathBuf;

use lazuli_core::{Executor, compute};
use lazuli_frame::polars::prelude::*;
use lazuli_frame::source::csv::{CsvOptions, OnError};
use lazuli_frame::{Frame, scan_csv_with};

/// Three files with bad cells in `n` and in `f`, in files of several blocks where the block size is small.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let row = |file: usize, row: usize| {
            let n =
                if row % 40 == 7 { "seven".to_owned() } else { (file * 1000 + row).to_string() };
            let f = if row % 50 == 3 { "-.".to_owned() } else { format!("{row}.5") };
            format!("{row},{n},{f},key{}\n", row % 3)
        };
        for file in 0..3 {
            let rows: String = (0..100).map(|at| row(file, at)).collect();
            std::fs::write(folder.path().join(format!("{file}.csv")), format!("id,n,f,k\n{rows}"))
                .unwrap();
        }
        Self(folder)
    }

    fn path(&self, file: usize) -> PathBuf {
        self.0.path().join(format!("{file}.csv"))
    }

    fn frame(&self, on_error: OnError, block: u64) -> Frame {
        let options = CsvOptions::default()
            .with_schema([("n", DataType::Int64), ("f", DataType::Float64)])
            .with_on_error(on_error)
            .with_block_size(block);
        scan_csv_with(vec![self.path(0), self.path(1), self.path(2)], options).unwrap()
    }
}

/// Whether a row of a file has a bad cell in `n`, in `f`.
fn bad(row: i64) -> (bool, bool) {
    (row % 40 == 7, row % 50 == 3)
}

#[test]
fn all_bad_cells_of_all_files_are_named_in_one_pass() {
    let files = Files::new();
    for block in [1 << 20, 200] {
        let frame = files.frame(OnError::Fail, block);
        let error = compute(frame.agg([col("n").sum()])).unwrap_err().to_string();
        assert!(error.contains("9 cells cannot be read"), "{error}");
        for (file, line) in (0..3).flat_map(|file| [9, 49, 89].map(|line| (file, line))) {
            let cell = format!(
                "{}: line {line}, column \"n\": cannot read \"seven\" as i64",
                files.path(file).display()
            );
            assert!(error.contains(&cell), "{error}");
        }
        // What is asked beside it fails for its own cells alone.
        let (n, f, id) = compute((
            frame.agg([col("n").sum()]).attempt(),
            frame.group_by("k").agg([col("f").max()]).attempt(),
            frame.agg([col("id").sum()]).attempt(),
        ))
        .unwrap();
        assert!(n.unwrap_err().to_string().contains("9 cells"));
        assert!(f.unwrap_err().to_string().contains("6 cells"));
        assert_eq!(id.unwrap(), df!("id" => [3 * 4950_i64]).unwrap());
    }
}

#[test]
fn one_bad_cell_is_a_line_and_of_very_many_the_first_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.csv");
    let frame = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let options = CsvOptions::default().with_schema([("n", DataType::Int64)]);
        scan_csv_with(path.as_path(), options).unwrap()
    };
    let one = compute(frame("n\n1\nx\n3\n").agg([col("n").sum()])).unwrap_err().to_string();
    assert!(one.ends_with("one.csv: line 3, column \"n\": cannot read \"x\" as i64"), "{one}");
    let many = frame(&format!("n\n{}", "x\n".repeat(20_050)));
    let many = compute(many.agg([col("n").sum()])).unwrap_err().to_string();
    assert!(many.contains("20050 cells cannot be read"), "{many}");
    assert_eq!(many.matches("column \"n\"").count(), 20);
    assert!(many.ends_with("and 20030 more"), "{many}");
}

#[test]
fn bad_cells_are_missing() {
    let files = Files::new();
    let asked = [col("n").sum(), col("n").null_count().alias("nulls"), col("f").count()];
    let rows = || (0..3).flat_map(|file| (0..100).map(move |row| (file, row)));
    let sum: i64 =
        rows().filter(|&(_, row)| !bad(row).0).map(|(file, row)| file * 1000 + row).sum();
    for block in [1 << 20, 200] {
        let frame = files.frame(OnError::Null, block);
        let found = compute(frame.agg(&asked[..])).unwrap();
        assert_eq!(found.column("n").unwrap().i64().unwrap().get(0), Some(sum));
        assert_eq!(
            found.column("nulls").unwrap().cast(&DataType::Int64).unwrap().i64().unwrap().get(0),
            Some(9)
        );
        assert_eq!(
            found.column("f").unwrap().cast(&DataType::Int64).unwrap().i64().unwrap().get(0),
            Some(294)
        );
    }
}

/// Rows in are rows out and rows left out, and no answer changes with what is asked beside it.
#[test]
fn rows_of_bad_cells_are_left_out_of_what_needs_them() {
    let files = Files::new();
    let expected = |needs_n: bool, needs_f: bool| {
        let kept = |row: &i64| !(needs_n && bad(*row).0 || needs_f && bad(*row).1);
        (0..100).filter(kept).count() as u32 * 3
    };
    for (block, threads) in [(1 << 20, 2), (200, 1), (200, 4)] {
        let executor = Executor::threaded(threads).unwrap();
        let frame = files.frame(OnError::Skip, block);
        let by_key = frame.group_by("k").agg([col("n").count().alias("rows")]);
        let n = frame.agg([col("n").len().alias("rows")]);
        let both = frame.filter(col("f").gt(lit(-1.0))).agg([col("n").len().alias("rows")]);
        let none = frame.agg([col("id").len().alias("rows")]);
        let all = frame.select(["n", "f"]).to_dataframe();
        let rows = |table: &DataFrame| {
            table.column("rows").unwrap().cast(&DataType::UInt32).unwrap().u32().unwrap().sum()
        };
        let (by_key, n, both, none, all, rejects, rejects_n) = executor
            .compute((
                &by_key,
                &n,
                &both,
                &none,
                &all,
                frame.rejects(),
                frame.select("n").rejects(),
            ))
            .unwrap();
        assert_eq!(rows(&by_key), Some(expected(true, false)));
        assert_eq!(rows(&n), Some(expected(true, false)));
        assert_eq!(rows(&both), Some(expected(true, true)));
        assert_eq!(rows(&none), Some(300));
        assert_eq!(all.height() as u32, expected(true, true));
        assert_eq!((rejects.height(), rejects_n.height()), (15, 9));
        let alone = executor.compute(frame.select("n").rejects()).unwrap();
        assert!(alone.equals_missing(&rejects_n));
        let lines = rejects_n.column("line").unwrap().u64().unwrap().to_vec();
        assert_eq!(lines, [9, 49, 89].repeat(3).into_iter().map(Some).collect::<Vec<_>>());
    }
}

#[test]
fn the_first_rows_have_no_bad_cells_either() {
    let files = Files::new();
    let head = compute(files.frame(OnError::Skip, 1 << 20).head(96)).unwrap();
    assert_eq!(head.height(), 96);
    assert_eq!(head.column("n").unwrap().null_count(), 0);
    let nulls = compute(files.frame(OnError::Null, 1 << 20).head(100)).unwrap();
    assert_eq!(nulls.column("n").unwrap().null_count(), 3);
    let error = compute(files.frame(OnError::Fail, 1 << 20).head(96)).unwrap_err().to_string();
    assert!(error.contains("line 5, column \"f\": cannot read \"-.\""), "{error}");
}
