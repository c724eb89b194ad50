//! A statistic as it is asked for: a reduction that it may share, and what to make of its result.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::{Joint, JointAnswers, Place};
use lazuli_core::{AnyDelayed, TryReduction, task};

use crate::array::Element;
use crate::error::ArrayError;
use crate::lower::Ask;
use crate::tile::{RegId, Registers};

/// A reduction of tiles `[A]`, at work on one register of a pass.
struct At<A, R> {
    register: RegId,
    reduction: Arc<R>,
    element: PhantomData<fn() -> A>,
}

impl<A: Element, R: TryReduction<[A]>> At<A, R> {
    fn add(reduction: &Arc<R>, register: RegId, joint: &mut Joint<Registers>) -> Box<dyn Any> {
        let reduction = Arc::clone(reduction);
        Box::new(joint.add(Self { register, reduction, element: PhantomData }))
    }
}

impl<A: Element, R: TryReduction<[A]>> TryReduction<Registers> for At<A, R> {
    type State = R::State;
    type Output = R::Output;
    type Error = R::Error;

    fn identity(&self) -> R::State {
        self.reduction.identity()
    }

    fn update(&self, state: &mut R::State, registers: &Registers) -> Result<(), R::Error> {
        self.reduction.update(state, registers.get(self.register))
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

impl<A: Element, R: TryReduction<[A]>> Ask for Own<A, R> {
    fn kind(&self) -> Option<TypeId> {
        None
    }

    fn need(&self) -> u8 {
        0
    }

    fn add(&self, joint: &mut Joint<Registers>, register: RegId) -> Box<dyn Any> {
        At::<A, R>::add(&self.reduction, register, joint)
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

fn place_of<T: 'static>(place: &dyn Any) -> &Place<T> {
    place.downcast_ref().expect("a place is read by the kind of request that added it")
}

/// A built-in statistic: a function of the result of a reduction that others may share.
pub(super) struct Statistic<A, R, F> {
    pub(super) name: &'static str,
    pub(super) reduction: Arc<R>,
    /// Among the reductions of type `R` on one array, the one that needs most serves all.
    pub(super) need: u8,
    pub(super) finish: F,
    pub(super) element: PhantomData<fn() -> A>,
}

impl<A, R, F, T> Ask for Statistic<A, R, F>
where
    A: Element,
    R: TryReduction<[A]>,
    F: Fn(&R::Output) -> Result<T, ArrayError> + Clone + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    fn kind(&self) -> Option<TypeId> {
        Some(TypeId::of::<R>())
    }

    fn need(&self) -> u8 {
        self.need
    }

    fn add(&self, joint: &mut Joint<Registers>, register: RegId) -> Box<dyn Any> {
        At::<A, R>::add(&self.reduction, register, joint)
    }

    fn answer(
        &self,
        answers: &JointAnswers,
        place: &dyn Any,
        site: &'static Location<'static>,
    ) -> AnyDelayed {
        let shared = answers.get(place_of::<R::Output>(place));
        task(self.name).site(site).try_call(&shared, self.finish.clone()).erase()
    }
}
