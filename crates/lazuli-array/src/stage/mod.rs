//! Stages: arrays whose blocks are the parts of a request.
//!
//! A stage is a leaf of an expression. A task that evaluates a region of the expression takes those blocks
//! of the stage that hold elements of it, so dependents are wired block to block: nothing waits for the
//! whole array, and a block is dropped when the last task that takes it has run.

mod block;
mod copy;
mod operand;
mod read;
mod regions;

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::task::TaskBuilder;
use lazuli_core::{Parted, task};
use ndarray::Dimension;

pub(crate) use block::{AnyBlock, Block, is_portable};
pub(crate) use copy::{BoxIn, copy_box};
pub(crate) use operand::{Given, Operand, Reader};
pub(crate) use regions::{Assembly, Making, Piece, made_of_regions};

use crate::array::{ChunkedArray, Element};
use crate::chunks::{Grid, Region};
use crate::error::ArrayError;
use crate::expr::{Expr, Kind, View};
use crate::source::AnyWindow;

/// An array whose blocks are computed by a request.
pub(crate) struct Stage {
    pub(crate) parts: Parted<AnyBlock>,
    pub(crate) grid: Arc<Grid>,
    element_bytes: usize,
    open: Open,
}

/// Opens a window on a view, given the blocks that it needs.
type Open = fn(&Grid, &View, &[usize], &[&AnyBlock]) -> Box<dyn AnyWindow>;

impl Stage {
    pub(crate) fn new<A: Element>(parts: Parted<AnyBlock>, grid: Arc<Grid>) -> Self {
        Self { parts, grid, element_bytes: size_of::<A>(), open: read::open::<A> }
    }

    /// The blocks that hold elements of a view of the array: their numbers, in order.
    pub(crate) fn blocks_of(&self, view: &View) -> Vec<usize> {
        read::blocks_of(&self.grid, view)
    }

    /// A window on a view, given the blocks that [`blocks_of`](Self::blocks_of) lists.
    pub(crate) fn open(
        &self,
        view: &View,
        numbers: &[usize],
        blocks: &[&AnyBlock],
    ) -> Box<dyn AnyWindow> {
        (self.open)(&self.grid, view, numbers, blocks)
    }

    /// How many bytes a window on this view needs beside the blocks: elements of several blocks are brought
    /// together, those of one are read where they lie.
    pub(crate) fn working_bytes(&self, view: &View) -> u64 {
        if self.blocks_of(view).len() > 1 {
            read::copied_bytes(view, self.element_bytes)
        } else {
            0
        }
    }
}

/// A task that makes one block of a stage, whose elements are of type `A`.
pub(crate) fn block_task<A: Element>(
    name: &'static str,
    region: &Region,
    site: &'static Location<'static>,
) -> TaskBuilder {
    let builder = task(name).site(site).part(region.to_string());
    let builder = builder.output_bytes(region.bytes(size_of::<A>()));
    if block::is_portable::<A>() { builder.portable::<AnyBlock>() } else { builder }
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// The array whose blocks are these parts, in the order of the grid.
    pub(crate) fn staged(
        parts: Parted<AnyBlock>,
        grid: Arc<Grid>,
        site: &'static Location<'static>,
    ) -> Self {
        let stage = Arc::new(Stage::new::<A>(parts, Arc::clone(&grid)));
        Self::at(Expr::leaf(Kind::Stage(stage)), grid, site)
    }

    /// The array that `make` makes of this one; or, where this one is an error, that error. What is made
    /// hides this array behind its blocks, so an error in it has to be found now.
    pub(crate) fn stage_from<B: Element, E: Dimension>(
        &self,
        site: &'static Location<'static>,
        make: impl FnOnce() -> Result<(Parted<AnyBlock>, Arc<Grid>), ArrayError>,
    ) -> ChunkedArray<B, E> {
        match self.check().and_then(|()| make()) {
            Ok((parts, grid)) => ChunkedArray::staged(parts, grid, site),
            Err(error) => ChunkedArray::invalid(error, site),
        }
    }
}
