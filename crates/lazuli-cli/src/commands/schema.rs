//! `lazuli schema`: the columns of files and their dtypes, as the library would read them.

use anyhow::Result;
use lazuli::frame::polars::prelude::df;

use crate::args::Schema;

/// Answers with a row for each column.
pub(super) fn run(arguments: Schema) -> Result<()> {
    arguments.threads.set()?;
    let destination = arguments.answer.destination()?;
    let frame = arguments.source.frame()?;
    let (names, dtypes): (Vec<&str>, Vec<String>) =
        frame.schema()?.iter().map(|(name, dtype)| (name.as_str(), dtype.to_string())).unzip();
    let table = df!("column" => names, "dtype" => dtypes)?;
    destination.write(|out| arguments.answer.format().write_table(out, &table))
}
