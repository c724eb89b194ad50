//! Observers: typed events of a compute, for progress, traces, reports and tests.
//!
//! An executor without an observer checks for one, and makes no event and reads no clock.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use crate::base::cancel::CancelToken;
use crate::base::error::Error;
use crate::base::lane::Lane;
use crate::graph::Label;
use crate::plan::Plan;
use crate::run::progress::{Counter, Progress};

/// Watches computes. Called from the threads that run the tasks, so it must be quick.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: &Event<'_>);

    /// A compute was asked for: who watches it, and how closely? Unless this says otherwise, the observer
    /// itself, and it is told everything. One that watches several computes at once can tell their events
    /// apart by returning an observer for each.
    fn begin(&self, compute: &Beginning) -> Watch {
        let _ = compute;
        Watch::Here
    }

    /// The compute is over, and with this error if it has no answer: it could not be planned, a task failed, or
    /// it was stopped. Told once, to whom [`begin`](Self::begin) has chosen, and after everything else.
    fn end(&self, error: Option<&Error>) {
        let _ = error;
    }
}

/// Who watches a compute, and how closely.
#[non_exhaustive]
pub enum Watch {
    /// The observer that was asked, all events.
    Here,
    /// This one, all events.
    By(Arc<dyn Observer>),
    /// This one, and it asks the [meter](Beginning::meter) how many tasks have ended: it is not told of tasks that
    /// start and end well, and the spans of those that fail are empty. So tasks cost no call and no look at a
    /// clock.
    Metered(Arc<dyn Observer>),
}

/// A compute that was asked for: it is not planned yet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Beginning {
    /// How many tasks of the CPU lane run at once; None where the shared pool is not started.
    pub threads: Option<usize>,
    /// The bytes that it may hold.
    pub memory_limit: Option<u64>,
    /// Cancels it.
    pub cancel: CancelToken,
    /// Counts its tasks, when an observer has kept a clone of this.
    pub meter: Meter,
}

/// Counts the tasks of a compute that have ended well, for whoever asks now and then.
#[derive(Clone, Default)]
pub struct Meter(pub(crate) Arc<Counter>);

impl Meter {
    /// How far the compute is.
    #[must_use]
    pub fn read(&self) -> Progress {
        self.0.read()
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Meter").field(&self.read()).finish()
    }
}

/// What happened in a compute.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The plan is made; nothing has run.
    Planned(&'a Plan),
    /// A task begins.
    Started(TaskInfo<'a>),
    /// A task ended well.
    Finished(TaskInfo<'a>, Span),
    /// A task failed.
    Failed(TaskInfo<'a>, &'a Error, Span),
    /// A task failed and will run again.
    Retried(TaskInfo<'a>, &'a Error, Span),
    /// A task loaded data: a block, a file, a part of one.
    Loaded {
        /// The task that loaded it.
        task: TaskInfo<'a>,
        /// What was loaded: a path, or the name of an array with the block's place.
        source: &'a str,
        /// How many bytes.
        bytes: u64,
    },
    /// A result was written to a scratch file, and dropped, since memory was wanted for another task.
    Spilled {
        /// The task whose result it is.
        task: TaskInfo<'a>,
        /// How many bytes were written.
        bytes: u64,
    },
    /// A result was read back from the scratch file, for a task that takes it or as an output.
    Restored {
        /// The task whose result it is.
        task: TaskInfo<'a>,
        /// How many bytes were read.
        bytes: u64,
    },
    /// The compute is over: everything it started has ended.
    Ended,
}

/// The task that an event is about.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TaskInfo<'a> {
    /// Its number in the plan.
    pub index: usize,
    /// The name it was given.
    pub name: &'static str,
    /// The block, file or partition it works on.
    pub part: Option<&'a str>,
    /// Where it was defined.
    pub site: &'static Location<'static>,
    /// The lane it runs on.
    pub lane: Lane,
    /// The thread that the event comes from; see [`worker`].
    pub worker: usize,
}

/// When a task ran. An async task runs from when it is begun to when it has its value.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Span {
    /// When it began.
    pub start: Instant,
    /// When it ended.
    pub end: Instant,
}

impl Span {
    /// From when a task began until now. Only where there is an observer is that known.
    pub(crate) fn since(start: Option<Instant>) -> Self {
        let end = Instant::now();
        Self { start: start.unwrap_or(end), end }
    }
}

/// The number of the calling thread among all that have run observed tasks in this process.
pub fn worker() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
    }
    NUMBER.get().unwrap_or_else(|| {
        let number = THREADS.fetch_add(1, Relaxed);
        NUMBER.set(Some(number));
        number
    })
}

impl<'a> TaskInfo<'a> {
    pub(crate) fn new(index: usize, label: &'a Label) -> Self {
        Self {
            index,
            name: label.name,
            part: label.part(),
            site: label.site,
            lane: label.lane(),
            worker: worker(),
        }
    }
}
