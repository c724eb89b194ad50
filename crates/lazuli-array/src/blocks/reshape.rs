//! Arrays in another shape.
//!
//! Axes are put in *groups*, as small as can be, whose elements are the same before and after. A group of one axis stays
//! as it is, chunks included. In any other a block of the result is a run of neighbours in C order of the group, as
//! long as a block of the array has elements of the group; such a run is a few boxes of the array (a part of a line,
//! lines, a part of a line), and a block is made of all combinations of the boxes of its groups. So a task reads
//! nothing but what its block holds.

use std::marker::PhantomData;
use std::ops::Range;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::task::{Arg, by_ref, reporter};
use lazuli_core::{Answer, Delayed, Error, Layer, Lowering, Parted, Result};
use ndarray::{Dimension, IntoDimension};
use smallvec::SmallVec;

use crate::array::{ChunkedArray, Element};
use crate::chunks::{Axes, AxisChunks, Grid, Region, count_elements, unravel};
use crate::error::ArrayError;
use crate::expr::{Behind, Expr, ExprRef, View};
use crate::lower::dependencies;
use crate::stage::{AnyBlock, Given, Operand, block_task};

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// The same elements, in C order, in another shape of as many.
    ///
    /// Where only axes of length 1 come or go, this is a view. Else axes that stay as they are keep their chunks, and along
    /// the others blocks are runs of neighbours, about as long as those of this array
    /// ([`rechunk`](Self::rechunk) makes others of them). One task for each block reads the boxes of this array that
    /// it is made of, and holds the block: from the sources themselves, or from those computed blocks that have
    /// elements of them. Blocks that are whole in their last axes are read from front to back.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let hours = ChunkedArray::from_fn([365 * 24, 10], [24 * 30, 10], |[hour, _]| (hour % 24) as f64);
    /// let days = hours.reshape([365, 24, 10]);
    /// assert_eq!(days.chunksize(), [30, 24, 10]);
    /// let by_hour = lazuli_core::compute(days.along([0, 2]).mean())?;
    /// assert_eq!(by_hour.iter().copied().nth(5), Some(5.0));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// A shape of another number of elements is reported when the array is computed.
    #[track_caller]
    #[must_use]
    pub fn reshape<S: IntoDimension>(&self, shape: S) -> ChunkedArray<A, S::Dim> {
        let site = Location::caller();
        let shape: Axes = shape.into_dimension().slice().into();
        if let Err(error) = self.check() {
            return ChunkedArray::invalid(error, site);
        }
        match count_elements(&shape) {
            Err(error) => return ChunkedArray::invalid(error, site),
            Ok(count) if count != self.len() => {
                let reason = format!("it has {} elements, and {shape:?} {count}", self.len());
                let (operation, shape) = ("reshape", self.shape().to_vec());
                let error = ArrayError::BadAxes { operation, shape, reason, site };
                return ChunkedArray::invalid(error, site);
            }
            Ok(_) => {}
        }
        let groups = groups(self.shape(), &shape);
        let axes = groups.iter().flat_map(|group| group.cut(&self.grid, &shape)).collect();
        let grid = match Grid::from_axes(axes) {
            Ok(grid) => Arc::new(grid),
            Err(error) => return ChunkedArray::invalid(error, site),
        };
        if let Some(view) = view(self.shape(), &shape, &groups) {
            return ChunkedArray::at(Expr::view(view, &self.expr), grid, site);
        }
        let request = Reshape::<A> {
            expr: Arc::clone(&self.expr),
            from: self.shape().into(),
            to: Arc::clone(&grid),
            groups,
            site,
            element: PhantomData,
        };
        let (blocks, taken) = (grid.regions().len(), dependencies(&self.expr));
        let parts = Parted::from_layer_at(site, "reshape", blocks, request, taken);
        ChunkedArray::staged(parts, grid, site)
    }
}

/// Axes that have the same elements before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    before: Range<usize>,
    after: Range<usize>,
}

