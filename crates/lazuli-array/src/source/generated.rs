//! Arrays whose elements are computed from their index.

use super::{IsOver, Source, Window};
use crate::array::Element;
use crate::error::ArrayError;
use crate::expr::{Behind, View};
use crate::tile::Tiling;

/// Calls a function with the index of each element, a tile at a time.
pub(crate) struct Generated<F, const N: usize> {
    name: &'static str,
    function: std::sync::Arc<F>,
}

impl<F, const N: usize> Generated<F, N> {
    pub(crate) fn new(name: &'static str, function: F) -> Self {
        Self { name, function: std::sync::Arc::new(function) }
    }
}

/// Computes elements of a view.
pub(crate) trait Fill<A>: Send {
    /// Fills `out` with the elements from `first`, an index of the view, along its last axis.
    fn line(&self, first: &[usize], out: &mut [A]);
}

struct FromIndex<F, const N: usize> {
    function: std::sync::Arc<F>,
    behind: [Behind; N],
}

impl<A: Element, F, const N: usize> Source<A> for Generated<F, N>
where
    F: Fn([usize; N]) -> A + Send + Sync + 'static,
{
    fn name(&self) -> &str {
        self.name
    }

    fn loaded_bytes(&self, _: &View) -> u64 {
        0
    }

    fn gathers(&self, _: &View, _: &Tiling) -> bool {
        true
    }

    fn window(&self, view: &View, _: IsOver<'_>) -> Result<Window<A>, ArrayError> {
        let behind = std::array::from_fn(|axis| view.behind[axis]);
        let function = std::sync::Arc::clone(&self.function);
        Ok(Window::computed(Box::new(FromIndex { function, behind })))
    }
}

impl<A, F, const N: usize> Fill<A> for FromIndex<F, N>
where
    F: Fn([usize; N]) -> A + Send + Sync,
{
    fn line(&self, first: &[usize], out: &mut [A]) {
        let last = first.len().wrapping_sub(1);
        let mut index: [usize; N] = std::array::from_fn(|axis| {
            let Behind { start, step, along } = self.behind[axis];
            let moved = along.map_or(0, |along| step.wrapping_mul(first[along] as isize));
            start.wrapping_add_signed(moved)
        });
        let step: [isize; N] = std::array::from_fn(|axis| {
            if self.behind[axis].along == Some(last) { self.behind[axis].step } else { 0 }
        });
        for element in out {
            *element = (self.function)(index);
            for (index, step) in index.iter_mut().zip(step) {
                *index = index.wrapping_add_signed(step);
            }
        }
    }
}
