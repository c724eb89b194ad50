//! What may stand inside an aggregate, a key or a filter: expressions that work row by row.
//!
//! Invariant: an expression accepted here gives the same values whether it is applied to a whole
//! table or to its partitions one after the other. Whether a function is of that kind is polars'
//! own knowledge (its function flags), so no list of functions is kept here.

use polars::prelude::{
    AggExpr, DataTypeExpr, Expr, FunctionExpr, LiteralValue, PlSmallStr, StringFunction, col,
};
use polars_plan::prelude::{Arena, ExprToIRContext, is_elementwise_rec, to_expr_ir};

use super::error::AggregateError;

/// Accepts `expr` if it works row by row.
///
/// # Errors
/// A selector, an aggregate, or anything that looks at more than one row; the message carries
/// `name`.
pub(super) fn check(expr: &Expr, name: &PlSmallStr) -> Result<(), AggregateError> {
    if is_constant(expr) {
        return Ok(());
    }
    check_node(expr, name)?;
    operands(expr).into_iter().try_for_each(|operand| check(operand, name))
}

/// Accepts the node `expr`, whatever its operands are.
///
/// # Errors
/// As [`check`], for this node only.
pub(super) fn check_node(expr: &Expr, name: &PlSmallStr) -> Result<(), AggregateError> {
    let elementwise = match expr {
        Expr::Column(_) | Expr::Literal(_) => true,
        Expr::Alias(..) | Expr::KeepName(_) | Expr::RenameAlias { .. } => true,
        Expr::BinaryExpr { .. } | Expr::Ternary { .. } => true,
        Expr::Cast { dtype, .. } => matches!(dtype, DataTypeExpr::Literal(_)),
        Expr::Function { input, function } => is_elementwise_function(input, function),
        Expr::AnonymousFunction { options, .. } => options.is_elementwise(),
        Expr::Eval { variant, .. } => variant.is_elementwise(),
        Expr::Selector(_) => {
            return Err(AggregateError::Selector { expression: expr.to_string() });
        }
        Expr::Agg(_) | Expr::Len => {
            return Err(AggregateError::NestedAggregate {
                name: name.clone(),
                expression: expr.to_string(),
            });
        }
        _ => false,
    };
    if elementwise {
        Ok(())
    } else {
        Err(AggregateError::NotElementwise { name: name.clone(), expression: expr.to_string() })
    }
}

/// Whether `expr` reads no row at all, so that it is the same for every partition.
pub(super) fn is_constant(expr: &Expr) -> bool {
    expr.into_iter().all(|node| match node {
        Expr::Literal(_)
        | Expr::Alias(..)
        | Expr::BinaryExpr { .. }
        | Expr::Ternary { .. }
        | Expr::Function { .. } => true,
        Expr::Cast { dtype, .. } => matches!(dtype, DataTypeExpr::Literal(_)),
        // A list literal, as the right side of `is_in`.
        Expr::Agg(AggExpr::Implode { .. }) => true,
        _ => false,
    })
}

/// The operands of a node that passed [`check_node`].
fn operands(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Alias(inner, _) | Expr::KeepName(inner) => vec![inner],
        Expr::RenameAlias { expr, .. } | Expr::Cast { expr, .. } | Expr::Eval { expr, .. } => {
            vec![expr]
        }
        Expr::BinaryExpr { left, right, .. } => vec![left, right],
        Expr::Ternary { predicate, truthy, falsy } => vec![predicate, truthy, falsy],
        Expr::Function { input, .. } | Expr::AnonymousFunction { input, .. } => {
            input.iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Asks polars whether `function` works row by row.
fn is_elementwise_function(input: &[Expr], function: &FunctionExpr) -> bool {
    if let FunctionExpr::StringExpr(StringFunction::Strptime(_, options)) = function {
        // Without a format polars infers it from the first value that it sees, here of each
        // partition.
        return options.format.is_some();
    }
    // Only the function is asked about: operands other than its literal parameters are replaced by
    // a column.
    let input = input
        .iter()
        .map(|operand| match operand {
            Expr::Literal(LiteralValue::Dyn(_) | LiteralValue::Scalar(_)) => operand.clone(),
            _ => col("operand"),
        })
        .collect();
    let schema = Default::default();
    let mut arena = Arena::new();
    let mut context = ExprToIRContext::new_no_verification(&mut arena, &schema);
    let call = Expr::Function { input, function: function.clone() };
    to_expr_ir(call, &mut context).is_ok_and(|call| is_elementwise_rec(call.node(), &arena))
}

#[cfg(test)]
mod tests {
    use polars::prelude::{DataType, NamedFrom, Series, StrptimeOptions, lit, when};

    use super::*;

    fn accepts(expr: Expr) -> bool {
        check(&expr, &"x".into()).is_ok()
    }

    #[test]
    fn scalar_functions_are_row_by_row() {
        assert!(accepts(col("a") * lit(2) + col("b").cast(DataType::Float64)));
        assert!(accepts(col("a").sqrt().round(2, Default::default()).abs().fill_null(lit(0))));
        assert!(accepts(when(col("a").gt(lit(1))).then(lit(1)).otherwise(lit(0))));
        assert!(accepts(col("s").str().to_uppercase().str().len_chars()));
        assert!(accepts(col("d").dt().year()));
        assert!(accepts(col("a").is_in(lit(Series::new("".into(), [1, 2])).implode(true), false)));
        let options = StrptimeOptions { format: Some("%Y".into()), ..Default::default() };
        assert!(accepts(col("s").str().to_date(options)));
    }

    #[test]
    fn whatever_looks_at_other_rows_is_refused() {
        for expr in [
            col("a").shift(lit(1)),
            col("a").cum_sum(false),
            col("a").sort(Default::default()),
            col("a").reverse(),
            col("a").unique(),
            col("a").over([col("b")]).expect("a window"),
            col("a") + col("a").cum_max(false),
            col("a").filter(col("b").gt(lit(1))) + lit(1),
            col("s").str().to_date(StrptimeOptions::default()),
            col("a").head(Some(3)),
        ] {
            let refused = check(&expr, &"x".into());
            assert!(
                matches!(refused, Err(AggregateError::NotElementwise { .. })),
                "{expr}: {refused:?}"
            );
        }
    }

    #[test]
    fn aggregates_and_selectors_are_named_as_such() {
        let nested = check(&(col("a") - col("a").mean()), &"x".into());
        assert!(matches!(nested, Err(AggregateError::NestedAggregate { .. })));
        let pattern = check(&col("^a.*$"), &"x".into());
        assert!(matches!(pattern, Err(AggregateError::Selector { .. })));
    }
}
