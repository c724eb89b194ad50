//! A profile of what was computed: how often each task ran, and how long.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::base::sync::Mutex;
use crate::run::observer::{Event, Observer, Span};

/// An observer that counts and times tasks by their names. Displayed, it is a table; the names that took
/// longest in all come first.
///
/// ```
/// use std::sync::Arc;
/// use lazuli_core::{Delayed, Executor, Profile};
///
/// let profile = Arc::new(Profile::default());
/// let executor = Executor::shared().with_observer(Arc::clone(&profile) as _);
/// let squares: Delayed<i64> = (0..4).map(|i| Delayed::value(i).map_named("square", |i| i * i)).sum();
/// assert_eq!(executor.compute(squares)?, 14);
/// let rows = profile.rows();
/// assert_eq!(rows.iter().find(|row| row.name == "square").map(|row| row.count), Some(4));
/// println!("{profile}");
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[derive(Default)]
pub struct Profile {
    rows: Mutex<BTreeMap<String, ProfileRow>>,
}

/// What is known of the tasks of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfileRow {
    /// The name.
    pub name: String,
    /// How often such a task ran, failed tries included.
    pub count: usize,
    /// How often it failed.
    pub failed: usize,
    /// How long these runs took in all: on several threads, longer than the clock shows.
    pub total: Duration,
    /// How long the longest run took.
    pub longest: Duration,
}

impl ProfileRow {
    /// How long a run took in the mean.
    #[must_use]
    pub fn mean(&self) -> Duration {
        let count = u32::try_from(self.count).unwrap_or(u32::MAX);
        self.total.checked_div(count).unwrap_or_default()
    }
}

impl Profile {
    /// What is known so far, the names that took longest in all first.
    #[must_use]
    pub fn rows(&self) -> Vec<ProfileRow> {
        let mut rows: Vec<_> = self.rows.lock().values().cloned().collect();
        rows.sort_by(|a, b| b.total.cmp(&a.total).then_with(|| a.name.cmp(&b.name)));
        rows
    }

    fn count(&self, name: &str, span: Span, failed: bool) {
        let took = span.end.saturating_duration_since(span.start);
        let mut rows = self.rows.lock();
        if !rows.contains_key(name) {
            let row = ProfileRow { name: name.to_owned(), ..ProfileRow::default() };
            rows.insert(name.to_owned(), row);
        }
        if let Some(row) = rows.get_mut(name) {
            row.count += 1;
            row.failed += usize::from(failed);
            row.total += took;
            row.longest = row.longest.max(took);
        }
    }
}

impl Observer for Profile {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Finished(task, span) => self.count(task.name, *span, false),
            Event::Failed(task, _, span) | Event::Retried(task, _, span) => {
                self.count(task.name, *span, true);
            }
            _ => {}
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let names = rows.iter().map(|row| row.name.chars().count());
        let width = names.max().unwrap_or_default().max("task".len());
        let time = |time: Duration| format!("{time:.3?}");
        writeln!(
            formatter,
            "{:width$} {:>9} {:>7} {:>11} {:>11} {:>11}",
            "task", "count", "failed", "total", "mean", "longest"
        )?;
        for row in &rows {
            writeln!(
                formatter,
                "{:width$} {:>9} {:>7} {:>11} {:>11} {:>11}",
                row.name,
                row.count,
                row.failed,
                time(row.total),
                time(row.mean()),
                time(row.longest)
            )?;
        }
        Ok(())
    }
}
