//! The projecting CSV reader: from files to polars columns, reading the needed columns only.
//!
//! Data walks through this folder in one direction:
//!
//! ```text
//! options    how the files are written
//! pieces     a file, in pieces that fit the cache
//! header     its first record: the column names
//! block      64 bytes -> masks of separators, newlines, quotes
//! scan       masks -> where records and wanted fields are (record: the same grammar, byte by byte)
//! projection which boundaries of a record are noted, and how columns find them again
//! records    pieces, scanned
//! cell       the bytes of a field -> text, number, truth value, or missing
//! builders   cells -> typed columns
//! table      columns -> a frame                       (read_columns, read_head)
//! infer      cells -> guessed dtypes of one file      (sample_schema)
//! schema     the dtypes of many files -> one schema   (reconcile)
//! ```
//!
//! Finding fields (up to `records`) knows no dtypes; reading cells knows no structure. Neither knows of graphs,
//! partitions or threads: every function here reads one file on the calling thread.

mod block;
mod builders;
mod cell;
mod dtype;
mod error;
mod header;
mod infer;
mod options;
mod pieces;
mod projection;
mod record;
mod records;
mod scan;
mod schema;
mod table;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

pub use dtype::{ParseDtypeError, parse_dtype};
pub use error::{ReadError, ReadErrorKind};
pub use infer::{FileSchema, sample_schema};
pub use options::CsvOptions;
pub use schema::{SchemaError, SchemaErrorKind, reconcile};
pub use table::{CsvRead, read_columns, read_head};
