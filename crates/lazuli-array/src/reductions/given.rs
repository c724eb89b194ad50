//! Reductions that are given a value when the pass runs: the edges of bins, the digits found by the pass before.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::JointAnswers;
use lazuli_core::{Answer, Delayed, Reduction, task};
use ndarray::Dimension;

use super::query::place_of;
use crate::array::{ChunkedArray, Element};
use crate::error::ArrayError;
use crate::kernels::Rows;
use crate::lower::{Pass, Query, request_given};
use crate::tile::{AnyScalar, RegId, Registers};

/// A reduction of tiles that is shown a value with each of them.
pub(super) trait GivenReduction<A>: Clone + Send + Sync + 'static {
    /// What it is given.
    type Given: Send + Sync + 'static;
    /// What is known of the elements seen so far. `Default` has seen nothing.
    type State: Clone + Default + Send + Sync + 'static;
    /// Whether, with what is given, no element has to be seen.
    fn needs_nothing(given: &Self::Given) -> bool {
        let _ = given;
        false
    }
    /// Takes in a tile.
    fn update(&self, state: &mut Self::State, given: &Self::Given, tile: Rows<'_, A>);
    /// Takes in what another knows of the tiles that follow.
    fn merge(&self, state: &mut Self::State, following: Self::State);
}

struct AtWork<A, R> {
    register: RegId,
    /// The place of what is given among the scalars.
    given: usize,
    reduction: R,
    element: PhantomData<fn() -> A>,
}

impl<A: Element, R: GivenReduction<A>> Reduction<Registers> for AtWork<A, R> {
    type State = R::State;
    type Output = Arc<R::State>;

    fn identity(&self) -> R::State {
        R::State::default()
    }

    fn update(&self, state: &mut R::State, registers: &Registers) {
        let given: &Arc<R::Given> = registers.scalar(self.given);
        self.reduction.update(state, given, registers.get(self.register));
    }

    fn combine(&self, state: &mut R::State, following: R::State) {
        self.reduction.merge(state, following);
    }

    fn finish(&self, state: R::State) -> Arc<R::State> {
        Arc::new(state)
    }
}

struct GivenQuery<A, R> {
    given: Delayed<AnyScalar>,
    reduction: R,
    element: PhantomData<fn() -> A>,
}

impl<A: Element, R: GivenReduction<A>> Query for GivenQuery<A, R> {
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
        let given = pass.program.scalar(self.given.clone());
        pass.idle.push((given, |given| {
            let given = given.0.downcast_ref::<Arc<R::Given>>();
            given.is_some_and(|given| R::needs_nothing(given))
        }));
        let reduction = self.reduction.clone();
        let at_work = AtWork::<A, R> { register, given, reduction, element: PhantomData };
        Ok(Box::new(pass.joint.add(at_work)))
    }

    fn answer(
        &self,
        answers: &JointAnswers,
        place: &dyn Any,
        _: &'static Location<'static>,
    ) -> Answer {
        answers.get(place_of::<Arc<R::State>>(place)).into()
    }
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// What a reduction makes of all elements, given the value of a task.
    pub(super) fn reduce_given<R: GivenReduction<A>>(
        &self,
        name: &'static str,
        reduction: R,
        given: &Delayed<Arc<R::Given>>,
        site: &'static Location<'static>,
    ) -> Delayed<Arc<R::State>> {
        let erased = task("given")
            .site(site)
            .call(given, |given: &Arc<R::Given>| AnyScalar(Arc::new(Arc::clone(given))));
        let query = GivenQuery { given: erased.clone(), reduction, element: PhantomData };
        request_given(name, &self.expr, &self.grid, query, &erased, site)
    }
}
