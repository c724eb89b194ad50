//! The split of aggregate expressions: which small states a partition has to deliver, and what is
//! made of them.
//!
//! Every output is a tree with aggregates (*leaves*) at its tips: `(max(a) - min(a)) / mean(b + 1)`
//! has three. A leaf is answered from one or more *parts* of the state: `mean` from a count and a
//! sum, `std` from these and a spread. The parts read *inputs*: row-by-row expressions such as `b +
//! 1`. Equal leaves, parts and inputs are kept once, so mean and std of one column share its count
//! and its sum. What remains of the output is the tree over the finished leaves, which are columns
//! again: `(__leaf0 - __leaf1) / __leaf2`.

use std::collections::HashMap;

use polars::prelude::{AggExpr, Expr, FunctionExpr, PlSmallStr, col};
use polars_plan::prelude::expr_output_name;

use super::error::AggregateError;
use super::{elementwise, whole};

/// A row-by-row expression that aggregates read, restricted to the rows where `filter` is true.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Input {
    pub(super) values: Expr,
    pub(super) filter: Option<Expr>,
}

/// One component of the state of a partition. The numbers index [`Split::inputs`] and
/// [`Split::parts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// Rows of the partition (or group) that pass the filter.
    Rows,
    /// Rows of the input.
    Length { input: usize },
    /// Values of the input that are not null.
    Count { input: usize },
    /// Sum of the input, exact for integers.
    Sum { input: usize },
    /// Sum of squared differences from the mean.
    Spread { input: usize, count: usize, sum: usize },
    /// Least value, NaN only if there is nothing else.
    Min { input: usize },
    /// Greatest value, NaN only if there is nothing else.
    Max { input: usize },
    /// First row's value; with `valid`, the first that is not null.
    First { input: usize, valid: bool },
    /// Last row's value; with `valid`, the last that is not null.
    Last { input: usize, valid: bool },
}

impl Part {
    /// The input it reads; none for the number of rows.
    pub(super) fn input(self) -> Option<usize> {
        match self {
            Part::Rows => None,
            Part::Length { input } | Part::Count { input } | Part::Sum { input } => Some(input),
            Part::Spread { input, .. } | Part::Min { input } | Part::Max { input } => Some(input),
            Part::First { input, .. } | Part::Last { input, .. } => Some(input),
        }
    }
}

/// How a leaf is answered from parts of the state. The numbers index [`Split::parts`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Finish {
    /// A count.
    Count { part: usize },
    /// The rows that are not counted.
    NullCount { length: usize, count: usize },
    /// The part itself.
    Value { part: usize },
    /// A sum, in the dtype that polars gives it.
    Sum { sum: usize },
    /// sum / count.
    Mean { count: usize, sum: usize },
    /// spread / (count - ddof).
    Variance { count: usize, sum: usize, spread: usize, ddof: u8 },
    /// The square root of the variance.
    Deviation { count: usize, sum: usize, spread: usize, ddof: u8 },
    /// What cannot be split: it is computed of all rows of a group at once, see [`super::whole`].
    Whole { whole: usize },
}

/// An aggregate at a tip of an output.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// The first output it appears in, for messages.
    pub(super) output: PlSmallStr,
    pub(super) finish: Finish,
}

/// An output: its name, and its expression over the finished leaves.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) name: PlSmallStr,
    pub(super) expr: Expr,
    /// The expression as it was written, for messages.
    pub(super) source: Expr,
    /// The leaf that it is, if it is nothing more.
    pub(super) leaf: Option<usize>,
}

/// The split of a list of aggregate expressions.
#[derive(Clone, Debug, Default)]
pub(super) struct Split {
    pub(super) inputs: Vec<Input>,
    pub(super) parts: Vec<Part>,
    pub(super) leaves: Vec<Leaf>,
    pub(super) outputs: Vec<Output>,
    /// Aggregates of all rows of a group at once.
    pub(super) wholes: Vec<Expr>,
    /// Whether there may be such.
    allows_wholes: bool,
    /// The parts and the leaves of each input.
    parts_of: Vec<Vec<usize>>,
    leaves_of: Vec<Vec<usize>>,
    known: Known,
}

