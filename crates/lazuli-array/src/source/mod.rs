//! Sources: where the elements of an expression come from.
//!
//! A source opens a [`Window`] on any view of its array, which yields it tile by tile: it lends rows
//! where they lie in memory, and gathers, fetches or computes them where they do not.

mod generated;
mod memory;
mod window;

use std::any::Any;
use std::sync::Arc;

pub(crate) use generated::{Fill, Generated};
#[cfg(feature = "zarr")]
pub(crate) use memory::in_c_order;
pub(crate) use memory::{InMemory, Memory, leaf_of, lent_in_c_order};
pub(crate) use window::{Fetch, Window, dense_from, lent_window};

use crate::array::Element;
use crate::error::ArrayError;
use crate::expr::{Expr, ExprRef, Kind, View};
use crate::tile::{Tile, Tiling};

/// Whether the run that a task works for is over, so that what is not done yet need not be done.
pub(crate) type IsOver<'a> = &'a dyn Fn() -> bool;

/// Where elements of type `A` come from.
pub(crate) trait Source<A: Element>: Send + Sync + 'static {
    /// What it is called in events.
    fn name(&self) -> &str;
    /// How many bytes a window on this view brings into memory as a whole, beside its tile.
    fn loaded_bytes(&self, view: &View) -> u64;
    /// Makes a view ready to be read, once in a pass. What takes long fails when the run is over.
    fn window(&self, view: &View, is_over: IsOver<'_>) -> Result<Window<A>, ArrayError>;
    /// Whether a window on this view has to gather its tiles.
    fn gathers(&self, view: &View, tiling: &Tiling) -> bool;
    /// Whether elements are read from files, so that small parts of many blocks cost more than the blocks.
    fn is_stored(&self) -> bool {
        false
    }
}

/// A source whose element type the program does not know.
pub(crate) trait AnySource: Send + Sync {
    fn name(&self) -> &str;
    /// How many bytes a window on this view needs while it is read.
    fn working_bytes(&self, view: &View, tiling: &Tiling) -> u64;
    fn element_bytes(&self) -> usize;
    fn is_stored(&self) -> bool;
    fn open(&self, view: &View, is_over: IsOver<'_>) -> Result<Box<dyn AnyWindow>, ArrayError>;
}

/// An open window whose element type the program does not know.
pub(crate) trait AnyWindow: Any + Send {
    /// Moves on to a tile. May return early when the run is over.
    fn seek(&mut self, tile: &Tile, tiling: &Tiling, is_over: IsOver<'_>)
    -> Result<(), ArrayError>;
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

    fn working_bytes(&self, view: &View, tiling: &Tiling) -> u64 {
        let tile = if self.source.gathers(view, tiling) { tiling.largest() } else { 0 };
        self.source.loaded_bytes(view).saturating_add((tile * size_of::<A>()) as u64)
    }

    fn element_bytes(&self) -> usize {
        size_of::<A>()
    }

    fn is_stored(&self) -> bool {
        self.source.is_stored()
    }

    fn open(&self, view: &View, is_over: IsOver<'_>) -> Result<Box<dyn AnyWindow>, ArrayError> {
        Ok(Box::new(self.source.window(view, is_over)?))
    }
}

/// A source as the leaf of an expression. Expressions that share a leaf share its loading.
pub(crate) fn leaf<A: Element>(source: impl Source<A>) -> ExprRef {
    Expr::leaf(Kind::Source(Arc::new(Erased { source, element: std::marker::PhantomData })))
}
