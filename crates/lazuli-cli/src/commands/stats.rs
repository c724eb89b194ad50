//! `lazuli stats`: what there is to say of an array file, in one pass over it.

use anyhow::{Error, Result};
use lazuli::ErrorKind;
use lazuli::array::open_npy_any;

use crate::args::Stats;
use crate::output::Cell;

/// Answers with one record.
pub(super) fn run(arguments: &Stats) -> Result<()> {
    arguments.run.watch(|watched| {
        let destination = arguments.answer.destination()?;
        let array = open_npy_any(&arguments.file)?;
        let stats = watched.compute(&array.stats(arguments.ddof)).map_err(|error| {
            // What fails as it is read names its file; what cannot be planned names a line of this program.
            let unplanned = error.kind() == ErrorKind::Plan;
            let error = Error::from(error);
            if unplanned { error.context(arguments.file.display().to_string()) } else { error }
        })?;
        let record = [
            ("shape", Cell::Shape(array.shape())),
            ("dtype", Cell::from(array.dtype())),
            ("count", Cell::from(stats.count)),
            ("nan_count", Cell::from(stats.nan_count)),
            ("sum", Cell::from(stats.sum)),
            ("mean", Cell::from(stats.mean)),
            ("var", Cell::from(stats.var)),
            ("std", Cell::from(stats.std)),
            ("skewness", Cell::from(stats.skewness)),
            ("kurtosis", Cell::from(stats.kurtosis)),
            ("min", stats.min.map_or(Cell::Null, Cell::from)),
            ("max", stats.max.map_or(Cell::Null, Cell::from)),
            ("ddof", Cell::from(stats.ddof)),
        ];
        destination.write(|out| arguments.answer.format().write_record(out, &record))
    })
}