/// Where what is known is. A list of thousands of expressions takes no longer for each than a short one.
#[derive(Clone, Debug, Default)]
struct Known {
    /// Leaves by the aggregates as they are written, without aliases.
    leaves: HashMap<Expr, usize>,
    inputs: HashMap<Input, usize>,
    parts: HashMap<Part, usize>,
}

impl Split {
    /// A split that keeps for later what cannot be split.
    pub(super) fn with_wholes() -> Self {
        Self { allows_wholes: true, ..Self::default() }
    }

    /// The parts that an input has.
    pub(super) fn parts_of(&self, input: usize) -> impl Iterator<Item = (usize, Part)> + '_ {
        let parts = self.parts_of.get(input).into_iter().flatten();
        parts.map(|&part| (part, self.parts[part]))
    }

    /// The leaves that an input has.
    pub(super) fn leaves_of(&self, input: usize) -> impl Iterator<Item = &Leaf> + '_ {
        let leaves = self.leaves_of.get(input).into_iter().flatten();
        leaves.map(|&leaf| &self.leaves[leaf])
    }

    /// Splits one more output.
    ///
    /// # Errors
    /// What cannot be split, or is no aggregate.
    pub(super) fn push(&mut self, expr: &Expr) -> Result<(), AggregateError> {
        if let Some(selector) = expr.into_iter().find(|node| matches!(node, Expr::Selector(_))) {
            return Err(AggregateError::Selector { expression: selector.to_string() });
        }
        let name = output_name(expr)?;
        let tree = unnamed(expr);
        if elementwise::is_constant(tree) {
            return Err(AggregateError::NotAnAggregate { name, expression: tree.to_string() });
        }
        let expr = self.rewrite(tree, &name)?;
        let leaf = self.known.leaves.get(tree).copied();
        self.outputs.push(Output { name, expr, source: tree.clone(), leaf });
        Ok(())
    }

    /// Replaces the leaves of `expr` by columns.
    fn rewrite(&mut self, expr: &Expr, name: &PlSmallStr) -> Result<Expr, AggregateError> {
        if let Some(leaf) = self.leaf(expr, name)? {
            // The alias keeps the names inside the tree, which struct fields are made of.
            return Ok(col(leaf_name(leaf)).alias(output_name(expr)?));
        }
        if elementwise::is_constant(expr) {
            return Ok(expr.clone());
        }
        if self.allows_wholes && whole::is_whole(expr) {
            let leaf = self.whole(expr, name);
            return Ok(col(leaf_name(leaf)).alias(output_name(expr)?));
        }
        let aggregate_function =
            matches!(expr, Expr::Function { .. } | Expr::AnonymousFunction { .. });
        if let Err(error) = elementwise::check_node(expr, name) {
            return Err(match error {
                AggregateError::NotElementwise { name, expression } if aggregate_function => {
                    AggregateError::NotSplittable { name, expression }
                }
                other => other,
            });
        }
        let mut arc = |operand: &Expr| self.rewrite(operand, name).map(Into::into);
        Ok(match expr {
            Expr::Alias(inner, alias) => Expr::Alias(arc(inner)?, alias.clone()),
            Expr::KeepName(inner) => arc(inner).map(Expr::KeepName)?,
            Expr::RenameAlias { expr, function } => {
                Expr::RenameAlias { expr: arc(expr)?, function: function.clone() }
            }
            Expr::Cast { expr, dtype, options } => {
                Expr::Cast { expr: arc(expr)?, dtype: dtype.clone(), options: *options }
            }
            Expr::BinaryExpr { left, op, right } => {
                Expr::BinaryExpr { left: arc(left)?, op: *op, right: arc(right)? }
            }
            Expr::Ternary { predicate, truthy, falsy } => Expr::Ternary {
                predicate: arc(predicate)?,
                truthy: arc(truthy)?,
                falsy: arc(falsy)?,
            },
            Expr::Function { input, function } => {
                Expr::Function { input: self.rewrite_all(input, name)?, function: function.clone() }
            }
            Expr::AnonymousFunction { input, function, options, fmt_str } => {
                Expr::AnonymousFunction {
                    input: self.rewrite_all(input, name)?,
                    function: function.clone(),
                    options: *options,
                    fmt_str: fmt_str.clone(),
                }
            }
            other => {
                return Err(AggregateError::NotAnAggregate {
                    name: name.clone(),
                    expression: other.to_string(),
                });
            }
        })
    }

    fn rewrite_all(
        &mut self,
        operands: &[Expr],
        name: &PlSmallStr,
    ) -> Result<Vec<Expr>, AggregateError> {
        operands.iter().map(|operand| self.rewrite(operand, name)).collect()
    }

    /// The number of the leaf `expr`, if it is one.
    fn leaf(&mut self, expr: &Expr, name: &PlSmallStr) -> Result<Option<usize>, AggregateError> {
        let operand = match expr {
            Expr::Len => None,
            Expr::Function { input, function: FunctionExpr::NullCount } if input.len() == 1 => {
                Some(&input[0])
            }
            Expr::Agg(aggregate) => match operand(aggregate) {
                Some(operand) => Some(operand),
                None if self.allows_wholes => return Ok(Some(self.whole(expr, name))),
                None => {
                    let expression = expr.to_string();
                    return Err(AggregateError::NotSplittable { name: name.clone(), expression });
                }
            },
            _ => return Ok(None),
        };
        if let Some(known) = self.known.leaves.get(expr) {
            return Ok(Some(*known));
        }
        let input =
            match operand.map(|operand| self.input(operand, expr, name)).transpose() {
                Ok(input) => input,
                // What looks at other rows of its group is computed where all of them are.
                Err(
                    AggregateError::NestedAggregate { .. } | AggregateError::NotElementwise { .. },
                ) if self.allows_wholes => return Ok(Some(self.whole(expr, name))),
                Err(error) => return Err(error),
            };
        let finish = self.finish(expr, input);
        Ok(Some(self.push_leaf(expr, name, finish, input)))
    }

    fn push_leaf(
        &mut self,
        expr: &Expr,
        name: &PlSmallStr,
        finish: Finish,
        input: Option<usize>,
    ) -> usize {
        if let Some(input) = input {
            self.leaves_of[input].push(self.leaves.len());
        }
        self.leaves.push(Leaf { output: name.clone(), finish });
        self.known.leaves.insert(expr.clone(), self.leaves.len() - 1);
        self.leaves.len() - 1
    }

    /// The number of the leaf `expr`, which is computed of whole groups.
    fn whole(&mut self, expr: &Expr, name: &PlSmallStr) -> usize {
        if let Some(known) = self.known.leaves.get(expr) {
            return *known;
        }
        self.wholes.push(expr.clone());
        let finish = Finish::Whole { whole: self.wholes.len() - 1 };
        self.push_leaf(expr, name, finish, None)
    }

    /// The number of the input `operand` of the aggregate `leaf`.
    fn input(
        &mut self,
        operand: &Expr,
        leaf: &Expr,
        name: &PlSmallStr,
    ) -> Result<usize, AggregateError> {
        let input = match unnamed(operand) {
            Expr::Filter { input, by } => {
                elementwise::check(by, name)?;
                Input { values: unnamed(input).clone(), filter: Some(by.as_ref().clone()) }
            }
            values => Input { values: values.clone(), filter: None },
        };
        if elementwise::is_constant(&input.values) {
            return Err(AggregateError::AggregatesConstant {
                name: name.clone(),
                expression: leaf.to_string(),
            });
        }
        elementwise::check(&input.values, name)?;
        Ok(*self.known.inputs.entry(input).or_insert_with_key(|input| {
            self.inputs.push(input.clone());
            self.parts_of.push(Vec::new());
            self.leaves_of.push(Vec::new());
            self.inputs.len() - 1
        }))
    }

    /// Makes sure of the parts that the leaf `expr` needs.
    fn finish(&mut self, expr: &Expr, input: Option<usize>) -> Finish {
        let Some(input) = input else {
            return Finish::Count { part: self.part(Part::Rows) };
        };
        let Expr::Agg(aggregate) = expr else {
            let length = self.part(Part::Length { input });
            return Finish::NullCount { length, count: self.part(Part::Count { input }) };
        };
        match aggregate {
            AggExpr::Min { .. } => Finish::Value { part: self.part(Part::Min { input }) },
            AggExpr::Max { .. } => Finish::Value { part: self.part(Part::Max { input }) },
            AggExpr::First(_) => {
                Finish::Value { part: self.part(Part::First { input, valid: false }) }
            }
            AggExpr::FirstNonNull(_) => {
                Finish::Value { part: self.part(Part::First { input, valid: true }) }
            }
            AggExpr::Last(_) => {
                Finish::Value { part: self.part(Part::Last { input, valid: false }) }
            }
            AggExpr::LastNonNull(_) => {
                Finish::Value { part: self.part(Part::Last { input, valid: true }) }
            }
            AggExpr::Count { include_nulls: true, .. } => {
                Finish::Count { part: self.part(Part::Length { input }) }
            }
            AggExpr::Sum(_) => Finish::Sum { sum: self.part(Part::Sum { input }) },
            AggExpr::Mean(_) => {
                let count = self.part(Part::Count { input });
                Finish::Mean { count, sum: self.part(Part::Sum { input }) }
            }
            AggExpr::Var(_, ddof) | AggExpr::Std(_, ddof) => {
                let count = self.part(Part::Count { input });
                let sum = self.part(Part::Sum { input });
                let spread = self.part(Part::Spread { input, count, sum });
                match aggregate {
                    AggExpr::Var(..) => Finish::Variance { count, sum, spread, ddof: *ddof },
                    _ => Finish::Deviation { count, sum, spread, ddof: *ddof },
                }
            }
            // `operand` let only these through: what is left counts values.
            _ => Finish::Count { part: self.part(Part::Count { input }) },
        }
    }

    fn part(&mut self, part: Part) -> usize {
        *self.known.parts.entry(part).or_insert_with(|| {
            self.parts.push(part);
            if let Some(input) = part.input() {
                self.parts_of[input].push(self.parts.len() - 1);
            }
            self.parts.len() - 1
        })
    }
}

