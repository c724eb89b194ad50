//! Answers of tables with cells that cannot be read: these are counted, and written where that is asked for.

use anyhow::Result;
use lazuli::frame::polars::prelude::{DataFrame, Expr, PlSmallStr};
use lazuli::frame::source::csv::OnError;
use lazuli::prelude::*;

use crate::args::BadCells;
use crate::watched::Watched;

/// The answer, in the same pass as the bad cells that it met.
pub(super) fn compute(
    watched: &Watched,
    answer: &Delayed<DataFrame>,
    needed: &Frame,
    bad: &BadCells,
) -> Result<DataFrame> {
    let rejects = bad.rejects()?;
    if rejects.is_none() && bad.on_error() == OnError::Fail {
        return Ok(watched.compute(answer)?);
    }
    let (answer, cells) = watched.compute((answer.attempt(), needed.rejects()))?;
    if let Some((destination, format)) = rejects {
        destination.write(|out| format.write_table(out, &cells))?;
    }
    let answer = answer?;
    let what = match bad.on_error() {
        OnError::Null => "are missing values",
        _ => "are in rows that are left out",
    };
    match cells.height() {
        0 => {}
        1 => eprintln!("note: 1 cell that cannot be read: such cells {what}"),
        count => eprintln!("note: {count} cells that cannot be read: such cells {what}"),
    }
    Ok(answer)
}

/// The table with no other columns than these expressions need.
pub(super) fn needed<'a>(frame: &Frame, exprs: impl Iterator<Item = &'a Expr>) -> Frame {
    let mut names: Vec<PlSmallStr> = Vec::new();
    for node in exprs.flat_map(|expr| expr.into_iter()) {
        if let Expr::Column(name) = node
            && frame.schema().is_ok_and(|schema| schema.contains(name))
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    }
    frame.select(names)
}
