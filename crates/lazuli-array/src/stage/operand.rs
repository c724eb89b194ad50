//! Arrays that a task takes regions of: what operations of several arrays are made of.
//!
//! An operand is an expression of its own, compiled when the operation is lowered. A task takes the delayed numbers
//! and the blocks of stages that its region needs, and evaluates the region tile by tile into memory.

use std::collections::HashMap;
use std::sync::Arc;

use lazuli_core::executor::TaskContext;
use lazuli_core::{Delayed, Lowering};

use super::AnyBlock;
use crate::array::Element;
use crate::chunks::Region;
use crate::error::ArrayError;
use crate::expr::ExprRef;
use crate::lower::Wiring;
use crate::tile::{AnyScalar, Program, ProgramBuilder, RegId};

/// An array of an operation that is being lowered.
pub(crate) struct Operand {
    wiring: Wiring,
    reader: Reader,
}

/// What a task needs to evaluate a region of it.
#[derive(Clone)]
pub(crate) struct Reader {
    program: Arc<Program>,
    register: RegId,
}

/// What a task is given for that.
pub(crate) struct Given<'a, 'b> {
    pub(crate) scalars: &'a [&'b AnyScalar],
    /// The blocks that [`Operand::blocks_of`] lists.
    pub(crate) blocks: &'a [&'b AnyBlock],
    pub(crate) context: &'a TaskContext<'b>,
}

impl Operand {
    pub(crate) fn new(
        expr: &ExprRef,
        shape: &[usize],
        lowering: &Lowering<'_>,
    ) -> Result<Self, ArrayError> {
        let mut builder = ProgramBuilder::default();
        let register = builder.compile(expr, shape)?;
        let program = Arc::new(builder.finish(&[register]));
        Ok(Self { wiring: Wiring::new(&program, lowering), reader: Reader { program, register } })
    }

    pub(crate) fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// The numbers that a task takes.
    pub(crate) fn scalars(&self) -> &[Delayed<AnyScalar>] {
        &self.reader.program.scalars
    }

    /// The blocks of stages that a task takes to evaluate a region.
    pub(crate) fn blocks_of(&self, region: &Region) -> Vec<Delayed<AnyBlock>> {
        self.wiring.blocks_of(region)
    }

    /// How many bytes evaluating a region needs, beside the elements that come out.
    pub(crate) fn working_bytes(&self, region: &Region) -> u64 {
        self.reader.program.working_bytes(region)
    }
}

impl Reader {
    /// Of the blocks of stages that a region takes, those that a part of it does.
    pub(crate) fn blocks_of_part<'b>(
        &self,
        part: &Region,
        region: &Region,
        blocks: &[&'b AnyBlock],
    ) -> Vec<&'b AnyBlock> {
        let listed = |region: &Region| {
            let stages = self.program.blocks_of(region).into_iter();
            let numbers = stages.flat_map(|(stage, numbers)| {
                let stage = Arc::as_ptr(stage);
                numbers.into_iter().map(move |number| (stage, number))
            });
            numbers.collect::<Vec<_>>()
        };
        let known: HashMap<_, _> = listed(region).into_iter().zip(blocks).collect();
        listed(part)
            .into_iter()
            .filter_map(|block| known.get(&block).map(|&&block| block))
            .collect()
    }

    /// Shows a region line by line along the last axis, in C order: how many of its elements are before the line, and
    /// the line.
    pub(crate) fn lines<A: Element>(
        &self,
        region: &Region,
        given: &Given<'_, '_>,
        mut show: impl FnMut(usize, &[A]),
    ) -> Result<(), ArrayError> {
        let Given { scalars, blocks, context } = *given;
        self.program.run(region, scalars, blocks, context, |registers| {
            let (rows, tile) = (registers.get::<A>(self.register), registers.tile());
            for before in (0..tile.len).step_by(tile.line) {
                show(tile.start + before, rows.lines(before, tile.line, 1).row(0));
            }
        })
    }

    /// The elements of a region in C order.
    pub(crate) fn elements<A: Element>(
        &self,
        region: &Region,
        given: &Given<'_, '_>,
    ) -> Result<Vec<A>, ArrayError> {
        let mut elements = Vec::new();
        elements
            .try_reserve_exact(region.len())
            .map_err(|_| ArrayError::TooManyBytes { shape: region.shape.to_vec() })?;
        let Given { scalars, blocks, context } = *given;
        self.program.run(region, scalars, blocks, context, |registers| {
            for row in registers.get::<A>(self.register).iter() {
                elements.extend_from_slice(row);
            }
        })?;
        Ok(elements)
    }
}
