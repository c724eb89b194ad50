//! `lazuli demo`: writes sample data, and runs three jobs on it through the library's public interface.
//!
//! Each job asks for several things in one compute, and the bytes that were loaded show that its data
//! was read once.

mod array_job;
mod csv_job;
mod custom_job;
mod folder;
mod histogram;
mod random;
mod report;
mod sample;
mod tracks;
mod values;

use std::time::Instant;

use anyhow::Result;

use crate::args::Demo;
use crate::output::Destination;
use crate::watched::Watched;
use folder::Folder;
use report::Report;
use sample::Sample;

/// Answers with the answers of the jobs and the times they took.
pub(super) fn run(arguments: &Demo) -> Result<()> {
    arguments.run.watch(|watched| demonstrate(arguments, watched))
}

fn demonstrate(arguments: &Demo, watched: &Watched) -> Result<()> {
    let executor = &watched.executor;
    let folder = Folder::new(arguments.dir.as_deref())?;
    let mut report = Report::default();
    let mut seen = 0;
    // Bytes that were loaded since it was asked last.
    let mut loaded = || {
        let before = std::mem::replace(&mut seen, watched.progress.loaded());
        seen - before
    };

    let start = Instant::now();
    let sample = Sample::write(folder.path(), executor)?;
    report.timed("write the sample data", start.elapsed(), sample.bytes());
    sample.describe(folder.path(), &mut report);

    let start = Instant::now();
    let answers = csv_job::run(&sample, executor)?;
    report.timed("CSV files", start.elapsed(), loaded());
    answers.describe(&mut report)?;

    let start = Instant::now();
    let answers = array_job::run(&sample, executor)?;
    report.timed("array", start.elapsed(), loaded());
    answers.describe(&mut report)?;

    let start = Instant::now();
    let answers = custom_job::run(&sample, executor)?;
    report.timed("custom reduction", start.elapsed(), loaded());
    answers.describe(&mut report)?;

    report.times(executor.threads()?)?;
    if arguments.dir.is_some() {
        sample.suggest(&mut report);
    }
    drop(folder);
    Destination::Stdout.write(|out| out.write_all(report.as_bytes()))
}
