//! Equal keys as equal numbers, in the order of their first appearance.
//!
//! A few keys are looked up one after another. Of many, a table of all would not fit the cache and would be filled
//! by one thread: their rows are dealt by hash into buckets, and each bucket finds on its own, of each of its rows,
//! the first row with the same key. Which rows are first then says, in one pass along the rows, what number each
//! has: the same as by looking them up in order.

use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicU32, Ordering};

use polars::prelude::{IdxSize, InitHashMaps, PlHashMap};
use rayon::prelude::*;

/// Rows from which on buckets are worth the trouble.
pub(super) const MANY: usize = 1 << 16;

/// A power of two: with five million keys, a bucket's table is of the size of a second-level cache.
const BUCKETS: usize = 64;

/// Rows that are dealt at a stretch.
const STRETCH: usize = 1 << 15;

/// A free slot of a bucket's table.
const FREE: u32 = u32::MAX;

/// A row, and a part of the hash of its key.
#[derive(Clone, Copy, Debug)]
struct Dealt {
    hash: u32,
    row: u32,
}

/// The number of each row's key, and the first row of each number.
pub(super) fn number_few<K: Hash + Eq>(
    rows: usize,
    key: impl Fn(usize) -> K,
) -> (Vec<u32>, Vec<IdxSize>) {
    let mut known: PlHashMap<K, u32> = PlHashMap::new();
    let mut ids = Vec::with_capacity(rows);
    let mut first = Vec::new();
    for row in 0..rows {
        let id = *known.entry(key(row)).or_insert_with(|| {
            first.push(row as IdxSize);
            (first.len() - 1) as u32
        });
        ids.push(id);
    }
    (ids, first)
}

/// The same on all threads. There are fewer than `u32::MAX` rows.
pub(super) fn number_many<K: Hash + Eq>(
    rows: usize,
    key: impl Fn(usize) -> K + Sync,
) -> (Vec<u32>, Vec<IdxSize>) {
    let hasher = PlHashMap::<u64, u64>::new().hasher().clone();
    let stretches: Vec<usize> = (0..rows).step_by(STRETCH).collect();
    let dealt: Vec<Vec<Vec<Dealt>>> = stretches
        .into_par_iter()
        .map(|start| {
            let mut buckets: Vec<Vec<Dealt>> =
                (0..BUCKETS).map(|_| Vec::with_capacity(STRETCH / BUCKETS * 5 / 4)).collect();
            for row in start..(start + STRETCH).min(rows) {
                let hash = hasher.hash_one(key(row));
                let bucket = (hash >> 32) as usize % BUCKETS;
                buckets[bucket].push(Dealt { hash: hash as u32, row: row as u32 });
            }
            buckets
        })
        .collect();

    // Every row is in one bucket, which alone writes to its place.
    let firsts: Vec<AtomicU32> = (0..rows).map(|_| AtomicU32::new(0)).collect();
    (0..BUCKETS).into_par_iter().for_each(|bucket| {
        let rows = || dealt.iter().flat_map(|buckets| &buckets[bucket]);
        let size = (rows().count() * 2).next_power_of_two();
        let mut slots = vec![Dealt { hash: 0, row: FREE }; size];
        for dealt in rows() {
            let mut slot = dealt.hash as usize & (size - 1);
            let first = loop {
                let known = slots[slot];
                if known.row == FREE {
                    slots[slot] = *dealt;
                    break dealt.row;
                }
                if known.hash == dealt.hash && key(known.row as usize) == key(dealt.row as usize) {
                    break known.row;
                }
                slot = (slot + 1) & (size - 1);
            };
            firsts[dealt.row as usize].store(first, Ordering::Relaxed);
        }
    });

    let mut ids: Vec<u32> = Vec::with_capacity(rows);
    let mut first = Vec::new();
    for (row, known) in firsts.into_iter().enumerate() {
        let known = known.into_inner() as usize;
        if known == row {
            ids.push(first.len() as u32);
            first.push(row as IdxSize);
        } else {
            ids.push(ids[known]);
        }
    }
    (ids, first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn many_are_numbered_as_few(distinct in 1_u64..200_000, rows in 0_usize..100_000) {
            // A walk that comes back to some keys soon, and to others never.
            let key = |row: usize| (row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) % distinct;
            prop_assert_eq!(number_many(rows, key), number_few(rows, key));
            let text = |row: usize| format!("key {}", key(row) % distinct);
            let rows = rows.min(5_000);
            prop_assert_eq!(number_many(rows, text), number_few(rows, text));
        }
    }
}