/// The smallest groups of the axes of two shapes with as many elements.
fn groups(before: &[usize], after: &[usize]) -> Vec<Group> {
    if before.contains(&0) {
        return vec![Group { before: 0..before.len(), after: 0..after.len() }];
    }
    let mut groups = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < before.len() || j < after.len() {
        let (from, to) = (i, j);
        let (mut old, mut new) = (1, 1);
        // An axis of length 1 is a group of its own, so that it costs nothing.
        if i < before.len() && (before[i] == 1 || j == after.len()) && after.get(j) != Some(&1) {
            i += 1;
        } else if j < after.len() && after[j] == 1 && before.get(i) != Some(&1) {
            j += 1;
        } else {
            (old, new) = (before[i], after[j]);
            (i, j) = (i + 1, j + 1);
        }
        while old != new {
            if old < new {
                old *= before[i];
                i += 1;
            } else {
                new *= after[j];
                j += 1;
            }
        }
        groups.push(Group { before: from..i, after: to..j });
    }
    groups
}

impl Group {
    fn is_one_axis(&self) -> bool {
        self.before.len() == 1 && self.after.len() == 1
    }

    /// How the axes of the result are cut.
    fn cut(&self, from: &Grid, shape: &[usize]) -> SmallVec<[AxisChunks; 4]> {
        let old = &from.axes()[self.before.clone()];
        if let (true, [axis]) = (self.is_one_axis(), old) {
            return [axis.clone()].into_iter().collect();
        }
        let mut left = old.iter().map(|axis| axis.largest().max(1)).product::<usize>().max(1);
        let mut cut: SmallVec<[AxisChunks; 4]> = SmallVec::new();
        for &len in shape[self.after.clone()].iter().rev() {
            let chunk = left.clamp(1, len.max(1));
            left /= chunk;
            cut.push(AxisChunks::regular(len, chunk));
        }
        cut.reverse();
        cut
    }
}

/// The result as a view, where nothing but axes of length 1 comes and goes.
fn view(before: &[usize], after: &[usize], groups: &[Group]) -> Option<View> {
    let mut behind: SmallVec<[Behind; 4]> = SmallVec::new();
    for group in groups {
        match (group.before.len(), group.after.len()) {
            (1, 1) => behind.push(Behind { start: 0, step: 1, along: Some(group.after.start) }),
            (1, 0) => behind.push(Behind { start: 0, step: 0, along: None }),
            (0, 1) => {}
            _ => return None,
        }
    }
    let fits = behind.len() == before.len();
    fits.then(|| View { shape: after.into(), behind })
}

/// The request for the blocks.
struct Reshape<A> {
    expr: ExprRef,
    from: Axes,
    to: Arc<Grid>,
    groups: Vec<Group>,
    site: &'static Location<'static>,
    element: PhantomData<fn() -> A>,
}

/// A box of the array, and where its elements come in a block: the first, and how far apart they are along each axis.
struct Piece {
    from: Region,
    first: usize,
    strides: Axes,
    /// How many blocks of stages it takes.
    taken: usize,
}

impl<A: Element> Layer for Reshape<A> {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>> {
        let lowered = requests.iter().map(|request| request.blocks(lowering).map(Answer::parts));
        lowered.collect::<std::result::Result<_, _>>().map_err(Error::plan)
    }
}

impl<A: Element> Reshape<A> {
    fn blocks(
        &self,
        lowering: &Lowering<'_>,
    ) -> std::result::Result<Vec<Delayed<AnyBlock>>, ArrayError> {
        let operand = Operand::new(&self.expr, &self.from, lowering)?;
        let block = |region: Region| {
            let mut pieces = self.pieces(&region);
            let (mut taken, mut working) = (Vec::new(), 0);
            for piece in &mut pieces {
                let blocks = operand.blocks_of(&piece.from);
                piece.taken = blocks.len();
                taken.extend(blocks);
                working = operand.working_bytes(&piece.from).max(working);
            }
            let (reader, shape) = (operand.reader(), region.shape.clone());
            let builder = block_task::<A>("reshape", &region, self.site).working_bytes(working);
            let pieces = by_ref(Arg::Value(pieces));
            let inputs = (pieces, operand.scalars(), &taken, reporter());
            builder.try_call(inputs, move |(pieces, scalars, blocks, context)| {
                let mut elements = vec![A::default(); shape.iter().product()];
                let mut blocks = &blocks[..];
                for Piece { from, first, strides, taken } in pieces {
                    let (mine, others) = blocks.split_at(*taken);
                    blocks = others;
                    let given = Given { scalars: &scalars, blocks: mine, context };
                    reader.lines(from, &given, |before, line: &[A]| {
                        let index = unravel(before, &from.shape);
                        let ahead = index.iter().zip(strides).map(|(index, stride)| index * stride);
                        let at = first + ahead.sum::<usize>();
                        elements[at..at + line.len()].copy_from_slice(line);
                    })?;
                }
                Ok::<_, ArrayError>(AnyBlock::new(shape.clone(), elements))
            })
        };
        Ok(self.to.regions().map(block).collect())
    }

