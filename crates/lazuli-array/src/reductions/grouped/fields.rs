//! The reduction of a pass that keeps fields by group: one for each group that has elements in the blocks seen.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::marker::PhantomData;
use std::sync::Arc;

use lazuli_core::reduce::StateCodec;
use lazuli_core::{Portable, Reduction};

use super::group::{Group, MANY};
use super::labels::Codes;
use crate::array::Element;
use crate::chunks::Region;
use crate::kernels::{Field, Rows, Words};
use crate::reductions::accumulator::Accumulator;
use crate::reductions::along::{Layout, Patch, show, turn};
use crate::reductions::portable::Shared;
use crate::stage::is_portable;
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
    groups: BTreeMap<usize, Group<A, F>>,
    /// Of each group.
    cells: usize,
    block: Option<Block<A>>,
}

/// The block that is being read, and room for the rows of a group.
struct Block<A> {
    layout: Layout,
    /// Of each index along the axis: its group, and its number among those of the group.
    members: Vec<Option<(usize, usize)>>,
    /// How many indices each group has.
    counts: BTreeMap<usize, usize>,
    turned: Vec<A>,
    gathered: Vec<A>,
    turned_back: Vec<A>,
    order: Vec<(usize, usize)>,
}

impl<A> Block<A> {
    fn new(codes: &Codes, axis: usize, region: &Region) -> Self {
        let mut counts = BTreeMap::new();
        let indices = region.start[axis]..region.start[axis] + region.shape[axis];
        let members = indices.map(|index| {
            let group = codes.group(index)?;
            let count = counts.entry(group).or_insert(0);
            *count += 1;
            Some((group, *count - 1))
        });
        Self {
            layout: Layout::new(&region.shape, &[axis]),
            members: members.collect(),
            counts,
            turned: Vec::new(),
            gathered: Vec::new(),
            turned_back: Vec::new(),
            order: Vec::new(),
        }
    }
}

impl<A: Element, S: Accumulator<A>> OverLabels<A, S> {
    /// Shows a patch to its groups: rows of one group, in order, at a time.
    fn show(
        &self,
        groups: &mut BTreeMap<usize, Group<A, S::Field>>,
        block: &mut Block<A>,
        patch: &Patch<'_, A>,
    ) {
        let Block { layout, members, counts, turned, gathered, turned_back, order } = block;
        let rows = if patch.by_column { patch.rows } else { turn(patch.rows, turned) };
        let (place, len) = (patch.place, rows.row_len());
        let member = |row: usize| members[place.first as usize + row * place.step as usize];
        order.clear();
        order.extend((0..rows.count()).filter_map(|row| Some((member(row)?.0, row))));
        order.sort_unstable();
        for run in order.chunk_by(|(left, _), (right, _)| left == right) {
            let (number, row) = run[0];
            let group = groups.entry(number).or_default();
            let count = counts[&number];
            if count < MANY {
                let kept = group.rows(count, layout.cells);
                for &(_, row) in run {
                    let among = member(row).map_or(0, |(_, among)| among);
                    let to = among * layout.cells + patch.first_cell;
                    kept[to..to + len].copy_from_slice(rows.row(row));
                }
                continue;
            }
            let are_neighbours = run[run.len() - 1].1 - row + 1 == run.len();
            let rows = if are_neighbours {
                rows.lines(row * len, len, run.len())
            } else {
                gathered.clear();
                run.iter().for_each(|&(_, row)| gathered.extend_from_slice(rows.row(row)));
                Rows::new(gathered, 0, len as isize, len, run.len())
            };
            let patch = Patch { first_cell: patch.first_cell, rows, place, by_column: true };
            show(group.field(|| self.start.field(layout.cells)), &patch, turned_back);
        }
    }
}

impl<A: Element, S: Accumulator<A>> Reduction<Registers> for OverLabels<A, S> {
    type State = State<A, S::Field>;
    /// By group; nothing of those that have no elements.
    type Output = Shared<BTreeMap<usize, S::Field>>;

    fn identity(&self) -> Self::State {
        State { groups: BTreeMap::new(), cells: 0, block: None }
    }

    fn update(&self, state: &mut Self::State, registers: &Registers) {
        let State { groups, cells, block } = state;
        let block =
            block.get_or_insert_with(|| Block::new(&self.codes, self.axis, registers.region()));
        *cells = block.layout.cells;
        let layout = block.layout.clone();
        layout.each_patch(registers.tile(), registers.get(self.register), |patch| {
            self.show(groups, block, &patch);
        });
    }

    fn end_part(&self, state: &mut Self::State) {
        state.block = None;
        state.groups.values_mut().for_each(Group::end_block);
    }

    fn combine(&self, state: &mut Self::State, following: Self::State) {
        state.cells = state.cells.max(following.cells);
        for (number, following) in following.groups {
            let make = || self.start.field(state.cells);
            state.groups.entry(number).or_default().merge(following, state.cells, make);
        }
    }

    fn finish(&self, state: Self::State) -> Self::Output {
        let make = || self.start.field(state.cells);
        let groups = state.groups.into_iter();
        let fields = groups.map(|(number, group)| (number, group.into_field(state.cells, make)));
        Shared(Arc::new(fields.collect()))
    }

    fn codec(&self) -> Option<StateCodec<Self::State>> {
        is_portable::<A>().then(StateCodec::of)
    }

    fn output_codec(&self) -> Option<StateCodec<Self::Output>> {
        Some(StateCodec::of())
    }
}

/// Between tasks no block is being read.
impl<A: Element, F: Field<A> + Words> Portable for State<A, F> {
    fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        (self.cells as u64, self.groups.len() as u64).write(to)?;
        self.groups.iter().try_for_each(|(&number, group)| {
            (number as u64).write(to)?;
            group.write(to)
        })
    }

    fn read(from: &mut dyn Read) -> io::Result<Self> {
        let (cells, count) = <(u64, u64)>::read(from)?;
        let groups = (0..count).map(|_| Ok((u64::read(from)? as usize, Group::read(from)?)));
        let groups = groups.collect::<io::Result<_>>()?;
        Ok(Self { groups, cells: cells as usize, block: None })
    }
}
