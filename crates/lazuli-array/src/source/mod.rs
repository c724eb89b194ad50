//! Sources: where the elements of an expression come from.
//!
//! A source loads any region of its array as a [`Window`], which lends it tile by tile: where it lies,
//! when the memory is in C order, or from a copy of the block.

mod generated;
mod memory;
mod window;

use std::any::Any;
use std::ops::Range;
use std::sync::Arc;

pub(crate) use generated::Generated;
pub(crate) use memory::{InMemory, Memory, Strided, View, leaf_of};
pub(crate) use window::Window;

use crate::array::Element;
use crate::chunks::Region;
use crate::error::ArrayError;
use crate::expr::Operation;
use crate::tile::{ProgramBuilder, RegId};

/// Where elements of type `A` come from.
pub(crate) trait Source<A: Element>: Send + Sync + 'static {
    /// What it is called in events.
    fn name(&self) -> &str;
    /// Whether a window lends elements where they lie; else it holds a copy of its region.
    fn lends(&self) -> bool;
    /// Makes a region ready to be read, once in a pass.
    fn window(&self, region: &Region) -> Result<Window<A>, ArrayError>;
}

/// A source whose element type the program does not know.
pub(crate) trait AnySource: Send + Sync {
    fn name(&self) -> &str;
    /// How many bytes a window of the region holds.
    fn held_bytes(&self, region: &Region) -> u64;
    fn load(&self, region: &Region) -> Result<Box<dyn AnyWindow>, ArrayError>;
}

/// A loaded region whose element type the program does not know.
pub(crate) trait AnyWindow: Any + Send {
    /// How many neighbours in C order always lie side by side in memory.
    fn run_len(&self) -> usize;
    /// How many bytes the region has.
    fn bytes(&self) -> u64;
    /// Moves on to these elements of the region.
    fn seek(&mut self, tile: Range<usize>);
}

/// A source as the leaf of an expression. Expressions that share a leaf share its loading.
pub(crate) struct Leaf(pub(crate) Arc<dyn AnySource>);

impl Operation for Leaf {
    fn compile(&self, _: &[RegId], program: &mut ProgramBuilder) -> RegId {
        program.source(&self.0)
    }

    fn source(&self) -> Option<&Arc<dyn AnySource>> {
        Some(&self.0)
    }
}

/// Erases the element type of a source.
struct Erased<A, S> {
    source: S,
    element: std::marker::PhantomData<fn() -> A>,
}

impl<A: Element, S: Source<A>> AnySource for Erased<A, S> {
    fn name(&self) -> &str {
        self.source.name()
    }

    fn held_bytes(&self, region: &Region) -> u64 {
        if self.source.lends() { 0 } else { (region.len() * size_of::<A>()) as u64 }
    }

    fn load(&self, region: &Region) -> Result<Box<dyn AnyWindow>, ArrayError> {
        Ok(Box::new(self.source.window(region)?))
    }
}

impl Leaf {
    pub(crate) fn new<A: Element>(source: impl Source<A>) -> Self {
        Self(Arc::new(Erased { source, element: std::marker::PhantomData }))
    }
}
