//! Fields of moments.
//!
//! Along rows, each row is a tile of its own, as in the moments of a whole array. Down columns a tile has
//! few rows, too few to merge states after each. So columns are summed around a shift for a *segment* of
//! rows, and then centred and merged, many cells at once.
//!
//! The shift of a column is its mean over the first tile of the segment. That tile is part of the segment, so
//! with `n` rows in the segment and `k` in its first tile the sum of squares around the shift is at most
//! `1 + n / k` times the one around the mean, whatever the values: centring cancels few digits, and nothing
//! has to be read again. A tile whose sums leave the range is taken in column by column instead, by the rules
//! that whole arrays have for values of any size. What is known of such values is kept apart, in a scale of its
//! own, until it is asked for.

mod columns;
mod piece;

use std::collections::BTreeMap;

use super::super::dispatch::{Kernel, dispatch};
use super::super::moments::{Central, Moments, MomentsOrder, PowerSums, moments_of};
use super::super::rows::Rows;
use super::super::scalar::Scalar;
use super::super::words::words;
use super::{Field, Place, WIDTH, pieces};
use columns::SumColumns;
use lazuli_numerics::TwoFloat;
use piece::{Piece, merge_piece, repeated};

/// A segment ends with the tile in which it reaches so many rows.
const SEGMENT: usize = 128;

/// Count, mean and central sums, the latter four as two-floats.
const PLANES: usize = 9;

/// Moments of each cell.
#[derive(Clone, Debug)]
pub struct MomentsField {
    order: MomentsOrder,
    cells: usize,
    /// What is known of each cell: count, then the halves of mean, m2, m3, m4 as far as they are kept.
    planes: Vec<Vec<f64>>,
    open: Option<Box<Segments>>,
    /// What is known of values whose moments leave the range as they are, by cell.
    unusual: BTreeMap<usize, Moments>,
    /// Mean of the row taken in last: where the next one is expected to lie.
    latest: Option<f64>,
}

words!(MomentsField { order, cells, planes, unusual, latest; open: None });

/// The segments of rows that are being summed.
#[derive(Clone, Debug)]
struct Segments {
    shift: Vec<f64>,
    /// Sums of the powers of `value - shift`, from the first on.
    sums: Vec<Vec<f64>>,
    /// By the first cell of a range that tiles cover: how many cells it has, and rows so far.
    ranges: BTreeMap<usize, (usize, usize)>,
}

impl MomentsField {
    /// So many cells that have seen nothing and will keep moments up to `order`.
    pub fn new(order: MomentsOrder, cells: usize) -> Self {
        let planes = 1 + 2 * (usize::from(power(order)).max(2));
        let planes = (0..planes).map(|_| vec![0.0; cells]).collect();
        Self { order, cells, planes, open: None, unusual: BTreeMap::new(), latest: None }
    }

    #[inline(always)]
    fn load(&self, start: usize, len: usize) -> Piece {
        let mut piece = Piece([[0.0; WIDTH]; PLANES]);
        for (to, plane) in piece.0.iter_mut().zip(&self.planes) {
            *to = repeated(plane, start, len);
        }
        piece
    }

    #[inline(always)]
    fn store(&mut self, start: usize, len: usize, piece: &Piece) {
        for (plane, from) in self.planes.iter_mut().zip(&piece.0) {
            plane[start..start + len].copy_from_slice(&from[..len]);
        }
    }

    fn merge_one(&mut self, cell: usize, moments: &Moments) {
        if moments.is_scaled() {
            return self.merge_unusual(cell, moments);
        }
        let mut own = self.state_of(cell);
        own.merge(moments);
        let Central { count, mean, m2, m3, m4 } = own.to_central();
        let mut planes = self.planes.iter_mut().map(|plane| &mut plane[cell]);
        let halves = [mean, m2, m3, m4].into_iter().flat_map(|pair| <[f64; 2]>::from(pair.parts()));
        for value in std::iter::once(count).chain(halves) {
            let Some(to) = planes.next() else { break };
            *to = value;
        }
    }

    fn merge_unusual(&mut self, cell: usize, moments: &Moments) {
        match self.unusual.get_mut(&cell) {
            Some(known) => known.merge(moments),
            None => drop(self.unusual.insert(cell, moments.clone())),
        }
    }

    fn state_of(&self, cell: usize) -> Moments {
        let plane = |index: usize| self.planes.get(index).map_or(0.0, |plane| plane[cell]);
        let pair = |index: usize| TwoFloat::new(plane(index), plane(index + 1));
        let (mean, m2, m3, m4) = (pair(1), pair(3), pair(5), pair(7));
        Moments::from_central(self.order, &Central { count: plane(0), mean, m2, m3, m4 })
    }

    /// Takes what a segment has summed into the state of its cells.
    fn end_segment(&mut self, segments: &Segments, first: usize, cells: usize, rows: usize) {
        match power(self.order) {
            2 => dispatch(EndSegment::<2> { field: self, segments, first, cells, rows }),
            3 => dispatch(EndSegment::<3> { field: self, segments, first, cells, rows }),
            _ => dispatch(EndSegment::<4> { field: self, segments, first, cells, rows }),
        }
    }
}

/// The highest power that sums are needed of.
fn power(order: MomentsOrder) -> u8 {
    (order as u8).max(2)
}

struct EndSegment<'a, const POWER: u8> {
    field: &'a mut MomentsField,
    segments: &'a Segments,
    first: usize,
    cells: usize,
    rows: usize,
}

