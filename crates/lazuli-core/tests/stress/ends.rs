//! Runs that end each other: their tasks drop, cancel and wait for runs, their own among them, from inside
//! computes and runs of their own, while others are to be tried again.
//!
//! There is one web of such runs for four graphs of `LAZULI_DAGS`; `LAZULI_SEED` says from which seed on.
//! Waits go from later runs to earlier ones alone, and never from a run that a task has started and left to
//! others: a circle of waits is nobody's to resolve. Drops and cancels go anywhere.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lazuli_core::{Delayed, Error, ErrorKind, Executor, Lane, Result, Retry, Running};
use lazuli_core::{compute, sequence, task};

use crate::random::check_usable;
use crate::support::{Random, Tracked, comes_true, executors, setting};
use crate::watch::{how_to_run_again, watch};

type Handle = Running<Delayed<Tracked>>;

/// What a task does before it has its value.
#[derive(Clone, Debug)]
enum Act {
    Nothing,
    /// Sleeps for some microseconds.
    Pause(u64),
    Drop(usize),
    Cancel(usize),
    /// Takes the handle of an earlier run, and waits for it.
    Wait(usize),
    /// Computes a handle of an earlier run, and leaves the run's own to others.
    Use(usize),
    /// Puts a run in the place of another, which it drops.
    Start(usize, Box<Act>),
    /// Does it in a compute inside the task.
    Compute(Box<Act>),
    /// Does it in a run that the task starts and waits for.
    Run(Box<Act>),
    /// Does it in a run that the task starts and gives up.
    GiveUp(Box<Act>),
    Fail,
}

#[derive(Debug)]
struct Task {
    act: Act,
    blocking: bool,
    /// How often it fails before, and the microseconds between.
    retry: Option<(u32, u64)>,
}

struct Web {
    seed: u64,
    slots: Vec<Mutex<Option<Handle>>>,
    /// For each run, how many tasks it has and whether it may fail; what tasks start has one task.
    lengths: Vec<usize>,
    live: Arc<AtomicUsize>,
}

#[derive(Debug, thiserror::Error)]
#[error("fails on purpose")]
struct Fails;

impl Act {
    fn random(run: usize, runs: usize, depth: u32, random: &mut Random) -> Self {
        let below = |random: &mut Random| {
            Box::new(Self::random(run, runs, depth.saturating_sub(1), random))
        };
        match random.below(if depth == 0 { 8 } else { 14 }) {
            0 => Self::Nothing,
            1 => Self::Pause(random.below(200) as u64),
            2 | 3 => Self::Drop(random.below(runs)),
            4 => Self::Cancel(random.below(runs)),
            5 if run > 0 => Self::Wait(random.below(run)),
            6 if run > 0 => Self::Use(random.below(run)),
            7 if random.one_in(4) => Self::Fail,
            8 => {
                // It waits for nobody: an earlier run may wait for this one.
                let act = Self::random(0, runs, depth - 1, random);
                Self::Start(random.below(runs), Box::new(act))
            }
            9 | 10 => Self::Compute(below(random)),
            11 | 12 => Self::Run(below(random)),
            13 => Self::GiveUp(Box::new(Self::random(0, runs, depth - 1, random))),
            _ => Self::Nothing,
        }
    }
}

impl Task {
    fn random(run: usize, runs: usize, random: &mut Random) -> Self {
        let retry = (random.below(3) as u32 + 1, random.below(3) as u64 * 40);
        Self {
            act: Act::random(run, runs, 3, random),
            blocking: random.one_in(4),
            retry: random.one_in(3).then_some(retry),
        }
    }
}

impl Web {
    fn take(&self, slot: usize) -> Option<Handle> {
        self.slots[slot].lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, slot: usize, handle: Handle) {
        let mut place = self.slots[slot].lock().unwrap_or_else(PoisonError::into_inner);
        let old = place.replace(handle);
        drop(place);
        drop(old);
    }

    /// What came of a run: its value, or that it was ended or has failed.
    fn check(&self, slot: usize, result: Result<Tracked>) {
        match result {
            // Another run may have taken its place, which has one task.
            Ok(Tracked { value, .. }) => {
                let tasks = [1, self.lengths[slot] as u64];
                assert!(tasks.contains(&value), "web {}: {value} of run {slot}", self.seed);
            }
            Err(error) => self.check_error(&error),
        }
    }

    fn check_error(&self, error: &Error) {
        let possible = [ErrorKind::Cancelled, ErrorKind::Task];
        assert!(possible.contains(&error.kind()), "web {}: {error}", self.seed);
    }

