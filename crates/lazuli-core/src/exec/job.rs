//! One compute: the plan is made and checked, runs, and its answer is taken.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use crate::base::cancel::{CancelToken, Reason};
use crate::base::error::{self, Error, Result};
use crate::base::value::{Shared, Value};
use crate::describe::collection::{Answers, Collection};
use crate::exec::current::Current;
use crate::exec::settings::{Mode, Settings};
use crate::exec::{sync, threaded};
use crate::graph::context::RunningTask;
use crate::graph::{AnyDelayed, Held, Role, TaskContext};
use crate::plan::{Edge, Plan, TaskId};
use crate::run::admission::{self, Admission};
use crate::run::observer::{Event, Observer};
use crate::run::progress::Counter;
use crate::run::state::{Initial, Ready, State};
#[cfg(feature = "async")]
use crate::threads::asynchronous::Place;
use crate::threads::pool::{self, Pool};
use crate::threads::timer::{self, Pending};

pub(crate) struct Job {
    mode: Mode,
    settings: Settings,
    pub(crate) counter: Option<Arc<Counter>>,
    /// Whose places its async tasks take.
    #[cfg(feature = "async")]
    place: Place,
    /// Stops the compute when its time is up.
    _deadline: Option<Pending>,
}

/// A plan that is about to run.
struct Prepared {
    state: Arc<State>,
    initial: Initial,
}

/// A run that is over, with its answer.
pub(crate) struct Answered {
    state: Arc<State>,
    ready: Ready,
}

impl Job {
    /// A compute on this executor, stopped by what stops the calling task, too.
    pub(crate) fn new(mode: Mode, mut settings: Settings) -> Self {
        let around = Current::of_thread();
        for token in around.iter().flat_map(|around| &around.tokens) {
            if !settings.tokens.iter().any(|own| own.same(token)) {
                settings.tokens.push(token.clone());
            }
        }
        let timeout = settings.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let deadline = settings.deadline.into_iter().chain(timeout).min().map(|deadline| {
            let token = CancelToken::new();
            settings.tokens.push(token.clone());
            if deadline <= Instant::now() {
                token.stop(Reason::Deadline);
            }
            timer::at(deadline, move || token.stop(Reason::Deadline))
        });
        Self {
            mode,
            settings,
            counter: None,
            #[cfg(feature = "async")]
            place: around.map_or_else(Place::default, |around| around.place),
            _deadline: deadline,
        }
    }

    /// Has this token stop the compute, too.
    pub(crate) fn stopped_by(&mut self, token: &CancelToken) {
        self.settings.tokens.push(token.clone());
    }

    /// The pool that it runs on; None on the sync executor.
    pub(crate) fn pool(&self) -> Result<Option<Pool>> {
        match &self.mode {
            Mode::Sync => Ok(None),
            Mode::Threads(pool) => Ok(Some(pool.clone())),
            Mode::Shared => pool::shared_pool().map(Some),
        }
    }

    fn observer(&self) -> Option<&dyn Observer> {
        self.settings.observer.as_deref()
    }

    fn tell(&self, event: &Event<'_>) -> Result<()> {
        match self.observer() {
            Some(observer) => error::caught(|| observer.event(event)),
            None => Ok(()),
        }
    }

    fn check_stopped(&self) -> Result<()> {
        match self.settings.tokens.iter().find_map(CancelToken::reason) {
            Some(reason) => Err(Error::stopped(reason)),
            None => Ok(()),
        }
    }

    fn prepare(&self, outputs: Vec<AnyDelayed>, pool: Option<&Pool>) -> Result<Prepared> {
        self.check_stopped()?;
        let plan = Arc::new(Plan::new(outputs)?);
        let mut admission = None;
        if let Some(limit) = self.settings.memory_limit {
            admission::check(&plan, limit)?;
            // One task after another, in plan order, fits without choosing.
            admission = pool.and_then(|_| Admission::of(&plan, limit));
        }
        if let Some(counter) = &self.counter {
            counter.plan(plan.shape().len());
        }
        self.tell(&Event::Planned(&plan))?;
        let (state, initial) = State::new(plan, pool.map_or(1, threaded::workers), admission);
        Ok(Prepared { state: Arc::new(state), initial })
    }

    fn current(&self, pool: Option<&Pool>) -> Arc<Current> {
        let mode = pool.map_or(Mode::Sync, |pool| Mode::Threads(pool.clone()));
        Arc::new(Current {
            mode,
            tokens: self.settings.tokens.clone(),
            run: OnceLock::new(),
            #[cfg(feature = "async")]
            place: self.place,
        })
    }

