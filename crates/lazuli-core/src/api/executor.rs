//! Executors: where and how plans run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::api::computing::Computing;
use crate::api::install;
use crate::api::running::Running;
use crate::base::cancel::CancelToken;
use crate::base::error::Result;
use crate::describe::collection::{Collection, Rewire, Wires, requests};
use crate::exec::job::Job;
use crate::exec::scope::Scope;
use crate::exec::settings::{Mode, Settings};
use crate::graph::Delayed;
use crate::plan::{Explanation, Plan};
use crate::run::observer::Observer;
use crate::threads::pool::{self, Pool};

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
    settings: Settings,
}

impl From<Mode> for Executor {
    fn from(mode: Mode) -> Self {
        Self { mode, settings: Settings::default() }
    }
}

impl Executor {
    /// The shared pool: see [`pool`](crate::pool).
    #[must_use]
    pub fn shared() -> Self {
        Mode::Shared.into()
    }

    /// A pool of its own with this many threads, which end with the last clone of the executor.
    ///
    /// # Errors
    /// When `threads` is 0, or they cannot be started.
    pub fn threaded(threads: usize) -> Result<Self> {
        Ok(Mode::Threads(Pool::own(threads)?).into())
    }

    /// The calling thread alone, task after task in plan order: for debugging. Same results.
    #[must_use]
    pub fn sync() -> Self {
        Mode::Sync.into()
    }

    /// The executor that is [installed](Self::install), or that runs the calling task, or else the shared
    /// pool.
    #[must_use]
    pub fn current() -> Self {
        if let Some(installed) = install::current() {
            return installed;
        }
        let current = Scope::of_thread().map(|scope| scope.mode.clone());
        // A thread of a pool that runs no task of ours runs something that one of them has split off.
        let of_thread = || Pool::of_this_thread().map(|(pool, _)| Mode::Threads(pool));
        current.or_else(of_thread).unwrap_or(Mode::Shared).into()
    }

    /// Has an observer watch what this executor computes.
    ///
    /// What a task computes of its own is not watched: events name tasks by their numbers in one plan, and
    /// that compute has another. To watch it, too, [install](Self::install) an executor with the observer
    /// inside the task.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.settings.observer = Some(observer);
        self
    }

    /// Has the token cancel what this executor computes, and what its tasks compute. (Computes inside
    /// what a task has split off with rayon, on other threads, end with the task and not before.)
    #[must_use]
    pub fn with_cancel(mut self, token: &CancelToken) -> Self {
        self.settings.tokens.push(token.clone());
        self
    }

    /// Ends each compute that is not done after this time, counted from its start.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = Some(timeout);
        self
    }

    /// Ends each compute that is not done at this time.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        self.settings.deadline = Some(deadline);
        self
    }

    /// Limits the bytes that the tasks of one compute and their results hold at once, as far as tasks
    /// [say](crate::task::TaskBuilder::output_bytes) how many they take.
    ///
    /// Such tasks start in plan order, each when it fits. Results that do not fit are written to a scratch file
    /// and read back, where their task says [how](crate::task::TaskBuilder::portable). A plan that does not fit
    /// even when its tasks run one after another, and every result that may is in a file while no task uses it,
    /// is refused before it runs, with an error that names the task and the bytes.
    /// [`Explanation::least_bytes`](crate::plan::Explanation::least_bytes) is the least limit that is not refused.
    ///
    /// The file is in the folder that `LAZULI_SCRATCH_DIR` names, or else the system's for temporary files. It has
    /// no name there, and is gone when the compute ends, however that is. All outputs are in memory at once when
    /// the answer is taken: they are the caller's, and count no longer. A value that is being moved takes 64 KiB
    /// beside itself, and what its type takes to be written or read.
    ///
    /// What a task computes of its own is not limited: the limit is checked against one plan, and what a task
    /// will compute is in no plan before it runs. Say what it takes with
    /// [`working_bytes`](crate::task::TaskBuilder::working_bytes) of the task.
    ///
    /// ```
    /// use lazuli_core::{ErrorKind, Executor, task};
    ///
    /// let load = |part: u8| task("load").output_bytes(600).working_bytes(100).call((), move |()| part);
    /// let sum = load(1) + load(2);
    /// let error = Executor::shared().with_memory_limit(1000).compute(&sum).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Memory);
    /// assert_eq!(Executor::shared().with_memory_limit(1300).compute(&sum)?, 3);
    ///
    /// let parts: Vec<_> = (0..9_u8)
    ///     .map(|part| task("load").output_bytes(600).portable::<Vec<u8>>().call((), move |()| vec![part; 600]))
    ///     .collect();
    /// let limited = Executor::shared().with_memory_limit(1300);
    /// assert_eq!(limited.compute(&parts)?[8], [8; 600]); // most of them came from the file
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_memory_limit(mut self, bytes: u64) -> Self {
        self.settings.memory_limit = Some(bytes);
        self
    }

    /// How many tasks of the CPU lane run at once.
    ///
    /// # Errors
    /// When the shared pool cannot be started.
    pub fn threads(&self) -> Result<usize> {
        match &self.mode {
            Mode::Shared => pool::num_threads(),
            Mode::Threads(pool) => Ok(pool.num_threads()),
            Mode::Sync => Ok(1),
        }
    }

    /// The plan that computing the collection would run.
    ///
    /// # Errors
    /// Whatever a layer says of a request that it cannot answer.
    pub fn plan<C: Collection>(&self, collection: C) -> Result<Plan> {
        Plan::new(requests(&collection))
    }

    /// What each step of planning makes of the collection's graph.
    ///
    /// # Errors
    /// As [`plan`](Self::plan).
    pub fn explain<C: Collection>(&self, collection: C) -> Result<Explanation> {
        Ok(self.plan(collection)?.explain())
    }

    /// As [`compute`](crate::compute()), here.
    ///
    /// # Errors
    /// See [`compute`](crate::compute()).
    pub fn compute<C: Collection>(&self, collection: C) -> Result<C::Output> {
        self.job()?.run(requests(&collection))?.receive(&collection)
    }

    /// As [`persist`](crate::persist()), here.
    ///
    /// # Errors
    /// See [`compute`](crate::compute()).
    pub fn persist<C: Rewire>(&self, collection: C) -> Result<C::Rewired> {
        let kept = self.job()?.run(requests(&collection))?.keep();
        Ok(collection.rewire(&mut Wires::to(kept)))
    }

    /// As [`persist`](Self::persist), of one value that need not be `Clone`.
    pub(super) fn keep<T>(&self, value: &Delayed<T>) -> Result<Delayed<T>> {
        let mut kept = self.job()?.run(vec![value.erase()])?.keep();
        Ok(kept.pop().map_or_else(|| value.clone(), Delayed::from_node))
    }

    /// As [`start`](crate::start()), here. On the [sync](Self::sync) executor, everything has run when this returns.
    pub fn start<C: Collection>(&self, collection: C) -> Running<C> {
        Running::start(self.job(), collection)
    }

    /// As [`compute_async`](crate::compute_async()), here. On the [sync](Self::sync) executor, everything has run
    /// when this returns.
    pub fn compute_async<C: Collection>(&self, collection: C) -> Computing<C> {
        Computing::new(self.start(collection))
    }

    pub(super) fn job(&self) -> Result<Job> {
        Job::new(self.mode.clone(), self.settings.clone())
    }
}
