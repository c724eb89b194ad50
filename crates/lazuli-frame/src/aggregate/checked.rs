//! Integer arithmetic that cannot wrap: an expression whose integers do not fit their dtype is an error.
//!
//! polars' arithmetic on integers wraps silently. So each step of an expression that can wrap is computed
//! twice: as polars does, and in floats. A wrapped integer of n bits is off by a multiple of 2^n; the floats
//! are off by far less than half of that, unless they are far beyond the range themselves. What both agree
//! on becomes a column, and the next step goes on from there.

use polars::prelude::{Column, DataFrame, DataType, Expr, FunctionExpr, Operator, PlSmallStr, col};
use polars_core::chunked_array::cast::CastOptions;

use super::error::AggregateError;
use super::rows::evaluate_unchecked;

/// The values of `expr`, one for each row or one in all, if none of its steps has wrapped.
///
/// # Errors
/// An integer that does not fit its dtype; what polars reports.
pub(super) fn evaluate(rows: &DataFrame, expr: &Expr) -> Result<Column, AggregateError> {
    if !can_wrap(rows, expr) {
        return evaluate_unchecked(rows, expr);
    }
    let mut steps = rows.clone();
    let last = step(&mut steps, expr)?;
    evaluate_unchecked(&steps, &last)
}

/// Whether there is a step that can wrap.
fn can_wrap(rows: &DataFrame, expr: &Expr) -> bool {
    let mut arithmetic = false;
    let mut floats = true;
    for node in expr {
        match node {
            Expr::BinaryExpr { .. } => arithmetic |= is_arithmetic(node),
            Expr::Literal(_) | Expr::Alias(..) => {}
            Expr::Column(name) => {
                floats &= rows.column(name).is_ok_and(|column| column.dtype().is_float());
            }
            _ => {
                arithmetic |= is_arithmetic(node) || matches!(node, Expr::Cast { .. });
                floats = false;
            }
        }
    }
    arithmetic && !floats
}

/// Whether the node computes with numbers in a way that can leave their dtype.
fn is_arithmetic(node: &Expr) -> bool {
    match node {
        Expr::BinaryExpr { op, .. } => {
            matches!(op, Operator::Plus | Operator::Minus | Operator::Multiply)
        }
        Expr::Function { function, .. } => {
            matches!(function, FunctionExpr::Negate | FunctionExpr::Abs | FunctionExpr::Pow(_))
        }
        _ => false,
    }
}

/// `expr` with every step that can wrap as a column of `steps`.
fn step(steps: &mut DataFrame, expr: &Expr) -> Result<Expr, AggregateError> {
    let mut rebuilt = |operand: &Expr| step(steps, operand).map(Into::into);
    let node = match expr {
        Expr::Alias(inner, name) => Expr::Alias(rebuilt(inner)?, name.clone()),
        Expr::BinaryExpr { left, op, right } => {
            Expr::BinaryExpr { left: rebuilt(left)?, op: *op, right: rebuilt(right)? }
        }
        Expr::Ternary { predicate, truthy, falsy } => Expr::Ternary {
            predicate: rebuilt(predicate)?,
            truthy: rebuilt(truthy)?,
            falsy: rebuilt(falsy)?,
        },
        Expr::Cast { expr, dtype, .. } => {
            // A value that does not fit is an error, and never a missing value or another one.
            let options = CastOptions::Strict;
            Expr::Cast { expr: rebuilt(expr)?, dtype: dtype.clone(), options }
        }
        Expr::Function { input, function } => {
            let input = input.iter().map(|operand| step(steps, operand));
            Expr::Function { input: input.collect::<Result<_, _>>()?, function: function.clone() }
        }
        other => return Ok(other.clone()),
    };
    if !is_arithmetic(&node) {
        return Ok(node);
    }
    let values = evaluate_unchecked(steps, &node)?;
    let dtype = values.dtype().clone();
    if dtype.is_integer() {
        let floats = evaluate_unchecked(steps, &in_floats(&node))?.cast(&DataType::Float64)?;
        let half = 2_f64.powi(bits(&dtype) - 1);
        let found = values.cast(&DataType::Float64)?;
        let wrapped = found.f64()?.iter().zip(floats.f64()?.iter()).any(|pair| match pair {
            (Some(found), Some(float)) => (found - float).abs() > half,
            _ => false,
        });
        if wrapped {
            return Err(AggregateError::Wraps { expression: expr.to_string(), dtype });
        }
    }
    let name = PlSmallStr::from_string(format!("__step{}", steps.width()));
    let named = super::split::output_name(expr)?;
    steps.with_column(values.with_name(name.clone()))?;
    Ok(col(name).alias(named))
}

/// The same step on floats.
fn in_floats(node: &Expr) -> Expr {
    let float = |operand: &Expr| operand.clone().cast(DataType::Float64);
    match node {
        Expr::BinaryExpr { left, op, right } => {
            Expr::BinaryExpr { left: float(left).into(), op: *op, right: float(right).into() }
        }
        Expr::Function { input, function } => {
            Expr::Function { input: input.iter().map(float).collect(), function: function.clone() }
        }
        other => other.clone(),
    }
}

/// The bits of an integer dtype.
pub(super) fn bits(dtype: &DataType) -> i32 {
    match dtype {
        DataType::Int8 | DataType::UInt8 => 8,
        DataType::Int16 | DataType::UInt16 => 16,
        DataType::Int32 | DataType::UInt32 => 32,
        DataType::Int128 | DataType::UInt128 => 128,
        _ => 64,
    }
}
