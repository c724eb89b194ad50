//! `lazuli head`: the first rows of CSV files, in the order of the files.

use anyhow::Result;

use crate::args::Head;

/// Answers with the rows, and reads no further than it must.
pub(super) fn run(arguments: Head) -> Result<()> {
    let executor = arguments.run.executor()?;
    let destination = arguments.answer.destination()?;
    let head = arguments.source.frame()?.head(arguments.rows);
    let table = executor.compute(&head)?;
    destination.write(|out| arguments.answer.format.write_table(out, &table))
}
