//! Job 3: a reduction of one's own shares the pass with built-in ones.

use anyhow::Result;
use lazuli::array::ndarray::Ix1;
use lazuli::array::open_npy;
use lazuli::core::Executor;
use lazuli::frame::polars::prelude::df;

use super::histogram::Histogram;
use super::report::{Report, rounded};
use super::sample::Sample;

/// Bins of the histogram.
const BINS: usize = 8;

/// What was asked of the values.
pub(super) struct Answers {
    histogram: Vec<u64>,
    min: f64,
    max: f64,
}

/// Asks for a histogram and the extremes.
pub(super) fn run(sample: &Sample, executor: &Executor) -> Result<Answers> {
    let values = open_npy::<f64, Ix1>(&sample.values)?;
    let histogram = values.reduce(Histogram { bins: BINS });
    let (histogram, min, max) = executor.compute((histogram, values.min(), values.max()))?;
    Ok(Answers { histogram, min, max })
}

impl Answers {
    pub(super) fn describe(&self, report: &mut Report) -> Result<()> {
        report.text("3. Custom reduction: a histogram, with the extremes, in one pass");
        let ranges: Vec<String> = (0..BINS)
            .map(|bin| {
                if bin + 1 < BINS {
                    format!("{bin} to {}", bin + 1)
                } else {
                    format!("{bin} and above")
                }
            })
            .collect();
        let total = self.histogram.iter().sum::<u64>().max(1) as f64;
        let percent = |count: &u64| 100.0 * *count as f64 / total;
        let bars: Vec<String> = self
            .histogram
            .iter()
            .map(|count| "█".repeat((percent(count) / 2.0).round() as usize))
            .collect();
        report.table(&df!(
            "value" => ranges,
            "count" => &self.histogram,
            "percent" => self.histogram.iter().map(|count| rounded(percent(count), 2)).collect::<Vec<_>>(),
            "" => bars,
        )?)?;
        report.table(&df!("min" => [self.min], "max" => [self.max])?)
    }
}
