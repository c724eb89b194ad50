//! Arrays that are in memory.

use std::sync::Arc;

use ndarray::{ArcArray, Dimension, IxDyn};
use smallvec::SmallVec;

use super::window::Lent;
use super::{AnyWindow, IsOver, Source, Window, leaf};
use crate::array::Element;
use crate::chunks::Region;
use crate::error::ArrayError;
use crate::expr::{ExprRef, View};
use crate::tile::Tiling;

/// Elements in memory.
pub(crate) trait Memory<A>: Send + Sync {
    fn elements(&self) -> &[A];
}

/// An array whose elements lie in memory at equal distances along each axis: its rows are lent.
pub(crate) struct InMemory<A> {
    pub(crate) name: String,
    pub(crate) memory: Arc<dyn Memory<A>>,
    /// The place of the element whose index is zero along each axis.
    pub(crate) start: usize,
    pub(crate) strides: SmallVec<[isize; 4]>,
}

impl<A: Element> InMemory<A> {
    fn lent(&self, view: &View) -> Lent<A> {
        let (start, strides) = view.strides(&self.strides);
        let start = self.start.wrapping_add_signed(start);
        Lent::new(Arc::clone(&self.memory), start, strides, &view.shape)
    }
}

impl<A: Element> Source<A> for InMemory<A> {
    fn name(&self) -> &str {
        &self.name
    }

    fn loaded_bytes(&self, _: &View) -> u64 {
        0
    }

    fn gathers(&self, view: &View, tiling: &Tiling) -> bool {
        self.lent(view).gathers(tiling)
    }

    fn window(&self, view: &View, _: IsOver<'_>) -> Result<Window<A>, ArrayError> {
        Ok(Window::lent(self.lent(view)))
    }
}

impl<A: Element> Memory<A> for ArcArray<A, IxDyn> {
    fn elements(&self) -> &[A] {
        self.as_slice_memory_order().expect("only arrays without gaps are lent")
    }
}

/// Elements that were read or computed for one block.
impl<A: Element> Memory<A> for Vec<A> {
    fn elements(&self) -> &[A] {
        self
    }
}

/// Any array of `ndarray` as a source. One with gaps between its elements is copied.
pub(crate) fn leaf_of<A: Element, D: Dimension>(values: ArcArray<A, D>) -> ExprRef {
    let values = values.into_dyn();
    let values = if values.as_slice_memory_order().is_some() {
        values
    } else {
        values.as_standard_layout().into_owned().into_shared()
    };
    leaf(in_memory(values))
}

/// A window on a view of elements that lie in C order of a region of the array behind it.
pub(crate) fn lent_in_c_order<A: Element>(
    elements: Vec<A>,
    region: &Region,
    view: &View,
) -> Box<dyn AnyWindow> {
    let lent = in_c_order(elements, region);
    Box::new(Window::lent(lent.lent(view)))
}

/// Elements that lie in C order of a region.
pub(crate) fn in_c_order<A: Element>(elements: Vec<A>, region: &Region) -> InMemory<A> {
    let mut strides: SmallVec<[isize; 4]> = region.shape.iter().map(|_| 1).collect();
    for axis in (1..strides.len()).rev() {
        strides[axis - 1] = strides[axis].wrapping_mul(region.shape[axis].max(1) as isize);
    }
    InMemory { name: String::new(), memory: Arc::new(elements), start: 0, strides }
}

/// An array without gaps between its elements as a source.
pub(super) fn in_memory<A: Element>(values: ArcArray<A, IxDyn>) -> InMemory<A> {
    // The first element in memory is the last along each axis that runs backward.
    let axes = values.shape().iter().zip(values.strides());
    let start = axes.filter(|&(&len, &stride)| stride < 0 && len > 0);
    let start = start.map(|(&len, &stride)| (len - 1) * stride.unsigned_abs()).sum();
    InMemory {
        name: "array".into(),
        strides: values.strides().into(),
        start,
        memory: Arc::new(values),
    }
}
