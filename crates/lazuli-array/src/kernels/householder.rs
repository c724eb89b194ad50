//! QR of tall matrices, a few rows at a time.
//!
//! An upper triangular `R` takes in a *panel* of rows by a Householder reflection for each column: reflection `k`
//! turns row `k` of `R` and the panel, whose column `k` it makes zero (Golub and Van Loan, *Matrix Computations*,
//! 5.1 and 6.5). Panels after one another, and the `R` of other rows as a panel, give the `R` of all rows: that is
//! the tall-skinny QR of Demmel, Grigori, Hoemmen and Langou (SIAM J. Sci. Comput. 34, 2012). What is left in the
//! place of a panel is the vectors of its reflections, by which `Q` can be applied. The first rows, as many as there
//! are columns, are made triangular among themselves, so that `Q` is orthogonal whatever the rank.
//!
//! The diagonal of `R` is never negative, which makes `Q` and `R` of a matrix of full rank unique. No multiplication is
//! fused with an addition, and dot products are summed in lanes: the bits do not depend on the processor.

use super::dispatch::{Kernel, dispatch};
use super::lanes::{WIDTH, sum_of_lanes};

/// The `R` of the rows seen so far, and the reflections that made it.
#[derive(Clone, Debug)]
pub struct TallQr {
    columns: usize,
    /// In C order; zeros below the diagonal.
    r: Vec<f64>,
    /// The reflections of the first rows, if this began with rows.
    square: Option<Panel>,
    panels: Vec<Panel>,
}

/// The reflections of one panel.
#[derive(Clone, Debug)]
struct Panel {
    rows: usize,
    /// Column after column, the part of each reflection's vector that lies in the panel; its part in `R` is 1. In a
    /// square, the part below the diagonal.
    vectors: Vec<f64>,
    /// Reflection `k` is `I - scale v v'`.
    scales: Vec<f64>,
    /// Whether row `k` of `R` was negated afterwards.
    negated: Vec<bool>,
}

impl TallQr {
    /// Of rows in C order, at least as many as there are columns.
    ///
    /// # Panics
    /// When there are fewer.
    pub fn of_rows(columns: usize, rows: &[f64]) -> Self {
        let (square, others) = rows.split_at(columns * columns);
        let mut square = Panel::new(columns, square);
        let mut r = vec![0.0; columns * columns];
        dispatch(Square { columns, r: &mut r, square: &mut square });
        let mut qr = Self { columns, r, square: Some(square), panels: Vec::new() };
        let panel = columns.max(1) * Self::panel_rows(columns);
        others.chunks(panel).for_each(|panel| qr.take_in(panel));
        qr
    }

    /// Of rows whose `R` this is, in C order.
    pub fn of(columns: usize, r: Vec<f64>) -> Self {
        Self { columns, r, square: None, panels: Vec::new() }
    }

    /// How many rows a panel of a larger matrix should have: with its `R`, it stays in the first or second cache.
    fn panel_rows(columns: usize) -> usize {
        const ELEMENTS: usize = 8192;
        (ELEMENTS / columns.max(1)).clamp(32, 1024).max(columns)
    }

    /// `R` in C order.
    pub fn r(&self) -> &[f64] {
        &self.r
    }

    /// Takes in rows, in C order.
    pub fn take_in(&mut self, rows: &[f64]) {
        let mut panel = Panel::new(self.columns, rows);
        if panel.rows > 0 {
            dispatch(TakeIn { columns: self.columns, r: &mut self.r, panel: &mut panel });
        }
        self.panels.push(panel);
    }

    /// `Q` times a matrix of as many rows as this has columns, in C order: what stands for what this began with (an
    /// `R`, or the first rows), and the rows taken in after that.
    pub fn apply(&self, matrix: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let columns = self.columns;
        let width = matrix.len() / columns.max(1);
        let mut top = matrix.to_vec();
        let count: usize = self.panels.iter().map(|panel| panel.rows).sum();
        let mut rows = vec![0.0; count * width];
        let mut end = rows.len();
        for panel in self.panels.iter().rev() {
            let mut piece = vec![0.0; panel.rows * width];
            dispatch(Apply { columns, width, panel, top: &mut top, piece: &mut piece });
            let start = end - piece.len();
            turn(&piece, panel.rows, &mut rows[start..end]);
            end = start;
        }
        if let Some(square) = &self.square {
            let mut piece = vec![0.0; top.len()];
            turn(&top, width, &mut piece);
            dispatch(ApplySquare { columns, square, piece: &mut piece });
            turn(&piece, columns, &mut top);
        }
        (top, rows)
    }
}

