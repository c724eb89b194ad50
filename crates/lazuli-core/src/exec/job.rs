//! One compute: the plan is made and checked, runs, and its answer is taken.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use crate::base::cancel::{CancelToken, Reason, Stop};
use crate::base::error::{self, Error, Result};
use crate::base::value::{Shared, Value};
use crate::describe::collection::{Answers, Collection};
use crate::exec::control::{Begin, Control, Start, quietly};
use crate::exec::promise::Promise;
use crate::exec::scope::Scope;
use crate::exec::settings::{Mode, Settings};
use crate::exec::{sync, threaded};
use crate::graph::context::RunningTask;
use crate::graph::{AnyDelayed, Held, Role, TaskContext};
use crate::plan::{Edge, Plan, TaskId};
use crate::run::admission::Admission;
use crate::run::environment::Environment;
use crate::run::observer::{Beginning, Event, Meter, Observer, Watch};
use crate::run::progress::Counter;
use crate::run::state::{Initial, Ready, State};
use crate::run::step::TaskRunner;
#[cfg(feature = "async")]
use crate::threads::asynchronous::Place;
use crate::threads::pool::{self, Pool};
use crate::threads::timer::{self, Pending};

pub(crate) struct Job {
    mode: Mode,
    environment: Environment,
    memory_limit: Option<u64>,
    /// Of the run whose task asks for this.
    around: Option<Arc<Scope>>,
    /// Stops the compute when its time is up.
    _deadline: Option<Pending>,
}

/// A plan that is about to run.
struct Prepared {
    runner: TaskRunner,
    initial: Initial,
}

/// A run that is over, with its answer.
pub(crate) struct Answered {
    pub(super) state: State,
    pub(super) ready: Ready,
}

impl Job {
    /// A compute on this executor, stopped by what stops the calling task, too.
    ///
    /// # Errors
    /// When it has a deadline, and the timer cannot be started.
    pub(crate) fn new(mode: Mode, settings: Settings) -> Result<Self> {
        let Settings { observer, mut tokens, deadline, timeout, memory_limit } = settings;
        let around = Scope::of_thread();
        for token in around.iter().flat_map(|around| &around.tokens) {
            if !tokens.iter().any(|own| own.same(token)) {
                tokens.push(token.clone());
            }
        }
        let timeout = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let deadline = match deadline.into_iter().chain(timeout).min() {
            None => None,
            Some(deadline) => {
                let token = CancelToken::new();
                tokens.push(token.clone());
                if deadline <= Instant::now() {
                    token.stop(Reason::Deadline);
                }
                let stop = move || token.stop(Reason::Deadline);
                Some(timer::at(deadline, stop).map_err(Error::setup)?)
            }
        };
        let environment = Environment { tokens, ..Environment::default() };
        let mut job = Self { mode, environment, memory_limit, around, _deadline: deadline };
        if let Some(observer) = observer {
            job.watched_by(observer)?;
        }
        Ok(job)
    }

    /// Asks the observer who watches this compute.
    fn watched_by(&mut self, observer: Arc<dyn Observer>) -> Result<()> {
        let threads = match &self.mode {
            Mode::Sync => Some(1),
            Mode::Threads(pool) => Some(pool.num_threads()),
            Mode::Shared => pool::num_threads().ok(),
        };
        let (cancel, meter) = (CancelToken::new(), Meter::default());
        let memory_limit = self.memory_limit;
        let beginning = Beginning { threads, memory_limit, cancel, meter };
        let watch = error::caught(|| observer.begin(&beginning))?;
        let environment = &mut self.environment;
        environment.closely = !matches!(watch, Watch::Metered(_));
        environment.observer = Some(match watch {
            Watch::Here => observer,
            Watch::By(other) | Watch::Metered(other) => other,
        });
        if Arc::strong_count(&beginning.meter.0) > 1 {
            environment.counter = Some(beginning.meter.0);
        }
        // Whoever gives no thought to single computes cancels none.
        if beginning.cancel.is_shared() {
            environment.tokens.push(beginning.cancel);
        }
        Ok(())
    }

    /// Has this token stop the compute, too.
    pub(crate) fn stopped_by(&mut self, token: &CancelToken) {
        self.environment.tokens.push(token.clone());
    }

    /// What counts its tasks.
    pub(crate) fn counter(&mut self) -> Arc<Counter> {
        Arc::clone(self.environment.counter.get_or_insert_default())
    }

    /// The pool that it runs on; None on the sync executor.
    pub(crate) fn pool(&self) -> Result<Option<Pool>> {
        match &self.mode {
            Mode::Sync => Ok(None),
            Mode::Threads(pool) => Ok(Some(pool.clone())),
            Mode::Shared => pool::shared_pool().map(Some),
        }
    }

    fn prepare(
        &self,
        plan: impl FnOnce() -> Result<Plan>,
        pool: Option<&Pool>,
        control: &Control,
    ) -> Result<Prepared> {
        let environment = &self.environment;
        environment.check_stopped()?;
        let plan = Arc::new(plan()?);
        let admission = match self.memory_limit {
            Some(limit) => Admission::of(&plan, limit, pool.is_none())?,
            None => None,
        };
        if let Some(counter) = &environment.counter {
            counter.plan(plan.runs());
        }
        environment.tell(|| Event::Planned(&plan))?;
        let (state, initial) = State::new(plan, pool.map_or(1, threaded::workers), admission);
        let gate = Arc::clone(&control.gate);
        Ok(Prepared { runner: TaskRunner::new(state, environment.clone(), gate), initial })
    }

