//! Large arrays on large pages.
//!
//! The plan and the state of a million tasks are tens of megabytes that are written once and soon freed.
//! On pages of 4 KiB the kernel's work for each page costs more than the writing; pages of 2 MiB, where
//! the system grants them, save a task of a large tree about a tenth of its time (`cargo bench --bench
//! tasks`). The advice changes no content and may be refused: nothing rests on it.
#![allow(unsafe_code)]

/// Arrays smaller than this are left as they are.
const LARGE: usize = 4 << 20;
/// The size of a large page.
const PAGE: usize = 2 << 20;

/// An empty vector with room for this many.
pub(crate) fn with_capacity<T>(capacity: usize) -> Vec<T> {
    let mut items = Vec::with_capacity(capacity);
    advise(&mut items);
    items
}

/// Like [`Vec::push`], for a vector that may grow large.
#[inline]
pub(crate) fn push<T>(items: &mut Vec<T>, item: T) {
    if items.len() == items.capacity() {
        grow(items);
    }
    items.push(item);
}

#[cold]
fn grow<T>(items: &mut Vec<T>) {
    items.reserve(1);
    advise(items);
}

/// Asks for large pages behind the room that is left.
#[cfg(target_os = "linux")]
fn advise<T>(items: &mut Vec<T>) {
    use rustix::mm::{Advice, madvise};

    let room = items.spare_capacity_mut();
    if size_of_val(room) < LARGE {
        return;
    }
    let room = room.as_mut_ptr_range();
    let start = room.start.addr().next_multiple_of(PAGE);
    let len = (room.end.addr() - start) / PAGE * PAGE;
    // SAFETY: the range lies within memory that the vector owns, and this advice leaves its content and
    // its mapping as they are.
    let _ = unsafe { madvise(room.start.with_addr(start).cast(), len, Advice::LinuxHugepage) };
}

#[cfg(not(target_os = "linux"))]
fn advise<T>(_: &mut Vec<T>) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_vectors_hold_what_was_put_in() {
        const COUNT: u64 = (3 * LARGE / size_of::<u64>()) as u64;
        let mut grown = Vec::new();
        (0..COUNT).for_each(|number| push(&mut grown, number));
        let mut filled = with_capacity(COUNT as usize);
        filled.extend(0..COUNT);
        assert!(grown == filled && filled.iter().copied().eq(0..COUNT));
    }
}
