//! Which pieces of a file hold a box of its elements, and reading them.
//!
//! The elements of a box lie in runs. Where runs are near each other it is cheaper to read across what is
//! between them than to ask for each: such runs are read together, and the elements picked out. What is
//! held beside the box is one buffer of [`BUFFER`] bytes.

use smallvec::SmallVec;

use crate::error::ArrayError;

/// Bytes that are read at once where not all of them are wanted.
const BUFFER: usize = 256 << 10;

/// Bytes that are read at once where all are: the run is asked in between whether it is over.
const RUN: usize = 1 << 20;

/// Bytes between two runs up to which both are read together.
const GAP: usize = 4 << 10;

/// One axis of a box of a file, in elements.
#[derive(Clone, Copy, Debug)]
pub(super) struct BoxAxis {
    pub(super) start: usize,
    /// From one index of the box to the next.
    pub(super) step: usize,
    pub(super) count: usize,
    /// From one index of the file to the next.
    pub(super) stride: usize,
}

impl BoxAxis {
    /// From one index of the box to the next.
    fn distance(&self) -> usize {
        self.step * self.stride
    }
}

/// A box of a file: its axes from the slowest to the fastest.
pub(super) type FileBox = SmallVec<[BoxAxis; 4]>;

/// The number of elements.
pub(super) fn len(axes: &[BoxAxis]) -> usize {
    axes.iter().map(|axis| axis.count).product()
}

/// From the first element to behind the last.
fn span(axes: &[BoxAxis]) -> usize {
    1 + axes.iter().map(|axis| (axis.count - 1) * axis.distance()).sum::<usize>()
}

/// Fills `out` with the elements of a box in the order of the file. `read` fills a slice from a place
/// in elements.
pub(super) fn read_box<A: Copy + Default>(
    axes: &[BoxAxis],
    out: &mut [A],
    is_over: &dyn Fn() -> bool,
    mut read: impl FnMut(usize, &mut [A]) -> Result<(), ArrayError>,
) -> Result<(), ArrayError> {
    if out.is_empty() {
        return Ok(());
    }
    let most = |bytes: usize| (bytes / size_of::<A>().max(1)).max(1);
    let first: usize = axes.iter().map(|axis| axis.start * axis.stride).sum();

    // The last axes without any gap are runs; the axes before them, as far as gaps are small, are read
    // across. Whatever is before those is walked.
    let mut run = axes.len();
    while run > 0 && (axes[run - 1].count == 1 || axes[run - 1].distance() == len(&axes[run..])) {
        run -= 1;
    }
    let mut across = run;
    while across > 0
        && axes[across - 1].distance().saturating_sub(span(&axes[across..])) <= most(GAP)
    {
        across -= 1;
    }
    let mut buffer: Vec<A> = Vec::new();
    let mut filled = 0;
    for outer in places(&axes[..across], first) {
        let mut pieces = vec![(outer, across)];
        while let Some((place, axis)) = pieces.pop() {
            if is_over() {
                return Err(ArrayError::Stopped);
            }
            let inner = &axes[axis..];
            if axis >= run {
                let len = len(inner);
                for (index, piece) in out[filled..filled + len].chunks_mut(most(RUN)).enumerate() {
                    if is_over() {
                        return Err(ArrayError::Stopped);
                    }
                    read(place + index * most(RUN), piece)?;
                }
                filled += len;
            } else if span(inner) <= most(BUFFER) {
                buffer.resize(span(inner), A::default());
                read(place, &mut buffer)?;
                filled += pick(inner, &buffer, &mut out[filled..]);
            } else {
                // As many indices of this axis at a time as the buffer holds.
                let BoxAxis { count, .. } = axes[axis];
                let one = span(&axes[axis + 1..]);
                let distance = axes[axis].distance();
                let together = 1 + most(BUFFER).saturating_sub(one) / distance.max(1);
                if together == 1 {
                    pieces
                        .extend((0..count).rev().map(|index| (place + index * distance, axis + 1)));
                    continue;
                }
                for index in (0..count).step_by(together) {
                    if is_over() {
                        return Err(ArrayError::Stopped);
                    }
                    let mut some: FileBox = inner.into();
                    some[0].count = together.min(count - index);
                    buffer.resize(span(&some), A::default());
                    read(place + index * distance, &mut buffer)?;
                    filled += pick(&some, &buffer, &mut out[filled..]);
                }
            }
        }
    }
    Ok(())
}

/// Where the elements with each index of these axes lie, in order.
fn places(axes: &[BoxAxis], first: usize) -> impl Iterator<Item = usize> + '_ {
    (0..len(axes)).map(move |number| {
        let mut left = number;
        axes.iter().rev().fold(first, |place, axis| {
            let index = left % axis.count;
            left /= axis.count;
            place + index * axis.distance()
        })
    })
}

/// Copies the elements of a box out of what spans it; how many they are.
fn pick<A: Copy>(axes: &[BoxAxis], from: &[A], out: &mut [A]) -> usize {
    let Some((last, outer)) = axes.split_last() else {
        out[0] = from[0];
        return 1;
    };
    for (number, place) in places(outer, 0).enumerate() {
        let row = &mut out[number * last.count..][..last.count];
        if last.distance() == 1 {
            row.copy_from_slice(&from[place..][..last.count]);
        } else {
            let picked = from[place..].iter().step_by(last.distance().max(1));
            row.iter_mut().zip(picked).for_each(|(to, from)| *to = *from);
        }
    }
    len(axes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Elements are their own places, and are listed by nested loops.
        #[test]
        fn a_box_is_read_in_order(
            shape in prop::collection::vec(1_usize..9, 1..5),
            wide in prop::sample::select(vec![1_usize, 700, 70_000]),
            cuts in prop::collection::vec((any::<prop::sample::Index>(), 1_usize..4, any::<prop::sample::Index>()), 5),
        ) {
            let mut shape = shape;
            *shape.last_mut().unwrap() *= wide;
            let mut stride = 1;
            let mut axes = FileBox::new();
            for (&len, (start, step, count)) in shape.iter().zip(&cuts).rev() {
                let start = start.index(len);
                let count = 1 + count.index((len - start).div_ceil(*step));
                let count = count.min(1 + (len - 1 - start) / step);
                axes.push(BoxAxis { start, step: *step, count, stride });
                stride *= len;
            }
            axes.reverse();
            prop_assume!(len(&axes) <= 400_000);
            let mut expected = vec![0];
            for axis in &axes {
                expected = expected
                    .iter()
                    .flat_map(|place| {
                        let index = |index: usize| (axis.start + index * axis.step) * axis.stride;
                        (0..axis.count).map(move |at| place + index(at))
                    })
                    .collect();
            }
            let mut found = vec![0; expected.len()];
            read_box(&axes, &mut found, &|| false, |place, out| {
                assert!(place + out.len() <= stride, "nothing behind the array is read");
                out.iter_mut().enumerate().for_each(|(index, out)| *out = place + index);
                Ok(())
            })
            .unwrap();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn near_runs_are_read_together_and_far_ones_are_not() {
        let read = |step: usize| {
            let axes = [
                BoxAxis { start: 0, step: 1, count: 100, stride: 10 * step },
                BoxAxis { start: 0, step: 1, count: 10, stride: 1 },
            ];
            let mut calls = 0;
            read_box(&axes, &mut vec![0_u64; 1000], &|| false, |_, _| {
                calls += 1;
                Ok(())
            })
            .unwrap();
            calls
        };
        assert_eq!((read(1), read(2), read(1000)), (1, 1, 100));
    }
}
