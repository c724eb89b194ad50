//! Arrays whose elements are computed from their place.

use super::{Source, Window};
use crate::array::Element;
use crate::chunks::Region;
use crate::error::ArrayError;

/// Calls a function with the place of each element, a block at a time.
pub(crate) struct Generated<F, const N: usize>(pub(crate) F);

impl<A: Element, F, const N: usize> Source<A> for Generated<F, N>
where
    F: Fn([usize; N]) -> A + Send + Sync + 'static,
{
    fn name(&self) -> &'static str {
        "from_fn"
    }

    fn lends(&self) -> bool {
        false
    }

    fn window(&self, region: &Region) -> Result<Window<A>, ArrayError> {
        let mut elements = Vec::with_capacity(region.len());
        let mut place: [usize; N] = std::array::from_fn(|axis| region.start[axis]);
        for _ in 0..region.len() {
            elements.push((self.0)(place));
            for axis in (0..N).rev() {
                place[axis] += 1;
                if place[axis] < region.start[axis] + region.shape[axis] {
                    break;
                }
                place[axis] = region.start[axis];
            }
        }
        Ok(Window::owned(elements))
    }
}
