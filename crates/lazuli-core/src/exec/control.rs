//! The control block of a run: what others may hold of it.
//!
//! Queues, timers, tokens, promises and handles hold the control block and never the run itself, so that
//! none of them keeps its values or tasks alive. The run has one owner: the caller that waits for it, or, in
//! the background, what is to be done at its end. Whoever else works on it *enters*, which lasts as long as
//! it works. When the run is over and the last one has left, nobody can enter any more, so its owner has it
//! alone.

use std::ops::Deref;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock, Weak};

use super::threaded::Run;
use crate::base::cancel::{Reason, Stop};
use crate::base::error;
use crate::base::sync::Mutex;
use crate::run::gate::Gate;
use crate::threads::latch::Latch;
use crate::threads::pool::{Pool, PoolId};
use crate::threads::scheduler::Work;
use crate::threads::waiting::Awaitable;
use crate::threads::{Slice, blocking};

/// What a run in the background begins with: its plan is made where it runs.
pub(super) enum Begin {
    Go,
    /// It was stopped before.
    Stopped(Reason),
}

type OnBegin = Box<dyn FnOnce(Begin) + Send>;
type OnClose = Box<dyn FnOnce() + Send>;

pub(crate) struct Control {
    id: u64,
    pub(super) gate: Arc<Gate>,
    /// Opens when whoever waits for the run may go on; rung when the run has work.
    pub(super) latch: Latch,
    /// Of the run whose task waits for this one.
    parent: Option<Arc<Control>>,
    /// None on the sync executor. Not the pool itself, which would then live as long as any handle.
    pool: Option<PoolId>,
    run: OnceLock<Weak<Run>>,
    on_begin: Mutex<Option<OnBegin>>,
    on_close: Mutex<Option<OnClose>>,
    /// Runs that wait for this one beside its parent: see `waits`.
    pub(super) waiters: Mutex<Vec<Weak<Control>>>,
    /// Runs that are held open until this one has ended, since tasks of theirs have given it up.
    pub(super) holds: Mutex<Vec<HeldOpen>>,
    /// Why it was stopped.
    pub(super) stopped: OnceLock<Reason>,
}

impl Control {
    /// Of a run that a task of the parent waits for, entered by its maker.
    pub(super) fn new(pool: Option<&Pool>, parent: Option<Arc<Self>>) -> Arc<Self> {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        Arc::new(Self {
            id: RUNS.fetch_add(1, Relaxed),
            gate: Arc::new(Gate::entered()),
            latch: Latch::default(),
            parent,
            pool: pool.map(Pool::id),
            run: OnceLock::new(),
            on_begin: Mutex::default(),
            on_close: Mutex::default(),
            waiters: Mutex::default(),
            holds: Mutex::default(),
            stopped: OnceLock::new(),
        })
    }

    pub(super) fn parent(&self) -> Option<&Arc<Self>> {
        self.parent.as_ref()
    }

    /// The run and those whose tasks wait for it, inside out.
    pub(super) fn with_parents(self: &Arc<Self>) -> impl Iterator<Item = &Arc<Self>> {
        std::iter::successors(Some(self), |control| control.parent.as_ref())
    }

    /// Makes it the control block of this run.
    pub(super) fn control(&self, run: &Arc<Run>) {
        // Set once.
        let _ = self.run.set(Arc::downgrade(run));
    }

    /// Has this called by a worker, or when the run is stopped before one has time for it.
    pub(super) fn when_begun(&self, on_begin: OnBegin) {
        *self.on_begin.lock() = Some(on_begin);
    }

    /// For a token that was cancelled before there was anything to stop.
    pub(super) fn begin_if_stopped(&self) {
        if let Some(&reason) = self.stopped.get() {
            self.begin(Begin::Stopped(reason));
        }
    }

    /// Has this called by the last one who leaves; without it, the latch opens.
    pub(super) fn when_closed(&self, on_close: OnClose) {
        *self.on_close.lock() = Some(on_close);
    }

