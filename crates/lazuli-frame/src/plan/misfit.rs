//! Where an operation was written that does not fit its table.

use std::panic::Location;

use lazuli_core::Error;

use crate::error::FrameError;

/// An operation that does not fit, and the line of the program that wrote it.
///
/// The compute that needs it names the request that it was part of, which may stand far from here.
#[derive(Debug, thiserror::Error)]
#[error("`{operation}` (written at {site}): {source}")]
pub struct Misfit {
    operation: &'static str,
    site: &'static Location<'static>,
    source: FrameError,
}

impl Misfit {
    /// The name of the operation.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The line of the program that wrote it.
    #[must_use]
    pub fn site(&self) -> &'static Location<'static> {
        self.site
    }

    /// The error of the operation that was written there.
    pub(crate) fn at(
        operation: &'static str,
        site: &'static Location<'static>,
        source: FrameError,
    ) -> Error {
        Error::plan(Self { operation, site, source })
    }
}
