//! The leaves of a tile program: where the elements of an expression come from.
//!
//! A source is there whenever it is read. Blocks of a stage are handed to the task that needs them; and arrays
//! that are joined are programs of their own, of which a block needs what its part of them needs. So a block
//! waits for what it has elements of, and for nothing else.

use std::sync::Arc;

use lazuli_core::executor::TaskContext;

use super::joined::Joined;
use super::program::Program;
use super::registers::AnyScalar;
use super::tiling::Tiling;
use crate::chunks::Region;
use crate::error::ArrayError;
use crate::expr::View;
use crate::source::{AnySource, AnyWindow};
use crate::stage::{AnyBlock, Stage};

/// Where elements come from, and the view of it that has the shape of the pass.
pub(super) struct LeafView {
    pub(super) leaf: Leaf,
    pub(super) view: View,
}

/// Where elements come from.
pub(super) enum Leaf {
    Source(Arc<dyn AnySource>),
    Stage(Arc<Stage>),
    Joined(Joined),
}

/// What a task was given to evaluate a block: values that were computed before the pass, and the blocks of
/// stages that are not taken yet, in the order of [`Program::blocks_of`].
pub(super) struct Given<'a> {
    pub(super) scalars: &'a [&'a AnyScalar],
    pub(super) blocks: &'a [&'a AnyBlock],
}

/// A stage, and the numbers of blocks of it.
pub(crate) type BlocksOf<'a> = (&'a Arc<Stage>, Vec<usize>);

impl Leaf {
    /// How many bytes it needs while this part of it is read.
    pub(super) fn working_bytes(&self, part: &View, tiling: &Tiling) -> u64 {
        match self {
            Self::Source(source) => source.working_bytes(part, tiling),
            Self::Stage(stage) => stage.working_bytes(part),
            Self::Joined(joined) => joined.working_bytes(part, tiling),
        }
    }

    /// Lists the blocks of stages that hold elements of this part of it.
    pub(super) fn list_blocks<'a>(&'a self, part: &View, blocks: &mut Vec<BlocksOf<'a>>) {
        match self {
            Self::Source(_) => {}
            Self::Stage(stage) => blocks.push((stage, stage.blocks_of(part))),
            Self::Joined(joined) => joined.list_blocks(part, blocks),
        }
    }

    fn list_stages<'a>(&'a self, stages: &mut Vec<&'a Arc<Stage>>) {
        match self {
            Self::Source(_) => {}
            Self::Stage(stage) => stages.push(stage),
            Self::Joined(joined) => {
                joined.programs().for_each(|program| stages.extend(program.stages()));
            }
        }
    }
}

impl LeafView {
    /// How many bytes it needs while a block of the pass is read.
    pub(super) fn working_bytes(&self, region: &Region) -> u64 {
        self.leaf.working_bytes(&self.view.part(region), &Tiling::new(&region.shape))
    }

    /// Makes a part of it ready to be read.
    pub(super) fn open(
        &self,
        part: &View,
        given: &mut Given<'_>,
        context: &TaskContext<'_>,
    ) -> Result<Box<dyn AnyWindow>, ArrayError> {
        match &self.leaf {
            Leaf::Source(source) => {
                let window = source.open(part, &|| context.is_over())?;
                let elements = part.shape.iter().product::<usize>() as u64;
                context.loaded(
                    format_args!("{}{}", source.name(), part.bounds()),
                    elements.saturating_mul(source.element_bytes() as u64),
                );
                Ok(window)
            }
            Leaf::Stage(stage) => {
                let numbers = stage.blocks_of(part);
                let (mine, others) = given.blocks.split_at(numbers.len());
                given.blocks = others;
                Ok(stage.open(part, &numbers, mine))
            }
            Leaf::Joined(joined) => joined.open(part, given, context),
        }
    }
}

impl Program {
    /// The stages among its leaves; one of which it has several views is met several times.
    pub(crate) fn stages(&self) -> Vec<&Arc<Stage>> {
        let mut stages = Vec::new();
        self.leaves.iter().for_each(|leaf| leaf.leaf.list_stages(&mut stages));
        stages
    }

    /// The blocks of stages that hold elements of a region: what [`run`](Self::run) is to be given.
    pub(crate) fn blocks_of(&self, region: &Region) -> Vec<BlocksOf<'_>> {
        let mut blocks = Vec::new();
        for LeafView { leaf, view } in &self.leaves {
            leaf.list_blocks(&view.part(region), &mut blocks);
        }
        blocks
    }

    /// Its only leaf, where it is nothing but elements of that.
    pub(super) fn only_leaf(&self) -> Option<&LeafView> {
        match &self.leaves[..] {
            [leaf] if self.steps.is_empty() => Some(leaf),
            _ => None,
        }
    }
}
