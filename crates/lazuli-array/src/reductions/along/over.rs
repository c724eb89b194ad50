//! The reduction of a pass that keeps a field: an accumulator for each element of an output block.

use std::io::{self, Read, Write};
use std::marker::PhantomData;
use std::sync::Arc;

use lazuli_core::reduce::StateCodec;
use lazuli_core::{Portable, Reduction};

use super::patches::{Layout, Patch};
use crate::array::Element;
use crate::chunks::{Axes, Region};
use crate::kernels::{Field, Place, Rows, Words};
use crate::reductions::accumulator::Accumulator;
use crate::reductions::portable::{Shared, read_words, write_words};
use crate::tile::{RegId, Registers};

/// Rows shorter than this, or columns fewer, are turned on their side where that makes them longer.
const SHORT: usize = 16;

/// Accumulators that begin as `start`, one for each cell.
pub(super) struct OverAxes<A, S> {
    pub(super) register: RegId,
    pub(super) start: S,
    pub(super) axes: Axes,
    /// The shape of the array.
    pub(super) shape: Axes,
    pub(super) element: PhantomData<fn() -> A>,
}

/// What is known of the blocks seen so far, and of the one that is being read.
pub(super) struct State<A, F> {
    field: Option<F>,
    block: Option<Block<A>>,
}

/// The block that is being read.
struct Block<A> {
    region: Region,
    layout: Layout,
    turned: Vec<A>,
}

impl<A: Element, S: Accumulator<A>> Reduction<Registers> for OverAxes<A, S> {
    type State = State<A, S::Field>;
    /// None of no blocks.
    type Output = Shared<Option<S::Field>>;

    fn identity(&self) -> Self::State {
        State { field: None, block: None }
    }

    fn update(&self, state: &mut Self::State, registers: &Registers) {
        let block = state.block.get_or_insert_with(|| Block {
            region: registers.region().clone(),
            layout: Layout::new(&registers.region().shape, &self.axes),
            turned: Vec::new(),
        });
        let field = state.field.get_or_insert_with(|| self.start.field(block.layout.cells));
        let Block { layout, turned, .. } = block;
        layout.each_patch(registers.tile(), registers.get(self.register), |patch| {
            show(field, &patch, turned);
        });
    }

    fn end_part(&self, state: &mut Self::State) {
        if let (Some(field), Some(Block { region, layout, .. })) =
            (&mut state.field, state.block.take())
        {
            field.end_block(&|place| layout.place_in_array(place, &region.start, &self.shape));
        }
    }

    fn combine(&self, state: &mut Self::State, following: Self::State) {
        match (&mut state.field, following.field) {
            (Some(field), Some(following)) => field.merge(&following),
            (field @ None, following) => *field = following,
            (Some(_), None) => {}
        }
    }

    fn finish(&self, state: Self::State) -> Self::Output {
        Shared(Arc::new(state.field))
    }

    fn codec(&self) -> Option<StateCodec<Self::State>> {
        Some(StateCodec::of())
    }

    fn output_codec(&self) -> Option<StateCodec<Self::Output>> {
        Some(StateCodec::of())
    }
}

/// Between tasks no block is being read.
impl<A, F: Words> Portable for State<A, F> {
    fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        write_words(&self.field, to)
    }

    fn read(from: &mut dyn Read) -> io::Result<Self> {
        read_words(from).map(|field| Self { field, block: None })
    }
}

/// Shows a patch to its cells, as it lies or turned.
pub(in crate::reductions) fn show<A: Element, F: Field<A>>(
    field: &mut F,
    patch: &Patch<'_, A>,
    turned: &mut Vec<A>,
) {
    let Patch { first_cell, rows, place, by_column } = *patch;
    let (count, len) = (rows.count(), rows.row_len());
    if by_column {
        if F::ROWS_ONLY || len < SHORT && count > len {
            let rows = turn(rows, turned);
            field.update_rows(first_cell, rows, place);
        } else {
            field.update_columns(first_cell, rows, place);
        }
    } else if !F::ROWS_ONLY && len < SHORT && count > len {
        let rows = turn(rows, turned);
        field.update_columns(first_cell, rows, Place { first: place.first, step: place.step });
    } else {
        field.update_rows(first_cell, rows, place);
    }
}

/// The rows as columns.
pub(in crate::reductions) fn turn<'a, A: Element>(
    rows: Rows<'_, A>,
    turned: &'a mut Vec<A>,
) -> Rows<'a, A> {
    let (count, len) = (rows.count(), rows.row_len());
    turned.clear();
    turned.resize(count * len, A::default());
    for (i, row) in rows.iter().enumerate() {
        for (to, &value) in turned[i..].iter_mut().step_by(count).zip(row) {
            *to = value;
        }
    }
    Rows::new(turned, 0, count as isize, count, len)
}
