//! Aggregates over a table in many partitions: one small state per partition, merged in any tree.
//!
//! An [`Aggregation`] is built once from polars expressions. Then, for each partition,
//! [`Aggregation::partial`] makes a state (a row, or a row per key); [`Aggregation::combine`]
//! merges any number of states given in partition order, and [`Aggregation::finish`] makes the
//! answer. The walk through this folder: `split` takes the expressions apart, `elementwise` guards
//! what may stand inside an aggregate. `running` is the state while rows come: `rows` evaluates
//! expressions on a batch, `grouper` numbers its keys, `accumulate` adds its values with the kernels
//! beside it. Then `part` merges the components of states, and `finish` answers.
//!
//! Invariant: the bits of an answer depend on the partitions, on the batches they come in and on the
//! tree of combines, and on nothing else. polars' own aggregations are not used for sums: above 100,000 rows its engine sums
//! a float column in as many pieces as it has threads, or in one when it happens to be busy.

mod accumulate;
mod checked;
mod dtype;
mod elementwise;
mod error;
mod extreme;
mod extremes;
mod finish;
mod grouper;
mod groups;
mod numbering;
mod numbers;
mod part;
mod position;
mod rows;
mod running;
mod split;
mod spread;
mod spreading;
mod state;
mod sum;
mod tally;
#[cfg(test)]
mod tests;
pub(crate) mod whole;

use polars::prelude::{
    Column, DataFrame, Expr, IdxCa, PlIndexSet, PlSmallStr, PolarsResult, Schema,
};

pub use self::error::AggregateError;
use self::groups::Groups;
pub(crate) use self::rows::{evaluate, mask, select};
pub(crate) use self::running::Running;
pub(crate) use self::split::output_name;
use self::split::{Finish, Split};
pub use self::state::State;

/// Aggregate expressions, perhaps by key and of some rows only, split into partial, combine and
/// finish.
///
/// ```
/// # use lazuli_frame::aggregate::Aggregation;
/// use polars::prelude::*;
///
/// let range = (col("delay").max() - col("delay").min()).alias("range");
/// let split = Aggregation::new(vec![col("carrier")], vec![range, len()], None)?;
/// let monday = df!("carrier" => ["AA", "UA", "AA"], "delay" => [3, 10, 5])?;
/// let tuesday = df!("carrier" => ["UA"], "delay" => [-2])?;
///
/// let states = vec![split.partial(&monday)?, split.partial(&tuesday)?];
/// let answer = split.finish(&split.combine(states)?)?;
/// assert_eq!(answer, df!("carrier" => ["AA", "UA"], "range" => [2, 12], "len" => [2u32, 2])?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Aggregation {
    keys: Vec<Expr>,
    key_names: Vec<PlSmallStr>,
    filter: Option<Expr>,
    columns: Vec<PlSmallStr>,
    coded_key: Option<PlSmallStr>,
    split: Split,
}

impl Aggregation {
    /// Splits `aggs`, for each distinct value of `keys` (for the whole table, if there are none),
    /// over the rows where `filter` is true (all, if there is none).
    ///
    /// Supported are min, max, sum, mean, count, len, null_count, std, var, first and last (the
    /// latter also skipping nulls), of any row-by-row expression or of a filtered one, and any
    /// row-by-row expression of these. Where an output is more than a count, its counts are `Int64`, so
    /// that its arithmetic cannot wrap; a count by itself has polars' dtype.
    ///
    /// # Errors
    /// An output without aggregate or with one that cannot be split; an expression that does not
    /// work row by row inside an aggregate, a key or the filter; a selector; two outputs of one
    /// name; nothing to compute.
    pub fn new(
        keys: Vec<Expr>,
        aggs: Vec<Expr>,
        filter: Option<Expr>,
    ) -> Result<Self, AggregateError> {
        Self::split(keys, aggs, filter, Split::default())
    }

    /// As [`new`](Self::new), with aggregates beside that need all rows of a group at once: any aggregate of
    /// polars'. Their values are for [`finish_with`](Self::finish_with).
    ///
    /// # Errors
    /// As [`new`](Self::new), but for what cannot be split.
    pub(crate) fn with_wholes(keys: Vec<Expr>, aggs: Vec<Expr>) -> Result<Self, AggregateError> {
        Self::split(keys, aggs, None, Split::with_wholes())
    }

    fn split(
        keys: Vec<Expr>,
        aggs: Vec<Expr>,
        filter: Option<Expr>,
        mut split: Split,
    ) -> Result<Self, AggregateError> {
        if keys.is_empty() && aggs.is_empty() {
            return Err(AggregateError::Nothing);
        }
        let mut key_names = Vec::with_capacity(keys.len());
        for key in &keys {
            elementwise::check(key, &split::output_name(key)?)?;
            key_names.push(split::output_name(key)?);
        }
        filter.iter().try_for_each(|filter| check_row_by_row(filter, &"filter".into()))?;
        aggs.iter().try_for_each(|aggregate| split.push(aggregate))?;
        let mut names: PlIndexSet<&PlSmallStr> = PlIndexSet::default();
        for name in key_names.iter().chain(split.outputs.iter().map(|output| &output.name)) {
            if !names.insert(name) {
                return Err(AggregateError::DuplicateName { name: name.clone() });
            }
        }
        let columns = roots(keys.iter().chain(&aggs).chain(&filter));
        let coded_key = match &keys[..] {
            [key] => match split::unnamed(key) {
                Expr::Column(name) => Some(name.clone()),
                _ => None,
            },
            _ => None,
        };
        let used = roots(aggs.iter().chain(&filter));
        let coded_key = coded_key.filter(|name| !used.contains(name));
        Ok(Aggregation { keys, key_names, filter, columns, coded_key, split })
    }

