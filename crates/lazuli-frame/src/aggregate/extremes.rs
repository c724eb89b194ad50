//! The least or greatest values so far, by group.
//!
//! NaN counts only where there is nothing else, and of equal values the first wins, as where states meet
//! ([`super::extreme`]).

use std::cmp::Ordering;

use polars::prelude::{
    AnyValue, Column, DataType, Float64Chunked, Int64Chunked, IntoColumn, NewChunkedArray,
    PlSmallStr, PolarsResult, Series, StringChunked, UInt64Chunked,
};

use super::extreme::End;
use super::groups::Groups;
use super::numbers::Numbers;

/// The extreme values of the groups so far.
#[derive(Debug)]
pub(super) struct Extremes {
    end: End,
    best: Best,
}

#[derive(Debug)]
enum Best {
    Signed(Vec<Option<i64>>),
    Unsigned(Vec<Option<u64>>),
    Float(Vec<Option<f64>>),
    Text(Vec<Option<PlSmallStr>>),
    /// Values of any other dtype.
    Any(Vec<Option<AnyValue<'static>>>),
}

impl Extremes {
    /// The extremes of no values of this dtype.
    pub(super) fn new(dtype: &DataType, end: End) -> Self {
        let best = match dtype {
            DataType::Float32 | DataType::Float64 => Best::Float(Vec::new()),
            DataType::UInt64 => Best::Unsigned(Vec::new()),
            DataType::Int128 | DataType::UInt128 => Best::Any(Vec::new()),
            dtype if dtype.is_integer() => Best::Signed(Vec::new()),
            DataType::String => Best::Text(Vec::new()),
            _ => Best::Any(Vec::new()),
        };
        Self { end, best }
    }

    /// Adds the values of a batch: `column`, or those of it that are not null as numbers.
    ///
    /// # Errors
    /// polars'.
    pub(super) fn update(
        &mut self,
        column: &Column,
        groups: &Groups,
        dense: Option<&Numbers>,
        valid: &Groups,
    ) -> PolarsResult<()> {
        let least = self.end == End::Least;
        match (&mut self.best, dense) {
            (Best::Signed(best), Some(Numbers::Signed(values))) => {
                let values = values.cont_slice()?;
                match least {
                    true => add(best, values, valid, |new, old| new < old),
                    false => add(best, values, valid, |new, old| new > old),
                }
            }
            (Best::Unsigned(best), Some(Numbers::Unsigned(values))) => {
                let values = values.cont_slice()?;
                match least {
                    true => add(best, values, valid, |new, old| new < old),
                    false => add(best, values, valid, |new, old| new > old),
                }
            }
            (Best::Float(best), Some(Numbers::Float(values))) => {
                let values = values.cont_slice()?;
                // A NaN is beaten by whatever is none.
                match least {
                    true => add(best, values, valid, |new, old| new < old || nan(old, new)),
                    false => add(best, values, valid, |new, old| new > old || nan(old, new)),
                }
            }
            (Best::Text(best), _) => {
                best.resize(groups.len(), None);
                let wanted = if least { Ordering::Less } else { Ordering::Greater };
                for (text, id) in column.str()?.iter().zip(groups.ids()) {
                    let Some(text) = text else { continue };
                    let best = &mut best[id];
                    if best.as_deref().is_none_or(|best| text.cmp(best) == wanted) {
                        *best = Some(PlSmallStr::from_str(text));
                    }
                }
            }
            (Best::Any(best), _) => {
                best.resize(groups.len(), None);
                let wanted = if least { Ordering::Less } else { Ordering::Greater };
                for (row, id) in groups.ids().enumerate() {
                    let value = column.get(row)?;
                    if value.is_null() {
                        continue;
                    }
                    let best = &mut best[id];
                    if best.as_ref().is_none_or(|best| value.partial_cmp(best) == Some(wanted)) {
                        *best = Some(value.into_static());
                    }
                }
            }
            _ => unreachable!("a column of numbers is given as numbers"),
        }
        Ok(())
    }

    /// The extremes as a column of this dtype, of `groups` rows.
    ///
    /// # Errors
    /// polars'.
    pub(super) fn into_column(self, dtype: &DataType, groups: usize) -> PolarsResult<Column> {
        let name = PlSmallStr::EMPTY;
        Ok(match self.best {
            Best::Signed(mut best) => {
                best.resize(groups, None);
                Int64Chunked::from_iter_options(name, best.into_iter()).into_column().cast(dtype)?
            }
            Best::Unsigned(mut best) => {
                best.resize(groups, None);
                UInt64Chunked::from_iter_options(name, best.into_iter()).into_column()
            }
            Best::Float(mut best) => {
                best.resize(groups, None);
                let best = Float64Chunked::from_iter_options(name, best.into_iter());
                best.into_column().cast(dtype)?
            }
            Best::Text(mut best) => {
                best.resize(groups, None);
                let best = best.iter().map(|text| text.as_deref());
                StringChunked::from_iter_options(name, best).into_column()
            }
            Best::Any(mut best) => {
                best.resize(groups, None);
                let best: Vec<AnyValue<'static>> =
                    best.into_iter().map(|value| value.unwrap_or(AnyValue::Null)).collect();
                Series::from_any_values_and_dtype(name, &best, dtype, true)?.into_column()
            }
        })
    }
}

#[inline(always)]
fn nan(old: f64, new: f64) -> bool {
    old.is_nan() && !new.is_nan()
}

/// Has each value compete with the best of its group.
#[inline(always)]
fn add<T: Copy>(
    best: &mut Vec<Option<T>>,
    values: &[T],
    groups: &Groups,
    beats: impl Fn(T, T) -> bool,
) {
    best.resize(groups.len(), None);
    match groups {
        Groups::One { .. } => {
            let Some((&first, rest)) = values.split_first() else { return };
            let first = match best[0] {
                Some(old) if !beats(first, old) => old,
                _ => first,
            };
            best[0] =
                Some(rest.iter().fold(first, |old, &new| if beats(new, old) { new } else { old }));
        }
        Groups::Keyed { ids, .. } => {
            for (&value, &id) in values.iter().zip(ids.iter()) {
                let best = &mut best[id as usize];
                if best.is_none_or(|old| beats(value, old)) {
                    *best = Some(value);
                }
            }
        }
    }
}
