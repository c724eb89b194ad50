//! Arrays that are in memory, or mapped into it.

use std::sync::Arc;

use ndarray::{ArcArray, ArrayViewD, Dimension, IxDyn, Slice};

use super::{Source, Window};
use crate::array::Element;
use crate::chunks::Region;
use crate::error::ArrayError;

/// Elements that lie side by side in memory, in C order.
pub(crate) trait Memory<A>: Send + Sync {
    fn shape(&self) -> &[usize];
    fn as_slice(&self) -> &[A];
}

/// An array in C order: blocks are views of it.
pub(crate) struct InMemory<A> {
    name: String,
    memory: Arc<dyn Memory<A>>,
}

impl<A: Element> InMemory<A> {
    pub(crate) fn new(name: String, memory: impl Memory<A> + 'static) -> Self {
        Self { name, memory: Arc::new(memory) }
    }
}

impl<A: Element> Source<A> for InMemory<A> {
    fn name(&self) -> &str {
        &self.name
    }

    fn lends(&self) -> bool {
        true
    }

    fn window(&self, region: &Region) -> Result<Window<A>, ArrayError> {
        Ok(Window::lent(Arc::clone(&self.memory), region))
    }
}

impl<A: Element> Memory<A> for ArcArray<A, IxDyn> {
    fn shape(&self) -> &[usize] {
        (**self).shape()
    }

    fn as_slice(&self) -> &[A] {
        (**self).as_slice().expect("only arrays in C order are lent")
    }
}

/// An array in any other order: a block is copied into C order when it is loaded.
pub(crate) struct Strided<V> {
    name: String,
    view: V,
}

impl<V> Strided<V> {
    /// `view` gives the whole array.
    pub(crate) fn new(name: String, view: V) -> Self {
        Self { name, view }
    }
}

/// Gives a view of an array that lies in memory in any order.
pub(crate) trait View<A>: Send + Sync + 'static {
    fn view(&self) -> ArrayViewD<'_, A>;
}

impl<A: Element> View<A> for ArcArray<A, IxDyn> {
    fn view(&self) -> ArrayViewD<'_, A> {
        (**self).view()
    }
}

impl<A: Element, V: View<A>> Source<A> for Strided<V> {
    fn name(&self) -> &str {
        &self.name
    }

    fn lends(&self) -> bool {
        false
    }

    fn window(&self, region: &Region) -> Result<Window<A>, ArrayError> {
        let mut block = self.view.view();
        block.slice_each_axis_inplace(|axis| {
            let (start, len) = (region.start[axis.axis.index()], region.shape[axis.axis.index()]);
            Slice::from(start..start + len)
        });
        Ok(Window::owned(block.iter().copied().collect()))
    }
}

/// Any array of `ndarray` as a source.
pub(crate) fn leaf_of<A: Element, D: Dimension>(values: ArcArray<A, D>) -> super::Leaf {
    let name = String::from("array");
    let values = values.into_dyn();
    if values.is_standard_layout() {
        super::Leaf::new(InMemory::new(name, values))
    } else {
        super::Leaf::new(Strided::new(name, values))
    }
}