    /// The columns that every partition must have, in the order of first use: keys, aggregates,
    /// filter.
    pub fn columns(&self) -> &[PlSmallStr] {
        &self.columns
    }

    /// The names of the columns of the answer: keys, then aggregates.
    pub fn output_names(&self) -> impl Iterator<Item = &PlSmallStr> {
        self.key_names.iter().chain(self.split.outputs.iter().map(|output| &output.name))
    }

    /// The state of no rows of a table of the given schema: what `partial` makes of an empty
    /// partition.
    ///
    /// # Errors
    /// As [`Aggregation::partial`].
    pub fn identity(&self, schema: &Schema) -> Result<DataFrame, AggregateError> {
        self.partial(&DataFrame::empty_with_schema(schema))
    }

    /// One state for the rows of all `states`, which are in the order of their partitions. Where they have a column that
    /// numbers rows, a group keeps its first number.
    ///
    /// # Errors
    /// No states; states of different dtypes; an overflow of 128 bits.
    pub fn combine(&self, states: Vec<DataFrame>) -> Result<DataFrame, AggregateError> {
        let mut states = states.into_iter();
        let mut all = states.next().ok_or(AggregateError::NoStates)?;
        if states.len() == 0 {
            return Ok(all);
        }
        for state in states {
            all.vstack_mut_owned(state)?;
        }
        all.rechunk_mut();
        let keys: Vec<Column> = (0..self.keys.len())
            .map(|key| all.column(&key_name(key)).cloned())
            .collect::<PolarsResult<_>>()?;
        let (groups, first) = Groups::of(&keys, all.height())?;
        let first = IdxCa::from_vec(PlSmallStr::EMPTY, first);
        let mut state = self.key_columns(&keys, &first)?;
        if let Ok(rows) = all.column(whole::ROW) {
            state.push(rows.take(&first)?);
        }
        for (index, part) in self.split.parts.iter().enumerate() {
            let combined = part::combine(*part, index, &all, &groups);
            state.extend(combined.map_err(|error| match error {
                AggregateError::WideOverflow { .. } => {
                    AggregateError::WideOverflow { name: self.user_of(index).clone() }
                }
                other => other,
            })?);
        }
        Ok(DataFrame::new(groups.len(), state)?)
    }

    /// The answer from the state of the whole table: the keys, then a column for each aggregate.
    ///
    /// # Errors
    /// A sum that does not fit the dtype of its result; an error of polars' in an expression over
    /// aggregates.
    pub fn finish(&self, state: &DataFrame) -> Result<DataFrame, AggregateError> {
        finish::finish(&self.split, &self.key_names, state, &[])
    }

    /// As [`finish`](Self::finish), with what was computed of whole groups: a column for each of
    /// [`wholes`](Self::wholes), with the groups in the order of the state.
    pub(crate) fn finish_with(
        &self,
        state: &DataFrame,
        wholes: &[Column],
    ) -> Result<DataFrame, AggregateError> {
        finish::finish(&self.split, &self.key_names, state, wholes)
    }

    /// The keys.
    pub(crate) fn keys(&self) -> &[Expr] {
        &self.keys
    }

    /// The aggregates that need all rows of a group at once.
    pub(crate) fn wholes(&self) -> &[Expr] {
        &self.split.wholes
    }

    /// The keys of a state: those of the first row of each group.
    fn key_columns(&self, keys: &[Column], first: &IdxCa) -> PolarsResult<Vec<Column>> {
        let take = |(index, key): (usize, &Column)| Ok(key.take(first)?.with_name(key_name(index)));
        keys.iter().enumerate().map(take).collect()
    }

    /// The error of an aggregate of whole groups, with its output and its expression.
    pub(crate) fn whole_error(&self, whole: usize, error: &AggregateError) -> AggregateError {
        let leaf = self.split.leaves.iter().find(|leaf| leaf.finish == Finish::Whole { whole });
        AggregateError::Whole {
            name: leaf.map(|leaf| leaf.output.clone()).unwrap_or_default(),
            expression: self.split.wholes[whole].to_string(),
            reason: error.to_string(),
        }
    }

    /// The first output that uses the sum `part`.
    fn user_of(&self, part: usize) -> &PlSmallStr {
        static NONE: PlSmallStr = PlSmallStr::EMPTY;
        let uses = |finish: &Finish| match finish {
            Finish::Sum { sum } | Finish::Mean { sum, .. } => *sum == part,
            Finish::Variance { sum, .. } | Finish::Deviation { sum, .. } => *sum == part,
            _ => false,
        };
        let leaf = self.split.leaves.iter().find(|leaf| uses(&leaf.finish));
        leaf.map_or(&NONE, |leaf| &leaf.output)
    }
}

/// The name of a key's column in a state.
pub(crate) fn key_name(key: usize) -> PlSmallStr {
    format!("__key{key}").into()
}

/// Accepts an expression that works row by row; `name` is what messages call it.
///
/// # Errors
/// An expression that looks at more than one row, or selects columns by pattern.
pub(crate) fn check_row_by_row(expr: &Expr, name: &PlSmallStr) -> Result<(), AggregateError> {
    elementwise::check(expr, name)
}

/// The columns that `exprs` name, each once, in the order of first use.
pub(crate) fn roots<'a>(exprs: impl Iterator<Item = &'a Expr>) -> Vec<PlSmallStr> {
    let mut names: PlIndexSet<PlSmallStr> = PlIndexSet::default();
    for node in exprs.flat_map(|expr| expr.into_iter()) {
        if let Expr::Column(name) = node
            && !names.contains(name)
        {
            names.insert(name.clone());
        }
    }
    names.into_iter().collect()
}
