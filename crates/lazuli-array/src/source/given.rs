//! Arrays that a task gives: values that a block waits for, and lends from.

use std::marker::PhantomData;
use std::sync::Arc;

use ndarray::{ArcArray, IxDyn};

use super::memory::in_memory;
use super::{AnyWindow, Source as _};
use crate::array::Element;
use crate::error::ArrayError;
use crate::expr::View;
use crate::tile::{AnyScalar, Tiling};

/// An array that a task gives, whose element type the program does not know.
pub(crate) trait AnyGiven: Send + Sync {
    /// How many bytes a window on this view needs while it is read, beside the array.
    fn working_bytes(&self, view: &View, tiling: &Tiling) -> u64;
    /// A window on a view of the array that was given.
    fn open(&self, view: &View, value: &AnyScalar) -> Result<Box<dyn AnyWindow>, ArrayError>;
}

/// An array of elements of type `A`, given as an `ArcArray<A, IxDyn>` without gaps.
pub(crate) struct Given<A>(pub(crate) PhantomData<fn() -> A>);

impl<A: Element> AnyGiven for Given<A> {
    fn working_bytes(&self, _: &View, tiling: &Tiling) -> u64 {
        // Its order is not known before it is there: a tile of it may have to be gathered.
        (tiling.largest() * size_of::<A>()) as u64
    }

    fn open(&self, view: &View, value: &AnyScalar) -> Result<Box<dyn AnyWindow>, ArrayError> {
        let array: &ArcArray<A, IxDyn> =
            value.0.downcast_ref().expect("a value is read as the type it was given as");
        let window = in_memory(array.clone()).window(view, &|| false)?;
        Ok(Box::new(window))
    }
}

/// An array as it is given: without gaps between its elements.
pub(crate) fn as_given<A: Element>(array: ArcArray<A, IxDyn>) -> AnyScalar {
    let array = if array.as_slice_memory_order().is_some() {
        array
    } else {
        array.as_standard_layout().into_owned().into_shared()
    };
    AnyScalar(Arc::new(array))
}
