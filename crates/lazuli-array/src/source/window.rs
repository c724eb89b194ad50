//! A window: one region of a source, read tile by tile.

use std::ops::Range;
use std::sync::Arc;

use super::AnyWindow;
use super::memory::Memory;
use crate::array::Element;
use crate::chunks::{Axes, Region, unravel};

/// A region of memory in C order, and the tile of it that is being read.
pub(crate) struct Window<A: Element> {
    cells: Cells<A>,
    /// Elements before the region's first.
    start: usize,
    /// Elements from one place to the next along each axis.
    strides: Axes,
    /// The region's shape, cut into the axes that are walked and the run that lies side by side.
    walked: Axes,
    run: usize,
    len: usize,
    tile: Tile<A>,
}

enum Cells<A: Element> {
    Lent(Arc<dyn Memory<A>>),
    Owned(Vec<A>),
}

enum Tile<A> {
    Slice(Range<usize>),
    Gathered(Vec<A>),
}

impl<A: Element> Window<A> {
    /// The region of an array that lies in memory in C order.
    pub(super) fn lent(memory: Arc<dyn Memory<A>>, region: &Region) -> Self {
        let shape = memory.shape();
        let mut strides: Axes = shape.iter().map(|_| 1).collect();
        for axis in (1..shape.len()).rev() {
            strides[axis - 1] = strides[axis] * shape[axis];
        }
        // The last axes that the region has whole, and the one before them, make up the run.
        let mut run = 1;
        let mut walked = shape.len();
        while walked > 0 {
            walked -= 1;
            run *= region.shape[walked];
            if region.shape[walked] != shape[walked] {
                break;
            }
        }
        Self {
            start: region.start.iter().zip(&strides).map(|(place, stride)| place * stride).sum(),
            walked: region.shape[..walked].into(),
            strides,
            run,
            len: region.len(),
            cells: Cells::Lent(memory),
            tile: Tile::Slice(0..0),
        }
    }

    /// A block of its own, in C order.
    pub(super) fn owned(elements: Vec<A>) -> Self {
        Self {
            start: 0,
            strides: Axes::new(),
            walked: Axes::new(),
            run: elements.len(),
            len: elements.len(),
            cells: Cells::Owned(elements),
            tile: Tile::Slice(0..0),
        }
    }

    /// The elements of the tile.
    pub(crate) fn tile(&self) -> &[A] {
        match &self.tile {
            Tile::Slice(range) => &self.cells.as_slice()[range.clone()],
            Tile::Gathered(elements) => elements,
        }
    }

    /// Where in memory a run starts.
    fn run_start(&self, run: usize) -> usize {
        let place = unravel(run, &self.walked);
        self.start
            + place.iter().zip(&self.strides).map(|(place, stride)| place * stride).sum::<usize>()
    }
}

impl<A: Element> Cells<A> {
    fn as_slice(&self) -> &[A] {
        match self {
            Self::Lent(memory) => memory.as_slice(),
            Self::Owned(elements) => elements,
        }
    }
}

impl<A: Element> AnyWindow for Window<A> {
    fn run_len(&self) -> usize {
        self.run
    }

    fn bytes(&self) -> u64 {
        (self.len * size_of::<A>()) as u64
    }

    fn seek(&mut self, tile: Range<usize>) {
        let first_run = tile.start / self.run;
        if tile.end <= (first_run + 1) * self.run {
            let start = self.run_start(first_run) + tile.start % self.run;
            self.tile = Tile::Slice(start..start + tile.len());
            return;
        }
        let mut gathered = match std::mem::replace(&mut self.tile, Tile::Slice(0..0)) {
            Tile::Gathered(elements) => elements,
            Tile::Slice(_) => Vec::new(),
        };
        gathered.clear();
        let mut next = tile.start;
        while next < tile.end {
            let run = next / self.run;
            let end = ((run + 1) * self.run).min(tile.end);
            let start = self.run_start(run) + next % self.run;
            gathered.extend_from_slice(&self.cells.as_slice()[start..start + (end - next)]);
            next = end;
        }
        self.tile = Tile::Gathered(gathered);
    }
}
