//! `lazuli describe`: a row of statistics for each column.

use anyhow::Result;

use crate::args::Describe;

/// Answers with a row for each column of the rows that are kept.
pub(super) fn run(arguments: Describe) -> Result<()> {
    let Describe { run, condition, arrange, source, answer } = arguments;
    run.watch(|watched| {
        let destination = answer.destination()?;
        let mut frame = source.frame()?;
        if let Some(condition) = condition {
            frame = frame.filter(condition.0);
        }
        let table = watched.compute(frame.describe())?;
        let table = arrange.table(table)?;
        destination.write(|out| answer.format().write_table(out, &table))
    })
}
