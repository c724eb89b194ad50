//! Files of any format, told by their names.

use std::path::{Path, PathBuf};

use lazuli_core::{Error, Result};

use super::csv::CsvOptions;
use super::{IntoFiles, scan_csv_with, scan_ipc, scan_jsonl, scan_parquet};
use crate::error::FrameError;
use crate::frame::Frame;

/// What a file's name says of its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Parquet,
    Ipc,
    JsonLines,
    Csv,
}

impl Kind {
    fn of(path: &Path) -> Self {
        let extension =
            path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("parquet" | "pq") => Self::Parquet,
            Some("arrow" | "ipc" | "feather") => Self::Ipc,
            Some("jsonl" | "ndjson") => Self::JsonLines,
            _ => Self::Csv,
        }
    }
}

/// Files as one table, read by what their names end in: `.parquet` ([`scan_parquet`]), `.arrow`, `.ipc` and `.feather`
/// ([`scan_ipc`]), `.jsonl` and `.ndjson` ([`scan_jsonl`]), and all others as CSV.
///
/// # Errors
/// Files of several formats; else those of the function that scans the format.
pub fn scan(files: impl IntoFiles) -> Result<Frame> {
    scan_with(files, CsvOptions::default())
}

/// As [`scan`], where the CSV files among them are written in another way.
///
/// # Errors
/// As [`scan`].
pub fn scan_with(files: impl IntoFiles, options: CsvOptions) -> Result<Frame> {
    let files = files.into_files().map_err(Error::plan)?;
    let kind = files.first().map_or(Kind::Csv, |path| Kind::of(path));
    if let Some(other) = files.iter().find(|path| Kind::of(path) != kind) {
        let (first, other): (&PathBuf, _) = (&files[0], other);
        return Err(Error::plan(FrameError::Argument(format!(
            "{} and {} are files of two formats: scan them one by one and put the tables together",
            first.display(),
            other.display()
        ))));
    }
    match kind {
        Kind::Parquet => scan_parquet(files),
        Kind::Ipc => scan_ipc(files),
        Kind::JsonLines => scan_jsonl(files),
        Kind::Csv => scan_csv_with(files, options),
    }
}

/// One CSV file as a delayed table, with the dtypes that [`scan_csv`](super::scan_csv) gives its columns. The file is
/// not looked at before it is computed.
///
/// ```
/// use lazuli_core::compute;
/// use lazuli_frame::polars::prelude::*;
/// use lazuli_frame::read_csv;
///
/// # let path = std::env::temp_dir().join(format!("lazuli-read-{}.csv", std::process::id()));
/// std::fs::write(&path, "n,t\n1,x\n2,\n")?;
/// let heights = read_csv(&path).map_named("height", |table| table.height());
/// assert_eq!(compute(heights)?, 2);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn read_csv(path: impl Into<PathBuf>) -> lazuli_core::Delayed<polars::prelude::DataFrame> {
    let path = path.into();
    let read = lazuli_core::task("read_csv").part(path.display().to_string());
    read.try_call((), move |()| super::scan_csv(&path)?.compute())
}
