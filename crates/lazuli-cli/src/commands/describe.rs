//! `lazuli describe`: a row of statistics for each column.

use anyhow::Result;

use super::rejects;
use crate::args::Describe;

/// Answers with a row for each column of the rows that are kept.
pub(super) fn run(arguments: Describe) -> Result<()> {
    let Describe { run, condition, arrange, source, bad, answer } = arguments;
    run.watch(|watched| {
        let destination = answer.destination()?;
        let mut frame = source.frame_with(bad.on_error())?;
        if let Some(condition) = condition {
            frame = frame.filter(condition.0);
        }
        let table = rejects::compute(watched, &frame.describe(), &frame, &bad)?;
        let table = arrange.table(table)?;
        destination.write(|out| answer.format().write_table(out, &table))
    })
}