/// The name of the column that holds the finished leaf `leaf`.
pub(super) fn leaf_name(leaf: usize) -> PlSmallStr {
    format!("__leaf{leaf}").into()
}

/// The name that polars gives to the column of `expr`.
///
/// # Errors
/// polars', if it has none.
pub(crate) fn output_name(expr: &Expr) -> Result<PlSmallStr, AggregateError> {
    if let Expr::KeepName(inner) = expr {
        let root = inner.into_iter().find_map(|node| match node {
            Expr::Column(name) => Some(name.clone()),
            _ => None,
        });
        if let Some(name) = root {
            return Ok(name);
        }
    }
    Ok(expr_output_name(expr)?)
}

/// `expr` without the aliases around it.
pub(super) fn unnamed(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(inner, _) | Expr::KeepName(inner) => unnamed(inner),
        Expr::RenameAlias { expr, .. } => unnamed(expr),
        other => other,
    }
}

/// What `aggregate` reads, if it is one with a state of fixed size.
fn operand(aggregate: &AggExpr) -> Option<&Expr> {
    match aggregate {
        AggExpr::Min { input, propagate_nans: false }
        | AggExpr::Max { input, propagate_nans: false } => Some(input),
        AggExpr::First(input) | AggExpr::FirstNonNull(input) => Some(input),
        AggExpr::Last(input) | AggExpr::LastNonNull(input) => Some(input),
        AggExpr::Count { input, .. } | AggExpr::Sum(input) | AggExpr::Mean(input) => Some(input),
        AggExpr::Std(input, _) | AggExpr::Var(input, _) => Some(input),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{len, lit};

    use super::*;

    fn split(exprs: &[Expr]) -> Result<Split, AggregateError> {
        let mut split = Split::default();
        exprs.iter().try_for_each(|expr| split.push(expr))?;
        Ok(split)
    }

    #[test]
    fn equal_leaves_parts_and_inputs_are_kept_once() {
        let spread = (col("a").max() - col("a").min()) / (col("b") + lit(1)).mean();
        let deviation = (col("b") + lit(1)).std(1);
        let again = col("a").max() * lit(2);
        let split = split(&[spread, deviation, again.alias("twice")]).expect("all can be split");
        assert_eq!(split.inputs.len(), 2);
        assert_eq!(split.leaves.len(), 4);
        let (count, sum) = (2, 3);
        let parts = [
            Part::Max { input: 0 },
            Part::Min { input: 0 },
            Part::Count { input: 1 },
            Part::Sum { input: 1 },
            Part::Spread { input: 1, count, sum },
        ];
        assert_eq!(split.parts, parts);
        let names: Vec<_> = split.outputs.iter().map(|output| output.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "twice"]);
    }

    #[test]
    fn what_has_no_state_of_fixed_size_is_named() {
        for expr in [
            col("a").median(),
            col("a").n_unique(),
            col("a").quantile(lit(0.5), Default::default()),
            col("a").implode(true),
            col("a").product(),
            lit(1) + col("a").median(),
            col("a").max().cum_sum(false),
        ] {
            let refused = split(std::slice::from_ref(&expr));
            let Err(AggregateError::NotSplittable { .. }) = refused else {
                panic!("{expr}: {refused:?}")
            };
        }
        let message = split(&[col("a").median().alias("middle")]).expect_err("median").to_string();
        assert!(
            message.starts_with("`middle`: `col(\"a\").median()` cannot be split"),
            "{message}"
        );
        assert!(message.contains("min, max, sum, mean"), "{message}");
    }

    #[test]
    fn what_is_no_aggregate_is_refused() {
        for expr in [col("a"), col("a") + lit(1), lit(1), col("a").max() + col("b")] {
            let refused = split(std::slice::from_ref(&expr));
            let Err(AggregateError::NotAnAggregate { .. }) = refused else {
                panic!("{expr}: {refused:?}")
            };
        }
        let nested = split(&[(col("a") - col("a").mean()).sum()]);
        assert!(matches!(nested, Err(AggregateError::NestedAggregate { .. })), "{nested:?}");
        let window = split(&[col("a").max().over([col("b")]).expect("a window")]);
        assert!(matches!(window, Err(AggregateError::NotElementwise { .. })), "{window:?}");
        let constant = split(&[lit(1).sum() + len()]);
        assert!(matches!(constant, Err(AggregateError::AggregatesConstant { .. })), "{constant:?}");
        let pattern = split(&[col("*").max()]);
        assert!(matches!(pattern, Err(AggregateError::Selector { .. })), "{pattern:?}");
    }

    #[test]
    fn names_are_those_of_polars() {
        let exprs = [
            len(),
            col("a").max().alias("x").name().keep(),
            col("a").min().name().suffix("_min"),
            lit(1) - col("b").sum(),
        ];
        let split = split(&exprs).expect("all can be split");
        let names: Vec<_> = split.outputs.iter().map(|output| output.name.as_str()).collect();
        assert_eq!(names, ["len", "a", "a_min", "literal"]);
    }
}
