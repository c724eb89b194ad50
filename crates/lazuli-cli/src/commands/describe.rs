//! `lazuli describe`: a row of statistics for each column.

use anyhow::Result;

use crate::args::Describe;

/// Answers with a row for each column of the rows that are kept.
pub(super) fn run(arguments: Describe) -> Result<()> {
    let executor = arguments.run.executor()?;
    let destination = arguments.answer.destination()?;
    let mut frame = arguments.source.frame()?;
    if let Some(condition) = arguments.condition {
        frame = frame.filter(condition.0);
    }
    let table = executor.compute(frame.describe())?;
    let table = arguments.arrange.table(table)?;
    destination.write(|out| arguments.answer.format().write_table(out, &table))
}