    /// What computes inside the tasks of the run belong to.
    fn scope(&self, pool: Option<&Pool>, control: &Arc<Control>) -> Arc<Scope> {
        Arc::new(Scope {
            mode: pool.map_or(Mode::Sync, |pool| Mode::Threads(pool.clone())),
            tokens: self.environment.tokens.clone(),
            control: Arc::clone(control),
            #[cfg(feature = "async")]
            place: self.around.as_ref().map_or_else(Place::default, |around| around.place),
        })
    }

    /// Has what stops the compute stop this run.
    fn watch(&self, control: &Arc<Control>) {
        let weak = Arc::downgrade(control);
        let stop: std::sync::Weak<dyn Stop> = weak;
        self.environment.tokens.iter().for_each(|token| token.watch(&stop));
    }

    /// Computes the outputs while the caller waits.
    ///
    /// # Errors
    /// See [`compute`](crate::compute()).
    pub(crate) fn run(&self, outputs: Vec<AnyDelayed>) -> Result<Answered> {
        self.run_plan(|| Plan::new(outputs))
    }

    /// Computes a plan while the caller waits.
    ///
    /// # Errors
    /// See [`compute`](crate::compute()).
    pub(crate) fn run_plan(&self, plan: impl FnOnce() -> Result<Plan>) -> Result<Answered> {
        let answered = self.answer(plan);
        let told = self.environment.end(answered.as_ref().err());
        let answered = answered?;
        told.map(|()| answered)
    }

    fn answer(&self, plan: impl FnOnce() -> Result<Plan>) -> Result<Answered> {
        let pool = self.pool()?;
        let parent = self.around.as_ref().map(|around| Arc::clone(&around.control));
        let control = Control::new(pool.as_ref(), parent);
        let Prepared { runner, mut initial } = self.prepare(plan, pool.as_ref(), &control)?;
        let answered = match (initial.answer.take(), &pool) {
            (Some(ready), _) => Ok(Answered { state: runner.state, ready }),
            (None, Some(pool)) => {
                let scope = self.scope(Some(pool), &control);
                let run = threaded::Run::new(runner, pool.clone(), scope);
                self.watch(&control);
                threaded::run(run, initial)
            }
            (None, None) => {
                self.watch(&control);
                sync::run(runner, initial, &self.scope(None, &control))
            }
        };
        let answered = answered.and_then(|answered| answered.whole(&self.environment));
        let told = self.environment.tell(|| Event::Ended);
        let answered = answered?;
        told.map(|()| answered)
    }

    /// Computes the outputs on this pool while nobody waits, and keeps a promise with them.
    pub(crate) fn start(self, outputs: Vec<AnyDelayed>, pool: Pool) -> Arc<Promise> {
        let control = Control::new(Some(&pool), None);
        let promise = Promise::of(Arc::clone(&control));
        self.watch(&control);
        let (kept, weak, on) = (Arc::clone(&promise), Arc::downgrade(&control), pool.clone());
        // The plan is made there as well: whoever starts a compute may have no time for it.
        control.when_begun(Box::new(move |begin| match (begin, weak.upgrade()) {
            (Begin::Go, Some(control)) => self.begin(outputs, on, &control, kept),
            (Begin::Stopped(reason), _) => self.give_up(Error::stopped(reason), kept),
            (Begin::Go, None) => unreachable!("whoever begins a run has its control block"),
        }));
        // It may have been stopped before there was anything to begin.
        control.begin_if_stopped();
        pool.queue(Arc::new(Start(control)));
        promise
    }

    /// Ends before there was anything to run.
    fn give_up(&self, error: Error, promise: Arc<Promise>) {
        // It has failed already: what panics now adds nothing to that.
        let _ = self.environment.end(Some(&error));
        promise.keep(Err(error));
    }

    fn begin(
        self,
        outputs: Vec<AnyDelayed>,
        pool: Pool,
        control: &Arc<Control>,
        promise: Arc<Promise>,
    ) {
        // What is dropped in there may panic, and there is no caller to unwind to.
        let prepared = error::caught(|| self.prepare(|| Plan::new(outputs), Some(&pool), control));
        let Prepared { runner, mut initial } = match prepared.and_then(std::convert::identity) {
            Ok(prepared) => prepared,
            Err(error) => return self.give_up(error, promise),
        };
        let ended = move |job: &Self, answered: Result<Answered>| {
            let answered = answered.and_then(|answered| answered.whole(&job.environment));
            let told = job.environment.tell(|| Event::Ended);
            let told = told.and(job.environment.end(answered.as_ref().err()));
            let shared = answered.and_then(|answered| told.map(|()| answered.share()));
            promise.keep(shared);
        };
        if let Some(ready) = initial.answer.take() {
            return ended(&self, Ok(Answered { state: runner.state, ready }));
        }
        let run = threaded::Run::new(runner, pool.clone(), self.scope(Some(&pool), control));
        threaded::start(run, initial, move |answered| quietly(|| ended(&self, answered)));
    }
}

impl Answered {
    /// With all outputs in memory.
    fn whole(self, environment: &Environment) -> Result<Self> {
        error::caught(|| self.state.restore_outputs(environment))??;
        Ok(self)
    }

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
        let plan = self.state.shared_plan();
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
        let plan = self.state.shared_plan();
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
