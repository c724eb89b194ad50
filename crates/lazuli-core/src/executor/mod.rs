//! Executors: run a plan and hand out its answer.
//!
//! `state` is the state machine of a run (which task is ready, where its inputs are); `threaded`
//! drives it on a rayon pool and the lanes beside it, `sync` on the calling thread, in plan order.
//! Both call `step::run_task` for one task, so values and errors are the same.

pub(crate) mod context;
pub(crate) mod state;
mod step;
mod sync;
mod threaded;

use std::cell::RefCell;
use std::sync::Arc;

pub use context::TaskContext;

use crate::collection::{Answers, Collection, Outputs};
use crate::error::Result;
use crate::observer::{Event, Observer};
use crate::plan::{Plan, SharedPlan};
use crate::pool::{self, Pool};

/// Computes everything the collection holds, together, on the current executor: the one that runs the
/// calling task, or else the shared pool. What several outputs need runs once.
///
/// O(tasks below the outputs), plus the tasks themselves.
///
/// A task may compute. While it waits, its thread may run other tasks on top of it, so it must not hold a
/// lock that another task takes.
///
/// ```
/// use lazuli_core::{Delayed, compute};
///
/// let parts = vec![Delayed::value(1), Delayed::value(2)];
/// let (all, total) = compute((&parts, lazuli_core::sum(parts.clone())))?;
/// assert_eq!((all, total), (vec![1, 2], 3));
/// # Ok::<(), lazuli_core::Error>(())
/// ```
///
/// # Errors
/// The first failure in plan order, with the number of others. After a failure no further task starts,
/// and the call returns when those that run have ended.
pub fn compute<C: Collection>(collection: C) -> Result<C::Output> {
    Executor::current().compute(collection)
}

/// Where and how plans run.
///
/// ```
/// use lazuli_core::{Delayed, Executor};
///
/// let answer = Delayed::value(6_i64) * 7;
/// assert_eq!(Executor::sync().compute(&answer)?, 42);
/// assert_eq!(Executor::threaded(4)?.compute(&answer)?, 42);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Executor {
    mode: Mode,
    observer: Option<Arc<dyn Observer>>,
}

#[derive(Clone)]
enum Mode {
    Shared,
    Threads(Pool),
    Sync,
}

thread_local! {
    /// The executor whose task this thread runs.
    static CURRENT: RefCell<Option<Mode>> = const { RefCell::new(None) };
}

impl Executor {
    /// The shared pool: see [`pool`].
    #[must_use]
    pub fn shared() -> Self {
        Self { mode: Mode::Shared, observer: None }
    }

    /// A pool of its own with this many threads, which end with the last clone of the executor.
    ///
    /// # Errors
    /// When `threads` is 0, or they cannot be started.
    pub fn threaded(threads: usize) -> Result<Self> {
        Ok(Self { mode: Mode::Threads(Pool::Own(Arc::new(pool::build(threads)?))), observer: None })
    }

    /// The calling thread alone, task after task in plan order: for debugging. Same results.
    #[must_use]
    pub fn sync() -> Self {
        Self { mode: Mode::Sync, observer: None }
    }

    /// The executor that runs the calling task, or else the shared pool.
    #[must_use]
    pub fn current() -> Self {
        Self {
            mode: CURRENT.with_borrow(|mode| mode.clone().unwrap_or(Mode::Shared)),
            observer: None,
        }
    }

    /// Has an observer watch what this executor computes.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// How many tasks of the CPU lane run at once.
    ///
    /// # Errors
    /// When the shared pool cannot be started.
    pub fn threads(&self) -> Result<usize> {
        match &self.mode {
            Mode::Shared => pool::num_threads(),
            Mode::Threads(pool) => Ok(pool.current_num_threads()),
            Mode::Sync => Ok(1),
        }
    }

    /// The plan that computing the collection would run.
    ///
    /// # Errors
    /// Whatever a layer says of a request that it cannot answer.
    pub fn plan<C: Collection>(&self, collection: C) -> Result<Plan> {
        let mut outputs = Outputs::default();
        collection.request(&mut outputs);
        Plan::new(&outputs.0)
    }

    /// As [`compute`](compute()), here.
    ///
    /// # Errors
    /// See [`compute`](compute()).
    pub fn compute<C: Collection>(&self, collection: C) -> Result<C::Output> {
        let plan = Arc::new(self.plan(&collection)?);
        let observer = self.observer.as_deref();
        if let Some(observer) = observer {
            observer.event(&Event::Planned(&plan));
        }
        let answer = self.run(plan);
        if let Some(observer) = observer {
            observer.event(&Event::Ended);
        }
        let (state, ready) = answer?;
        let mut answers = Answers { context: &mut state.start(ready), next: 0 };
        Ok(collection.receive(&mut answers))
    }

    fn run(&self, plan: SharedPlan) -> Result<(Arc<state::State>, state::Ready)> {
        let (state, mut initial) = state::State::new(plan);
        let state = Arc::new(state);
        if let Some(answer) = initial.answer.take() {
            return Ok((state, answer));
        }
        let observer = self.observer.clone();
        let ready = match &self.mode {
            Mode::Sync => sync::run(&state, initial, observer),
            Mode::Threads(pool) => threaded::run(&state, initial, pool.clone(), observer),
            Mode::Shared => threaded::run(&state, initial, Pool::Shared(pool::shared()?), observer),
        }?;
        Ok((state, ready))
    }
}

impl Mode {
    /// Makes this the executor of computes that `function` starts on this thread.
    fn scope<R>(self, function: impl FnOnce() -> R) -> R {
        struct Restore(Option<Mode>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }
        let _restore = Restore(CURRENT.replace(Some(self)));
        function()
    }
}