    fn act(self: &Arc<Self>, act: &Act) -> std::result::Result<(), Fails> {
        match act {
            Act::Nothing => {}
            Act::Pause(micros) => std::thread::sleep(Duration::from_micros(*micros)),
            Act::Drop(slot) => drop(self.take(*slot)),
            Act::Cancel(slot) => {
                let place = self.slots[*slot].lock().unwrap_or_else(PoisonError::into_inner);
                place.iter().for_each(Running::cancel);
            }
            Act::Wait(slot) => {
                if let Some(running) = self.take(*slot) {
                    self.check(*slot, running.wait());
                }
            }
            Act::Use(slot) => {
                let place = self.slots[*slot].lock().unwrap_or_else(PoisonError::into_inner);
                let handle = place.as_ref().map(Running::handles);
                drop(place);
                if let Some(handle) = handle {
                    self.check(*slot, compute(handle));
                }
            }
            Act::Start(slot, act) => self.put(*slot, Executor::current().start(self.single(act))),
            Act::Compute(act) => self.ended(compute(self.single(act))),
            Act::Run(act) => self.ended(Executor::current().start(self.single(act)).wait()),
            Act::GiveUp(act) => drop(Executor::current().start(self.single(act))),
            Act::Fail => return Err(Fails),
        }
        Ok(())
    }

    fn ended(&self, result: Result<Tracked>) {
        match result {
            Ok(Tracked { value, .. }) => assert_eq!(value, 1, "web {}", self.seed),
            Err(error) => self.check_error(&error),
        }
    }

    /// A task that does this, for whoever wants it done: one.
    fn single(self: &Arc<Self>, act: &Act) -> Delayed<Tracked> {
        self.delayed(&Task { act: act.clone(), blocking: false, retry: None })
    }

    fn delayed(self: &Arc<Self>, plan: &Task) -> Delayed<Tracked> {
        let (web, act) = (Arc::clone(self), plan.act.clone());
        let held = Tracked::new(1, &self.live);
        let (fails, micros) = plan.retry.unwrap_or_default();
        let failed = AtomicU32::new(0);
        let lane = if plan.blocking { Lane::Blocking } else { Lane::Cpu };
        let retry = Retry::times(fails).delay(Duration::from_micros(micros));
        task("acts").lane(lane).retry(retry).try_call((), move |()| {
            if failed.fetch_add(1, SeqCst) < fails {
                return Err(Fails);
            }
            web.act(&act)?;
            Ok(held.clone())
        })
    }

    fn run(self: &Arc<Self>, tasks: &[Task]) -> Delayed<Tracked> {
        let live = Arc::clone(&self.live);
        sequence(tasks.iter().map(|task| self.delayed(task))).map_named("sum", move |ones| {
            Tracked::new(ones.iter().map(|one| one.value).sum(), &live)
        })
    }
}

fn check(seed: u64) {
    let watch = watch("web", seed);
    let mut random = Random::new(seed);
    let runs = 2 + random.below(4);
    let tasks: Vec<Vec<Task>> = (0..runs)
        .map(|run| (0..1 + random.below(5)).map(|_| Task::random(run, runs, &mut random)).collect())
        .collect();
    let web = Arc::new(Web {
        seed,
        slots: (0..runs).map(|_| Mutex::default()).collect(),
        lengths: tasks.iter().map(Vec::len).collect(),
        live: Arc::default(),
    });
    let executor_of = |random: &mut Random| &executors()[random.below(executors().len())];
    watch.does("starts its runs");
    for (run, tasks) in tasks.iter().enumerate() {
        web.put(run, executor_of(&mut random).start(web.run(tasks)));
    }
    watch.does("acts from outside");
    for _ in 0..random.below(4) {
        let act = Act::random(runs, runs, 0, &mut random);
        let _ = web.act(&act);
    }
    watch.does("waits for its runs");
    for slot in 0..runs {
        if random.one_in(2)
            && let Some(running) = web.take(slot)
        {
            web.check(slot, running.wait());
        }
    }
    watch.does("drops its runs, and waits until all have ended");
    let ended = comes_true(|| {
        // Tasks that still run may put others in their places.
        (0..runs).for_each(|slot| drop(web.take(slot)));
        web.live.load(SeqCst) == 0
    });
    assert!(ended, "web {seed}: {} values are held", web.live.load(SeqCst));
    watch.does("computes afterwards");
    check_usable(executor_of(&mut random));
}

#[test]
fn runs_may_end_each_other() {
    let count = setting("LAZULI_DAGS", 20_000).div_ceil(4);
    let first = setting("LAZULI_SEED", 1);
    let next = AtomicU64::new(first);
    std::thread::scope(|scope| {
        // Several at once, so that they meet on the pools.
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, SeqCst);
                    if seed >= first.saturating_add(count) {
                        break;
                    }
                    if let Err(panic) = std::panic::catch_unwind(|| check(seed)) {
                        eprintln!("web {seed} fails: {}", how_to_run_again(seed));
                        std::panic::resume_unwind(panic);
                    }
                }
            });
        }
    });
}
