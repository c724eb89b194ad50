//! The array itself: its blocks are computed in the pass and put together.

use std::any::{Any, TypeId};
use std::convert::Infallible;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::collection::{Answers, Outputs};
use lazuli_core::reduce::{Joint, JointAnswers, Place};
use lazuli_core::{AnyDelayed, Collection, Delayed, TryReduction, task};
use ndarray::{Array, ArrayD, Dimension, IxDyn, Slice};

use crate::array::{ChunkedArray, Element};
use crate::chunks::{Axes, Region};
use crate::lower::{Ask, request};
use crate::tile::{RegId, Registers};

/// Gathers the elements of a register into an array.
struct Materialize<A> {
    register: RegId,
    shape: Axes,
    element: PhantomData<fn() -> A>,
}

/// Blocks of the array that have been computed, in order.
type Blocks<A> = Vec<(Region, Vec<A>)>;

impl<A: Element> TryReduction<Registers> for Materialize<A> {
    type State = Blocks<A>;
    /// Shared, so that the task that takes it takes no copy.
    type Output = Arc<ArrayD<A>>;
    type Error = Infallible;

    fn identity(&self) -> Blocks<A> {
        Vec::new()
    }

    fn update(&self, blocks: &mut Blocks<A>, registers: &Registers) -> Result<(), Infallible> {
        if registers.tile().start == 0 {
            let region = registers.region().clone();
            let elements = Vec::with_capacity(region.len());
            blocks.push((region, elements));
        }
        if let Some((_, elements)) = blocks.last_mut() {
            elements.extend_from_slice(registers.get(self.register));
        }
        Ok(())
    }

    fn combine(&self, blocks: &mut Blocks<A>, following: Blocks<A>) -> Result<(), Infallible> {
        blocks.extend(following);
        Ok(())
    }

    fn finish(&self, blocks: Blocks<A>) -> Result<Arc<ArrayD<A>>, Infallible> {
        let mut array = ArrayD::from_elem(IxDyn(&self.shape), A::default());
        for (region, elements) in blocks {
            let mut block = array.slice_each_axis_mut(|axis| {
                let (start, len) =
                    (region.start[axis.axis.index()], region.shape[axis.axis.index()]);
                Slice::from(start..start + len)
            });
            for (to, from) in block.iter_mut().zip(elements) {
                *to = from;
            }
        }
        Ok(Arc::new(array))
    }
}

struct AskWhole<A> {
    shape: Axes,
    element: PhantomData<fn() -> A>,
}

impl<A: Element> Ask for AskWhole<A> {
    fn kind(&self) -> Option<TypeId> {
        Some(TypeId::of::<Materialize<A>>())
    }

    fn need(&self) -> u8 {
        0
    }

    fn add(&self, joint: &mut Joint<Registers>, register: RegId) -> Box<dyn Any> {
        let shape = self.shape.clone();
        Box::new(joint.add(Materialize::<A> { register, shape, element: PhantomData }))
    }

    fn answer(
        &self,
        answers: &JointAnswers,
        place: &dyn Any,
        _: &'static Location<'static>,
    ) -> AnyDelayed {
        let place = place.downcast_ref::<Place<Arc<ArrayD<A>>>>();
        answers.get(place.expect("a place is read by the kind of request that added it")).erase()
    }
}

impl<A: Element, D: Dimension + 'static> ChunkedArray<A, D> {
    /// The array in memory, as a delayed value.
    #[track_caller]
    pub fn to_array(&self) -> Delayed<Array<A, D>> {
        self.materialize(Location::caller())
    }

    fn materialize(&self, site: &'static Location<'static>) -> Delayed<Array<A, D>> {
        let ask = AskWhole::<A> { shape: self.shape().into(), element: PhantomData };
        let whole: Delayed<Arc<ArrayD<A>>> = request("to_array", &self.expr, &self.grid, ask, site);
        task("to_array").site(site).try_call(whole, |array: Arc<ArrayD<A>>| {
            Arc::unwrap_or_clone(array).into_dimensionality::<D>()
        })
    }
}

/// Computing an array makes it one of `ndarray`, in memory.
impl<A: Element, D: Dimension + 'static> Collection for ChunkedArray<A, D> {
    type Output = Array<A, D>;

    fn request(&self, outputs: &mut Outputs) {
        self.materialize(self.site).request(outputs);
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> Array<A, D> {
        answers.take()
    }
}
