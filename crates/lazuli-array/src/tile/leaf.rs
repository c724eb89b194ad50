//! The leaves of a tile program: where the elements of an expression come from.
//!
//! A source is there whenever it is read. An array that a task gives is a value that the block needs before it
//! begins; and arrays that are joined are programs of their own, of which a block needs what its part of
//! them needs. So a block waits for what it has elements of, and for nothing else.

use std::sync::Arc;

use lazuli_core::executor::TaskContext;

use super::joined::Joined;
use super::program::Program;
use super::registers::AnyScalar;
use super::tiling::Tiling;
use crate::chunks::Region;
use crate::error::ArrayError;
use crate::expr::View;
use crate::source::{AnyGiven, AnySource, AnyWindow};

/// Where elements come from, and the view of it that has the shape of the pass.
pub(super) struct LeafView {
    pub(super) leaf: Leaf,
    pub(super) view: View,
}

/// Where elements come from.
pub(super) enum Leaf {
    Source(Arc<dyn AnySource>),
    /// An array that a task gives, and its place among the scalars.
    Given(Arc<dyn AnyGiven>, usize),
    Joined(Joined),
}

/// The values that were computed before the pass; those that this block does not need are not there.
pub(crate) type Scalars<'a> = [Option<&'a AnyScalar>];

impl Leaf {
    /// How many bytes it needs while this part of it is read.
    fn working_bytes(&self, part: &View, tiling: &Tiling) -> u64 {
        match self {
            Self::Source(source) => source.working_bytes(part, tiling),
            Self::Given(given, _) => given.working_bytes(part, tiling),
            Self::Joined(joined) => joined.working_bytes(part, tiling),
        }
    }
}

impl LeafView {
    /// How many bytes it needs while a block of the pass is read.
    pub(super) fn working_bytes(&self, region: &Region) -> u64 {
        self.leaf.working_bytes(&self.view.part(region), &Tiling::new(&region.shape))
    }

    /// The places of the scalars that a block needs for it.
    pub(super) fn needs(&self, region: &Region, needs: &mut Vec<usize>) {
        match &self.leaf {
            Leaf::Source(_) => {}
            Leaf::Given(_, scalar) => needs.push(*scalar),
            Leaf::Joined(joined) => joined.needs(&self.view.part(region), needs),
        }
    }

    /// Whether it needs scalars for some blocks only.
    pub(super) fn needs_differ(&self) -> bool {
        matches!(self.leaf, Leaf::Joined(_))
    }

    /// Makes a part of it ready to be read.
    pub(super) fn open(
        &self,
        part: &View,
        scalars: &Scalars<'_>,
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
            Leaf::Given(given, scalar) => {
                let value = scalars[*scalar].expect("a block is given what it needs");
                given.open(part, value)
            }
            Leaf::Joined(joined) => joined.open(part, scalars, context),
        }
    }
}

impl Program {
    /// The places of the scalars that a block needs.
    pub(crate) fn needs(&self, region: &Region) -> Arc<[usize]> {
        if !self.leaves.iter().any(LeafView::needs_differ) {
            return Arc::clone(&self.always);
        }
        let mut needs = self.always.to_vec();
        self.leaves.iter().filter(|leaf| leaf.needs_differ()).for_each(|leaf| {
            leaf.needs(region, &mut needs);
        });
        needs.sort_unstable();
        needs.dedup();
        needs.into()
    }

    /// Of a program that is nothing but the elements of a source or of a given array: the view of that.
    pub(super) fn only_leaf(&self) -> Option<&View> {
        match &self.leaves[..] {
            [leaf] if self.steps.is_empty() && !leaf.needs_differ() => Some(&leaf.view),
            _ => None,
        }
    }

    /// How many bytes a window on this view of the array of the only leaf needs.
    pub(super) fn leaf_bytes(&self, view: &View, tiling: &Tiling) -> u64 {
        self.leaves[0].leaf.working_bytes(view, tiling)
    }

    /// A window on this view of the array of the only leaf.
    pub(super) fn open_leaf(
        &self,
        view: &View,
        scalars: &Scalars<'_>,
        context: &TaskContext<'_>,
    ) -> Result<Box<dyn AnyWindow>, ArrayError> {
        self.leaves[0].open(view, scalars, context)
    }
}
