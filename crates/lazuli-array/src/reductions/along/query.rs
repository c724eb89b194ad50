//! Built-in statistics along axes, as requests.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::Answer;
use lazuli_core::reduce::{JointAnswers, Places};

use super::over::OverAxes;
use crate::array::Element;
use crate::chunks::{Axes, Grid, Region};
use crate::error::ArrayError;
use crate::kernels::Field;
use crate::lower::{Pass, Query, Scope};
use crate::reductions::accumulator::Accumulator;
use crate::reductions::portable::Shared;
use crate::reductions::query::Statistic;
use crate::stage::{AnyBlock, block_task};
use crate::tile::RegId;

/// A built-in statistic along axes: a block of values for each group of blocks.
pub(super) struct StatisticAlong<A, S, T> {
    statistic: Statistic<A, S, T>,
    scope: Scope,
    shape: Axes,
    /// How the result is cut.
    output: Arc<Grid>,
}

impl<A, S, T> StatisticAlong<A, S, T> {
    pub(super) fn new(
        statistic: Statistic<A, S, T>,
        scope: Scope,
        shape: &[usize],
        output: &Arc<Grid>,
    ) -> Self {
        Self { statistic, scope, shape: shape.into(), output: Arc::clone(output) }
    }
}

/// The axes that a scope is along.
pub(super) fn axes_of(scope: &Scope) -> &[usize] {
    match scope {
        Scope::Along { axes, .. } => axes,
        Scope::Whole => &[],
    }
}

/// How many bytes states of this size have for a block, one for each cell.
pub(super) fn state_bytes<S>(scope: &Scope, block: &Region) -> u64 {
    let kept = (0..block.shape.len()).filter(|axis| !axes_of(scope).contains(axis));
    let cells: usize = kept.map(|axis| block.shape[axis]).product();
    (cells as u64).saturating_mul(size_of::<S>() as u64)
}

impl<A: Element, S: Accumulator<A>, T: Element> Query for StatisticAlong<A, S, T> {
    fn kind(&self) -> Option<TypeId> {
        Some(TypeId::of::<(A, S)>())
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn need(&self) -> u8 {
        self.statistic.need
    }

    fn state_bytes(&self, block: &Region) -> u64 {
        state_bytes::<S>(&self.scope, block)
    }

    fn add(
        &self,
        pass: &mut Pass<'_>,
        register: RegId,
        _: usize,
    ) -> Result<Box<dyn Any>, ArrayError> {
        let groups = pass.groups(&self.scope);
        let reduction = OverAxes::<A, S> {
            register,
            start: self.statistic.start.clone(),
            axes: axes_of(&self.scope).into(),
            shape: self.shape.clone(),
            element: PhantomData,
        };
        Ok(Box::new(pass.joint.add_to(groups, reduction)))
    }

    fn answer(
        &self,
        answers: &JointAnswers,
        places: &dyn Any,
        site: &'static Location<'static>,
    ) -> Answer {
        let places = places.downcast_ref::<Places<Shared<Option<S::Field>>>>();
        let places = places.expect("a place is read by the kind of query that added it");
        let blocks = answers.each(places).zip(self.output.regions()).map(|(shared, region)| {
            let (finish, start) =
                (Arc::clone(&self.statistic.finish), self.statistic.start.clone());
            let block = block_task::<T>(self.statistic.name, &region, site);
            block.try_call(&shared, move |field: &Shared<Option<S::Field>>| {
                let cells = 0..region.len();
                let values: Result<Vec<T>, ArrayError> = match &*field.0 {
                    Some(field) => cells.map(|cell| finish(&field.state(cell))).collect(),
                    None => cells.map(|_| finish(&start)).collect(),
                };
                Ok::<_, ArrayError>(AnyBlock::new(region.shape.clone(), values?))
            })
        });
        Answer::parts(blocks)
    }
}
