//! Sorting: in memory a partition at a time, however large the table.
//!
//! Each partition is sorted by itself, and evenly spaced rows of all partitions tell where the sorted table is cut into
//! ranges (a sample sort: Frazer and McKellar, 1970). Each partition is cut there, and the pieces of a range are put
//! together and sorted. Rows with equal keys are in one range and keep their order. Sorted partitions and pieces can
//! go to a scratch file.

mod keys;
mod top;

use std::panic::Location;

use lazuli_core::{Delayed, task};
use polars::prelude::{DataFrame, IdxCa, IdxSize, PlSmallStr, Schema};

pub(crate) use keys::SortKeys;
pub(crate) use top::Top;

use crate::error::FrameError;
use crate::table::{Table, stack};

/// Rows that each partition contributes to the sample, for each range.
const SAMPLES: usize = 32;

/// The rows of the partitions in so many sorted ranges.
pub(crate) fn sort(
    tables: Vec<Delayed<Table>>,
    bytes: &[u64],
    keys: &SortKeys,
    schema: &Schema,
    ranges: usize,
    site: &'static Location<'static>,
) -> Vec<Delayed<Table>> {
    let sorted = tables.into_iter().enumerate().map(|(part, table)| {
        let keys = keys.clone();
        let sort = task("sort").site(site).part(part.to_string());
        let sort = sort.output_bytes(bytes.get(part).copied().unwrap_or(0)).portable::<Table>();
        sort.try_call(table, move |Table(table)| Ok::<_, FrameError>(Table(keys.sorted(&table)?)))
    });
    let sorted: Vec<Delayed<Table>> = sorted.collect();
    let share = bytes.iter().sum::<u64>() / ranges as u64;
    if ranges == 1 {
        return vec![merged(sorted, keys, schema, (0, share), site)];
    }
    let samples = sorted.iter().map(|table| {
        let keys = keys.clone();
        let sample = task("sample").site(site);
        sample.try_call(table, move |Table(table)| {
            let sample = spaced(table, SAMPLES * ranges)?;
            let encoded = keys.encoded(&sample)?;
            let keys = (0..encoded.len()).map(|row| encoded.key(row).to_vec());
            Ok::<_, FrameError>(keys.collect::<Vec<Vec<u8>>>())
        })
    });
    let samples: Vec<Delayed<Vec<Vec<u8>>>> = samples.collect();
    let cuts = task("choose ranges").site(site).call(&samples, move |samples| {
        let mut all: Vec<&Vec<u8>> = samples.into_iter().flatten().collect();
        all.sort_unstable();
        let cut = |range: usize| all.get(range * all.len() / ranges).map(|key| key.to_vec());
        (1..ranges).map(cut).collect::<Vec<Option<Vec<u8>>>>()
    });
    let mut pieces: Vec<Vec<Delayed<Table>>> = vec![Vec::new(); ranges];
    for (part, table) in sorted.into_iter().enumerate() {
        let keys = keys.clone();
        let cut = task("cut").site(site).part(part.to_string());
        let cut = cut.output_bytes(bytes.get(part).copied().unwrap_or(0)).portable::<Table>();
        let cut = cut.try_call_many(ranges, (table, &cuts), move |(Table(table), cuts)| {
            Ok::<_, FrameError>(cut_at(&table, &keys, cuts)?.into_iter().map(Table).collect())
        });
        for (range, piece) in pieces.iter_mut().zip(cut) {
            range.push(piece);
        }
    }
    let ranges = pieces.into_iter().enumerate();
    ranges.map(|(range, pieces)| merged(pieces, keys, schema, (range, share), site)).collect()
}

/// Sorted tables as one: the range of this number, with about so many bytes.
fn merged(
    tables: Vec<Delayed<Table>>,
    keys: &SortKeys,
    schema: &Schema,
    (range, bytes): (usize, u64),
    site: &'static Location<'static>,
) -> Delayed<Table> {
    let (keys, schema) = (keys.clone(), schema.clone());
    let merge = task("merge").site(site).part(range.to_string());
    let merge = merge.output_bytes(bytes).portable::<Table>();
    merge.try_call(tables, move |tables: Vec<Table>| {
        let tables = tables.into_iter().map(|Table(table)| table).collect();
        Ok::<_, FrameError>(Table(keys.sorted(&stack(tables, &schema)?)?))
    })
}

/// No more than so many rows, evenly spaced.
fn spaced(table: &DataFrame, most: usize) -> Result<DataFrame, FrameError> {
    let height = table.height();
    let count = most.min(height);
    let rows = (0..count).map(|at| (at * height / count) as IdxSize).collect();
    Ok(table.take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows))?)
}

/// The sorted table in pieces: a row with the key of a cut begins the piece behind it.
fn cut_at(
    table: &DataFrame,
    keys: &SortKeys,
    cuts: &[Option<Vec<u8>>],
) -> Result<Vec<DataFrame>, FrameError> {
    let encoded = keys.encoded(table)?;
    let mut pieces = Vec::with_capacity(cuts.len() + 1);
    let mut start = 0;
    for cut in cuts {
        let end = match cut {
            Some(cut) => encoded.first_not_before(cut).max(start),
            // Nothing was sampled: there are no rows.
            None => start,
        };
        pieces.push(table.slice(start as i64, end - start));
        start = end;
    }
    pieces.push(table.slice(start as i64, table.height() - start));
    Ok(pieces)
}