impl Panel {
    fn new(columns: usize, rows: &[f64]) -> Self {
        let count = rows.len() / columns.max(1);
        let mut vectors = vec![0.0; rows.len()];
        turn(rows, columns, &mut vectors);
        Self { rows: count, vectors, scales: vec![0.0; columns], negated: vec![false; columns] }
    }
}

/// Lines of this length as columns.
fn turn(lines: &[f64], len: usize, turned: &mut [f64]) {
    let count = lines.len() / len.max(1);
    for (line, values) in lines.chunks_exact(len.max(1)).enumerate() {
        for (to, &value) in turned[line..].iter_mut().step_by(count).zip(values) {
            *to = value;
        }
    }
}

/// The sum of products, in lanes.
#[inline(always)]
pub(super) fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0; WIDTH];
    let (left, left_rest) = left.as_chunks::<WIDTH>();
    let (right, right_rest) = right.as_chunks::<WIDTH>();
    for (left, right) in left.iter().zip(right) {
        for lane in 0..WIDTH {
            lanes[lane] += left[lane] * right[lane];
        }
    }
    for (lane, (left, right)) in lanes.iter_mut().zip(left_rest.iter().zip(right_rest)) {
        *lane += left * right;
    }
    sum_of_lanes(lanes)
}

/// Adds a multiple.
#[inline(always)]
fn add_multiple(to: &mut [f64], factor: f64, values: &[f64]) {
    for (to, value) in to.iter_mut().zip(values) {
        *to += factor * value;
    }
}

struct TakeIn<'a> {
    columns: usize,
    r: &'a mut [f64],
    panel: &'a mut Panel,
}

impl Kernel for TakeIn<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { columns, r, panel } = self;
        let rows = panel.rows;
        for k in 0..columns {
            let (before, others) = panel.vectors.split_at_mut((k + 1) * rows);
            let vector = &mut before[k * rows..];
            let diagonal = &mut r[k * columns..(k + 1) * columns];
            let (length, scale) = reflection(diagonal[k], vector);
            panel.scales[k] = scale;
            diagonal[k] = length;
            if scale != 0.0 {
                for (value, column) in
                    diagonal[k + 1..].iter_mut().zip(others.chunks_exact_mut(rows))
                {
                    let moved = -scale * (*value + dot(vector, column));
                    *value += moved;
                    add_multiple(column, moved, vector);
                }
            }
            if diagonal[k] < 0.0 {
                panel.negated[k] = true;
                diagonal[k..].iter_mut().for_each(|value| *value = -*value);
            }
        }
    }
}

struct Square<'a> {
    columns: usize,
    r: &'a mut [f64],
    square: &'a mut Panel,
}

impl Kernel for Square<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { columns, r, square } = self;
        for k in 0..columns {
            let (before, others) = square.vectors.split_at_mut((k + 1) * columns);
            let (above, vector) = before[k * columns..].split_at_mut(k + 1);
            let (length, scale) = reflection(above[k], vector);
            square.scales[k] = scale;
            square.negated[k] = length < 0.0;
            let sign = if square.negated[k] { -1.0 } else { 1.0 };
            r[k * columns + k] = sign * length;
            let row = &mut r[k * columns + k + 1..(k + 1) * columns];
            for (value, column) in row.iter_mut().zip(others.chunks_exact_mut(columns)) {
                let (above, below) = column.split_at_mut(k + 1);
                let moved = -scale * (above[k] + dot(vector, below));
                *value = sign * (above[k] + moved);
                add_multiple(below, moved, vector);
            }
        }
    }
}

/// The reflection that makes `below` zero under `first`: what `first` becomes, and its scale. Its vector, but for the
/// leading 1, takes the place of `below`.
#[inline(always)]
fn reflection(first: f64, below: &mut [f64]) -> (f64, f64) {
    // A square beyond the range, or lost below it, is one of other units: a power of two changes no digit.
    let mut unit = 1.0;
    let mut square = dot(below, below);
    if !(1e-280..1e280).contains(&square.max(first * first)) {
        let largest = below.iter().fold(first.abs(), |largest, value| largest.max(value.abs()));
        if largest > 0.0 && largest.is_finite() {
            unit = exact_unit(largest);
            below.iter_mut().for_each(|value| *value *= unit);
            square = dot(below, below);
        }
    }
    if square == 0.0 {
        return (first, 0.0);
    }
    let scaled = first * unit;
    let length = (scaled * scaled + square).sqrt();
    let length = if scaled > 0.0 { -length } else { length };
    let head = scaled - length;
    below.iter_mut().for_each(|value| *value /= head);
    (length / unit, -head / length)
}

