//! Joins: rows of two tables that have equal keys.
//!
//! A [`Lookup`] is one side as a hash table. Where it fits into memory it is attached to the batches of the other
//! side as they are read ([`plan::Attach`](crate::plan)); else both sides are exchanged by their keys, and each
//! pair of buckets is joined by itself (`buckets`).

mod buckets;
mod lookup;
mod parts;

pub(crate) use buckets::join_buckets;
pub(crate) use lookup::{Lookup, Match};
pub(crate) use parts::join_parts;

use polars::prelude::{Field, PlSmallStr, Schema, SchemaExt as _};

use crate::error::FrameError;
use crate::plan::known;
use crate::table::dtype_of;

/// Which rows a join keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JoinType {
    /// Pairs of rows with equal keys.
    Inner,
    /// These, and the rows of the left table that have no pair, with missing values in place of the right one's.
    Left,
    /// These, and the rows of the right table that have no pair.
    Full,
    /// The rows of the left table that have a pair, each once, without columns of the right one.
    Semi,
    /// The rows of the left table that have none.
    Anti,
    /// Every row of the left table with every row of the right one.
    Cross,
}

/// Two tables, the keys by which they are joined, and what comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Joined {
    pub(crate) how: JoinType,
    pub(crate) left_on: Vec<PlSmallStr>,
    pub(crate) right_on: Vec<PlSmallStr>,
    /// Columns of the right table, and what they are called in the joined one.
    pub(crate) added: Vec<(PlSmallStr, PlSmallStr)>,
}

impl Joined {
    /// The join of tables with these schemas, and its schema: the columns of the left table, then those of the right
    /// one but for its keys. A column whose name the left table has is called `name_right`, as polars does it.
    ///
    /// # Errors
    /// Keys that are not there, are of different dtypes, or are not as many on both sides.
    pub(crate) fn new(
        how: JoinType,
        left_on: Vec<PlSmallStr>,
        right_on: Vec<PlSmallStr>,
        left: &Schema,
        right: &Schema,
    ) -> Result<(Self, Schema), FrameError> {
        if left_on.len() != right_on.len() || (how == JoinType::Cross) != left_on.is_empty() {
            let (left, right) = (left_on.len(), right_on.len());
            return Err(FrameError::JoinKeys { left, right });
        }
        known(left_on.iter(), left, "the left table")?;
        known(right_on.iter(), right, "the right table")?;
        for (left_key, right_key) in left_on.iter().zip(&right_on) {
            let (left, right) = (dtype_of(left, left_key), dtype_of(right, right_key));
            if left != right && !left.is_null() && !right.is_null() {
                let dtypes = Box::new((left, right));
                let (left, right) = (left_key.clone(), right_key.clone());
                return Err(FrameError::JoinDtypes { left, right, dtypes });
            }
        }
        let mut schema = left.clone();
        let mut added = Vec::new();
        if !matches!(how, JoinType::Semi | JoinType::Anti) {
            for Field { name, dtype } in right.iter_fields() {
                if right_on.contains(&name) {
                    continue;
                }
                let shown = match schema.contains(&name) {
                    true => PlSmallStr::from_string(format!("{name}_right")),
                    false => name.clone(),
                };
                if schema.contains(&shown) {
                    return Err(
                        crate::aggregate::AggregateError::DuplicateName { name: shown }.into()
                    );
                }
                schema.with_column(shown.clone(), dtype);
                added.push((name, shown));
            }
        }
        Ok((Self { how, left_on, right_on, added }, schema))
    }
}
