//! `lazuli agg`: aggregates of files, overall, by file or by columns.

use anyhow::Result;
use lazuli::frame::polars::prelude::{Expr, col};

use crate::args::Agg;

/// Answers with a row, or a row for each file or group; what tells them apart comes first.
pub(super) fn run(arguments: Agg) -> Result<()> {
    let Agg { run, expressions, by, by_file, condition, arrange, source, answer } = arguments;
    run.watch(|watched| {
        let destination = answer.destination()?;
        let mut frame = source.frame()?;
        if let Some(condition) = condition {
            frame = frame.filter(condition.0);
        }
        let aggregates = expressions.into_iter().flat_map(|expressions| expressions.0);
        let aggregates: Vec<Expr> = aggregates.collect();
        let asked = match by {
            Some(keys) if by_file => {
                let keys: Vec<Expr> = std::iter::once(col("path")).chain(keys.0).collect();
                frame.with_path("path").group_by(keys).agg(aggregates)
            }
            Some(keys) => frame.group_by(keys.0).agg(aggregates),
            None if by_file => frame.by_file().agg(aggregates),
            None => frame.agg(aggregates),
        };
        let table = arrange.table(watched.compute(&asked)?)?;
        destination.write(|out| answer.format().write_table(out, &table))
    })
}
