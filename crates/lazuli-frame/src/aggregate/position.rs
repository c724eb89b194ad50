//! The first or last value of a group, and whether there was one.
//!
//! A group may be empty in one partition (its rows filtered away) and not in the next, and a first
//! value may be null: hence the flag, without which an empty partition's null would pass for a
//! value.

use polars::prelude::{
    BooleanChunked, Column, IdxCa, IdxSize, IntoColumn, NewChunkedArray, PlSmallStr, PolarsResult,
};

use super::groups::Groups;

/// Which end of the rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Side {
    First,
    Last,
}

/// The value at the given side of each group, among the rows where `eligible` is true (all, if
/// `None`), and whether there was such a row.
///
/// # Errors
/// polars', if `column` and `groups` differ in length.
pub(super) fn positions(
    column: &Column,
    groups: &Groups,
    eligible: Option<&BooleanChunked>,
    side: Side,
) -> PolarsResult<(Column, Column)> {
    let found = match eligible {
        Some(eligible) => {
            let rows = groups.ids().zip(eligible.iter()).enumerate();
            let rows = rows.filter(|(_, (_, eligible))| *eligible == Some(true));
            chosen(rows.map(|(row, (id, _))| (row, id)), groups.len(), side)
        }
        None => chosen(groups.ids().enumerate(), groups.len(), side),
    };
    let flags =
        BooleanChunked::from_iter_values(PlSmallStr::EMPTY, found.iter().map(Option::is_some));
    let rows = IdxCa::from_iter_options(PlSmallStr::EMPTY, found.into_iter());
    Ok((column.take(&rows)?, flags.into_column()))
}

/// The first or last row of each group.
fn chosen(
    rows: impl Iterator<Item = (usize, usize)>,
    groups: usize,
    side: Side,
) -> Vec<Option<IdxSize>> {
    let mut chosen = vec![None; groups];
    for (row, id) in rows {
        if side == Side::Last || chosen[id].is_none() {
            chosen[id] = Some(row as IdxSize);
            if side == Side::First && groups == 1 {
                break;
            }
        }
    }
    chosen
}
