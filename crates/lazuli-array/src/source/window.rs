//! A window: one view of a source, read tile by tile.

use std::sync::Arc;

use smallvec::SmallVec;

use super::memory::Memory;
use super::{AnyWindow, Fill, IsOver};
use crate::array::Element;
use crate::chunks::Axes;
use crate::error::ArrayError;
use crate::expr::View;
use crate::kernels::{Rows, prefetch};
use crate::tile::{Tile, Tiling};

/// How many elements a function computes before it is asked whether the run is over.
const BETWEEN_ASKING: usize = 32;

/// A view of a source, and the tile of it that is being read.
pub(crate) struct Window<A: Element> {
    elements: Elements<A>,
    /// The tile, where it is not lent.
    gathered: Vec<A>,
    tile: Lies,
}

enum Elements<A: Element> {
    Lent(Lent<A>),
    Computed(Box<dyn Fill<A>>),
    Fetched(Box<dyn Fetch<A>>),
}

/// Elements that are brought into memory a line or a tile at a time.
pub(crate) trait Fetch<A>: Send {
    /// From this axis on, what lies side by side in C order of the view is fetched at once.
    fn dense_from(&self) -> usize;
    /// Fills `out` with the elements from `first`, an index of the view, in C order.
    fn fetch(&self, first: &[usize], out: &mut [A]) -> Result<(), ArrayError>;
}

/// From which axis on the elements of a view lie side by side in C order, at these distances.
pub(crate) fn dense_from(strides: &[isize], shape: &[usize]) -> usize {
    let mut dense_from = shape.len();
    let mut dense = 1_isize;
    for (axis, &len) in shape.iter().enumerate().rev() {
        if len != 1 && strides[axis] != dense {
            break;
        }
        dense = dense.wrapping_mul(len as isize);
        dense_from = axis;
    }
    dense_from
}

/// Where the rows of the tile lie.
enum Lies {
    /// In the memory of the source: the first row, and the distance to the next.
    InSource(usize, isize),
    Gathered,
}

/// Elements in memory, at equal distances along each axis of a view.
pub(super) struct Lent<A> {
    memory: Arc<dyn Memory<A>>,
    start: usize,
    strides: SmallVec<[isize; 4]>,
    /// From this axis on, the elements of the view lie side by side in C order.
    dense_from: usize,
}

impl<A: Element> Lent<A> {
    pub(super) fn new(
        memory: Arc<dyn Memory<A>>,
        start: usize,
        strides: SmallVec<[isize; 4]>,
        shape: &Axes,
    ) -> Self {
        let dense_from = dense_from(&strides, shape);
        Self { memory, start, strides, dense_from }
    }

    /// Whether tiles cannot be lent as rows.
    pub(super) fn gathers(&self, tiling: &Tiling) -> bool {
        let lines_are_rows = tiling.has_long_rows() && self.dense_from < tiling.shape.len();
        !lines_are_rows && self.dense_from > tiling.split
    }

    /// Where the element with this index lies.
    fn place(&self, index: &[usize]) -> usize {
        let steps = index.iter().zip(&self.strides);
        steps.fold(self.start, |place, (&index, stride)| {
            place.wrapping_add_signed(stride.wrapping_mul(index as isize))
        })
    }

    /// Asks for a line that will be gathered soon. Short lines that lie apart each begin on another page, where a
    /// processor by itself does not look ahead.
    fn ask_ahead(&self, elements: &[A], start: usize, len: usize) {
        /// How much is gathered in between.
        const BYTES: usize = 8192;
        let [.., apart, 1] = self.strides[..] else { return };
        let lines = (BYTES / (len * size_of::<A>()).max(1)).clamp(1, 64);
        let start = start.wrapping_add_signed(apart.wrapping_mul(lines as isize));
        if let Some(line) = elements.get(start..start.saturating_add(len)) {
            prefetch(line);
        }
    }

    /// Whether the lines of a tile are neighbours in memory, so that its columns are pieces of it: as those of an array
    /// that is transposed.
    fn has_columns(&self, tile: &Tile, tiling: &Tiling) -> bool {
        let ([.., 1, apart], [.., count, _]) = (&self.strides[..], &tiling.shape[..]) else {
            return false;
        };
        let lines = tile.len / tile.line;
        *apart != 1 && lines > 1 && tile.first[tile.first.len() - 2] + lines <= *count
    }

    /// The elements of a tile whose first is in this place, column by column.
    fn gather_columns(&self, elements: &[A], start: usize, tile: &Tile, out: &mut Vec<A>) {
        /// Bytes: columns lie apart, so that no processor looks ahead in them by itself.
        const AHEAD: usize = 128;
        const SIDE_BY_SIDE: usize = 8;
        let (lines, apart) = (tile.len / tile.line, self.strides[self.strides.len() - 1]);
        out.resize(tile.len, A::default());
        let column = |index: usize| {
            let place = start.wrapping_add_signed(apart.wrapping_mul(index as isize));
            let next = place.saturating_add(AHEAD / size_of::<A>().max(1));
            prefetch(elements.get(next..next.saturating_add(1)).unwrap_or(&[]));
            &elements[place..place + lines]
        };
        // As many columns at a time as make whole cache lines of what is written.
        let together = tile.line / SIDE_BY_SIDE * SIDE_BY_SIDE;
        for first in (0..together).step_by(SIDE_BY_SIDE) {
            let columns: [&[A]; SIDE_BY_SIDE] = std::array::from_fn(|ahead| column(first + ahead));
            for line in 0..lines {
                let values = columns.map(|column| column[line]);
                out[line * tile.line + first..][..SIDE_BY_SIDE].copy_from_slice(&values);
            }
        }
        for index in together..tile.line {
            for (line, &value) in column(index).iter().enumerate() {
                out[line * tile.line + index] = value;
            }
        }
    }

