//! `lazuli agg`: aggregates of files, overall, by file or by columns.

use anyhow::Result;
use lazuli::frame::polars::prelude::{Expr, col};

use super::rejects;
use crate::args::Agg;

/// Answers with a row, or a row for each file or group; what tells them apart comes first.
pub(super) fn run(arguments: Agg) -> Result<()> {
    let Agg { run, expressions, by, by_file, condition, arrange, source, bad, answer } = arguments;
    run.watch(|watched| {
        let destination = answer.destination()?;
        let mut frame = source.frame_with(bad.on_error())?;
        if let Some(condition) = condition {
            frame = frame.filter(condition.0);
        }
        let aggregates = expressions.into_iter().flat_map(|expressions| expressions.0);
        let aggregates: Vec<Expr> = aggregates.collect();
        let keys = by.map(|keys| keys.0);
        let needed = rejects::needed(&frame, aggregates.iter().chain(keys.iter().flatten()));
        let asked = match keys {
            Some(keys) if by_file => {
                let keys: Vec<Expr> = std::iter::once(col("path")).chain(keys).collect();
                frame.with_path("path").group_by(keys).agg(aggregates)
            }
            Some(keys) => frame.group_by(keys).agg(aggregates),
            None if by_file => frame.by_file().agg(aggregates),
            None => frame.agg(aggregates),
        };
        let table = arrange.table(rejects::compute(watched, &asked, &needed, &bad)?)?;
        destination.write(|out| answer.format().write_table(out, &table))
    })
}
