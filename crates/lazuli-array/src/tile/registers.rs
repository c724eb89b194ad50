//! Registers: the tile that is being evaluated.
//!
//! The one place of this crate that erases element types: a register is written and read by steps that
//! were compiled for its type.

use std::any::Any;
use std::sync::Arc;

use super::tiling::Tile;
use crate::array::Element;
use crate::chunks::Region;
use crate::kernels::Rows;
use crate::source::{AnyWindow, Window};

/// The number of a register in its program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RegId(pub(super) u32);

/// A value of any type, computed before the pass: a number, or where an array is gathered.
#[derive(Clone)]
pub(crate) struct AnyScalar(pub(crate) Arc<dyn Any + Send + Sync>);

/// Where the elements of a register are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the loaded block of this source.
    Window(usize),
    /// In this buffer.
    Buffer(usize),
}

/// The registers of a running program, at one tile of one block.
pub(crate) struct Registers {
    pub(super) places: Arc<[Place]>,
    pub(super) windows: Vec<Box<dyn AnyWindow>>,
    pub(super) buffers: Vec<Box<dyn Any + Send>>,
    pub(super) scalars: Vec<AnyScalar>,
    pub(super) region: Region,
    pub(super) tile: Tile,
}

impl Registers {
    /// The elements of the tile in this register.
    pub(crate) fn get<A: Element>(&self, register: RegId) -> Rows<'_, A> {
        match self.places[register.0 as usize] {
            Place::Window(window) => {
                let window: &dyn Any = &*self.windows[window];
                window.downcast_ref::<Window<A>>().map(|window| window.rows(&self.tile))
            }
            Place::Buffer(buffer) => self.buffers[buffer].downcast_ref::<Vec<A>>().map(|buffer| {
                let row_len = self.tile.row_len();
                Rows::new(buffer, 0, row_len as isize, row_len, self.tile.rows)
            }),
        }
        .expect("a register is read as the type it was made for")
    }

    /// Writes the tile of a register: the function reads others and fills a slice of the tile's length,
    /// in C order.
    pub(crate) fn set<A: Element>(&mut self, register: RegId, fill: impl FnOnce(&Self, &mut [A])) {
        let Place::Buffer(buffer) = self.places[register.0 as usize] else {
            unreachable!("steps write to buffers")
        };
        let mut elements = std::mem::take(self.buffer_mut::<A>(buffer));
        elements.resize(self.tile.len, A::default());
        fill(self, &mut elements);
        *self.buffer_mut(buffer) = elements;
    }

    fn buffer_mut<A: Element>(&mut self, buffer: usize) -> &mut Vec<A> {
        self.buffers[buffer]
            .downcast_mut()
            .expect("a register is written as the type it was made for")
    }

    /// The value in this place of the scalars.
    pub(crate) fn scalar<A: 'static>(&self, index: usize) -> &A {
        self.scalars[index].0.downcast_ref().expect("a scalar is read as the type it was made for")
    }

    /// How many elements of the block are before the tile, in C order.
    pub(crate) fn tile_start(&self) -> usize {
        self.tile.start
    }

    /// The block that is being evaluated.
    pub(crate) fn region(&self) -> &Region {
        &self.region
    }

    /// The tile that is being evaluated.
    pub(crate) fn tile(&self) -> &Tile {
        &self.tile
    }

    /// The number of an element of the tile among all elements of an array of this shape, in C order.
    pub(crate) fn index_in_array(&self, in_tile: usize, array: &[usize]) -> usize {
        self.region.place_in(self.tile.start + in_tile, array)
    }
}
