//! The groups of all batches so far: which number each key has.
//!
//! Groups are numbered in the order of their first row. Hash maps are only looked up in, never iterated. Keys
//! are equal as in [`super::groups`].

use std::hash::Hash;
use std::sync::Arc;

use polars::prelude::{
    BooleanChunked, Column, DataType, IdxCa, IdxSize, InitHashMaps, IntoColumn, NewChunkedArray,
    PlHashMap, PlSmallStr, PolarsResult, StringChunked,
};
use polars_core::chunked_array::ops::row_encode::encode_rows_unordered;

use super::groups::Groups;
use crate::source::csv::Coded;

/// The keys seen so far.
#[derive(Debug)]
pub(super) struct Grouper {
    known: Known,
    count: usize,
    /// The keys of the groups, a column for each; none before the first batch, or if they were coded.
    keys: Vec<Column>,
}

#[derive(Debug)]
enum Known {
    /// All rows are one group.
    One,
    /// Nothing has been seen.
    Nothing,
    /// One key of text, coded: the group of each code of the dictionary of this number.
    Codes {
        serial: u64,
        groups: Vec<u32>,
        missing: u32,
        texts: Texts,
    },
    Texts {
        known: PlHashMap<PlSmallStr, u32>,
        missing: Option<u32>,
    },
    Signed(PlHashMap<Option<i64>, u32>),
    Unsigned(PlHashMap<Option<u64>, u32>),
    /// Keys in polars' encoding of a row as bytes.
    Encoded(PlHashMap<Box<[u8]>, u32>),
}

/// The texts of groups, one behind another: millions of them need no memory of their own.
#[derive(Debug, Default)]
struct Texts {
    bytes: String,
    /// Where each ends; that of the missing one is empty.
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        let starts = |group: usize| group.checked_sub(1).map_or(0, |before| self.ends[before]);
        (0..self.ends.len()).map(move |group| &self.bytes[starts(group)..self.ends[group]])
    }
}

/// A group that is yet to be numbered.
const NEW: u32 = u32::MAX;

impl Grouper {
    pub(super) fn new(keys: usize) -> Self {
        let (known, count) = if keys == 0 { (Known::One, 1) } else { (Known::Nothing, 0) };
        Self { known, count, keys: Vec::new() }
    }

    /// The number of groups.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Whether the keys so far, if any, were coded by the same dictionary.
    pub(super) fn is_coded_by(&self, coded: &Coded) -> bool {
        match &self.known {
            Known::Nothing => true,
            Known::Codes { serial, .. } => *serial == coded.dictionary.serial(),
            _ => false,
        }
    }

    /// The groups of the coded rows for which `mask` is true.
    pub(super) fn by_code(&mut self, coded: &Coded, mask: Option<&BooleanChunked>) -> Groups {
        let dictionary = &coded.dictionary;
        if matches!(self.known, Known::Nothing) {
            let serial = dictionary.serial();
            self.known =
                Known::Codes { serial, groups: Vec::new(), missing: NEW, texts: Texts::default() };
        }
        let Known::Codes { groups, missing, texts, .. } = &mut self.known else {
            unreachable!("asked before whether the keys are coded")
        };
        groups.resize(dictionary.len(), NEW);
        let mut group_of = |code: u32| {
            let group = groups[code as usize];
            if group != NEW {
                return group;
            }
            let text = dictionary.text(code);
            let next = texts.ends.len() as u32;
            let group = match text {
                None if *missing != NEW => *missing,
                _ => {
                    texts.push(text.unwrap_or_default());
                    next
                }
            };
            if text.is_none() {
                *missing = group;
            }
            groups[code as usize] = group;
            group
        };
        let ids: Vec<u32> = match mask {
            None => coded.codes.iter().map(|&code| group_of(code)).collect(),
            Some(mask) => {
                let kept = coded.codes.iter().zip(mask.iter());
                let kept = kept.filter(|(_, keep)| *keep == Some(true));
                kept.map(|(&code, _)| group_of(code)).collect()
            }
        };
        self.count = texts.ends.len();
        Groups::Keyed { ids: Arc::new(ids), count: self.count }
    }

