//! The reduction of a pass that keeps fields by group: one for each group that has elements in the blocks seen.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use lazuli_core::Reduction;

use super::labels::Codes;
use crate::array::Element;
use crate::kernels::{Field, Rows};
use crate::reductions::accumulator::Accumulator;
use crate::reductions::along::{Layout, Patch, show, turn};
use crate::tile::{RegId, Registers};

/// Accumulators that begin as `start`: for each group of indices along an axis, one for each cell.
pub(super) struct OverLabels<A, S> {
    pub(super) register: RegId,
    pub(super) start: S,
    pub(super) axis: usize,
    pub(super) codes: Arc<Codes>,
    pub(super) element: PhantomData<fn() -> A>,
}

/// What is known of the blocks seen so far, by group, and the block that is being read.
pub(super) struct State<A, F> {
    fields: BTreeMap<usize, F>,
    block: Option<Block<A>>,
}

/// The block that is being read, and room for the rows of a group.
struct Block<A> {
    /// The index of its first element along the axis.
    start: usize,
    layout: Layout,
    turned: Vec<A>,
    gathered: Vec<A>,
    turned_back: Vec<A>,
    order: Vec<(usize, usize)>,
}

impl<A: Element, S: Accumulator<A>> OverLabels<A, S> {
    /// Shows a patch to the fields of its groups: rows of one group, in order, at a time.
    fn show(
        &self,
        fields: &mut BTreeMap<usize, S::Field>,
        block: &mut Block<A>,
        patch: &Patch<'_, A>,
    ) {
        let Block { start, layout, turned, gathered, turned_back, order } = block;
        let rows = if patch.by_column { patch.rows } else { turn(patch.rows, turned) };
        let (place, len) = (patch.place, rows.row_len());
        let first = *start + place.first as usize;
        let group = |row: usize| Some((self.codes.group(first + row * place.step as usize)?, row));
        order.clear();
        order.extend((0..rows.count()).filter_map(group));
        order.sort_unstable();
        for run in order.chunk_by(|(left, _), (right, _)| left == right) {
            let (group, row) = run[0];
            let are_neighbours = run[run.len() - 1].1 - row + 1 == run.len();
            let rows = if are_neighbours {
                rows.lines(row * len, len, run.len())
            } else {
                gathered.clear();
                run.iter().for_each(|&(_, row)| gathered.extend_from_slice(rows.row(row)));
                Rows::new(gathered, 0, len as isize, len, run.len())
            };
            let field = fields.entry(group).or_insert_with(|| self.start.field(layout.cells));
            let patch = Patch { first_cell: patch.first_cell, rows, place, by_column: true };
            show(field, &patch, turned_back);
        }
    }
}

impl<A: Element, S: Accumulator<A>> Reduction<Registers> for OverLabels<A, S> {
    type State = State<A, S::Field>;
    /// By group; nothing of those that have no elements.
    type Output = Arc<BTreeMap<usize, S::Field>>;

    fn identity(&self) -> Self::State {
        State { fields: BTreeMap::new(), block: None }
    }

    fn update(&self, state: &mut Self::State, registers: &Registers) {
        let State { fields, block } = state;
        let block = block.get_or_insert_with(|| {
            let region = registers.region();
            Block {
                start: region.start[self.axis],
                layout: Layout::new(&region.shape, &[self.axis]),
                turned: Vec::new(),
                gathered: Vec::new(),
                turned_back: Vec::new(),
                order: Vec::new(),
            }
        });
        let layout = block.layout.clone();
        layout.each_patch(registers.tile(), registers.get(self.register), |patch| {
            self.show(fields, block, &patch);
        });
    }

    fn end_part(&self, state: &mut Self::State) {
        state.block = None;
        state.fields.values_mut().for_each(|field| field.end_block(&|place| place));
    }

    fn combine(&self, state: &mut Self::State, following: Self::State) {
        for (group, following) in following.fields {
            match state.fields.get_mut(&group) {
                Some(field) => field.merge(&following),
                None => drop(state.fields.insert(group, following)),
            }
        }
    }

    fn finish(&self, state: Self::State) -> Self::Output {
        Arc::new(state.fields)
    }
}
