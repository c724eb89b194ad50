//! An array in memory that many tasks fill at once, each its own blocks: one of the two modules of this
//! crate with unsafe code.
//!
//! The memory is allocated once, and every element is written once, by the task that computed it; so the
//! pages are first touched in parallel.
//!
//! # Why this is sound
//! - The memory is a slice of `UnsafeCell<MaybeUninit<A>>`, reached by raw pointers only while it is being
//!   filled.
//! - It is written through a [`Claim`], which holds the only right to write one block: `claim` hands out
//!   each block of the grid once, by an atomic flag. Blocks of a grid do not overlap, and a claim writes
//!   inside its block only (checked for each row); so no two writes touch the same element.
//! - A claim counts how many elements it has written, in C order of its block, and cannot write more
//!   than the block has; when it has written all of them it adds them to `written` with release
//!   ordering.
//! - [`Gathering::finish`] gives the array out only when `written` (read with acquire ordering) is the
//!   number of elements, which means that every block has been written whole, by claims that happened
//!   before. It takes the memory out of its lock, so it does so once; and no claim is left that may
//!   write another element.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ndarray::{ArrayD, IxDyn};

use crate::array::Element;
use crate::chunks::{Grid, Region};
use crate::error::ArrayError;

/// An array that is being put together from its blocks.
pub(crate) struct Gathering<A> {
    grid: Arc<Grid>,
    len: usize,
    /// Where the elements are, until the array is given out.
    cells: Cells<A>,
    memory: Mutex<Option<Vec<Cell<A>>>>,
    claimed: Box<[AtomicBool]>,
    written: AtomicUsize,
}

type Cell<A> = UnsafeCell<MaybeUninit<A>>;

/// The start of the memory.
struct Cells<A>(*const Cell<A>);

// SAFETY: what the pointer leads to is written through claims only, which do not overlap, and read when
// all of them are done; elements may be sent between threads.
unsafe impl<A: Send> Send for Cells<A> {}
// SAFETY: as above.
unsafe impl<A: Send> Sync for Cells<A> {}

/// The right to write one block, in C order.
pub(crate) struct Claim<A> {
    gathering: Arc<Gathering<A>>,
    region: Region,
    /// How many neighbours in the block's C order are neighbours in the array.
    run: usize,
    written: usize,
}

impl<A: Element> Gathering<A> {
    /// An array in these blocks, not yet written.
    ///
    /// # Errors
    /// When it does not fit memory.
    pub(crate) fn new(grid: Arc<Grid>) -> Result<Self, ArrayError> {
        let len = grid.shape().iter().product();
        let mut memory: Vec<Cell<A>> = Vec::new();
        memory
            .try_reserve_exact(len)
            .map_err(|_| ArrayError::TooManyBytes { shape: grid.shape().to_vec() })?;
        // SAFETY: the capacity is there, and elements that may be uninitialized need no value.
        unsafe { memory.set_len(len) };
        let blocks = grid.regions().len();
        Ok(Self {
            grid,
            len,
            cells: Cells(memory.as_ptr()),
            memory: Mutex::new(Some(memory)),
            claimed: (0..blocks).map(|_| AtomicBool::new(false)).collect(),
            written: AtomicUsize::new(0),
        })
    }

    /// Claims a block of the grid. None when it is none, or has been claimed before.
    pub(crate) fn claim(self: &Arc<Self>, region: &Region) -> Option<Claim<A>> {
        let block = self.grid.block_of(region)?;
        if self.claimed[block].swap(true, Ordering::Relaxed) {
            return None;
        }
        let run = region.run_in(self.grid.shape());
        Some(Claim { gathering: Arc::clone(self), region: region.clone(), run, written: 0 })
    }

    /// The array, once; None unless all blocks have been written.
    pub(crate) fn finish(&self) -> Option<ArrayD<A>> {
        if self.written.load(Ordering::Acquire) != self.len {
            return None;
        }
        let mut memory = ManuallyDrop::new(self.memory.lock().ok()?.take()?);
        let (start, len, capacity) =
            (memory.as_mut_ptr().cast::<A>(), memory.len(), memory.capacity());
        // SAFETY: `UnsafeCell` and `MaybeUninit` have the layout of their element, every element has been
        // written (see above), and the vector that owned the memory is not dropped.
        let elements = unsafe { Vec::from_raw_parts(start, len, capacity) };
        ArrayD::from_shape_vec(IxDyn(self.grid.shape()), elements).ok()
    }
}

