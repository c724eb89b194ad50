//! The report of a run: one HTML file that holds all it shows.

use std::path::Path;

use crate::file::{self, WriteError};
use crate::page;
use crate::record::Recorder;

impl Recorder {
    /// Writes a report of the computes so far: an HTML page that is opened from disk, with no network. The file
    /// appears whole or not at all.
    ///
    /// It shows the tasks over time, a row for each worker and lane; how far each kind of task is; bytes held;
    /// memory and processor of the process; the slowest tasks, the graph, errors, what was read, and what was
    /// expected beside what was.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_report(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        file::replace(path.as_ref(), |out| page::write_report(&self.record(), out))
    }
}
