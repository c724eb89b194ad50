//! `lazuli agg`: aggregates of files, overall, by file or by columns.

use anyhow::Result;
use lazuli::frame::polars::prelude::{Expr, col};

use super::rejects;
use crate::args::Agg;

/// Answers with a row, or a row for each file or group; what tells them apart comes first.
pub(super) fn run(arguments: Agg) -> Result<()> {
    let executor = arguments.run.executor()?;
    let destination = arguments.answer.destination()?;
    let mut frame = arguments.source.frame_with(arguments.bad.on_error())?;
    if let Some(condition) = arguments.condition {
        frame = frame.filter(condition.0);
    }
    let aggregates = arguments.expressions.into_iter().flat_map(|expressions| expressions.0);
    let aggregates: Vec<Expr> = aggregates.collect();
    let keys = arguments.by.map(|keys| keys.0);
    let by = keys.iter().flatten();
    let needed = rejects::needed(&frame, aggregates.iter().chain(by));
    let answer = match keys {
        Some(keys) if arguments.by_file => {
            let keys: Vec<Expr> = std::iter::once(col("path")).chain(keys).collect();
            frame.with_path("path").group_by(keys).agg(aggregates)
        }
        Some(keys) => frame.group_by(keys).agg(aggregates),
        None if arguments.by_file => frame.by_file().agg(aggregates),
        None => frame.agg(aggregates),
    };
    let table = rejects::compute(&executor, &answer, &needed, &arguments.bad)?;
    let table = arguments.arrange.table(table)?;
    destination.write(|out| arguments.answer.format().write_table(out, &table))
}
