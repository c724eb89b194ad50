//! Fields of moments.
//!
//! Along rows, each row is a tile of its own, as in the moments of a whole array. Down columns a tile has
//! few rows, too few to merge states after each. So columns are summed around a shift for a *segment* of
//! rows, and then centred and merged, many cells at once.
//!
//! The shift of a column is its mean over the first tile of the segment. That tile is part of the segment, so
//! with `n` rows in the segment and `k` in its first tile the sum of squares around the shift is at most
//! `1 + n / k` times the one around the mean, whatever the values: centring cancels few digits, and nothing
//! has to be read again. A tile whose sums are not finite is taken in column by column instead, by the rules
//! that whole arrays have for values out of range.

use std::collections::BTreeMap;

use super::super::dispatch::{Kernel, dispatch};
use super::super::moments::{Central, Moments, MomentsOrder, PowerSums, moments_of};
use super::super::rows::Rows;
use super::super::scalar::Scalar;
use super::super::two_float::TwoFloat;
use super::{Field, Place, WIDTH, piece_of, pieces, prefetch_past_piece, put_piece};

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
    /// Mean of the row taken in last: where the next one is expected to lie.
    latest: Option<f64>,
}

/// The segments of rows that are being summed.
#[derive(Clone, Debug)]
struct Segments {
    shift: Vec<f64>,
    /// Sums of the powers of `value - shift`, from the first on.
    sums: Vec<Vec<f64>>,
    /// By the first cell of a range that tiles cover: how many cells it has, and rows so far.
    ranges: BTreeMap<usize, (usize, usize)>,
}

/// What is known of neighbouring cells, plane by plane.
struct Piece([[f64; WIDTH]; PLANES]);

impl Piece {
    #[inline(always)]
    fn get(&self, cell: usize) -> Central {
        let pair = |plane: usize| TwoFloat::new(self.0[plane][cell], self.0[plane + 1][cell]);
        let count = self.0[0][cell];
        Central { count, mean: pair(1), m2: pair(3), m3: pair(5), m4: pair(7) }
    }

    #[inline(always)]
    fn set(&mut self, cell: usize, central: &Central) {
        self.0[0][cell] = central.count;
        let pairs = [central.mean, central.m2, central.m3, central.m4];
        for (pair, plane) in pairs.into_iter().zip([1, 3, 5, 7]) {
            (self.0[plane][cell], self.0[plane + 1][cell]) = pair.parts();
        }
    }
}

