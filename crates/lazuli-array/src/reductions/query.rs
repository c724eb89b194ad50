//! A statistic as it is asked for: a reduction that it may share, and what to make of its result.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::{Joint, JointAnswers, Place};
use lazuli_core::{AnyDelayed, Reduction, TryReduction, task};

use super::accumulator::{Accumulator, Position};
use crate::array::Element;
use crate::error::ArrayError;
use crate::lower::Query;
use crate::tile::{ProgramBuilder, RegId, Registers};

/// A reduction of slices, at work on one register of a pass.
struct Slices<A, R> {
    register: RegId,
    reduction: Arc<R>,
    element: PhantomData<fn() -> A>,
}

impl<A: Element, R: TryReduction<[A]>> TryReduction<Registers> for Slices<A, R> {
    type State = R::State;
    type Output = R::Output;
    type Error = R::Error;

    fn identity(&self) -> R::State {
        self.reduction.identity()
    }

    fn update(&self, state: &mut R::State, registers: &Registers) -> Result<(), R::Error> {
        let mut rows = registers.get(self.register).iter();
        rows.try_for_each(|row| self.reduction.update(state, row))
    }

    fn combine(&self, state: &mut R::State, following: R::State) -> Result<(), R::Error> {
        self.reduction.combine(state, following)
    }

    fn combine_all(&self, state: &mut R::State, following: Vec<R::State>) -> Result<(), R::Error> {
        self.reduction.combine_all(state, following)
    }

    fn finish(&self, state: R::State) -> Result<R::Output, R::Error> {
        self.reduction.finish(state)
    }
}

/// A reduction that nobody else shares, whose result is the answer.
pub(super) struct Own<A, R> {
    reduction: Arc<R>,
    element: PhantomData<fn() -> A>,
}

impl<A, R> Own<A, R> {
    pub(super) fn new(reduction: R) -> Self {
        Self { reduction: Arc::new(reduction), element: PhantomData }
    }
}

impl<A: Element, R: TryReduction<[A]>> Query for Own<A, R> {
    fn kind(&self) -> Option<TypeId> {
        None
    }

    fn need(&self) -> u8 {
        0
    }

    fn add(
        &self,
        joint: &mut Joint<Registers>,
        register: RegId,
        _: &mut ProgramBuilder,
        _: usize,
    ) -> Result<Box<dyn Any>, ArrayError> {
        let reduction = Arc::clone(&self.reduction);
        Ok(Box::new(joint.add(Slices::<A, R> { register, reduction, element: PhantomData })))
    }

    fn answer(
        &self,
        answers: &JointAnswers,
        place: &dyn Any,
        _: &'static Location<'static>,
    ) -> AnyDelayed {
        answers.get(place_of::<R::Output>(place)).erase()
    }
}

pub(super) fn place_of<T: 'static>(place: &dyn Any) -> &Place<T> {
    place.downcast_ref().expect("a place is read by the kind of query that added it")
}

/// An accumulator that begins as this one, at work on one register of a pass.
struct Accumulated<A, S> {
    register: RegId,
    start: S,
    element: PhantomData<fn() -> A>,
}

impl<A: Element, S: Accumulator<A>> Reduction<Registers> for Accumulated<A, S> {
    type State = S;
    type Output = S;

    fn identity(&self) -> S {
        self.start.clone()
    }

    fn update(&self, state: &mut S, registers: &Registers) {
        state.update(registers.get(self.register), &Position(registers));
    }

    fn combine(&self, state: &mut S, following: S) {
        state.merge(&following);
    }

    fn finish(&self, state: S) -> S {
        state
    }
}

/// A built-in statistic: a function of an accumulator that others may share.
pub(super) struct Statistic<A, S, F> {
    pub(super) name: &'static str,
    pub(super) start: S,
    /// Among the accumulators of type `S` on one array, the one that needs most serves all.
    pub(super) need: u8,
    pub(super) finish: F,
    pub(super) element: PhantomData<fn() -> A>,
}

impl<A, S, F, T> Query for Statistic<A, S, F>
where
    A: Element,
    S: Accumulator<A>,
    F: Fn(&S) -> Result<T, ArrayError> + Clone + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    fn kind(&self) -> Option<TypeId> {
        S::IS_SHARED.then(TypeId::of::<(A, S)>)
    }

    fn need(&self) -> u8 {
        self.need
    }

    fn add(
        &self,
        joint: &mut Joint<Registers>,
        register: RegId,
        _: &mut ProgramBuilder,
        _: usize,
    ) -> Result<Box<dyn Any>, ArrayError> {
        let start = self.start.clone();
        Ok(Box::new(joint.add(Accumulated::<A, S> { register, start, element: PhantomData })))
    }

    fn answer(
        &self,
        answers: &JointAnswers,
        place: &dyn Any,
        site: &'static Location<'static>,
    ) -> AnyDelayed {
        let shared = answers.get(place_of::<S>(place));
        task(self.name).site(site).try_call(&shared, self.finish.clone()).erase()
    }
}
