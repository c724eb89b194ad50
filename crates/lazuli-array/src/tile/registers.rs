//! Registers: the tile that is being evaluated.
//!
//! The one place of this crate that erases element types: a register is written and read by steps that
//! were compiled for its type.

use std::any::Any;
use std::ops::Range;
use std::sync::Arc;

use crate::array::Element;
use crate::chunks::Region;
use crate::source::{AnyWindow, Window};

/// The number of a register in its program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RegId(pub(super) u32);

/// A number of any element type, computed before the pass.
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
    pub(super) tile: Range<usize>,
}

impl Registers {
    /// The elements of the tile in this register.
    pub(crate) fn get<A: Element>(&self, register: RegId) -> &[A] {
        match self.places[register.0 as usize] {
            Place::Window(window) => {
                let window: &dyn Any = &*self.windows[window];
                window.downcast_ref::<Window<A>>().map(Window::tile)
            }
            Place::Buffer(buffer) => {
                self.buffers[buffer].downcast_ref::<Vec<A>>().map(Vec::as_slice)
            }
        }
        .expect("a register is read as the type it was made for")
    }

    /// Writes the tile of a register: the function reads others and fills a slice of the tile's length.
    pub(crate) fn set<A: Element>(&mut self, register: RegId, fill: impl FnOnce(&Self, &mut [A])) {
        let Place::Buffer(buffer) = self.places[register.0 as usize] else {
            unreachable!("steps write to buffers")
        };
        let mut elements = std::mem::take(self.buffer_mut::<A>(buffer));
        elements.resize(self.tile.len(), A::default());
        fill(self, &mut elements);
        *self.buffer_mut(buffer) = elements;
    }

    fn buffer_mut<A: Element>(&mut self, buffer: usize) -> &mut Vec<A> {
        self.buffers[buffer]
            .downcast_mut()
            .expect("a register is written as the type it was made for")
    }

    /// The number in this place of the scalars.
    pub(crate) fn scalar<A: Element>(&self, index: usize) -> A {
        *self.scalars[index].0.downcast_ref().expect("a scalar is read as the type it was made for")
    }

    /// The block that is being evaluated.
    pub(crate) fn region(&self) -> &Region {
        &self.region
    }

    /// The elements of the block, in C order, that make up the tile.
    pub(crate) fn tile(&self) -> Range<usize> {
        self.tile.clone()
    }
}