    /// The groups of rows with these keys.
    ///
    /// # Errors
    /// polars', for keys that cannot be encoded.
    pub(super) fn by_keys(&mut self, keys: &[Column], rows: usize) -> PolarsResult<Groups> {
        if matches!(self.known, Known::Nothing) {
            self.known = Known::of(keys);
        }
        let mut count = self.count;
        let mut first: Vec<IdxSize> = Vec::new();
        let mut next = |row: usize| {
            first.push(row as IdxSize);
            count += 1;
            (count - 1) as u32
        };
        let mut ids = Vec::with_capacity(rows);
        match (&mut self.known, keys) {
            (Known::Texts { known, missing }, [key]) => {
                for (row, text) in key.str()?.iter().enumerate() {
                    ids.push(match text {
                        None => *missing.get_or_insert_with(|| next(row)),
                        Some(text) => match known.get(text) {
                            Some(&group) => group,
                            None => {
                                let group = next(row);
                                known.insert(PlSmallStr::from_str(text), group);
                                group
                            }
                        },
                    });
                }
            }
            (Known::Signed(known), [key]) => {
                let keys = key.to_physical_repr().cast(&DataType::Int64)?;
                number(known, keys.i64()?.iter(), &mut ids, &mut next);
            }
            (Known::Unsigned(known), [key]) if key.dtype() == &DataType::UInt64 => {
                number(known, key.u64()?.iter(), &mut ids, &mut next);
            }
            (Known::Unsigned(known), [key]) => {
                let keys = key.cast(&DataType::Float64)?;
                // Adding 0.0 turns -0.0 into 0.0.
                let bits = |key: f64| {
                    if key.is_nan() { f64::NAN.to_bits() } else { (key + 0.0).to_bits() }
                };
                number(known, keys.f64()?.iter().map(|key| key.map(bits)), &mut ids, &mut next);
            }
            (Known::Encoded(known), keys) => {
                let encoded = encode_rows_unordered(keys)?;
                // The encoding of a row is never missing.
                for (row, key) in encoded.iter().map(Option::unwrap_or_default).enumerate() {
                    ids.push(match known.get(key) {
                        Some(&group) => group,
                        None => {
                            let group = next(row);
                            known.insert(key.into(), group);
                            group
                        }
                    });
                }
            }
            _ => unreachable!("the keys are of the kind that they were at first"),
        }
        self.count = count;
        self.remember(keys, first)?;
        Ok(Groups::Keyed { ids: Arc::new(ids), count })
    }

    /// Keeps the keys of new groups, which these rows are the first of.
    fn remember(&mut self, keys: &[Column], first: Vec<IdxSize>) -> PolarsResult<()> {
        if self.keys.is_empty() {
            self.keys = keys.iter().map(|key| key.clear()).collect();
        }
        if first.is_empty() {
            return Ok(());
        }
        let first = IdxCa::from_vec(PlSmallStr::EMPTY, first);
        for (known, key) in self.keys.iter_mut().zip(keys) {
            known.append_owned(key.take(&first)?)?;
        }
        Ok(())
    }

    /// The keys of the groups, a column for each.
    ///
    /// # Errors
    /// polars'.
    pub(super) fn into_keys(self) -> PolarsResult<Vec<Column>> {
        if let Known::Codes { texts, missing, .. } = self.known {
            let texts = texts.iter().zip(0..);
            let texts = texts.map(|(text, group)| (group != missing).then_some(text));
            return Ok(vec![
                StringChunked::from_iter_options(PlSmallStr::EMPTY, texts).into_column(),
            ]);
        }
        Ok(self.keys.into_iter().map(|key| key.rechunk()).collect())
    }
}

impl Known {
    fn of(keys: &[Column]) -> Self {
        let [key] = keys else { return Self::Encoded(PlHashMap::new()) };
        match key.dtype() {
            DataType::String => Self::Texts { known: PlHashMap::new(), missing: None },
            DataType::Float32 | DataType::Float64 | DataType::UInt64 => {
                Self::Unsigned(PlHashMap::new())
            }
            dtype
                if dtype.is_integer() && *dtype != DataType::Int128
                    || dtype.is_temporal()
                    || dtype.is_bool() =>
            {
                Self::Signed(PlHashMap::new())
            }
            _ => Self::Encoded(PlHashMap::new()),
        }
    }
}

/// The groups of the keys, appended to `ids`.
fn number<K: Hash + Eq>(
    known: &mut PlHashMap<K, u32>,
    keys: impl Iterator<Item = K>,
    ids: &mut Vec<u32>,
    next: &mut impl FnMut(usize) -> u32,
) {
    for (row, key) in keys.enumerate() {
        ids.push(*known.entry(key).or_insert_with(|| next(row)));
    }
}
