//! Aggregates that need all rows of a group at once: medians, distinct values, moments about a mean, whatever polars
//! can compute of a group.
//!
//! Rows are brought together by key first, so that a table here holds all rows of its groups, in the order in which
//! they are in the frame. polars then computes group by group, in one thread's order: of groups, not of a whole column,
//! which it would sum in as many pieces as it has threads.

use polars::prelude::{
    AggExpr, Column, DataFrame, DataType, Expr, FunctionExpr, IntoLazy, LiteralValue, Operator,
    OptFlags, PlSmallStr, Scalar, col, lit,
};
use polars_plan::prelude::{Arena, ExprToIRContext, is_scalar_ae, to_expr_ir};

use super::error::AggregateError;
use super::key_name;

/// The column that numbers rows in the order of the frame.
pub(crate) const ROW: &str = "__row";

/// The name of the column of a whole-group aggregate.
pub(crate) fn whole_name(whole: usize) -> PlSmallStr {
    format!("__whole{whole}").into()
}

/// Whether a function of columns is one value for a group: polars' own knowledge.
pub(super) fn is_whole(expr: &Expr) -> bool {
    let function = match expr {
        // A list of values for a group.
        Expr::Function { function: FunctionExpr::Mode { .. }, .. } => return true,
        Expr::Function { function, .. } => function,
        Expr::AnonymousFunction { options, .. } => return options.returns_scalar(),
        _ => return false,
    };
    // Only the function is asked about: operands other than its literal parameters are replaced by a column.
    let Expr::Function { input, .. } = expr else { return false };
    let operands = input.iter().map(|operand| match operand {
        Expr::Literal(LiteralValue::Dyn(_) | LiteralValue::Scalar(_)) => operand.clone(),
        _ => col("operand"),
    });
    let call = Expr::Function { input: operands.collect(), function: function.clone() };
    let schema = Default::default();
    let mut arena = Arena::new();
    let mut context = ExprToIRContext::new_no_verification(&mut arena, &schema);
    to_expr_ir(call, &mut context).is_ok_and(|call| is_scalar_ae(call.node(), &arena))
}

/// Computes the aggregates, each under its number, of a table that has the keys under their numbers, the columns that the aggregates need,
/// and [`ROW`]: a row for each group, with its first row's number and a column for each aggregate. Without keys
/// the table is one group, also if it has no rows.
///
/// # Errors
/// What polars reports; an integer that does not fit its dtype.
pub(crate) fn of_groups<'a>(
    rows: &DataFrame,
    keys: usize,
    wholes: impl Iterator<Item = (usize, &'a Expr)> + Clone,
) -> Result<DataFrame, AggregateError> {
    let mut outputs: Vec<Expr> = vec![col(ROW).min()];
    for (index, whole) in wholes.clone() {
        outputs.push(whole.clone().alias(whole_name(index)));
        if can_wrap(whole) {
            outputs.push(in_floats(rows, whole).alias(float_name(index)));
        }
    }
    let flags = OptFlags::TYPE_COERCION | OptFlags::TYPE_CHECK | OptFlags::SIMPLIFY_EXPR;
    let table = match (keys, rows.height()) {
        (0, 0) => of_nothing(rows, &outputs)?,
        _ => {
            let by: Vec<Expr> = match keys {
                0 => vec![lit(0).alias("__all")],
                keys => (0..keys).map(|key| col(key_name(key))).collect(),
            };
            let query = rows.clone().lazy().with_optimizations(flags);
            query.group_by_stable(by).agg(outputs).collect()?
        }
    };
    for (index, whole) in wholes.clone() {
        if can_wrap(whole) {
            check(table.column(&whole_name(index))?, table.column(&float_name(index))?, whole)?;
        }
    }
    let kept = wholes.map(|(index, _)| whole_name(index)).chain([ROW.into()]);
    Ok(table.select(kept)?)
}

/// The columns of the aggregates, of the tables of all groups put together, in the order of the groups' first rows.
///
/// # Errors
/// polars'.
pub(crate) fn in_order(groups: &DataFrame, wholes: usize) -> Result<Vec<Column>, AggregateError> {
    let options = polars::prelude::SortMultipleOptions::default().with_multithreaded(false);
    let sorted = groups.sort([ROW], options)?;
    Ok((0..wholes)
        .map(|whole| sorted.column(&whole_name(whole)).cloned())
        .collect::<Result<_, _>>()?)
}

/// The aggregates of no rows.
fn of_nothing(rows: &DataFrame, outputs: &[Expr]) -> Result<DataFrame, AggregateError> {
    let each = outputs.iter().map(|output| {
        let value = rows.clone().lazy().select([output.clone()]).collect()?;
        let value = &value.columns()[0];
        if value.len() == 1 {
            return Ok(value.clone());
        }
        // A list without values.
        let list = Scalar::new(
            DataType::List(Box::new(value.dtype().clone())),
            polars::prelude::AnyValue::List(value.as_materialized_series().clear()),
        );
        Ok(Column::new_scalar(value.name().clone(), list, 1))
    });
    Ok(DataFrame::new(1, each.collect::<Result<Vec<_>, AggregateError>>()?)?)
}

fn float_name(whole: usize) -> PlSmallStr {
    format!("__float{whole}").into()
}

/// Whether there is arithmetic in it that can leave an integer's range.
fn can_wrap(expr: &Expr) -> bool {
    expr.into_iter().any(|node| match node {
        Expr::BinaryExpr { op, .. } => {
            matches!(op, Operator::Plus | Operator::Minus | Operator::Multiply)
        }
        Expr::Agg(AggExpr::Sum(_)) => true,
        Expr::Function { function, .. } => matches!(
            function,
            FunctionExpr::Product
                | FunctionExpr::Negate
                | FunctionExpr::Abs
                | FunctionExpr::Pow(_)
                | FunctionExpr::CumSum { .. }
        ),
        _ => false,
    })
}

/// The same of floats: columns of integers are taken as such.
fn in_floats(rows: &DataFrame, expr: &Expr) -> Expr {
    expr.clone().map_expr(|node| match node {
        Expr::Column(name)
            if rows.column(&name).is_ok_and(|column| column.dtype().is_integer()) =>
        {
            Expr::Column(name).cast(DataType::Float64)
        }
        node => node,
    })
}

/// That no integer has wrapped: one that has is off by a multiple of 2^n, and the floats by far less.
fn check(found: &Column, floats: &Column, expr: &Expr) -> Result<(), AggregateError> {
    let dtype = found.dtype();
    if !dtype.is_integer() {
        return Ok(());
    }
    let half = 2_f64.powi(super::checked::bits(dtype) - 1);
    let (found, floats) = (found.cast(&DataType::Float64)?, floats.cast(&DataType::Float64)?);
    let wrapped = found.f64()?.iter().zip(floats.f64()?.iter()).any(|pair| match pair {
        (Some(found), Some(float)) => (found - float).abs() > half,
        _ => false,
    });
    match wrapped {
        true => Err(AggregateError::Wraps { expression: expr.to_string(), dtype: dtype.clone() }),
        false => Ok(()),
    }
}
