//! The sample data: where it is and how large. It is written by tasks of the library's own.

use std::path::{Path, PathBuf};

use anyhow::Result;
use lazuli::core::{Executor, sum, task};
use lazuli::prelude::*;

use super::report::Report;
use super::{tracks, values};

/// The files that the jobs read.
pub(super) struct Sample {
    pub(super) tracks: Vec<PathBuf>,
    pub(super) values: PathBuf,
    tracks_bytes: u64,
    values_bytes: u64,
}

impl Sample {
    /// Writes all files into the folder, several at a time.
    pub(super) fn write(folder: &Path, executor: &Executor) -> Result<Self> {
        let (mut tracks, mut writes) = (Vec::new(), Vec::new());
        for year in tracks::YEARS {
            let path = folder.join(format!("{year}_tracks.csv"));
            writes.push(write(&path, move |path| tracks::write(path, year)));
            tracks.push(path);
        }
        let values = folder.join("values.npy");
        let write_values = write(&values, values::write);
        // The array takes longest, so it begins first.
        let (values_bytes, tracks_bytes) = executor.compute((write_values, sum(writes)))?;
        Ok(Self { tracks, values, tracks_bytes, values_bytes })
    }

    /// The size of all files.
    pub(super) fn bytes(&self) -> u64 {
        self.tracks_bytes + self.values_bytes
    }

    pub(super) fn describe(&self, folder: &Path, report: &mut Report) {
        report.text(&format!(
            "Sample data in {}: {} CSV files of {} tracks ({:.1} MB), {} million values in values.npy ({:.1} MB).",
            folder.display(),
            self.tracks.len(),
            tracks::ROWS,
            self.tracks_bytes as f64 / 1e6,
            values::COUNT / 1_000_000,
            self.values_bytes as f64 / 1e6,
        ));
    }

    /// What to try next with files that stay.
    pub(super) fn suggest(&self, report: &mut Report) {
        let folder = self.values.parent().unwrap_or(Path::new(".")).display();
        report.text(&format!(
            "Try\n  lazuli agg '{folder}/*_tracks.csv' -e 'count(*), avg(tempo)' --by explicit\n  \
             lazuli stats {folder}/values.npy"
        ));
    }
}

/// A task that writes a file and tells its size.
fn write(
    path: &Path,
    write: impl Fn(&Path) -> std::io::Result<u64> + Send + Sync + 'static,
) -> Delayed<u64> {
    let owned = path.to_owned();
    task("write").part(path.display().to_string()).try_call((), move |()| {
        write(&owned).map_err(|source| WriteError { path: owned.clone(), source })
    })
}

/// A sample file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot be written: {source}", path.display())]
struct WriteError {
    path: PathBuf,
    source: std::io::Error,
}
