//! Partitioned dataframes over polars: many CSV files as one table.
//!
//! The folders follow a request from handle to answer:
//!
//! | step | module | what happens |
//! |---|---|---|
//! | describe | `source`, `frame`, `plan` | files and their schema; row operations; nothing else is read |
//! | ask | `ask`, `column`, `sql` | an aggregate is a symbolic request, a `Delayed` |
//! | lower | `lower` | all requests of one compute on the same rows become one read of each partition |
//! | read | `source` | the union of the needed columns, straight into polars columns |
//! | reduce | `aggregate`, `approx` | partial states by partition, combined in a tree, finished |
//! | exchange | `exchange`, `join`, `sort` | rows that have equal keys meet; rows of two tables that have equal keys |
//! | write | `sink` | files, whole or absent |
//!
//! ```
//! use lazuli_core::compute;
//! use lazuli_frame::polars::prelude::*;
//! use lazuli_frame::scan_csv;
//!
//! # let folder = std::env::temp_dir().join(format!("lazuli-frame-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let pattern = folder.join("*.csv").display().to_string();
//! std::fs::write(folder.join("2019.csv"), "artist,ms\nA,5\nB,9\n")?;
//! std::fs::write(folder.join("2020.csv"), "artist,ms\nB,1\nA,NA\n")?;
//!
//! let tracks = scan_csv(&pattern)?;
//! let longest = tracks.column("ms").max::<i64>();
//! let per_file = tracks.by_file().agg([col("ms").max()]);
//! let by_artist = tracks.group_by([col("artist")]).agg([col("ms").sum()]);
//! let (longest, per_file, by_artist) = compute((longest, per_file, by_artist))?; // every file is read once
//!
//! assert_eq!(longest, Some(9));
//! assert_eq!(per_file.column("ms")?, &Column::new("ms".into(), [9_i64, 1]));
//! assert_eq!(by_artist, df!("artist" => ["A", "B"], "ms" => [5_i64, 10])?);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub mod aggregate;
mod approx;
mod ask;
mod column;
mod error;
mod exchange;
mod frame;
mod join;
mod lower;
mod plan;
mod pool;
mod sink;
mod sort;
pub mod source;
pub mod sql;
mod table;

pub use ask::{ByFile, GroupBy, IntoExpr, IntoExprs, IntoNames};
pub use column::{CellValue, ColumnHandle};
pub use error::{BadCells, FrameError, RejectedCell};
pub use frame::Frame;
pub use join::JoinType;
pub use plan::Misfit;
#[doc(no_inline)]
pub use polars;
pub use source::csv::CsvOptions;
pub use source::{
    IntoFiles, read_csv, scan, scan_csv, scan_csv_with, scan_ipc, scan_jsonl, scan_parquet,
    scan_with,
};
