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
use folder::Folder;
use report::Report;
use sample::Sample;

/// Answers with the answers of the jobs and the times they took.
pub(super) fn run(arguments: &Demo) -> Result<()> {
    let (executor, progress) = arguments.run.watched_executor()?;
    let folder = Folder::new(arguments.dir.as_deref())?;
    let mut report = Report::default();

    let start = Instant::now();
    let sample = Sample::write(folder.path(), &executor)?;
    report.timed("write the sample data", start.elapsed(), sample.bytes());
    sample.describe(folder.path(), &mut report);

    let start = Instant::now();
    let answers = csv_job::run(&sample, &executor)?;
    report.timed("CSV files", start.elapsed(), progress.loaded());
    answers.describe(&mut report)?;

    let start = Instant::now();
    let answers = array_job::run(&sample, &executor)?;
    report.timed("array", start.elapsed(), progress.loaded());
    answers.describe(&mut report)?;

    let start = Instant::now();
    let answers = custom_job::run(&sample, &executor)?;
    report.timed("custom reduction", start.elapsed(), progress.loaded());
    answers.describe(&mut report)?;

    report.times(executor.threads()?)?;
    if arguments.dir.is_some() {
        sample.suggest(&mut report);
    }
    drop(folder);
    Destination::Stdout.write(|out| out.write_all(report.as_bytes()))
}
