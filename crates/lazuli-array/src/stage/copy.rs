//! Copying boxes of elements between arrays in C order.

use crate::chunks::unravel;

/// An array in C order, and the index of the first element of a box in it.
#[derive(Clone, Copy)]
pub(crate) struct BoxIn<'a> {
    pub(crate) array: &'a [usize],
    pub(crate) start: &'a [usize],
}

impl BoxIn<'_> {
    /// Where the element with this index of the box lies.
    fn place(&self, index: &[usize]) -> usize {
        let axes = index.iter().zip(self.start).zip(self.array);
        axes.fold(0, |place, ((index, start), len)| place * len + start + index)
    }
}

/// Copies a box of this shape.
pub(crate) fn copy_box<A: Copy>(
    shape: &[usize],
    (from, of): (&[A], BoxIn<'_>),
    (to, into): (&mut [A], BoxIn<'_>),
) {
    let line = shape.last().copied().unwrap_or(1);
    if shape.contains(&0) {
        return;
    }
    for first in (0..shape.iter().product()).step_by(line) {
        let index = unravel(first, shape);
        let (source, target) = (of.place(&index), into.place(&index));
        to[target..target + line].copy_from_slice(&from[source..source + line]);
    }
}
