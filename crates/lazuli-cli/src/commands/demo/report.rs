//! What the demo shows: texts and tables, and at the end the times.

use std::time::Duration;

use anyhow::Result;
use lazuli::frame::polars::prelude::{DataFrame, df};

use crate::output::Format;

/// The report so far.
#[derive(Default)]
pub(super) struct Report {
    text: Vec<u8>,
    timings: Vec<Timing>,
}

struct Timing {
    step: &'static str,
    time: Duration,
    bytes: u64,
}

impl Report {
    /// Adds a line, and an empty one before it.
    pub(super) fn text(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push(b'\n');
        }
        self.text.extend_from_slice(text.as_bytes());
        self.text.push(b'\n');
    }

    /// Adds a table below an empty line.
    pub(super) fn table(&mut self, table: &DataFrame) -> Result<()> {
        self.text.push(b'\n');
        Format::Pretty.write_table(&mut self.text, table)?;
        Ok(())
    }

    /// Notes how long a step took, and how many bytes it read or wrote.
    pub(super) fn timed(&mut self, step: &'static str, time: Duration, bytes: u64) {
        self.timings.push(Timing { step, time, bytes });
    }

    /// Adds the times.
    pub(super) fn times(&mut self, threads: usize) -> Result<()> {
        let timings = &self.timings;
        let seconds = |timing: &Timing| timing.time.as_secs_f64().max(1e-9);
        let table = df!(
            "step" => timings.iter().map(|timing| timing.step).collect::<Vec<_>>(),
            "seconds" => timings.iter().map(|timing| rounded(seconds(timing), 3)).collect::<Vec<_>>(),
            "MB" => timings.iter().map(|timing| rounded(timing.bytes as f64 / 1e6, 1)).collect::<Vec<_>>(),
            "GB/s" => timings
                .iter()
                .map(|timing| rounded(timing.bytes as f64 / 1e9 / seconds(timing), 2))
                .collect::<Vec<_>>(),
        )?;
        self.text(&format!(
            "Times on {threads} threads. Each job reads its data once, whatever it asks:"
        ));
        self.table(&table)
    }

    /// The report so far, in UTF-8.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.text
    }
}

/// The number with so many digits after the point.
pub(super) fn rounded(number: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (number * scale).round() / scale
}
