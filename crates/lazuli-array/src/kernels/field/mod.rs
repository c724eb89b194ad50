//! Fields: one state for each element of an output block, for reductions along some axes.
//!
//! A *cell* of a field is the state of one output element. A tile is shown to a field either *down its
//! columns*, where element `i` of every row belongs to one cell (the first axis of a matrix in C order), or
//! *along its rows*, where all of a row belongs to one cell (its last axis). Both read memory from front to
//! back only.

mod extrema;
mod moments;
mod sum;
#[cfg(test)]
mod tests;

pub use extrema::ExtremaField;
pub use moments::MomentsField;
pub use sum::{FloatSumField, IntSumField};

use super::dispatch::prefetch;
use super::rows::Rows;

/// How many neighbouring cells a kernel works on at once, in registers.
const WIDTH: usize = 16;

/// Which elements of their cell those of a tile are: numbers in C order of the axes that are reduced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The number of the first one that a cell is shown.
    pub first: u64,
    /// From one that a cell is shown to the next.
    pub step: u64,
}

/// States side by side, one for each cell.
pub trait Field<A>: Clone + Send + Sync + 'static {
    /// The state of one cell.
    type State;

    /// Whether it is to be shown rows only.
    const ROWS_ONLY: bool = false;

    /// Takes in a tile down its columns: element `i` of every row goes to the cell `first + i`.
    fn update_columns(&mut self, first: usize, tile: Rows<'_, A>, place: Place);

    /// Takes in a tile along its rows: all of row `i` goes to the cell `first + i`.
    fn update_rows(&mut self, first: usize, tile: Rows<'_, A>, place: Place);

    /// The block is over: what was put off is done, and places in the block become places in the array.
    fn end_block(&mut self, place_in_array: &dyn Fn(u64) -> u64) {
        let _ = place_in_array;
    }

    /// Takes in what another field knows of the elements that follow.
    fn merge(&mut self, following: &Self);

    /// The state of a cell.
    fn state(&self, cell: usize) -> Self::State;
}

/// Ranges of at most [`WIDTH`] of so many cells.
fn pieces(cells: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..cells).step_by(WIDTH).map(move |start| (start, WIDTH.min(cells - start)))
}

/// Asks for what a row has a little past the piece that is being read: several rows are read at a time, and
/// a processor by itself looks too few lines ahead in each.
#[inline(always)]
fn prefetch_past_piece<A>(row: &[A], start: usize) {
    const AHEAD: usize = 16 * WIDTH;
    if let Some(piece) = row.get(start + AHEAD..).and_then(|row| row.first_chunk::<WIDTH>()) {
        prefetch(piece);
    }
}

/// The elements of a row from `start` on, `len` of them, and zeros. Where the piece is `FULL`, `len` is known to be
/// [`WIDTH`]: what is done to it is compiled without the question.
#[inline(always)]
fn piece_of<const FULL: bool, A: Copy, B: Copy>(
    row: &[A],
    start: usize,
    len: usize,
    zero: B,
    convert: impl Fn(A) -> B,
) -> [B; WIDTH] {
    if FULL {
        let Some(full) = row[start..].first_chunk::<WIDTH>() else { return [zero; WIDTH] };
        return std::array::from_fn(|cell| convert(full[cell]));
    }
    let mut piece = [zero; WIDTH];
    for (to, &from) in piece.iter_mut().zip(&row[start..start + len]) {
        *to = convert(from);
    }
    piece
}

/// Writes a piece to where [`piece_of`] reads it.
#[inline(always)]
fn put_piece<const FULL: bool, A: Copy>(
    to: &mut [A],
    start: usize,
    len: usize,
    piece: &[A; WIDTH],
) {
    if !FULL {
        to[start..start + len].copy_from_slice(&piece[..len]);
    } else if let Some(to) = to[start..].first_chunk_mut::<WIDTH>() {
        *to = *piece;
    }
}
