//! Joint reduction: many reductions, one pass over the parts.
//!
//! ```text
//! part 0 ── load, update every state ──┐
//! part 1 ── load, update every state ──┤ combine (a tree) ── finish ──┬── answer of reduction 0
//! part 2 ── load, update every state ──┘                              └── answer of reduction 1
//! ```
//!
//! This is what a [`Layer`](crate::Layer) is usually lowered to.

use std::any::Any;
use std::error::Error as StdError;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use super::{SPLIT_EVERY, TryReduction, tree};
use crate::base::error::Boxed;
use crate::base::value::Value;
use crate::describe::task::{Input, IntoInput, TaskBuilder, by_move, reporter, task};
use crate::graph::Delayed;
use crate::graph::TaskContext;

/// Reductions that share one pass over parts which are loaded as inputs of type `I`.
///
/// Every reduction that is [added](Self::add) sees every input of every part once, in order; a part is
/// loaded once.
///
/// ```
/// use lazuli_core::reduce::Joint;
/// use lazuli_core::{Reduction, compute, task};
///
/// struct Count;
/// impl Reduction<str> for Count {
///     type State = usize;
///     type Output = usize;
///     fn identity(&self) -> usize { 0 }
///     fn update(&self, state: &mut usize, _: &str) { *state += 1 }
///     fn combine(&self, state: &mut usize, following: usize) { *state += following }
///     fn finish(&self, state: usize) -> usize { state }
/// }
///
/// let mut joint = Joint::<str>::new();
/// let count = joint.add(Count);
/// let parts = ["a b", "c"].map(|text| (task("words").part(text), ()));
/// let answers = joint.over(parts, |(), context, sink| {
///     context.part().unwrap_or_default().split(' ').for_each(|word| sink.push(word));
///     Ok::<(), std::convert::Infallible>(())
/// });
/// assert_eq!(compute(answers.get(&count))?, 3);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
pub struct Joint<I: ?Sized> {
    reductions: Vec<Box<dyn AnyReduction<I>>>,
    split_every: usize,
    site: &'static Location<'static>,
}

/// Where in a [`Joint`] a reduction stands: what to ask [`JointAnswers`] for.
pub struct Place<T> {
    index: usize,
    output: PhantomData<fn() -> T>,
}

impl<I: ?Sized + 'static> Joint<I> {
    /// No reductions yet; the tasks will be defined where this is called.
    #[track_caller]
    #[must_use]
    pub fn new() -> Self {
        Self { reductions: Vec::new(), split_every: SPLIT_EVERY, site: Location::caller() }
    }

    /// How many states meet in one combining task (at least 2; 8 unless set).
    #[must_use]
    pub fn split_every(mut self, split_every: usize) -> Self {
        self.split_every = split_every;
        self
    }

    /// Says where the tasks were defined, when that is not where the pass was made.
    #[must_use]
    pub fn site(mut self, site: &'static Location<'static>) -> Self {
        self.site = site;
        self
    }

    /// Adds a reduction to the pass.
    pub fn add<R: TryReduction<I>>(&mut self, reduction: R) -> Place<R::Output> {
        self.reductions.push(Box::new(Erased { reduction, input: PhantomData }));
        Place { index: self.reductions.len() - 1, output: PhantomData }
    }

    /// The pass over these parts. A part is a task builder (its name, file or block), and the inputs
    /// that `load` receives for it; `load` pushes what it loads into the sink.
    ///
    /// One task for each part, one for each `split_every` states that meet, one to finish.
    pub fn over<N, F, E>(
        self,
        parts: impl IntoIterator<Item = (TaskBuilder, N)>,
        load: F,
    ) -> JointAnswers
    where
        N: IntoInput,
        F: for<'a> Fn(
                <N::Input as Input>::Received<'a>,
                &TaskContext<'_>,
                &mut Sink<'_, I>,
            ) -> Result<(), E>
            + Send
            + Sync
            + 'static,
        E: StdError + Send + Sync + 'static,
    {
        let site = self.site;
        let split_every = self.split_every;
        let pass = Arc::new(Pass { reductions: self.reductions });
        let load = Arc::new(load);
        let loaded = parts.into_iter().map(|(builder, inputs)| {
            let (pass, load) = (Arc::clone(&pass), Arc::clone(&load));
            builder.try_call((inputs, reporter()), move |(inputs, context)| {
                pass.run(|sink| load(inputs, context, sink))
            })
        });
        let combined = tree::meet(loaded.collect(), split_every, |group| {
            let pass = Arc::clone(&pass);
            task("combine").site(site).try_call(by_move(group), move |states| pass.combine(states))
        });
        let finish = task("finish").site(site);
        let finished = match combined {
            Some(states) => finish
                .try_call(by_move(vec![states]), move |states| pass.finish(pass.combine(states)?)),
            None => finish.try_call((), move |()| pass.finish(pass.identity())),
        };
        JointAnswers { finished, site }
    }
}

