//! `lazuli head`: the first rows of files, in the order of the files or of columns.

use anyhow::Result;

use crate::args::Head;

/// Answers with the rows. Without an order it reads no further than it must.
pub(super) fn run(arguments: Head) -> Result<()> {
    let executor = arguments.run.executor()?;
    let destination = arguments.answer.destination()?;
    let frame = arguments.source.frame()?;
    let head = match arguments.sort {
        None => frame.head(arguments.rows),
        Some(order) => frame.top_k(arguments.rows, order.columns(), order.options()),
    };
    let table = executor.compute(&head)?;
    destination.write(|out| arguments.answer.format().write_table(out, &table))
}