    /// What a block is made of.
    fn pieces(&self, block: &Region) -> Vec<Piece> {
        let none = Region { start: Axes::new(), shape: Axes::new() };
        let mut pieces = vec![Piece { from: none, first: 0, strides: Axes::new(), taken: 0 }];
        // From one element of the group to the next in the block.
        let mut apart = block.len();
        for group in &self.groups {
            let (old, new) = (&self.from[group.before.clone()], group.after.clone());
            let start = block.start[new.clone()].iter().zip(&self.to.shape()[new.clone()]);
            let first = start.fold(0, |first, (start, len)| first * len + start);
            let len: usize = block.shape[new].iter().product();
            apart /= len.max(1);
            let boxes = boxes(old, first..first + len);
            let combined = pieces.iter().flat_map(|piece| {
                boxes.iter().map(move |(ahead, own)| {
                    let mut from = piece.from.clone();
                    from.start.extend_from_slice(&own.start);
                    from.shape.extend_from_slice(&own.shape);
                    let mut strides = piece.strides.clone();
                    let inner = |axis: usize| own.shape[axis + 1..].iter().product::<usize>();
                    strides.extend((0..own.shape.len()).map(|axis| inner(axis) * apart));
                    Piece { from, first: piece.first + ahead * apart, strides, taken: 0 }
                })
            });
            pieces = combined.collect();
        }
        pieces
    }
}

/// A run of neighbours in C order of an array of this shape as boxes, and how many elements of the run are before each.
fn boxes(shape: &[usize], run: Range<usize>) -> Vec<(usize, Region)> {
    let Some((_, inner_shape)) = shape.split_first() else {
        return vec![(0, Region { start: Axes::new(), shape: Axes::new() })];
    };
    let inner: usize = inner_shape.iter().product();
    let mut found = Vec::new();
    let mut at = run.start;
    while at < run.end {
        let row = at / inner;
        let lines = run.end / inner - row;
        let ahead = at - run.start;
        if at.is_multiple_of(inner) && lines > 0 {
            let start = std::iter::once(row).chain(inner_shape.iter().map(|_| 0)).collect();
            let shape = std::iter::once(lines).chain(inner_shape.iter().copied()).collect();
            found.push((ahead, Region { start, shape }));
            at += lines * inner;
        } else {
            let end = run.end.min((row + 1) * inner);
            for (further, mut part) in boxes(inner_shape, at - row * inner..end - row * inner) {
                part.start.insert(0, row);
                part.shape.insert(0, 1);
                found.push((ahead + further, part));
            }
            at = end;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_as_small_as_can_be() {
        let found = |before: &[usize], after: &[usize]| {
            groups(before, after)
                .into_iter()
                .map(|group| (group.before.len(), group.after.len()))
                .collect::<Vec<_>>()
        };
        assert_eq!(found(&[6, 4, 5], &[2, 3, 4, 5]), [(1, 2), (1, 1), (1, 1)]);
        assert_eq!(found(&[4, 6, 5], &[24, 5]), [(2, 1), (1, 1)]);
        assert_eq!(found(&[1, 7, 1], &[7]), [(1, 0), (1, 1), (1, 0)]);
        assert_eq!(found(&[7], &[1, 7, 1]), [(0, 1), (1, 1), (0, 1)]);
        assert_eq!(found(&[4, 9], &[6, 6]), [(2, 2)]);
        assert_eq!(found(&[], &[1, 1]), [(0, 1), (0, 1)]);
        assert_eq!(found(&[0, 3], &[5, 0]), [(2, 2)]);
        assert_eq!(found(&[1, 2], &[1, 2]), [(1, 1), (1, 1)]);
    }

    #[test]
    fn boxes_have_the_elements_of_their_run_in_order() {
        let shape = [3, 4, 5];
        for start in 0..60 {
            for end in start + 1..=60 {
                let found = boxes(&shape, start..end);
                assert!(found.len() <= 5, "{start}..{end}: {found:?}");
                let mut next = start;
                for (ahead, part) in found {
                    assert_eq!(next, start + ahead);
                    for element in 0..part.len() {
                        assert_eq!(part.place_in(element, &shape), next);
                        next += 1;
                    }
                }
                assert_eq!(next, end);
            }
        }
    }
}
