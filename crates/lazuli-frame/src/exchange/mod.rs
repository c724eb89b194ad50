//! Exchange: rows of all partitions are brought together by their keys.
//!
//! ```text
//! partition 0 ── split ──┬── bucket 0 ──> a table of all rows whose keys hash to 0
//! partition 1 ── split ──┼── bucket 1 ──> ..
//! ```
//!
//! Equal keys meet in one bucket, and rows keep their order. The number of buckets comes from the size of the data
//! alone, and a row's bucket from the bytes of its keys, so the same rows meet in every run. A piece of a partition
//! can go to a scratch file, so that with a memory limit no more than a few buckets are held at a time.

mod by_file;
mod hash;
mod states;
mod wholes;

use std::panic::Location;

use lazuli_core::{Delayed, task};
use polars::prelude::{Column, DataFrame, IdxCa, IdxSize, PlSmallStr, PolarsResult};
use polars_core::chunked_array::ops::row_encode::encode_rows_unordered;

pub(crate) use by_file::FileWholes;
pub(crate) use hash::{mix, of_bytes as hash_of_bytes};
pub(crate) use states::{aggregate_dealt, state_buckets};
pub(crate) use wholes::aggregate_wholes;

use crate::aggregate::AggregateError;
use crate::error::FrameError;
use crate::table::Table;

/// Bytes of a source for which there is a bucket.
const BUCKET: u64 = 1 << 20;

/// The most buckets that there are.
const MOST: u64 = 128;

/// How many buckets the rows of partitions of these sizes are brought to.
pub(crate) fn buckets(bytes: &[u64]) -> usize {
    match bytes.iter().sum::<u64>() {
        // What is not known is taken to be a bucket's worth in each partition.
        0 => bytes.len().clamp(1, MOST as usize),
        bytes => bytes.div_ceil(BUCKET).clamp(1, MOST) as usize,
    }
}

/// The rows of each partition in so many pieces, by bucket: those of the first partition first.
///
/// `keys` are the columns whose values must meet.
pub(crate) fn exchange(
    tables: Vec<Delayed<Table>>,
    bytes: &[u64],
    keys: &[PlSmallStr],
    buckets: usize,
    site: &'static Location<'static>,
) -> Vec<Vec<Delayed<Table>>> {
    let mut pieces: Vec<Vec<Delayed<Table>>> = vec![Vec::with_capacity(tables.len()); buckets];
    for (part, table) in tables.into_iter().enumerate() {
        let keys = keys.to_vec();
        let split = task("split").site(site).part(part.to_string());
        let split = split.output_bytes(bytes.get(part).copied().unwrap_or(0)).portable::<Table>();
        let split = split.try_call_many(buckets, table, move |Table(table)| {
            let columns = keys.iter().map(|key| table.column(key).cloned());
            let columns: Vec<Column> = columns.collect::<PolarsResult<_>>()?;
            let split = split_rows(&table, &columns, buckets)?;
            Ok::<_, FrameError>(split.into_iter().map(Table).collect())
        });
        for (bucket, piece) in pieces.iter_mut().zip(split) {
            bucket.push(piece);
        }
    }
    pieces
}

/// The rows by bucket, each in their order.
fn split_rows(
    table: &DataFrame,
    keys: &[Column],
    buckets: usize,
) -> Result<Vec<DataFrame>, AggregateError> {
    if buckets == 1 || keys.is_empty() {
        let mut split = vec![table.clear(); buckets];
        split[0] = table.clone();
        return Ok(split);
    }
    let mut rows: Vec<Vec<IdxSize>> = vec![Vec::new(); buckets];
    // A column without a dtype has one value.
    let typed: Vec<Column> = keys.iter().filter(|key| !key.dtype().is_null()).cloned().collect();
    if typed.is_empty() {
        rows[0] = (0..table.height() as IdxSize).collect();
    } else {
        let encoded = encode_rows_unordered(&typed)?;
        for (row, key) in (0..).zip(encoded.iter()) {
            let hash = hash::of_bytes(key.unwrap_or_default());
            rows[(hash % buckets as u64) as usize].push(row);
        }
    }
    let split =
        rows.into_iter().map(|rows| Ok(table.take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows))?));
    split.collect()
}
