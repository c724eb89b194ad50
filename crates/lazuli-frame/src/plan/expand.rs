//! Selectors: `all()`, `cols(..)`, `col("^x.*$")`, by dtype. What they select is known from the schema.

use polars::prelude::{Expr, OptFlags, Schema};
use polars_plan::plans::prepare_projection;

use crate::error::FrameError;

/// The expressions, with those that select columns by name, pattern or dtype in as many as they select.
///
/// # Errors
/// A selector that polars refuses.
pub(crate) fn expand(exprs: Vec<Expr>, schema: &Schema) -> Result<Vec<Expr>, FrameError> {
    let selects = |expr: &Expr| expr.into_iter().any(|node| matches!(node, Expr::Selector(_)));
    if !exprs.iter().any(selects) {
        return Ok(exprs);
    }
    let mut expanded = Vec::with_capacity(exprs.len());
    for expr in exprs {
        match selects(&expr) {
            true => {
                let mut flags = OptFlags::empty();
                expanded.extend(prepare_projection(vec![expr], schema, &mut flags)?.0);
            }
            false => expanded.push(expr),
        }
    }
    Ok(expanded)
}