    /// Enters the run, unless it is over and nobody is inside, or it has not begun.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Inside> {
        if !self.gate.enter() {
            return None;
        }
        let Some(run) = self.run.get().and_then(Weak::upgrade) else {
            self.leave_to_others();
            return None;
        };
        Some(Inside { run: Some(run), control: Arc::clone(self), has_time: true })
    }

    /// Leaves the gate; the last one does what is to be done at the end.
    pub(super) fn leave(&self) {
        if self.gate.leave() {
            match self.on_close.lock().take() {
                Some(on_close) => on_close(),
                None => self.latch.open(),
            }
        }
    }

    /// Leaves the gate. Who has no time for what is done at the end (the timer, whoever stops a run or
    /// keeps a promise) leaves that to a thread of its own.
    pub(super) fn leave_to_others(&self) {
        if self.gate.leave() {
            match self.on_close.lock().take() {
                Some(on_close) => blocking::aside(on_close),
                None => self.latch.open(),
            }
        }
    }

    fn begin(&self, begin: Begin) -> bool {
        let on_begin = self.on_begin.lock().take();
        let begins = on_begin.is_some();
        if let Some(on_begin) = on_begin {
            on_begin(begin);
        }
        begins
    }
}

impl Work for Control {
    fn work(self: Arc<Self>, slice: &Slice) {
        if let Some(run) = self.enter() {
            run.take_turn(slice);
        }
    }

    fn is_within(&self, run: u64) -> bool {
        self.id == run || self.parent.as_ref().is_some_and(|parent| parent.is_within(run))
    }
}

/// What a run in the background queues with, to be begun. (Who waits for it may have begun it by then.)
pub(super) struct Start(pub(super) Arc<Control>);

impl Work for Start {
    fn work(self: Arc<Self>, _: &Slice) {
        self.0.begin(Begin::Go);
    }

    fn is_within(&self, run: u64) -> bool {
        self.0.is_within(run)
    }
}

impl Awaitable for Arc<Control> {
    fn latch(&self) -> &Latch {
        &self.latch
    }

    fn id(&self) -> u64 {
        self.id
    }

    fn help(&self, slice: &Slice) -> bool {
        self.begin(Begin::Go) || self.enter().is_some_and(|run| run.help(slice))
    }

    fn has_work(&self) -> bool {
        self.on_begin.lock().is_some() || self.enter().is_some_and(|run| run.has_work())
    }

    fn is_on(&self, pool: &Pool) -> bool {
        self.pool == Some(pool.id())
    }
}

impl Stop for Control {
    fn stop(self: Arc<Self>, reason: Reason) {
        let _ = self.stopped.set(reason);
        let on_begin = self.on_begin.lock().take();
        if let Some(on_begin) = on_begin {
            blocking::aside(Box::new(move || on_begin(Begin::Stopped(reason))));
            return;
        }
        match self.enter() {
            Some(run) => run.in_passing().stop(),
            // On the sync executor there is no run to enter.
            None => {
                self.gate.over().set();
                self.latch.ring();
            }
        }
    }
}

/// Someone inside a run. Leaving may have the run's end done on this thread.
pub(super) struct Inside {
    /// There until this is dropped.
    run: Option<Arc<Run>>,
    control: Arc<Control>,
    has_time: bool,
}

impl Inside {
    /// By one who has no time for what is done at the end of a run.
    pub(super) fn in_passing(mut self) -> Self {
        self.has_time = false;
        self
    }
}

impl Deref for Inside {
    type Target = Run;
    fn deref(&self) -> &Run {
        self.run.as_deref().unwrap_or_else(|| unreachable!("it is there until the drop"))
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        // The owner can have the run to itself as soon as the last one has left, so this goes first. It is
        // never the last reference: the owner keeps one until the gate is closed.
        self.run = None;
        if self.has_time {
            self.control.leave();
        } else {
            self.control.leave_to_others();
        }
    }
}

/// Holds a run open that must not end yet: it is left when this is dropped.
pub(super) struct HeldOpen(Arc<Control>);

impl HeldOpen {
    /// None when the run has ended.
    pub(super) fn new(control: &Arc<Control>) -> Option<Self> {
        control.gate.enter().then(|| Self(Arc::clone(control)))
    }

    pub(super) fn run(&self) -> &Arc<Control> {
        &self.0
    }
}

impl Drop for HeldOpen {
    fn drop(&mut self) {
        self.0.leave_to_others();
    }
}

/// Does what must not unwind, since nobody is there to hear of it.
pub(super) fn quietly(function: impl FnOnce()) {
    let _ = error::caught(function);
}
