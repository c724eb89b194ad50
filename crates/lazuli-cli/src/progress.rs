//! The progress of a compute, drawn on stderr: an ordinary observer of the library.
//!
//! It counts the tasks of the plan that have ended and the bytes that they loaded. Counting costs a
//! task next to nothing; now and then whoever counted last also draws. What takes no time to compute is
//! not drawn, and the line is gone when the compute has ended, however it ended.

use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use console::Term;
use indicatif::{DecimalBytes, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use lazuli::core::{Event, Observer};

use crate::interrupt::{self, Registration};

/// When progress is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum When {
    /// When stderr is a terminal, and the work takes a while
    #[default]
    Auto,
    /// Whatever stderr is
    Always,
    /// Not at all
    Never,
}

/// Between two frames.
const FRAME: Duration = Duration::from_millis(70);
/// How long work may take without a word.
const PATIENCE: Duration = Duration::from_millis(200);

/// Draws the progress of computes, one after another.
pub(crate) struct Progress {
    /// How long after its start a compute is drawn, if ever.
    patience: Option<Duration>,
    ended: AtomicU64,
    loaded: Arc<AtomicU64>,
    line: Arc<Mutex<Line>>,
    _interrupt: Registration,
}

/// The line on stderr.
struct Line {
    start: Instant,
    next_frame: Instant,
    total: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Draws when it should.
    pub(crate) fn new(when: When) -> Self {
        let patience = match when {
            When::Auto => io::stderr().is_terminal().then_some(PATIENCE),
            When::Always => Some(Duration::ZERO),
            When::Never => None,
        };
        let now = Instant::now();
        let line = Line { start: now, next_frame: now, total: 0, bar: None };
        let line = Arc::new(Mutex::new(line));
        let interrupted = Arc::clone(&line);
        Self {
            patience,
            ended: AtomicU64::new(0),
            loaded: Arc::new(AtomicU64::new(0)),
            line,
            // The lock is kept, so that nothing is drawn any more.
            _interrupt: interrupt::on_interrupt(move || {
                let mut line = lock(&interrupted);
                line.clear();
                std::mem::forget(line);
            }),
        }
    }

    /// Bytes that the latest compute has loaded.
    pub(crate) fn loaded(&self) -> u64 {
        self.loaded.load(Relaxed)
    }

    fn begin(&self, tasks: u64) {
        self.ended.store(0, Relaxed);
        self.loaded.store(0, Relaxed);
        let start = Instant::now();
        let next_frame = start + self.patience.unwrap_or_default();
        *lock(&self.line) = Line { start, next_frame, total: tasks, bar: None };
    }

    /// Draws a frame if it is time and nobody else is drawing.
    fn draw(&self) {
        if self.patience.is_none() {
            return;
        }
        let Ok(mut line) = self.line.try_lock() else { return };
        let now = Instant::now();
        if now >= line.next_frame {
            line.next_frame = now + FRAME;
            line.draw(self.ended.load(Relaxed), &self.loaded);
        }
    }
}

impl Observer for Progress {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Planned(plan) => {
                self.begin(plan.tasks().len() as u64);
                self.draw();
            }
            Event::Finished(..) => {
                self.ended.fetch_add(1, Relaxed);
                self.draw();
            }
            Event::Loaded { bytes, .. } => {
                self.loaded.fetch_add(*bytes, Relaxed);
                self.draw();
            }
            Event::Ended => lock(&self.line).clear(),
            _ => {}
        }
    }
}

impl Line {
    fn draw(&mut self, ended: u64, loaded: &Arc<AtomicU64>) {
        let (start, total) = (self.start, self.total);
        self.bar.get_or_insert_with(|| bar(start, total, loaded)).set_position(ended);
    }

    fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn lock(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bar(start: Instant, total: u64, loaded: &Arc<AtomicU64>) -> ProgressBar {
    let loaded = Arc::clone(loaded);
    let describe = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
        let loaded = loaded.load(Relaxed);
        let rate = loaded as f64 / start.elapsed().as_secs_f64().max(1e-3);
        // What cannot be written to the line is left out of it.
        let _ = write!(out, "{}, {}/s", DecimalBytes(loaded), DecimalBytes(rate as u64));
    };
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} tasks, {loaded}")
        .expect("the template is well-formed")
        .progress_chars("━╸─")
        .with_key("loaded", describe);
    let target = ProgressDrawTarget::term_like(Box::new(Term::stderr()));
    ProgressBar::with_draw_target(Some(total), target).with_style(style)
}
