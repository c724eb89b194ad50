//! What can be wrong with an aggregation: the expressions, the data, or the states handed back.
//!
//! Everything that can be known from the expressions alone is reported when the aggregation is
//! built; what depends on dtypes or values is reported when a partition is read or an answer is
//! finished.

use polars::prelude::{DataType, PlSmallStr, PolarsError};

/// The aggregates that have an exact state of fixed size, as they are named in messages.
pub(super) const SUPPORTED: &str =
    "min, max, sum, mean, count, len, null_count, std, var, first and last";

/// Why an aggregation cannot be built, or cannot be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AggregateError {
    /// The expression holds an aggregate (median, n_unique, quantile, ...) without a mergeable
    /// state of fixed size.
    #[error("`{name}`: `{expression}` cannot be split over partitions; {SUPPORTED} can")]
    NotSplittable {
        /// The output the expression belongs to.
        name: PlSmallStr,
        /// The part of it that cannot be split.
        expression: String,
    },
    /// An output that is a value per row, not one per table or group.
    #[error(
        "`{name}`: `{expression}` is not an aggregate, as min, max, sum, mean, median, count and others are"
    )]
    NotAnAggregate {
        /// The output the expression belongs to.
        name: PlSmallStr,
        /// The part of it that is outside every aggregate.
        expression: String,
    },
    /// An aggregate inside an aggregate, which would need a second pass over the table.
    #[error("`{name}`: `{expression}` stands inside another aggregate")]
    NestedAggregate {
        /// The output the expression belongs to.
        name: PlSmallStr,
        /// The inner aggregate.
        expression: String,
    },
    /// An operation that looks at more than one row (window, sort, shift, cumulative sum, ...).
    #[error("`{name}`: `{expression}` does not work row by row, which a table in partitions needs")]
    NotElementwise {
        /// The output, or the filter or key, the expression belongs to.
        name: PlSmallStr,
        /// The offending part.
        expression: String,
    },
    /// An aggregate of a constant: polars and SQL disagree on its meaning.
    #[error("`{name}`: `{expression}` aggregates a constant; count(*) counts rows")]
    AggregatesConstant {
        /// The output the expression belongs to.
        name: PlSmallStr,
        /// The aggregate.
        expression: String,
    },
    /// A wildcard, pattern or dtype selector.
    #[error("`{expression}` selects columns by pattern; name them one by one")]
    Selector {
        /// The selector.
        expression: String,
    },
    /// An aggregate of all rows of a group that polars cannot compute of its columns.
    #[error("`{name}`: `{expression}` cannot be computed: {reason}")]
    Whole {
        /// The output the aggregate belongs to.
        name: PlSmallStr,
        /// The aggregate.
        expression: String,
        /// What polars reports.
        reason: String,
    },
    /// Two outputs (keys included) of one name.
    #[error("two outputs are named `{name}`; give one of them an alias")]
    DuplicateName {
        /// The name.
        name: PlSmallStr,
    },
    /// Neither keys nor aggregates.
    #[error("nothing to aggregate: neither keys nor aggregates are given")]
    Nothing,
    /// An aggregate that is not defined for the dtype of its input.
    #[error("`{name}`: {aggregate} is not defined for `{expression}` of dtype {dtype}")]
    UnsupportedDtype {
        /// The first output that uses the aggregate.
        name: PlSmallStr,
        /// The aggregate's name.
        aggregate: &'static str,
        /// Its input.
        expression: String,
        /// The dtype of that input.
        dtype: Box<DataType>,
    },
    /// A filter that is not a condition.
    #[error("the filter `{expression}` is of dtype {dtype}, not bool")]
    FilterDtype {
        /// The filter.
        expression: String,
        /// Its dtype.
        dtype: DataType,
    },
    /// An expression that gave neither one value per row nor a single value.
    #[error("`{expression}` gave {found} values for {rows} rows")]
    Height {
        /// The expression.
        expression: String,
        /// Rows of the partition.
        rows: usize,
        /// Values it gave.
        found: usize,
    },
    /// A sum that does not fit the integer dtype of its result.
    #[error("`{name}`: the sum {sum} does not fit {dtype}; cast the input to a wider dtype")]
    Overflow {
        /// The first output that uses the sum.
        name: PlSmallStr,
        /// The exact sum.
        sum: i128,
        /// The dtype of the result.
        dtype: DataType,
    },
    /// Arithmetic on integers whose result does not fit its dtype.
    #[error("`{expression}` does not fit {dtype}; cast an operand to a wider dtype, or to f64")]
    Wraps {
        /// The expression.
        expression: String,
        /// Its dtype.
        dtype: DataType,
    },
    /// A sum of 128-bit integers that does not fit 128 bits.
    #[error("`{name}`: the sum does not fit 128 bits; cast the input to a float")]
    WideOverflow {
        /// The first output that uses the sum.
        name: PlSmallStr,
    },
    /// `combine` of no states at all; `identity` is the state of no rows.
    #[error("no states to combine")]
    NoStates,
    /// polars could not evaluate an expression, or states of different partitions do not fit
    /// together.
    #[error(transparent)]
    Polars(#[from] PolarsError),
}