impl<A: Element> Claim<A> {
    /// Writes the next elements of the block.
    ///
    /// # Panics
    /// When there are more than the block has left.
    pub(crate) fn write(&mut self, mut elements: &[A]) {
        let len = self.region.len();
        assert!(elements.len() <= len - self.written, "a claim writes its own block only");
        while !elements.is_empty() {
            let at = self.region.place_in(self.written, self.gathering.grid.shape());
            let (row, rest) =
                elements.split_at(elements.len().min(self.run - self.written % self.run));
            // SAFETY: the elements from `at` on are neighbours in this claim's block (`run`), so they are
            // inside the memory, and nobody else reads or writes them.
            unsafe {
                let to = UnsafeCell::raw_get(self.gathering.cells.0.add(at)).cast::<A>();
                std::ptr::copy_nonoverlapping(row.as_ptr(), to, row.len());
            }
            self.written += row.len();
            elements = rest;
        }
        if self.written == len {
            self.gathering.written.fetch_add(len, Ordering::Release);
        }
    }

    /// The array that the block is part of.
    pub(crate) fn gathering(&self) -> &Arc<Gathering<A>> {
        &self.gathering
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunks::{IntoChunks, unravel};

    fn grid(shape: &[usize], chunks: impl IntoChunks) -> Arc<Grid> {
        Arc::new(Grid::new(shape, &chunks.into_chunks(), 4).unwrap())
    }

    #[test]
    fn blocks_written_from_many_threads_make_the_array() {
        let grid = grid(&[7, 11, 5], [vec![3, 4], vec![11], vec![2, 3]]);
        let gathering = Arc::new(Gathering::<u32>::new(Arc::clone(&grid)).unwrap());
        std::thread::scope(|scope| {
            for region in grid.regions() {
                let gathering = Arc::clone(&gathering);
                scope.spawn(move || {
                    let mut claim = gathering.claim(&region).expect("the first claim");
                    assert!(gathering.claim(&region).is_none());
                    let elements: Vec<u32> = (0..region.len())
                        .map(|element| {
                            let index = unravel(element, &region.shape);
                            let index = index.iter().zip(&region.start).map(|(i, start)| i + start);
                            index.fold(0, |number, index| number * 100 + index as u32)
                        })
                        .collect();
                    elements.chunks(13).for_each(|piece| claim.write(piece));
                });
            }
        });
        let array = gathering.finish().expect("all blocks are written");
        for (index, &value) in array.indexed_iter() {
            assert_eq!(value, (index[0] * 10_000 + index[1] * 100 + index[2]) as u32);
        }
        assert!(gathering.finish().is_none(), "it is given out once");
    }

    #[test]
    fn what_is_not_whole_is_not_given_out() {
        let grid = grid(&[4], [2]);
        let gathering = Arc::new(Gathering::<u8>::new(Arc::clone(&grid)).unwrap());
        let regions: Vec<_> = grid.regions().collect();
        gathering.claim(&regions[0]).unwrap().write(&[1, 2]);
        let mut second = gathering.claim(&regions[1]).unwrap();
        second.write(&[3]);
        assert!(gathering.finish().is_none());
        let stranger =
            Region { start: [1].into_iter().collect(), shape: [2].into_iter().collect() };
        assert!(gathering.claim(&stranger).is_none());
        second.write(&[4]);
        assert_eq!(gathering.finish().unwrap().as_slice(), Some(&[1, 2, 3, 4][..]));
    }

    #[test]
    #[should_panic(expected = "its own block only")]
    fn a_claim_ends_with_its_block() {
        let grid = grid(&[4], [2]);
        let gathering = Arc::new(Gathering::<u8>::new(Arc::clone(&grid)).unwrap());
        gathering.claim(&grid.regions().next().unwrap()).unwrap().write(&[1, 2, 3]);
    }

    #[test]
    fn an_array_beyond_memory_is_an_error() {
        let large = grid(&[1 << 61], [1 << 61]);
        assert!(matches!(Gathering::<u64>::new(large), Err(ArrayError::TooManyBytes { .. })));
    }
}