impl MomentsField {
    /// So many cells that have seen nothing and will keep moments up to `order`.
    pub fn new(order: MomentsOrder, cells: usize) -> Self {
        let planes = 1 + 2 * (usize::from(power(order)).max(2));
        let planes = (0..planes).map(|_| vec![0.0; cells]).collect();
        Self { order, cells, planes, open: None, latest: None }
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

/// Values of neighbouring cells. Beyond the last of them it is repeated, so that all of a piece are of one
/// kind.
#[inline(always)]
fn repeated(plane: &[f64], start: usize, len: usize) -> [f64; WIDTH] {
    if len == WIDTH {
        return piece_of::<true, _, _>(plane, start, len, 0.0, |value| value);
    }
    let mut piece = piece_of::<false, _, _>(plane, start, len, 0.0, |value| value);
    for cell in len..WIDTH {
        piece[cell] = piece[len - 1];
    }
    piece
}

/// Merges what is known of neighbouring cells, `len` of which count.
#[inline(always)]
fn merge_piece<const POWER: u8>(own: &mut Piece, other: &Piece, len: usize, order: MomentsOrder) {
    let (mut are_new, mut are_regular) = (true, true);
    let mut gaps = [0.0; WIDTH];
    for (cell, gap) in gaps.iter_mut().enumerate() {
        let (own, other) = (own.get(cell), other.get(cell));
        *gap = other.mean.minus(own.mean);
        are_new &= own.count == 0.0;
        are_regular &= own.count > 0.0 && other.count > 0.0 && gap.is_finite();
    }
    if are_new {
        own.0 = other.0;
    } else if are_regular {
        for (cell, &gap) in gaps.iter().enumerate() {
            let both = own.get(cell).with::<POWER>(&other.get(cell), gap);
            own.set(cell, &both);
        }
    } else {
        for cell in 0..len {
            let both = merged_apart(&own.get(cell), &other.get(cell), order);
            own.set(cell, &both);
        }
    }
}

#[cold]
fn merged_apart(own: &Central, other: &Central, order: MomentsOrder) -> Central {
    let mut moments = Moments::from_central(order, own);
    moments.merge(&Moments::from_central(order, other));
    moments.to_central()
}

/// Sums columns around their shifts. The pieces whose sums would not be finite are left out.
struct SumColumns<'a, A, const POWER: u8> {
    tile: Rows<'a, A>,
    is_first: bool,
    shift: &'a mut [f64],
    sums: [&'a mut [f64]; 4],
}

impl<A: Scalar, const POWER: u8> Kernel for SumColumns<'_, A, POWER> {
    type Output = Vec<usize>;

    #[inline(always)]
    fn run(mut self) -> Vec<usize> {
        let mut left_out = Vec::new();
        for (start, len) in pieces(self.tile.row_len()) {
            let is_taken = if len == WIDTH {
                self.piece::<true>(start, len)
            } else {
                self.piece::<false>(start, len)
            };
            if !is_taken {
                left_out.push(start);
            }
        }
        left_out
    }
}

impl<A: Scalar, const POWER: u8> SumColumns<'_, A, POWER> {
    /// Adds a piece to its sums, if they stay finite.
    #[inline(always)]
    fn piece<const FULL: bool>(&mut self, start: usize, len: usize) -> bool {
        let (tile, is_first) = (self.tile, self.is_first);
        let load = |row: usize| piece_of::<FULL, _, _>(tile.row(row), start, len, 0.0, A::to_f64);
        let known = |sums: &[f64]| piece_of::<FULL, _, _>(sums, start, len, 0.0, |sum| sum);
        let ahead = |row: usize| prefetch_past_piece(tile.row(row), start);
        let around = if is_first { first_shift(tile.count(), load) } else { known(self.shift) };
        let mut sums = sums_around::<POWER>(tile.count(), load, ahead, &around);
        if is_first {
            put_piece::<FULL, _>(self.shift, start, len, &around);
        } else {
            for (sums, before) in sums.iter_mut().zip(&self.sums).take(usize::from(POWER)) {
                let before = known(before);
                for cell in 0..WIDTH {
                    sums[cell] += before[cell];
                }
            }
        }
        // Not the higher powers: what is left out must not depend on the order asked for.
        let mut are_finite = true;
        for (first, second) in sums[0].iter().zip(&sums[1]) {
            are_finite &= first.is_finite() & second.is_finite();
        }
        for (to, sums) in self.sums.iter_mut().zip(&sums).take(usize::from(POWER)) {
            if are_finite {
                put_piece::<FULL, _>(to, start, len, sums);
            } else if is_first {
                to[start..start + len].fill(0.0);
            }
        }
        are_finite
    }
}

/// The mean of each column of a tile, as far as it is finite.
#[inline(always)]
fn first_shift(rows: usize, load: impl Fn(usize) -> [f64; WIDTH]) -> [f64; WIDTH] {
    let mut shift = [0.0; WIDTH];
    for row in 0..rows {
        let values = load(row);
        for cell in 0..WIDTH {
            shift[cell] += values[cell];
        }
    }
    shift.map(|sum| {
        let mean = sum / rows as f64;
        if mean.is_finite() { mean } else { 0.0 }
    })
}

/// The sums of the powers of the distance from the shift of each column, four rows at a time.
#[inline(always)]
fn sums_around<const POWER: u8>(
    rows: usize,
    load: impl Fn(usize) -> [f64; WIDTH],
    ahead: impl Fn(usize),
    shift: &[f64; WIDTH],
) -> [[f64; WIDTH]; 4] {
    let mut sums = [[0.0; WIDTH]; 4];
    let mut row = 0;
    while row + 4 <= rows {
        (row..row + 4).for_each(&ahead);
        let values = [load(row), load(row + 1), load(row + 2), load(row + 3)];
        for cell in 0..WIDTH {
            let d = values.each_ref().map(|row| row[cell] - shift[cell]);
            let d2 = d.map(|d| d * d);
            sums[0][cell] += (d[0] + d[1]) + (d[2] + d[3]);
            sums[1][cell] += (d2[0] + d2[1]) + (d2[2] + d2[3]);
            if POWER >= 3 {
                sums[2][cell] += (d2[0] * d[0] + d2[1] * d[1]) + (d2[2] * d[2] + d2[3] * d[3]);
            }
            if POWER >= 4 {
                sums[3][cell] += (d2[0] * d2[0] + d2[1] * d2[1]) + (d2[2] * d2[2] + d2[3] * d2[3]);
            }
        }
        row += 4;
    }
    for row in row..rows {
        let values = load(row);
        for cell in 0..WIDTH {
            let d = values[cell] - shift[cell];
            let d2 = d * d;
            sums[0][cell] += d;
            sums[1][cell] += d2;
            if POWER >= 3 {
                sums[2][cell] += d2 * d;
            }
            if POWER >= 4 {
                sums[3][cell] += d2 * d2;
            }
        }
    }
    sums
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
    }

    fn state(&self, cell: usize) -> Moments {
        self.state_of(cell)
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
