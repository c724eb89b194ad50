//! Aggregates inside of aggregates: `(x - x.mean()).sum()` of a whole table is two passes over it, and holds no rows.
//!
//! What stands inside is asked first. Its values are attached to the rows of a second pass as columns, in which each
//! has one value, so that the outer aggregate can be split like any other. Of groups, and where the inner
//! aggregate cannot be split itself, rows are brought together instead (see [`crate::exchange`]).

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::task;
use polars::prelude::{DataFrame, Expr, PlSmallStr, col};
use polars_plan::plans::visitor::TreeWalker as _;

use super::aggregate;
use crate::aggregate::{AggregateError, Aggregation, output_name};
use crate::error::FrameError;
use crate::frame::Frame;
use crate::join::{JoinType, Joined, Lookup};
use crate::plan::{Attach, Plan, Step, expand};

/// The frame with the values of inner aggregates attached, and the aggregates over them; none, if there is nothing to
/// attach.
pub(super) fn attached(
    frame: &Frame,
    plan: &Plan,
    aggregates: &[Expr],
    site: &'static Location<'static>,
) -> Result<Option<(Frame, Vec<Expr>)>, FrameError> {
    let mut inner = Inner::default();
    let aggregates = expand(aggregates.to_vec(), &plan.schema)?;
    let outer: Vec<Expr> = aggregates.iter().map(|aggregate| inner.outer(aggregate)).collect();
    let known = crate::aggregate::roots(inner.found.iter());
    // What is wrong is reported of what was written.
    let taken = (0..inner.found.len()).any(|index| plan.schema.contains(&name(index)));
    if inner.found.is_empty() || taken || plan.check(&known).is_err() {
        return Ok(None);
    }
    let named = inner.found.iter().enumerate();
    let named: Vec<Expr> =
        named.map(|(index, aggregate)| aggregate.clone().alias(name(index))).collect();
    let split = Aggregation::new(Vec::new(), named.clone(), None)?;
    let Ok(values) = split.identity(&plan.schema).and_then(|none| split.finish(&none)) else {
        return Ok(None);
    };
    let none = Vec::new;
    let (joined, schema) =
        Joined::new(JoinType::Cross, none(), none(), &plan.schema, values.schema())?;
    let values = aggregate(frame, Vec::new(), named);
    let lookup = task("attach").site(site).try_call(values, |values: DataFrame| {
        Ok::<_, AggregateError>(Arc::new(Lookup::new(values, &[])?))
    });
    let attach = Step::Attach(Attach::new(lookup, joined, schema));
    Ok(Some((frame.apply("agg", site, |plan| plan.then(attach)), outer)))
}

/// The name of the column that holds an inner aggregate.
fn name(index: usize) -> PlSmallStr {
    PlSmallStr::from_string(format!("__inner{index}"))
}

/// Whether an aggregate can be merged over partitions.
fn splits(aggregate: &Expr) -> bool {
    Aggregation::new(Vec::new(), vec![aggregate.clone().alias("x")], None).is_ok()
}

/// The aggregates that stand inside of others.
#[derive(Default)]
struct Inner {
    found: Vec<Expr>,
}

impl Inner {
    /// The aggregate with columns in place of those inside of it; as it is, where that does not make it one that can
    /// be split.
    fn outer(&mut self, aggregate: &Expr) -> Expr {
        if splits(aggregate) {
            return aggregate.clone();
        }
        let before = self.found.len();
        let replaced = self.replaced(aggregate.clone(), false);
        match output_name(aggregate) {
            Ok(name) if self.found.len() > before && splits(&replaced) => replaced.alias(name),
            _ => {
                self.found.truncate(before);
                aggregate.clone()
            }
        }
    }

    fn replaced(&mut self, expr: Expr, inside: bool) -> Expr {
        let is_aggregate = matches!(expr, Expr::Agg(_) | Expr::Len);
        if is_aggregate && inside && splits(&expr) {
            let known = self.found.iter().position(|other| *other == expr);
            let index = known.unwrap_or_else(|| {
                self.found.push(expr);
                self.found.len() - 1
            });
            return col(name(index));
        }
        let inside = inside || is_aggregate;
        let written = expr.clone();
        let children = &mut |child, (): &mut ()| Ok(self.replaced(child, inside));
        expr.map_children(children, &mut ()).unwrap_or(written)
    }
}
