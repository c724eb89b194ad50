//! `lazuli head`: the first rows of files, in the order of the files or of columns.

use anyhow::Result;

use crate::args::Head;

/// Answers with the rows. Without an order it reads no further than it must.
pub(super) fn run(arguments: Head) -> Result<()> {
    let Head { rows, sort, source, answer, run } = arguments;
    run.watch(|watched| {
        let destination = answer.destination()?;
        let frame = source.frame()?;
        let head = match sort {
            None => frame.head(rows),
            Some(order) => frame.top_k(rows, order.columns(), order.options()),
        };
        let table = watched.compute(&head)?;
        destination.write(|out| answer.format().write_table(out, &table))
    })
}
