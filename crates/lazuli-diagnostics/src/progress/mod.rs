//! How far computes are, in one line on stderr.
//!
//! Tasks cost nothing: the line reads the meter of a compute some times a second, on a thread of its own that
//! sleeps while nothing is computed. What takes no time to compute is not drawn, and the line is gone when
//! everything has ended. Computes inside tasks, and several at once, share the line: it shows the one that
//! began first, and how many others there are.

mod line;

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use lazuli_core::observer::{Beginning, Meter, Watch};
use lazuli_core::{Error, Event, Observer};

use crate::lock::Lock;
use line::Line;

/// Between two frames.
const FRAME: Duration = Duration::from_millis(70);
/// How long work may take without a word.
const PATIENCE: Duration = Duration::from_millis(200);

/// Draws how far computes are: tasks, bytes, rate, time left, and the file or block that was read last.
///
/// ```
/// use std::sync::Arc;
/// use lazuli_core::{Delayed, Executor};
/// use lazuli_diagnostics::Progress;
///
/// // Nothing is drawn where stderr is no terminal.
/// let progress = Arc::new(Progress::on_terminal());
/// let executor = Executor::shared().with_observer(Arc::clone(&progress) as _);
/// assert_eq!(executor.compute(Delayed::value(6_i64) * 7)?, 42);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
pub struct Progress(Arc<Shared>);

struct Shared {
    /// How long after its beginning a compute is drawn, if ever.
    patience: Option<Duration>,
    computes: Mutex<Computes>,
    /// Rung when a compute begins, and at the end.
    bell: Condvar,
    loaded: AtomicU64,
}

#[derive(Default)]
struct Computes {
    /// Those that have not ended, in the order in which they began.
    under_way: Vec<Arc<Compute>>,
    line: Line,
    has_thread: bool,
    /// Nothing is drawn any more.
    is_over: bool,
}

/// One compute.
pub(crate) struct Compute {
    pub(crate) begun: Instant,
    pub(crate) meter: Meter,
    pub(crate) loaded: AtomicU64,
    /// What was read last.
    pub(crate) at_hand: Lock<String>,
    shared: Weak<Shared>,
}

impl Progress {
    /// Draws when stderr is a terminal, and the work takes a while.
    #[must_use]
    pub fn on_terminal() -> Self {
        Self::new(line::is_terminal().then_some(PATIENCE))
    }

    /// Draws from the beginning, whatever stderr is.
    #[must_use]
    pub fn always() -> Self {
        Self::new(Some(Duration::ZERO))
    }

    /// Draws nothing, and counts what is loaded.
    #[must_use]
    pub fn never() -> Self {
        Self::new(None)
    }

    fn new(patience: Option<Duration>) -> Self {
        Self(Arc::new(Shared {
            patience,
            computes: Mutex::default(),
            bell: Condvar::new(),
            loaded: AtomicU64::new(0),
        }))
    }

    /// Bytes that all computes together have loaded.
    #[must_use]
    pub fn loaded(&self) -> u64 {
        self.0.loaded.load(Relaxed)
    }

    /// Clears the line, and draws nothing any more: for a program that is about to end.
    pub fn stop(&self) {
        let mut computes = self.0.lock();
        computes.is_over = true;
        computes.line.clear();
        drop(computes);
        self.0.bell.notify_all();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Computes> {
        self.computes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(self: &Arc<Self>, compute: Arc<Compute>) {
        let Some(patience) = self.patience else { return };
        let mut computes = self.lock();
        computes.under_way.push(compute);
        if !computes.has_thread {
            let weak = Arc::downgrade(self);
            let name = "lazuli-progress".to_owned();
            // Without a thread nothing is drawn but what is drawn at once.
            computes.has_thread =
                thread::Builder::new().name(name).spawn(move || draw(&weak)).is_ok();
        }
        if patience.is_zero() {
            computes.draw(Duration::ZERO);
        }
        drop(computes);
        self.bell.notify_all();
    }

    fn end(&self, compute: &Compute) {
        let mut computes = self.lock();
        computes.under_way.retain(|other| !std::ptr::eq(Arc::as_ptr(other), compute));
        if computes.under_way.is_empty() {
            computes.line.clear();
        }
    }
}

impl Computes {
    fn draw(&mut self, patience: Duration) {
        if self.is_over {
            return;
        }
        if let Some(first) =
            self.under_way.first().filter(|first| first.begun.elapsed() >= patience)
        {
            self.line.draw(first, self.under_way.len() - 1);
        }
    }
}

/// Draws while there is something to draw and somebody who wants it.
fn draw(shared: &Weak<Shared>) {
    while let Some(shared) = shared.upgrade() {
        let mut computes = shared.lock();
        if computes.is_over {
            return;
        }
        if computes.under_way.is_empty() {
            let wait = shared.bell.wait_timeout(computes, Duration::from_secs(1));
            drop(wait);
            continue;
        }
        computes.draw(shared.patience.unwrap_or_default());
        drop(computes);
        drop(shared);
        thread::sleep(FRAME);
    }
}

impl Observer for Progress {
    fn event(&self, _: &Event<'_>) {}

    fn begin(&self, compute: &Beginning) -> Watch {
        let compute = Arc::new(Compute {
            begun: Instant::now(),
            meter: compute.meter.clone(),
            loaded: AtomicU64::new(0),
            at_hand: Lock::default(),
            shared: Arc::downgrade(&self.0),
        });
        self.0.begin(Arc::clone(&compute));
        Watch::Metered(compute)
    }
}

impl Observer for Compute {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Loaded { source, bytes, .. } => {
                self.loaded.fetch_add(*bytes, Relaxed);
                *self.at_hand.lock() = String::from(*source);
                if let Some(shared) = self.shared.upgrade() {
                    shared.loaded.fetch_add(*bytes, Relaxed);
                }
            }
            Event::Planned(_) => {
                if let Some(shared) = self.shared.upgrade()
                    && shared.patience.is_some_and(|patience| patience.is_zero())
                {
                    shared.lock().draw(Duration::ZERO);
                }
            }
            _ => {}
        }
    }

    fn end(&self, _: Option<&Error>) {
        if let Some(shared) = self.shared.upgrade() {
            shared.end(self);
        }
    }
}
