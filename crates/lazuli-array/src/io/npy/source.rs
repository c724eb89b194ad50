//! The elements of an `.npy` file as a source.
//!
//! A view whose lines are long runs of the file is read tile by tile, straight into the tile. Of any other
//! view (a file in Fortran order, a transpose, a short slice) the elements of the block are read first, in
//! the order of the file, and lent from memory.

use std::cmp::Reverse;
use std::sync::Arc;

use smallvec::SmallVec;

use super::pieces::{BoxAxis, FileBox, len, read_box};
use crate::array::Element;
use crate::error::ArrayError;
use crate::expr::View;
use crate::io::element::StoredElement;
use crate::io::positioned::PositionedFile;
use crate::source::{Fetch, InMemory, IsOver, Source, Window, dense_from};
use crate::tile::Tiling;

/// Bytes of a run that is worth a read of its own.
const LONG_RUN: usize = 4 << 10;

/// Elements of type `A` in a file, the last axis or the first one dense.
pub(super) struct NpySource {
    pub(super) name: String,
    pub(super) file: Arc<PositionedFile>,
    /// The byte at which they begin.
    pub(super) start: u64,
    /// Distances in elements.
    pub(super) strides: SmallVec<[isize; 4]>,
    pub(super) swap: bool,
}

impl NpySource {
    /// Fills a slice with the elements from a place on.
    fn read<A: StoredElement>(
        file: &PositionedFile,
        start: u64,
        swap: bool,
        place: usize,
        out: &mut [A],
    ) -> Result<(), ArrayError> {
        // The file was as long when it was opened, so no place of an element overflows.
        let mut offset = start + place as u64 * size_of::<A>() as u64;
        A::fill(out, swap, &mut |bytes| {
            file.read(bytes, offset)?;
            offset += bytes.len() as u64;
            Ok(())
        })
    }

    /// Whether the rows of tiles of this view are read straight into them.
    fn is_read_by_tiles<A>(&self, view: &View) -> bool {
        let (_, strides) = view.strides(&self.strides);
        let run: usize = view.shape[dense_from(&strides, &view.shape)..].iter().product();
        run * size_of::<A>() >= LONG_RUN
    }

    /// The box of the file that this view is of, its axes from the slowest to the fastest; and which axis of
    /// the file each is.
    fn file_box(&self, view: &View) -> (FileBox, SmallVec<[usize; 4]>) {
        let bounds = view.bounds();
        let mut order: SmallVec<[usize; 4]> = (0..self.strides.len()).collect();
        order.sort_by_key(|&axis| Reverse(self.strides[axis]));
        let axes = order.iter().map(|&axis| {
            let behind = view.behind[axis];
            let count = behind.along.map_or(1, |along| view.shape[along]);
            BoxAxis {
                start: bounds.start[axis],
                step: behind.step.unsigned_abs(),
                count,
                stride: self.strides[axis].unsigned_abs(),
            }
        });
        (axes.collect(), order)
    }

    /// Reads all elements of a view, and lends them.
    fn load<A: StoredElement>(
        &self,
        view: &View,
        is_over: IsOver<'_>,
    ) -> Result<InMemory<A>, ArrayError> {
        let (axes, order) = self.file_box(view);
        let mut elements = Vec::new();
        let size = len(&axes);
        elements.try_reserve_exact(size).map_err(|_| {
            self.file.error(format!("a block of shape {:?} does not fit memory", view.shape))
        })?;
        elements.resize(size, A::default());
        read_box(&axes, &mut elements, is_over, |place, out| {
            Self::read(&self.file, self.start, self.swap, place, out)
        })?;
        Ok(self.in_memory(elements, &axes, &order))
    }

    /// The elements of a box, in the order of the file.
    fn in_memory<A: Element>(
        &self,
        elements: Vec<A>,
        axes: &[BoxAxis],
        order: &[usize],
    ) -> InMemory<A> {
        let mut strides = self.strides.clone();
        let mut dense = 1;
        for (axis, &of_file) in axes.iter().zip(order).rev() {
            strides[of_file] = dense;
            dense *= axis.count as isize;
        }
        InMemory { name: self.name.clone(), memory: Arc::new(elements), start: 0, strides }
    }

    /// The view of the box that was loaded which shows what `view` shows of the file.
    fn of_box(view: &View) -> View {
        let mut of_box = view.clone();
        for behind in &mut of_box.behind {
            let count = behind.along.map_or(1, |along| view.shape[along]);
            behind.start = if behind.step < 0 { count.saturating_sub(1) } else { 0 };
            behind.step = behind.step.signum();
        }
        of_box
    }
}

impl<A: StoredElement> Source<A> for NpySource {
    fn name(&self) -> &str {
        &self.name
    }

    fn loaded_bytes(&self, view: &View) -> u64 {
        if self.is_read_by_tiles::<A>(view) {
            return 0;
        }
        let (axes, _) = self.file_box(view);
        (len(&axes) as u64).saturating_mul(size_of::<A>() as u64)
    }

    fn is_stored(&self) -> bool {
        true
    }

    fn gathers(&self, view: &View, tiling: &Tiling) -> bool {
        if self.is_read_by_tiles::<A>(view) {
            return true;
        }
        // As it will be when the block is loaded.
        let (axes, order) = self.file_box(view);
        let empty = self.in_memory(Vec::<A>::new(), &axes, &order);
        empty.gathers(&Self::of_box(view), tiling)
    }

    fn window(&self, view: &View, is_over: IsOver<'_>) -> Result<Window<A>, ArrayError> {
        if !self.is_read_by_tiles::<A>(view) {
            return self.load(view, is_over)?.window(&Self::of_box(view), is_over);
        }
        let (start, strides) = view.strides(&self.strides);
        Ok(Window::fetched(Box::new(Runs {
            file: Arc::clone(&self.file),
            start: self.start,
            swap: self.swap,
            first: 0_usize.wrapping_add_signed(start),
            dense_from: dense_from(&strides, &view.shape),
            strides,
        })))
    }
}

/// Lines of a view that are runs of the file.
struct Runs {
    file: Arc<PositionedFile>,
    start: u64,
    swap: bool,
    first: usize,
    strides: SmallVec<[isize; 4]>,
    dense_from: usize,
}

impl<A: StoredElement> Fetch<A> for Runs {
    fn dense_from(&self) -> usize {
        self.dense_from
    }

    fn fetch(&self, first: &[usize], out: &mut [A]) -> Result<(), ArrayError> {
        let place = first.iter().zip(&self.strides).fold(self.first, |place, (&index, stride)| {
            place.wrapping_add_signed(stride.wrapping_mul(index as isize))
        });
        NpySource::read(&self.file, self.start, self.swap, place, out)
    }
}
