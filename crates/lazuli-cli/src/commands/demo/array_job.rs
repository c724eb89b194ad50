//! Job 2: an array. Three statistics, one pass over the file.

use anyhow::Result;
use lazuli::array::ndarray::Ix1;
use lazuli::array::open_npy;
use lazuli::core::Executor;
use lazuli::frame::polars::prelude::df;

use super::report::Report;
use super::sample::Sample;

/// What was asked of the values.
pub(super) struct Answers {
    mean: f64,
    std: f64,
    skewness: f64,
}

/// Asks for mean, standard deviation and skewness.
pub(super) fn run(sample: &Sample, executor: &Executor) -> Result<Answers> {
    let values = open_npy::<f64, Ix1>(&sample.values)?;
    let (mean, std, skewness) =
        executor.compute((values.mean(), values.std(0), values.skewness()))?;
    Ok(Answers { mean, std, skewness })
}

impl Answers {
    pub(super) fn describe(&self, report: &mut Report) -> Result<()> {
        report.text("2. Array: mean, standard deviation and skewness in one pass");
        report.table(&df!(
            "statistic" => ["mean", "std", "skewness"],
            "value" => [self.mean, self.std, self.skewness],
            "in theory" => [1.0, 1.0, 2.0],
        )?)
    }
}
