//! Reductions of a user's own along axes.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::{JointAnswers, Places};
use lazuli_core::{Answer, TryReduction};

use super::over::turn;
use super::patches::Layout;
use super::query::{axes_of, state_bytes};
use crate::array::Element;
use crate::chunks::{Axes, Grid, Region};
use crate::error::ArrayError;
use crate::lower::{Pass, Query, Scope};
use crate::stage::{AnyBlock, block_task};
use crate::tile::{RegId, Registers};

/// A reduction of slices, asked along axes.
pub(super) struct OwnAlong<A, R> {
    reduction: Arc<R>,
    scope: Scope,
    output: Arc<Grid>,
    element: PhantomData<fn() -> A>,
}

impl<A, R> OwnAlong<A, R> {
    pub(super) fn new(reduction: R, scope: Scope, output: &Arc<Grid>) -> Self {
        let output = Arc::clone(output);
        Self { reduction: Arc::new(reduction), scope, output, element: PhantomData }
    }
}

/// The reduction at work: a state for each cell.
struct Cells<A, R> {
    register: RegId,
    reduction: Arc<R>,
    axes: Axes,
    element: PhantomData<fn() -> A>,
}

/// The states of the blocks seen so far (none before the first), and how the one that is being read lies.
struct State<A, S> {
    cells: Vec<S>,
    layout: Option<Layout>,
    turned: Vec<A>,
}

impl<A: Element, R: TryReduction<[A]>> TryReduction<Registers> for Cells<A, R> {
    type State = State<A, R::State>;
    /// Nothing of no blocks.
    type Output = Arc<Vec<R::Output>>;
    type Error = R::Error;

    fn identity(&self) -> Self::State {
        State { cells: Vec::new(), layout: None, turned: Vec::new() }
    }

    fn update(&self, state: &mut Self::State, registers: &Registers) -> Result<(), R::Error> {
        let State { cells, layout, turned } = state;
        let layout =
            layout.get_or_insert_with(|| Layout::new(&registers.region().shape, &self.axes));
        if cells.is_empty() {
            cells.extend((0..layout.cells).map(|_| self.reduction.identity()));
        }
        let mut result = Ok(());
        layout.each_patch(registers.tile(), registers.get(self.register), |patch| {
            let rows = if patch.by_column { turn(patch.rows, turned) } else { patch.rows };
            for (row, cell) in rows.iter().zip(&mut cells[patch.first_cell..]) {
                if result.is_ok() {
                    result = self.reduction.update(cell, row);
                }
            }
        });
        result
    }

    fn end_part(&self, state: &mut Self::State) -> Result<(), R::Error> {
        (state.layout, state.turned) = (None, Vec::new());
        state.cells.iter_mut().try_for_each(|cell| self.reduction.end_part(cell))
    }

    fn combine(&self, state: &mut Self::State, following: Self::State) -> Result<(), R::Error> {
        if state.cells.is_empty() {
            state.cells = following.cells;
            return Ok(());
        }
        let mut both = state.cells.iter_mut().zip(following.cells);
        both.try_for_each(|(cell, following)| self.reduction.combine(cell, following))
    }

    fn finish(&self, state: Self::State) -> Result<Self::Output, R::Error> {
        let outputs = state.cells.into_iter().map(|cell| self.reduction.finish(cell));
        outputs.collect::<Result<_, _>>().map(Arc::new)
    }
}

impl<A: Element, R: TryReduction<[A]>> Query for OwnAlong<A, R>
where
    R::Output: Element,
{
    fn kind(&self) -> Option<TypeId> {
        None
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn need(&self) -> u8 {
        0
    }

    fn state_bytes(&self, block: &Region) -> u64 {
        state_bytes::<R::State>(&self.scope, block)
    }

    fn add(
        &self,
        pass: &mut Pass<'_>,
        register: RegId,
        _: usize,
    ) -> Result<Box<dyn Any>, ArrayError> {
        let groups = pass.groups(&self.scope);
        let (reduction, axes) = (Arc::clone(&self.reduction), axes_of(&self.scope).into());
        let cells = Cells::<A, R> { register, reduction, axes, element: PhantomData };
        Ok(Box::new(pass.joint.add_to(groups, cells)))
    }

    fn answer(
        &self,
        answers: &JointAnswers,
        places: &dyn Any,
        site: &'static Location<'static>,
    ) -> Answer {
        let places = places.downcast_ref::<Places<Arc<Vec<R::Output>>>>();
        let places = places.expect("a place is read by the kind of query that added it");
        let blocks = answers.each(places).zip(self.output.regions()).map(|(outputs, region)| {
            let reduction = Arc::clone(&self.reduction);
            let block = block_task::<R::Output>("reduce", &region, site);
            block.try_call(&outputs, move |outputs: &Arc<Vec<R::Output>>| {
                let none = || reduction.finish(reduction.identity());
                let values = if outputs.is_empty() {
                    (0..region.len()).map(|_| none()).collect::<Result<_, _>>()?
                } else {
                    outputs.to_vec()
                };
                Ok::<_, R::Error>(AnyBlock::new(region.shape.clone(), values))
            })
        });
        Answer::parts(blocks)
    }
}