impl<const POWER: u8> Kernel for EndSegment<'_, POWER> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { field, segments, first, cells, rows } = self;
        let order = field.order;
        for (start, len) in pieces(cells) {
            let start = first + start;
            let mut own = field.load(start, len);
            let shift = repeated(&segments.shift, start, len);
            let mut sums = [[0.0; WIDTH]; 4];
            for (to, sums) in sums.iter_mut().zip(&segments.sums) {
                *to = repeated(sums, start, len);
            }
            let mut other = Piece([[0.0; WIDTH]; PLANES]);
            for cell in 0..WIDTH {
                let [first, second, third, fourth] = sums.map(|sums| sums[cell]);
                let sums = PowerSums { first, second, third, fourth };
                other.set(cell, &Central::of(rows as f64, shift[cell], &sums));
            }
            merge_piece::<POWER>(&mut own, &other, len, order);
            field.store(start, len, &own);
        }
    }
}

struct MergeFields<'a, const POWER: u8> {
    into: &'a mut MomentsField,
    from: &'a MomentsField,
}

impl<const POWER: u8> Kernel for MergeFields<'_, POWER> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let order = self.into.order;
        for (start, len) in pieces(self.into.cells) {
            let mut own = self.into.load(start, len);
            merge_piece::<POWER>(&mut own, &self.from.load(start, len), len, order);
            self.into.store(start, len, &own);
        }
    }
}

impl<A: Scalar> Field<A> for MomentsField {
    type State = Moments;

    fn update_columns(&mut self, first: usize, tile: Rows<'_, A>, _: Place) {
        let (cells, powers) = (self.cells, usize::from(power(self.order)));
        let mut segments = self.open.take().unwrap_or_else(|| {
            let sums = (0..powers).map(|_| vec![0.0; cells]).collect();
            Box::new(Segments { shift: vec![0.0; cells], sums, ranges: BTreeMap::new() })
        });
        let range = first..first + tile.row_len();
        let (_, rows) = *segments.ranges.entry(first).or_insert((tile.row_len(), 0));
        let Segments { shift, sums, .. } = &mut *segments;
        let shift = &mut shift[range.clone()];
        let mut sums = sums.iter_mut();
        let sums: [&mut [f64]; 4] = std::array::from_fn(|_| match sums.next() {
            Some(sums) => &mut sums[range.clone()],
            None => &mut [],
        });
        let is_first = rows == 0;
        let left_out = match powers {
            2 => dispatch(SumColumns::<A, 2> { tile, is_first, shift, sums }),
            3 => dispatch(SumColumns::<A, 3> { tile, is_first, shift, sums }),
            _ => dispatch(SumColumns::<A, 4> { tile, is_first, shift, sums }),
        };
        // The counts of a range are of all its cells: where some were left out, it is all over.
        let mut rows = rows + tile.count();
        if !left_out.is_empty() {
            self.take_apart(&mut segments, first, rows - tile.count(), tile, &left_out);
            rows = 0;
        } else if rows >= SEGMENT {
            self.end_segment(&segments, first, tile.row_len(), rows);
            rows = 0;
        }
        segments.ranges.insert(first, (tile.row_len(), rows));
        self.open = Some(segments);
    }

    fn update_rows(&mut self, first: usize, tile: Rows<'_, A>, _: Place) {
        for (row, cell) in tile.iter().zip(first..) {
            if row.is_empty() {
                continue;
            }
            let moments = moments_of(Rows::one(row), self.latest, self.order);
            let mean = moments.mean();
            self.latest = mean.is_finite().then_some(mean);
            self.merge_one(cell, &moments);
        }
    }

    fn end_block(&mut self, _: &dyn Fn(u64) -> u64) {
        let Some(segments) = self.open.take() else { return };
        for (&first, &(cells, rows)) in &segments.ranges {
            if rows > 0 {
                self.end_segment(&segments, first, cells, rows);
            }
        }
    }

    fn merge(&mut self, following: &Self) {
        match power(self.order) {
            2 => dispatch(MergeFields::<2> { into: self, from: following }),
            3 => dispatch(MergeFields::<3> { into: self, from: following }),
            _ => dispatch(MergeFields::<4> { into: self, from: following }),
        }
        for (&cell, moments) in &following.unusual {
            self.merge_unusual(cell, moments);
        }
    }

    fn state(&self, cell: usize) -> Moments {
        let usual = self.state_of(cell);
        let Some(unusual) = self.unusual.get(&cell) else { return usual };
        let mut both = usual.giving_way();
        both.merge(unusual);
        both
    }
}

impl MomentsField {
    /// Ends the segment of a range of cells with a tile of which these pieces were left out: their sums are
    /// of the `rows` rows before the tile, and their values are taken in one column after another.
    #[cold]
    fn take_apart<A: Scalar>(
        &mut self,
        segments: &mut Segments,
        first: usize,
        rows: usize,
        tile: Rows<'_, A>,
        left_out: &[usize],
    ) {
        let mut column = Vec::with_capacity(tile.count());
        for (start, len) in pieces(tile.row_len()) {
            let is_left_out = left_out.binary_search(&start).is_ok();
            let summed = if is_left_out { rows } else { rows + tile.count() };
            if summed > 0 {
                self.end_segment(segments, first + start, len, summed);
            }
            for place in start..start + if is_left_out { len } else { 0 } {
                column.clear();
                column.extend(tile.iter().map(|row| row[place]));
                let moments = moments_of(Rows::one(&column), None, self.order);
                self.merge_one(first + place, &moments);
            }
        }
    }
}
