//! How fast memory can be read: the sum of a slice by the best loops that are known, on two threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use lazuli_benches::Turn;
use ndarray::ArcArray2;
use pulp::{Arch, Simd, WithSimd};

/// Reads of all elements, one after another, in several ways.
pub(crate) fn reads(values: &[f64]) -> [Turn<'_>; 3] {
    [
        Turn::new("memory", "plain loads", || in_halves(values, plain)),
        Turn::new("memory", "prefetch 512 bytes ahead", || in_halves(values, ahead)),
        Turn::new("memory", "four streams", || in_halves(values, streams)),
    ]
}

/// The sum of a matrix in blocks of whole columns, a block at a time on each of two threads: short rows far from one
/// another, with the rows `AHEAD` asked for early.
pub(crate) fn read_columns<const AHEAD: usize>(matrix: &ArcArray2<f64>, width: usize) -> f64 {
    let (rows, columns) = matrix.dim();
    let values = matrix.as_slice().unwrap_or(&[]);
    let next = AtomicUsize::new(0);
    let blocks = || {
        let mut sum = 0.0;
        loop {
            let start = next.fetch_add(width, Ordering::Relaxed);
            if start >= columns {
                return sum;
            }
            let width = width.min(columns - start);
            sum += Arch::new().dispatch(Columns::<AHEAD> { values, rows, columns, start, width });
        }
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(blocks);
        blocks() + other.join().unwrap_or(f64::NAN)
    })
}

fn in_halves(values: &[f64], sum: impl Fn(&[f64]) -> f64 + Copy + Send) -> f64 {
    let (first, second) = values.split_at(values.len() / 2);
    std::thread::scope(|scope| {
        let first = scope.spawn(move || sum(first));
        sum(second) + first.join().unwrap_or(f64::NAN)
    })
}

fn plain(values: &[f64]) -> f64 {
    Arch::new().dispatch(Sum::<0> { values })
}

fn ahead(values: &[f64]) -> f64 {
    Arch::new().dispatch(Sum::<512> { values })
}

fn streams(values: &[f64]) -> f64 {
    Arch::new().dispatch(Streams { values })
}

#[inline(always)]
fn add(lanes: &mut [f64; 64], row: &[f64]) {
    let (full, rest) = row.as_chunks::<64>();
    for full in full {
        for (lane, value) in lanes.iter_mut().zip(full) {
            *lane += value;
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane += value;
    }
}

/// Asks for the memory of a row; reads nothing.
#[inline(always)]
fn prefetch(row: &[f64]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(sse) = pulp::core_arch::x86::Sse::try_new() {
        for line in row.chunks(8) {
            sse._mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(line.as_ptr().cast());
        }
    }
}

/// All of a slice, asking for what lies so many bytes ahead.
struct Sum<'a, const AHEAD: usize> {
    values: &'a [f64],
}

impl<const AHEAD: usize> WithSimd for Sum<'_, AHEAD> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let mut lanes = [0.0; 64];
        for (number, row) in self.values.chunks(64).enumerate() {
            if AHEAD > 0 {
                let next = number * 64 + AHEAD / 8;
                prefetch(self.values.get(next..next + 64).unwrap_or(&[]));
            }
            add(&mut lanes, row);
        }
        lanes.iter().sum()
    }
}

/// A quarter of a slice beside the others.
struct Streams<'a> {
    values: &'a [f64],
}

impl WithSimd for Streams<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let quarter = self.values.len() / 4;
        let (quarters, rest) = self.values.split_at(4 * quarter);
        let [a, b, c, d] = [0, 1, 2, 3].map(|part| &quarters[part * quarter..(part + 1) * quarter]);
        let mut lanes = [0.0; 64];
        let rows = a.chunks(64).zip(b.chunks(64)).zip(c.chunks(64).zip(d.chunks(64)));
        for ((a, b), (c, d)) in rows {
            [a, b, c, d].into_iter().for_each(|row| add(&mut lanes, row));
        }
        add(&mut lanes, rest);
        lanes.iter().sum()
    }
}

/// A block of whole columns of a matrix.
struct Columns<'a, const AHEAD: usize> {
    values: &'a [f64],
    rows: usize,
    columns: usize,
    start: usize,
    width: usize,
}

impl<const AHEAD: usize> WithSimd for Columns<'_, AHEAD> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let mut lanes = [0.0; 64];
        for row in 0..self.rows {
            let at = row * self.columns + self.start;
            if AHEAD > 0 {
                let next = at + AHEAD * self.columns;
                prefetch(self.values.get(next..next + self.width).unwrap_or(&[]));
            }
            add(&mut lanes, &self.values[at..at + self.width]);
        }
        lanes.iter().sum()
    }
}
