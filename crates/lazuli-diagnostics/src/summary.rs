//! What a compute was expected to take beside what it took, as text.

use std::fmt::Write as _;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use crate::record::Recorder;
use crate::record::run::Run;

impl Recorder {
    /// What the compute that began last was expected to take, beside what it took: tasks, bytes held, bytes read,
    /// time. Lines of text, for a terminal.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use lazuli_core::{Executor, task};
    /// use lazuli_diagnostics::Recorder;
    ///
    /// let recorder = Arc::new(Recorder::new());
    /// let executor = Executor::shared().with_observer(Arc::clone(&recorder) as _);
    /// executor.compute(task("load").output_bytes(2_000_000).call((), |()| 1))?;
    /// assert!(recorder.summary().contains("most bytes held            2.0 MB        2.0 MB"));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[must_use]
    pub fn summary(&self) -> String {
        match self.runs().0.last() {
            Some(run) => summary(run),
            None => "nothing was computed".to_owned(),
        }
    }
}

fn summary(run: &Run) -> String {
    let totals = run.totals();
    let sum =
        |figure: fn(&crate::record::shard::Totals) -> u64| totals.iter().map(figure).sum::<u64>();
    let (asked, ended) = (run.times.asked, run.times.ended.load(Relaxed));
    let planned = run.planned();
    let mut text = format!("{:<20} {:>12} {:>13}", "", "expected", "actual");
    let mut row = |what: &str, expected: Option<String>, actual: String| {
        let expected = expected.unwrap_or_else(|| "-".to_owned());
        // Writing into a string does not fail.
        let _ = write!(text, "\n{what:<20} {expected:>12} {actual:>13}");
    };
    row("tasks", planned.map(|plan| plan.tasks.to_string()), sum(|group| group.done).to_string());
    let expected = planned.and_then(|plan| plan.explanation.as_ref()).map(|plan| plan.peak_bytes);
    let held = planned.and_then(|plan| plan.held.as_ref()).map(|held| held.series().1);
    if let Some(held) = held {
        row("most bytes held", expected.map(bytes), bytes(held));
    }
    let sources = run.sources();
    let read = sources.bytes.values().map(|source| source.1).sum::<u64>() + sources.others.1;
    if read > 0 {
        row("bytes read", None, bytes(read));
    }
    let spilled = run.spilled.load(Relaxed);
    if spilled > 0 {
        row("bytes put in a file", None, bytes(spilled));
    }
    let time = |nanos: u64| format!("{:.3?}", Duration::from_nanos(nanos));
    row("time", None, time(ended.saturating_sub(asked)));
    row("work of all threads", None, time(sum(|group| group.busy)));
    let failed = sum(|group| group.failed + group.retried);
    if failed > 0 {
        row("failed tries", Some("0".to_owned()), failed.to_string());
    }
    text
}

/// Bytes in decimal units.
fn bytes(bytes: u64) -> String {
    let (mut value, mut unit) = (bytes as f64, 0);
    let units = ["B", "kB", "MB", "GB", "TB", "PB"];
    while value >= 999.95 && unit + 1 < units.len() {
        (value, unit) = (value / 1000.0, unit + 1);
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", units[unit]) }
}
