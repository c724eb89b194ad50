//! Aggregates by key of large tables: the groups of each stretch of partitions are dealt into buckets by their keys,
//! and the states of a group meet in its bucket.
//!
//! ```text
//! stretch 0 ── read, reduce ── deal ──┬── bucket 0 ── group ──┐
//! stretch 1 ── read, reduce ── deal ──┼── bucket 1 ── group ──┼── in order of first appearance
//! ```
//!
//! However many groups there are, no task meets all of them before the answer is put together: buckets are grouped side
//! by side, each in memory that a cache holds, and with a memory limit those that wait are in a scratch file. Stretches
//! and buckets come from the sizes of the partitions alone, so an answer has the same bits with and without a limit.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Answer, Delayed, task};
use polars::prelude::{
    Column, DataFrame, IdxCa, IdxSize, IntoColumn as _, PlSmallStr, UInt64Chunked,
};

use super::split_rows;
use crate::aggregate::whole::ROW;
use crate::aggregate::{AggregateError, Aggregation, State, key_name};
use crate::ask::Whole;
use crate::lower::{Asked, Each, Pass, stretches};
use crate::table::{Table, stack};

/// Bytes of a source for which there is a bucket, and the most that there are.
const BUCKET: u64 = 16 << 20;
const MOST: u64 = 64;

/// Into how many buckets the groups of partitions of these sizes are dealt.
pub(crate) fn state_buckets(bytes: &[u64]) -> usize {
    (bytes.iter().sum::<u64>() / BUCKET).clamp(1, MOST) as usize
}

/// An aggregate by key, whose groups are dealt into so many buckets.
pub(crate) fn aggregate_dealt(
    aggregation: Arc<Aggregation>,
    bytes: &[u64],
    site: &'static Location<'static>,
) -> Box<dyn Asked> {
    let buckets = state_buckets(bytes);
    let mut sizes: Vec<u64> = Vec::new();
    for (stretch, bytes) in stretches(bytes).into_iter().zip(bytes) {
        sizes.resize(stretch + 1, 0);
        sizes[stretch] += bytes;
    }
    let dealt = Arc::clone(&aggregation);
    Box::new(Each {
        columns: aggregation.columns().to_vec(),
        coded_key: aggregation.coded_key().cloned(),
        over: Pass::each_stretch,
        reduction: Arc::new(Whole { aggregation }),
        then: move |states: Vec<Delayed<State>>| {
            let mut pieces: Vec<Vec<Delayed<Table>>> = vec![Vec::new(); buckets];
            for (stretch, state) in states.into_iter().enumerate() {
                let aggregation = Arc::clone(&dealt);
                let deal = task("deal").site(site).part(stretch.to_string());
                let bytes = sizes.get(stretch).copied().unwrap_or(0);
                let deal = deal.output_bytes(bytes).portable::<Table>();
                let split = deal.try_call_many(buckets, state, move |State(state)| {
                    deal_groups(&aggregation, state, stretch, buckets)
                });
                for (bucket, piece) in pieces.iter_mut().zip(split) {
                    bucket.push(piece);
                }
            }
            let groups = pieces.into_iter().enumerate().map(|(bucket, pieces)| {
                let aggregation = Arc::clone(&dealt);
                let group = task("group").site(site).part(bucket.to_string());
                group.try_call(pieces, move |pieces: Vec<Table>| group_pieces(&aggregation, pieces))
            });
            let groups: Vec<Delayed<Table>> = groups.collect();
            let agg = task("agg").site(site);
            Answer::from(agg.try_call(groups, |groups: Vec<Table>| in_order(groups)))
        },
    })
}

/// The groups of a stretch by bucket, each with where it first appeared.
fn deal_groups(
    aggregation: &Aggregation,
    mut state: DataFrame,
    stretch: usize,
    buckets: usize,
) -> Result<Vec<Table>, AggregateError> {
    let keys = (0..aggregation.keys().len()).map(|key| state.column(&key_name(key)).cloned());
    let keys: Vec<Column> = keys.collect::<Result<_, _>>()?;
    // The groups of a state are in the order of their first rows. There are fewer than 2^32 of them.
    let first = (stretch as u64) << 32;
    let rows = (first..first + state.height() as u64).collect();
    state.with_column(UInt64Chunked::from_vec(ROW.into(), rows).into_column())?;
    Ok(split_rows(&state, &keys, buckets)?.into_iter().map(Table).collect())
}

/// The answers of the groups of a bucket.
fn group_pieces(aggregation: &Aggregation, pieces: Vec<Table>) -> Result<Table, AggregateError> {
    let states = pieces.into_iter().map(|Table(piece)| piece).collect();
    let state = aggregation.combine(states)?;
    let mut groups = aggregation.finish(&state)?;
    groups.with_column(state.column(ROW)?.clone())?;
    Ok(Table(groups))
}

/// The groups of all buckets in the order in which they first appeared.
fn in_order(groups: Vec<Table>) -> Result<DataFrame, AggregateError> {
    let tables: Vec<DataFrame> = groups.into_iter().map(|Table(groups)| groups).collect();
    let schema = tables.first().map(|table| table.schema().as_ref().clone()).unwrap_or_default();
    let all = stack(tables, &schema)?;
    let order = order(all.column(ROW)?.u64()?.cont_slice()?);
    Ok(all.drop(ROW)?.take(&IdxCa::from_vec(PlSmallStr::EMPTY, order))?)
}

/// Which of these distinct rows comes first, second, ..
///
/// A row is a stretch and a place in it, and places are dense: each row is put where it belongs.
fn order(rows: &[u64]) -> Vec<IdxSize> {
    const NONE: IdxSize = IdxSize::MAX;
    let parts = |&row: &u64| ((row >> 32) as usize, (row & u64::from(u32::MAX)) as usize);
    let mut places: Vec<usize> = Vec::new();
    for (stretch, place) in rows.iter().map(parts) {
        places.resize(places.len().max(stretch + 1), 0);
        places[stretch] = places[stretch].max(place + 1);
    }
    let mut total = 0;
    let before = |&places: &usize| {
        total += places;
        total - places
    };
    let starts: Vec<usize> = places.iter().map(before).collect();
    let mut at = vec![NONE; total];
    for (row, (stretch, place)) in rows.iter().map(parts).enumerate() {
        at[starts[stretch] + place] = row as IdxSize;
    }
    at.retain(|&row| row != NONE);
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_put_in_order() {
        let row = |stretch: u64, place: u64| stretch << 32 | place;
        let rows = [row(2, 1), row(0, 5), row(2, 0), row(0, 0), row(3, 7)];
        assert_eq!(order(&rows), [3, 1, 2, 0, 4]);
        assert!(order(&[]).is_empty());
    }

    #[test]
    fn small_tables_have_one_bucket() {
        assert_eq!(state_buckets(&[]), 1);
        assert_eq!(state_buckets(&[1 << 20; 10]), 1);
        assert_eq!(state_buckets(&[64 << 20; 10]), 40);
        assert_eq!(state_buckets(&[1 << 40; 10]), 64);
    }
}