/// The power of two that brings a finite number above zero near 1, as far as it has a reciprocal.
pub(super) fn exact_unit(largest: f64) -> f64 {
    libm::exp2((-libm::log2(largest).round()).clamp(-1000.0, 1000.0))
}

struct Apply<'a> {
    columns: usize,
    width: usize,
    panel: &'a Panel,
    top: &'a mut [f64],
    /// The panel's rows, column after column.
    piece: &'a mut [f64],
}

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { columns, width, panel, top, piece } = self;
        if panel.rows == 0 {
            return;
        }
        for k in (0..columns).rev() {
            let vector = &panel.vectors[k * panel.rows..(k + 1) * panel.rows];
            let row = &mut top[k * width..(k + 1) * width];
            for (value, column) in row.iter_mut().zip(piece.chunks_exact_mut(panel.rows)) {
                if panel.negated[k] {
                    *value = -*value;
                }
                let moved = -panel.scales[k] * (*value + dot(vector, column));
                *value += moved;
                add_multiple(column, moved, vector);
            }
        }
    }
}

struct ApplySquare<'a> {
    columns: usize,
    square: &'a Panel,
    /// The rows, column after column.
    piece: &'a mut [f64],
}

impl Kernel for ApplySquare<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { columns, square, piece } = self;
        for k in (0..columns).rev() {
            let vector = &square.vectors[k * columns + k + 1..(k + 1) * columns];
            for column in piece.chunks_exact_mut(columns) {
                let (above, below) = column.split_at_mut(k + 1);
                if square.negated[k] {
                    above[k] = -above[k];
                }
                let moved = -square.scales[k] * (above[k] + dot(vector, below));
                above[k] += moved;
                add_multiple(below, moved, vector);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(rows: usize, columns: usize, seed: u64) -> Vec<f64> {
        let mut state = seed | 1;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        };
        (0..rows * columns).map(|_| next()).collect()
    }

    fn identity(columns: usize) -> Vec<f64> {
        (0..columns * columns).map(|i| f64::from(u8::from(i / columns == i % columns))).collect()
    }

    /// That `Q` is orthogonal, `R` is triangular, and their product is the matrix of values up to `unit`.
    fn check(a: &[f64], columns: usize, qr: &TallQr, unit: f64) {
        let (top, rest) = qr.apply(&identity(columns));
        let q = [top, rest].concat();
        let (r, rows) = (qr.r(), a.len() / columns);
        for k in 0..columns {
            assert!(r[k * columns + k] >= 0.0);
            assert!(r[k * columns..k * columns + k].iter().all(|&below| below == 0.0));
        }
        for i in 0..rows {
            for j in 0..columns {
                let product: f64 =
                    (0..columns).map(|k| q[i * columns + k] * r[k * columns + j]).sum();
                assert!((product - a[i * columns + j]).abs() < 1e-14 * unit * columns as f64);
            }
        }
        for i in 0..columns {
            for j in 0..columns {
                let product: f64 =
                    (0..rows).map(|row| q[row * columns + i] * q[row * columns + j]).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 2e-14, "{i} {j} {product}");
            }
        }
    }

    #[test]
    fn q_is_orthogonal_and_q_r_is_the_matrix() {
        for (rows, columns, unit) in [
            (50, 7, 1.0),
            (2500, 3, 1.0),
            (64, 1, 1.0),
            (40, 40, 1.0),
            (90, 6, 1e200),
            (90, 6, 1e-200),
        ] {
            let a: Vec<f64> = matrix(rows, columns, 3).iter().map(|value| value * unit).collect();
            check(&a, columns, &TallQr::of_rows(columns, &a), unit);
        }
    }

    #[test]
    fn the_r_of_other_rows_is_a_panel() {
        let a = matrix(60, 5, 9);
        let whole = TallQr::of_rows(5, &a);
        let (first, second) = (TallQr::of_rows(5, &a[..150]), TallQr::of_rows(5, &a[150..]));
        let mut both = TallQr::of(5, first.r().to_vec());
        both.take_in(second.r());
        for (found, expected) in both.r().iter().zip(whole.r()) {
            assert!((found - expected).abs() < 1e-13);
        }
        let stacked = [first.r(), second.r()].concat();
        check(&stacked, 5, &both, 10.0);
    }

    #[test]
    fn q_is_orthogonal_whatever_the_rank() {
        let mut a = matrix(200, 4, 5);
        for row in a.chunks_exact_mut(4) {
            row[1] = 0.0;
            row[3] = 2.0 * row[0] + 1e-17 * row[2];
        }
        check(&a, 4, &TallQr::of_rows(4, &a), 3.0);
        check(&[0.0; 12], 3, &TallQr::of_rows(3, &[0.0; 12]), 1.0);
    }
}