impl<I: ?Sized + 'static> Default for Joint<I> {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

/// The answers of a [`Joint`] reduction.
pub struct JointAnswers {
    finished: Delayed<Vec<Value>>,
    site: &'static Location<'static>,
}

impl JointAnswers {
    /// The answer of the reduction that was added at this place.
    pub fn get<T: Clone + Send + Sync + 'static>(&self, place: &Place<T>) -> Delayed<T> {
        let index = place.index;
        task("answer")
            .site(self.site)
            .call(&self.finished, move |answers| answers[index].get::<T>().clone())
    }
}

/// Takes the inputs of one part and updates the state of every reduction with each.
pub struct Sink<'a, I: ?Sized> {
    pass: &'a Pass<I>,
    states: Vec<AnyState>,
    error: Option<Boxed>,
}

impl<I: ?Sized> Sink<'_, I> {
    /// Updates every state. After a reduction has failed, this does nothing, and the part's task fails
    /// with its error when `load` returns.
    pub fn push(&mut self, input: &I) {
        if self.error.is_some() {
            return;
        }
        for (reduction, state) in self.pass.reductions.iter().zip(&mut self.states) {
            if let Err(error) = reduction.update(state, input) {
                self.error = Some(error);
                return;
            }
        }
    }
}

/// The reductions of one pass.
struct Pass<I: ?Sized> {
    reductions: Vec<Box<dyn AnyReduction<I>>>,
}

impl<I: ?Sized> Pass<I> {
    fn identity(&self) -> Vec<AnyState> {
        self.reductions.iter().map(|reduction| reduction.identity()).collect()
    }

    fn run<E: StdError + Send + Sync + 'static>(
        &self,
        load: impl FnOnce(&mut Sink<'_, I>) -> Result<(), E>,
    ) -> Result<Vec<AnyState>, Boxed> {
        let mut sink = Sink { pass: self, states: self.identity(), error: None };
        load(&mut sink).map_err(Boxed::new)?;
        sink.error.map_or(Ok(sink.states), Err)
    }

    /// Merges the states from left to right.
    fn combine(&self, states: Vec<Vec<AnyState>>) -> Result<Vec<AnyState>, Boxed> {
        let mut parts = states.into_iter();
        let mut merged = parts.next().unwrap_or_else(|| self.identity());
        let mut following: Vec<Vec<AnyState>> = merged.iter().map(|_| Vec::new()).collect();
        for states in parts {
            for (following, state) in following.iter_mut().zip(states) {
                following.push(state);
            }
        }
        for ((reduction, state), following) in
            self.reductions.iter().zip(&mut merged).zip(following)
        {
            if !following.is_empty() {
                reduction.combine_all(state, following)?;
            }
        }
        Ok(merged)
    }

    fn finish(&self, states: Vec<AnyState>) -> Result<Vec<Value>, Boxed> {
        let finished =
            self.reductions.iter().zip(states).map(|(reduction, state)| reduction.finish(state));
        finished.collect()
    }
}

type AnyState = Box<dyn Any + Send + Sync>;

/// A reduction whose state and output have no type: many kinds of them share a pass.
trait AnyReduction<I: ?Sized>: Send + Sync {
    fn identity(&self) -> AnyState;
    fn update(&self, state: &mut AnyState, input: &I) -> Result<(), Boxed>;
    fn combine_all(&self, state: &mut AnyState, following: Vec<AnyState>) -> Result<(), Boxed>;
    fn finish(&self, state: AnyState) -> Result<Value, Boxed>;
}

struct Erased<R, I: ?Sized> {
    reduction: R,
    input: PhantomData<fn(&I)>,
}

impl<I: ?Sized, R: TryReduction<I>> AnyReduction<I> for Erased<R, I> {
    fn identity(&self) -> AnyState {
        Box::new(self.reduction.identity())
    }

    fn update(&self, state: &mut AnyState, input: &I) -> Result<(), Boxed> {
        let state = state.downcast_mut().expect("each reduction keeps its own state");
        self.reduction.update(state, input).map_err(Boxed::new)
    }

    fn combine_all(&self, state: &mut AnyState, following: Vec<AnyState>) -> Result<(), Boxed> {
        let own = |state: AnyState| *state.downcast().expect("each reduction keeps its own state");
        let state = state.downcast_mut().expect("each reduction keeps its own state");
        let following = following.into_iter().map(own).collect();
        self.reduction.combine_all(state, following).map_err(Boxed::new)
    }

    fn finish(&self, state: AnyState) -> Result<Value, Boxed> {
        let state = state.downcast().expect("each reduction keeps its own state");
        self.reduction.finish(*state).map(Value::new).map_err(Boxed::new)
    }
}
