//! What becomes of cells that cannot be read.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lazuli::frame::source::csv::OnError;

use crate::output::{Destination, Format};

/// What becomes of cells of CSV files that are no values of their columns' dtypes.
#[derive(Debug, Args)]
pub(crate) struct BadCells {
    /// What becomes of cells that cannot be read
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    on_error: Policy,
    /// Write the cells that cannot be read to this file: path, line, column, text and the expected dtype
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// What becomes of a cell that cannot be read.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Policy {
    /// It is an error
    #[default]
    Fail,
    /// It is a missing value
    Null,
    /// Its row is left out
    Skip,
}

impl BadCells {
    pub(crate) fn on_error(&self) -> OnError {
        match self.on_error {
            Policy::Fail => OnError::Fail,
            Policy::Null => OnError::Null,
            Policy::Skip => OnError::Skip,
        }
    }

    /// Where the cells are written, and how, if anywhere.
    pub(crate) fn rejects(&self) -> anyhow::Result<Option<(Destination, Format)>> {
        let Some(path) = &self.rejects else { return Ok(None) };
        let format = Format::of_name(path).unwrap_or(Format::Csv);
        Ok(Some((Destination::new(Some(path))?, format)))
    }
}