    /// Computes the outputs while the caller waits.
    pub(crate) fn run(&self, outputs: Vec<AnyDelayed>) -> Result<Answered> {
        let pool = self.pool()?;
        let Prepared { state, mut initial } = self.prepare(outputs, pool.as_ref())?;
        let ready = match initial.answer.take() {
            Some(ready) => Ok(ready),
            None => self.run_prepared(&state, initial, pool),
        };
        let told = self.tell(&Event::Ended);
        let ready = ready?;
        told.map(|()| Answered { state, ready })
    }

    fn run_prepared(
        &self,
        state: &Arc<State>,
        initial: Initial,
        pool: Option<Pool>,
    ) -> Result<Ready> {
        let current = self.current(pool.as_ref());
        let tokens = &self.settings.tokens;
        match pool {
            Some(pool) => self.setup(Arc::clone(state), initial, pool, current).run(),
            None => {
                let counter = self.counter.as_deref();
                sync::run(state, initial, self.observer(), counter, &current, tokens)
            }
        }
    }

    fn setup(
        &self,
        state: Arc<State>,
        initial: Initial,
        pool: Pool,
        current: Arc<Current>,
    ) -> threaded::Setup<'_> {
        threaded::Setup {
            state,
            initial,
            pool,
            observer: self.settings.observer.clone(),
            counter: self.counter.clone(),
            current,
            tokens: &self.settings.tokens,
        }
    }

    /// Computes the outputs on this pool, which the calling thread belongs to, and tells of the end.
    pub(crate) fn run_in_background(
        self,
        outputs: Vec<AnyDelayed>,
        pool: Pool,
        on_end: impl FnOnce(Result<Vec<Shared>>) + Send + 'static,
    ) {
        let Prepared { state, mut initial } = match self.prepare(outputs, Some(&pool)) {
            Ok(prepared) => prepared,
            Err(error) => return on_end(Err(error)),
        };
        if let Some(ready) = initial.answer.take() {
            let told = self.tell(&Event::Ended);
            return on_end(told.map(|()| Answered { state, ready }.share()));
        }
        let current = self.current(Some(&pool));
        let job = Arc::new(self);
        let of_end = Arc::clone(&job);
        let on_end = Box::new(move |state, ready: Result<Ready>| {
            let told = of_end.tell(&Event::Ended);
            let answered = ready.and_then(|ready| told.map(|()| Answered { state, ready }));
            on_end(answered.map(Answered::share));
        });
        job.setup(state, initial, pool, current).run_in_background(on_end);
    }
}

impl Answered {
    /// Puts the collection together from its results.
    pub(crate) fn receive<C: Collection>(self, collection: &C) -> Result<C::Output> {
        error::caught(|| {
            let mut answer = self.state.start(self.ready);
            let mut context = TaskContext::new(&mut answer);
            collection.receive(&mut Answers::of_run(&mut context))
        })
    }

    /// The outputs as nodes that hold their values: one for each that was asked for.
    pub(crate) fn keep(self) -> Vec<AnyDelayed> {
        let state = Arc::clone(&self.state);
        let plan = state.plan();
        let edges = plan.shape().edges(plan.shape().answer());
        let mut kept: HashMap<TaskId, AnyDelayed> = HashMap::new();
        let node = |(index, value): (usize, Shared)| match edges[index].as_task() {
            None => plan.output(index).clone(),
            Some(task) => {
                let hold = || AnyDelayed::new(plan.label(task).of_result(), Held(value));
                kept.entry(task).or_insert_with(hold).clone()
            }
        };
        self.share().into_iter().enumerate().map(node).collect()
    }

    /// The values of the outputs.
    pub(crate) fn share(self) -> Vec<Shared> {
        let plan = self.state.plan();
        let edges = plan.shape().edges(plan.shape().answer());
        let place = |(index, edge): (usize, &Edge)| Some((edge.as_task()?, index));
        let last: HashMap<TaskId, usize> = edges.iter().enumerate().filter_map(place).collect();
        let mut answer = self.state.start(self.ready);
        let mut values: Vec<Option<Shared>> = vec![None; edges.len()];
        for (index, edge) in edges.iter().enumerate() {
            values[index] = match edge.as_task() {
                None => match plan.output(index).node().body.role() {
                    Role::Held(shared) => Some(shared.clone()),
                    _ => unreachable!("an output that is no task holds its value"),
                },
                // An output that was asked for more than once is taken at its last place.
                Some(task) if last[&task] != index => {
                    answer.spend(index as u32);
                    None
                }
                // Every task has run, so this is the value's last use.
                Some(_) => answer.take_last(index as u32).map(Value::into_shared),
            };
        }
        let found = |index: usize| {
            let place = edges[index].as_task().map_or(index, |task| last[&task]);
            values[place].clone().unwrap_or_else(|| unreachable!("all other uses are over"))
        };
        (0..edges.len()).map(found).collect()
    }
}
