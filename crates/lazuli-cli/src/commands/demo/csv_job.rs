//! Job 1: CSV files. Three questions about the tracks, one read of each file.

use anyhow::Result;
use lazuli::core::Executor;
use lazuli::frame::polars::prelude::{DataFrame, SortMultipleOptions, col, len};
use lazuli::frame::scan_csv;

use super::report::Report;
use super::sample::Sample;

/// How many of the artists are shown.
const SHOWN: usize = 5;

/// What was asked of the tracks.
pub(super) struct Answers {
    by_file: DataFrame,
    overall: DataFrame,
    by_artist: DataFrame,
}

/// Asks for the longest track of each file and of all files, and for the mean tempo of each artist.
pub(super) fn run(sample: &Sample, executor: &Executor) -> Result<Answers> {
    let tracks = scan_csv(&sample.tracks)?;
    let longest = col("duration_ms").max().alias("longest_ms");
    let by_file = tracks.by_file().agg([longest.clone()]);
    let overall = tracks.agg([longest, len().alias("tracks")]);
    let by_artist = tracks
        .group_by([col("artists")])
        .agg([col("tempo").mean().alias("mean_tempo"), len().alias("tracks")]);
    let (by_file, overall, by_artist) = executor.compute((by_file, overall, by_artist))?;
    Ok(Answers { by_file, overall, by_artist })
}

impl Answers {
    pub(super) fn describe(&self, report: &mut Report) -> Result<()> {
        report.text("1. CSV files: three questions, one read of each file");
        report.table(&self.by_file)?;
        report.table(&self.overall)?;
        let by_tempo = SortMultipleOptions::default().with_order_descending_multi([true, false]);
        let fastest = self.by_artist.sort(["mean_tempo", "artists"], by_tempo)?.head(Some(SHOWN));
        report.table(&fastest)?;
        report.text(&format!("({SHOWN} of {} artists)", self.by_artist.height()));
        Ok(())
    }
}
