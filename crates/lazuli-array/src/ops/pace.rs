//! How a tile is cut for a function: where the rows of its inputs end, and, for a user's own function, so often that a
//! run that is over is noticed soon.
//!
//! The first few elements of a tile are timed, and the rest is cut in pieces that would take a few milliseconds
//! at that pace. A cheap function has pieces long enough for vectors, and one that takes a millisecond an element is
//! asked after every few.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::source::IsOver;

/// A piece should take no longer.
const PIECE: Duration = Duration::from_millis(5);
/// The elements that are timed, where the last tile does not say that these are too many.
const TIMED: usize = 16;
/// No piece has more elements: their cost may change inside of a tile.
const LONGEST: usize = 512;

/// The length of pieces that the latest tile came to.
pub(super) struct Pace(AtomicUsize);

impl Pace {
    /// Of a function of which nothing is known.
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(1))
    }

    /// Notes that so many elements took so long; the length of pieces from now on.
    fn note(&self, elements: usize, took: Duration) -> usize {
        let fit = PIECE.as_nanos() * elements as u128 / took.as_nanos().max(1);
        let piece = usize::try_from(fit).unwrap_or(LONGEST).clamp(1, LONGEST);
        self.0.store(piece, Ordering::Relaxed);
        piece
    }
}

/// Calls a function with the first element and the length of each piece of a tile of `len` elements: rows, whose
/// lengths these are, end pieces; and where there is a pace, nothing more is done once the run is over.
pub(super) fn for_pieces(
    len: usize,
    row_lens: &[usize],
    pace: Option<&Pace>,
    is_over: IsOver<'_>,
    mut piece: impl FnMut(usize, usize),
) {
    let row = row_lens.iter().copied().min().unwrap_or(usize::MAX);
    let end_of = |from: usize, most: usize| {
        let end_of_row = (from / row).saturating_add(1).saturating_mul(row);
        end_of_row.min(from.saturating_add(most)).min(len)
    };
    let (mut from, mut most) = (0, usize::MAX);
    if let (Some(pace), true) = (pace, len > 0 && !is_over()) {
        let end = end_of(0, TIMED.min(pace.0.load(Ordering::Relaxed)));
        let start = Instant::now();
        piece(0, end);
        most = pace.note(end, start.elapsed());
        from = end;
    }
    while from < len && (pace.is_none() || !is_over()) {
        let end = end_of(from, most);
        piece(from, end - from);
        from = end;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::thread::sleep;

    use super::*;

    fn pieces(
        len: usize,
        rows: &[usize],
        pace: Option<&Pace>,
        slow: Duration,
    ) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for_pieces(len, rows, pace, &|| false, |from, len| {
            found.push((from, len));
            sleep(slow * len as u32);
        });
        found
    }

    #[test]
    fn pieces_cover_the_tile_and_end_with_rows() {
        for (len, rows, pace) in [
            (0, [usize::MAX, usize::MAX], Some(Pace::new())),
            (4096, [usize::MAX, usize::MAX], None),
            (4096, [1024, usize::MAX], Some(Pace::new())),
            (3000, [600, usize::MAX], None),
        ] {
            let row = rows[0].min(len.max(1));
            for _ in 0..3 {
                let found = pieces(len, &rows, pace.as_ref(), Duration::ZERO);
                let mut next = 0;
                for (from, size) in found {
                    assert_eq!(from, next);
                    assert!(size > 0 && from / row == (from + size - 1) / row);
                    assert!(pace.is_none() || size <= LONGEST);
                    next += size;
                }
                assert_eq!(next, len);
            }
        }
    }

    #[test]
    fn a_slow_function_has_short_pieces() {
        let pace = Pace::new();
        for _ in 0..2 {
            // No element takes less than a millisecond, so no piece has more than five.
            let found = pieces(60, &[usize::MAX], Some(&pace), Duration::from_millis(1));
            assert!(found.iter().all(|&(_, len)| len <= 5), "{found:?}");
        }
    }

    #[test]
    fn nothing_is_computed_once_the_run_is_over() {
        let done = Cell::new(0);
        for_pieces(4096, &[usize::MAX], Some(&Pace::new()), &|| done.get() >= 600, |_, len| {
            done.set(done.get() + len);
        });
        assert!(done.get() < 600 + LONGEST, "{}", done.get());
        for_pieces(10, &[usize::MAX], Some(&Pace::new()), &|| true, |_, _| panic!("it is over"));
    }
}
