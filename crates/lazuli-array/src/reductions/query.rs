//! A statistic as it is asked for: a reduction that it may share, and what to make of its result.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::{JointAnswers, Place};
use lazuli_core::{Answer, Reduction, TryReduction, task};

use super::accumulator::{Accumulator, Position};
use crate::array::Element;
use crate::error::ArrayError;
use crate::lower::{Pass, Query};
use crate::tile::{RegId, Registers};

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
        pass: &mut Pass<'_>,
        register: RegId,
        _: usize,
    ) -> Result<Box<dyn Any>, ArrayError> {
        let reduction = Arc::clone(&self.reduction);
        Ok(Box::new(pass.joint.add(Slices::<A, R> { register, reduction, element: PhantomData })))
    }

    fn answer(
        &self,
        answers: &JointAnswers,
        place: &dyn Any,
        _: &'static Location<'static>,
    ) -> Answer {
        answers.get(place_of::<R::Output>(place)).into()
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
        state.update(registers.get(self.register), &Position::InArray(registers));
    }

    fn combine(&self, state: &mut S, following: S) {
        state.merge(&following);
    }

    fn finish(&self, state: S) -> S {
        state
    }
}

/// What is made of an accumulator.
pub(super) type Finish<S, T> = Arc<dyn Fn(&S) -> Result<T, ArrayError> + Send + Sync>;

/// A built-in statistic: a function of an accumulator that others may share.
pub(super) struct Statistic<A, S, T> {
    pub(super) name: &'static str,
    pub(super) start: S,
    /// Among the accumulators of type `S` on one array, the one that needs most serves all.
    pub(super) need: u8,
    pub(super) finish: Finish<S, T>,
    element: PhantomData<fn() -> A>,
}

impl<A, S, T> Statistic<A, S, T> {
    pub(super) fn new(
        name: &'static str,
        (start, need): (S, u8),
        finish: impl Fn(&S) -> Result<T, ArrayError> + Send + Sync + 'static,
    ) -> Self {
        Self { name, start, need, finish: Arc::new(finish), element: PhantomData }
    }
}

impl<A, S, T> Query for Statistic<A, S, T>
where
    A: Element,
    S: Accumulator<A>,
    T: Send + Sync + 'static,
{
    fn kind(&self) -> Option<TypeId> {
        Some(TypeId::of::<(A, S)>())
    }

    fn need(&self) -> u8 {
        self.need
    }

    fn add(
        &self,
        pass: &mut Pass<'_>,
        register: RegId,
        _: usize,
    ) -> Result<Box<dyn Any>, ArrayError> {
        let start = self.start.clone();
        Ok(Box::new(pass.joint.add(Accumulated::<A, S> { register, start, element: PhantomData })))
    }

    fn answer(
        &self,
        answers: &JointAnswers,
        place: &dyn Any,
        site: &'static Location<'static>,
    ) -> Answer {
        let shared = answers.get(place_of::<S>(place));
        let finish = Arc::clone(&self.finish);
        task(self.name).site(site).try_call(&shared, move |state| finish(state)).into()
    }
}
