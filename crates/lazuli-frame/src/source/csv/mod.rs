//! The projecting CSV reader: from files to polars columns, reading the needed columns only.
//!
//! Data walks through this folder in one direction:
//!
//! ```text
//! options    how the files are written
//! input      a file -> its text: decompressed, decoded, spooled
//! pieces     the text, in pieces that fit the cache
//! header     its beginning: how lines end, the column names
//! block      64 bytes -> masks of separators, newlines, quotes
//! scan       masks -> where records and wanted fields are (record: the same grammar, byte by byte)
//! dense      the same for well-formed pieces, every boundary without a decision
//! projection which boundaries of a record are noted, and how columns find them again
//! records    pieces, scanned
//! cell       the bytes of a field -> text, number, truth value, or missing
//! number     which texts are numbers                   (short: most of them, at once)
//! moment     the text of a date or a time -> days, nanoseconds, microseconds
//! dictionary the texts of a key column -> numbers, by their raw bytes
//! builders   cells -> typed columns
//! columns    the columns while they grow               (bad: the cells that are no value)
//! table      columns -> batches of rows               (read_batches, read_columns, read_head)
//! infer      cells -> guessed dtypes of one file      (sample_schema)
//! split      where a large file can be cut             (blocks, readings, parts)
//! schema     the dtypes of many files -> one schema   (reconcile)
//! ```
//!
//! Finding fields (up to `records`) knows no dtypes; reading cells knows no structure. Neither knows of graphs,
//! partitions or threads: every function here reads one file on the calling thread.

mod bad;
mod block;
mod builders;
mod cell;
mod columns;
mod dense;
mod dictionary;
mod dtype;
mod encoding;
mod error;
mod header;
mod infer;
mod input;
mod moment;
mod number;
mod options;
mod pieces;
mod projection;
mod record;
mod records;
mod scan;
mod schema;
mod short;
mod split;
mod table;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod polluted;
#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;

pub use bad::BadCell;
pub(crate) use bad::{lines_of, sound};
pub use columns::{Batch, Coded, Wanted};
pub use dictionary::Dictionary;
pub use dtype::{ParseDtypeError, parse_dtype};
pub use encoding::{Encoding, UnknownEncoding};
pub use error::{ReadError, ReadErrorKind};
pub use header::Renamed;
pub(crate) use infer::SAMPLE;
pub use infer::{FileSchema, Witness, sample_ends, sample_schema};
pub use options::{CsvOptions, OnError, Ragged};
pub use schema::{Reconciled, SchemaError, SchemaErrorKind, reconcile};
pub use split::{Readings, blocks, parts, readings};
#[cfg(test)]
use table::append;
pub(crate) use table::settled;
pub use table::{BATCH, CsvRead, read_batches, read_columns, read_head};