    /// The elements of a line that starts in this place.
    fn gather(&self, elements: &[A], start: usize, len: usize, out: &mut Vec<A>) {
        let stride = self.strides.last().copied().unwrap_or(1);
        match stride {
            _ if len == 0 => {}
            1 => out.extend_from_slice(&elements[start..start + len]),
            0 => out.resize(out.len() + len, elements[start]),
            2.. => {
                let span = &elements[start..=start + (len - 1) * stride as usize];
                out.extend(span.iter().step_by(stride as usize));
            }
            _ => {
                let back = stride.unsigned_abs();
                let span = &elements[start - (len - 1) * back..=start];
                out.extend(span.iter().rev().step_by(back));
            }
        }
    }
}

/// A window on a view of elements in memory, which lie at these distances along the axes behind the view
/// from the place `start` on.
pub(crate) fn lent_window<A: Element>(
    memory: Arc<dyn Memory<A>>,
    view: &View,
    start: usize,
    strides: &[isize],
) -> Box<dyn AnyWindow> {
    let (ahead, strides) = view.strides(strides);
    let start = start.wrapping_add_signed(ahead);
    Box::new(Window::lent(Lent::new(memory, start, strides, &view.shape)))
}

impl<A: Element> Window<A> {
    pub(super) fn lent(lent: Lent<A>) -> Self {
        Self { elements: Elements::Lent(lent), gathered: Vec::new(), tile: Lies::Gathered }
    }

    /// Elements that are computed when a tile of them is read.
    pub(super) fn computed(fill: Box<dyn Fill<A>>) -> Self {
        Self { elements: Elements::Computed(fill), gathered: Vec::new(), tile: Lies::Gathered }
    }

    /// Elements that are fetched when a tile of them is read.
    pub(crate) fn fetched(fetch: Box<dyn Fetch<A>>) -> Self {
        Self { elements: Elements::Fetched(fetch), gathered: Vec::new(), tile: Lies::Gathered }
    }

    /// The elements of the tile that was sought.
    pub(crate) fn rows(&self, tile: &Tile) -> Rows<'_, A> {
        let row_len = tile.row_len();
        match (&self.tile, &self.elements) {
            (Lies::InSource(first, stride), Elements::Lent(lent)) => {
                Rows::new(lent.memory.elements(), *first, *stride, row_len, tile.rows)
            }
            _ => Rows::new(&self.gathered, 0, row_len as isize, row_len, tile.rows),
        }
    }
}

impl<A: Element> AnyWindow for Window<A> {
    fn seek(
        &mut self,
        tile: &Tile,
        tiling: &Tiling,
        is_over: IsOver<'_>,
    ) -> Result<(), ArrayError> {
        let mut first = tile.first.clone();
        self.gathered.clear();
        self.tile = Lies::Gathered;
        match &self.elements {
            Elements::Lent(lent) if !lent.gathers(tiling) => {
                let stride = if lent.dense_from <= tiling.split || tile.rows == 1 {
                    tile.row_len() as isize
                } else {
                    lent.strides[lent.strides.len() - 2]
                };
                self.tile = Lies::InSource(lent.place(&first), stride);
                Ok(())
            }
            Elements::Lent(lent) => {
                let elements = lent.memory.elements();
                if lent.has_columns(tile, tiling) {
                    lent.gather_columns(elements, lent.place(&first), tile, &mut self.gathered);
                    return Ok(());
                }
                for_lines(tile, &tiling.shape, &mut first, |first, _| {
                    let start = lent.place(first);
                    lent.ask_ahead(elements, start, tile.line);
                    lent.gather(elements, start, tile.line, &mut self.gathered);
                    Ok(())
                })
            }
            Elements::Fetched(fetch) => {
                self.gathered.resize(tile.len, A::default());
                if fetch.dense_from() <= tiling.split {
                    return fetch.fetch(&first, &mut self.gathered);
                }
                for_lines(tile, &tiling.shape, &mut first, |first, line| {
                    if is_over() {
                        return Err(ArrayError::Stopped);
                    }
                    fetch.fetch(first, &mut self.gathered[line..line + tile.line])
                })
            }
            Elements::Computed(fill) => {
                self.gathered.resize(tile.len, A::default());
                let last = first.len().wrapping_sub(1);
                for_lines(tile, &tiling.shape, &mut first, |first, line| {
                    let out = &mut self.gathered[line..line + tile.line];
                    for piece in out.chunks_mut(BETWEEN_ASKING) {
                        if is_over() {
                            return Err(ArrayError::Stopped);
                        }
                        fill.line(first, piece);
                        if let Some(index) = first.get_mut(last) {
                            *index += piece.len();
                        }
                    }
                    if let Some(index) = first.get_mut(last) {
                        *index -= tile.line;
                    }
                    Ok(())
                })
            }
        }
    }
}

/// Calls a function with the index of the first element of each line of a tile, and with how many
/// elements of the tile are before it.
fn for_lines(
    tile: &Tile,
    shape: &Axes,
    first: &mut Axes,
    mut line: impl FnMut(&mut Axes, usize) -> Result<(), ArrayError>,
) -> Result<(), ArrayError> {
    for before in (0..tile.len).step_by(tile.line) {
        line(first, before)?;
        for axis in (0..first.len().saturating_sub(1)).rev() {
            first[axis] += 1;
            if first[axis] < shape[axis] {
                break;
            }
            first[axis] = 0;
        }
    }
    Ok(())
}
