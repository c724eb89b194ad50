//! `lazuli describe`: a row of statistics for each column.

use anyhow::Result;

use super::rejects;
use crate::args::Describe;

/// Answers with a row for each column of the rows that are kept.
pub(super) fn run(arguments: Describe) -> Result<()> {
    let executor = arguments.run.executor()?;
    let destination = arguments.answer.destination()?;
    let mut frame = arguments.source.frame_with(arguments.bad.on_error())?;
    if let Some(condition) = arguments.condition {
        frame = frame.filter(condition.0);
    }
    let table = rejects::compute(&executor, &frame.describe(), &frame, &arguments.bad)?;
    let table = arguments.arrange.table(table)?;
    destination.write(|out| arguments.answer.format().write_table(out, &table))
}
