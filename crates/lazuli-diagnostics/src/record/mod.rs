//! Recording computes: one observer whose records feed the trace, the report and the dashboard.
//!
//! Each compute has a [`Run`](run::Run), which is told of its events. A worker writes into a shard that it
//! shares with next to nobody; bars of single tasks are kept up to a number for all computes together, and
//! beyond that folded by name and time (`fold`). So a record takes bounded room, and the figures of groups
//! (how many, how long, how many bytes) stay exact.

pub(crate) mod fold;
pub(crate) mod groups;
mod held;
pub(crate) mod run;
mod series;
pub(crate) mod shard;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Instant, SystemTime};

use lazuli_core::observer::{Beginning, Watch};
use lazuli_core::{Event, Observer};

use crate::lock::Lock;
use crate::process::Process;
use run::Run;

/// How many tasks are kept one by one, unless told otherwise.
const MOST_BARS: usize = 200_000;
/// A shard takes room for so many bars at once.
const PIECE: usize = 256;
/// How many computes are kept.
const MOST_RUNS: usize = 64;
/// Longer texts are cut: nobody reads them, and they come from anywhere.
const MOST_CHARACTERS: usize = 2000;

/// Records computes, for a [trace](Recorder::write_trace), a [report](Recorder::write_report) or a dashboard.
///
/// ```
/// use std::sync::Arc;
/// use lazuli_core::{Delayed, Executor};
/// use lazuli_diagnostics::Recorder;
///
/// let recorder = Arc::new(Recorder::new());
/// let executor = Executor::shared().with_observer(Arc::clone(&recorder) as _);
/// let squares: Delayed<i64> = (0..4).map(|i| Delayed::value(i).map_named("square", |i| i * i)).sum();
/// executor.compute(squares)?;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("report.html");
/// recorder.write_report(&path)?; // open it in any browser
/// assert!(std::fs::read_to_string(&path)?.contains("square"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Recorder {
    pub(crate) epoch: Instant,
    pub(crate) began: SystemTime,
    live: bool,
    room: Arc<Room>,
    runs: Lock<Runs>,
    pub(crate) process: Process,
    notes: Lock<Vec<Note>>,
}

/// A table that is shown beside the computes: what was rejected, say.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) title: String,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) count: usize,
}

#[derive(Default)]
struct Runs {
    kept: VecDeque<Arc<Run>>,
    next: u64,
    forgotten: u64,
}

/// How many more bars may be kept.
pub(crate) struct Room(AtomicUsize);

impl Room {
    fn take(&self) -> usize {
        let take = |left: usize| Some(left - left.min(PIECE));
        let left = self.0.fetch_update(Relaxed, Relaxed, take);
        left.unwrap_or_default().min(PIECE)
    }

    fn give(&self, bars: usize) {
        self.0.fetch_add(bars, Relaxed);
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::with_room(MOST_BARS)
    }
}

impl Recorder {
    /// Keeps up to 200,000 tasks one by one, and any number folded by name and time.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps up to so many tasks one by one. A task takes about 60 bytes, and its part.
    #[must_use]
    pub fn with_room(tasks: usize) -> Self {
        Self {
            epoch: Instant::now(),
            began: SystemTime::now(),
            live: false,
            room: Arc::new(Room(AtomicUsize::new(tasks))),
            runs: Lock::default(),
            process: Process::watch(),
            notes: Lock::default(),
        }
    }

    /// Follows the tasks under way as well, for who looks on while they run.
    #[cfg(feature = "dashboard")]
    #[must_use]
    pub(crate) fn live(mut self) -> Self {
        self.live = true;
        self
    }

    /// Shows a table beside the computes, such as rows that were rejected. Of many rows the first thousand are
    /// shown, with a count of all.
    pub fn note<R>(&self, title: &str, columns: &[&str], rows: impl IntoIterator<Item = R>)
    where
        R: IntoIterator<Item = String>,
    {
        let (mut kept, mut count) = (Vec::new(), 0);
        for row in rows {
            count += 1;
            if kept.len() < 1000 {
                kept.push(row.into_iter().map(|cell| short(&cell)).collect());
            }
        }
        let columns = columns.iter().map(|column| short(column)).collect();
        self.notes.lock().push(Note { title: short(title), columns, rows: kept, count });
    }

    pub(crate) fn notes(&self) -> Vec<Note> {
        self.notes.lock().clone()
    }

    /// The computes that are kept, the oldest first, and how many are not.
    pub(crate) fn runs(&self) -> (Vec<Arc<Run>>, u64) {
        let runs = self.runs.lock();
        (runs.kept.iter().map(Arc::clone).collect(), runs.forgotten)
    }

    #[cfg(feature = "dashboard")]
    pub(crate) fn run(&self, number: u64) -> Option<Arc<Run>> {
        self.runs.lock().kept.iter().find(|run| run.number == number).map(Arc::clone)
    }
}

impl Observer for Recorder {
    fn event(&self, _: &Event<'_>) {}

    fn begin(&self, compute: &Beginning) -> Watch {
        let mut runs = self.runs.lock();
        let number = runs.next;
        runs.next += 1;
        let run =
            Arc::new(Run::new(number, self.epoch, Arc::clone(&self.room), self.live, compute));
        runs.kept.push_back(Arc::clone(&run));
        if runs.kept.len() > MOST_RUNS
            && let Some(place) = runs.kept.iter().position(|run| run.is_over())
            && let Some(old) = runs.kept.remove(place)
        {
            runs.forgotten += 1;
            self.room.give(old.bars());
        }
        Watch::By(run)
    }
}

/// A text of bearable length.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
    }
}
