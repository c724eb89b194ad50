//! Statistics of one large `f64` array in memory: N values (default 200 million) in blocks of a million; and of a
//! matrix of as many, twice as many rows as columns, along each axis, beside a plain sum of the same memory on two
//! threads.
//!
//! `cargo bench --workspace --bench arrays [-- N]`

use lazuli::prelude::*;
use lazuli_benches::measure;
use ndarray::{ArcArray2, Array1, Axis};

fn main() -> lazuli::Result<()> {
    let n = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(200_000_000);
    let values = normal(n);
    let columns = (n / 2).isqrt();
    let x = ChunkedArray::from_array(values.clone(), [1_000_000]);

    measure("lazuli", "sum", 5, || compute(x.sum()));
    measure("lazuli", "min,max", 5, || compute((x.min(), x.max())));
    measure("lazuli", "mean,std", 5, || compute((x.mean(), x.std(0))));
    measure("lazuli", "mean,std,skewness", 5, || compute((x.mean(), x.std(0), x.skewness())));
    measure("lazuli", "mean,std,skewness,kurtosis", 5, || {
        compute((x.mean(), x.std(0), x.skewness(), x.kurtosis()))
    });
    measure("lazuli", "skew formula", 5, || {
        let third = (&x * &x * &x).mean();
        compute((third - 3.0 * x.mean() * x.std(0).powi(2) - x.mean().powi(3)) / x.std(0).powi(3))
    });
    drop(x);

    let matrix = values.into_raw_vec_and_offset().0;
    let matrix = matrix[..2 * columns * columns].to_vec();
    let matrix =
        ArcArray2::from_shape_vec((2 * columns, columns), matrix).expect("rows and columns");
    for chunks in [[1_000, 1_000], [2 * columns, 100]] {
        along_axes(&matrix, chunks);
    }
    Ok(())
}

/// Statistics along each axis, and an anomaly, which takes two passes.
fn along_axes(matrix: &ArcArray2<f64>, chunks: [usize; 2]) {
    let x = ChunkedArray::from_array(matrix.clone(), chunks);
    measure("memory", "plain sum, two threads", 5, || plain_sum(matrix.as_slice().unwrap_or(&[])));
    for axis in [0, 1] {
        let work = |name: &str| format!("{name}, axis {axis}, chunks {chunks:?}");
        let along = x.along(Axis(axis));
        measure("lazuli", &work("sum"), 5, || compute(along.sum().sum()));
        measure("lazuli", &work("max"), 5, || compute(along.max().sum()));
        measure("lazuli", &work("mean,std"), 5, || {
            compute((along.mean().sum(), along.std(0).sum()))
        });
        measure("lazuli", &work("cumsum"), 5, || compute(x.cumsum(Axis(axis)).max()));
        let standardized = (&x - along.clone().keepdims().mean()) / along.clone().keepdims().std(0);
        measure("lazuli", &work("standardized sum"), 5, || compute(standardized.sum()));
    }
}

/// The sum of a slice, half of it on each of two threads, by plain loads.
fn plain_sum(values: &[f64]) -> f64 {
    let half = |values: &[f64]| {
        let mut lanes = [0.0; 64];
        for row in values.as_chunks::<64>().0 {
            for (lane, value) in lanes.iter_mut().zip(row) {
                *lane += value;
            }
        }
        lanes.iter().sum::<f64>()
    };
    let (first, second) = values.split_at(values.len() / 2);
    std::thread::scope(|scope| {
        let first = scope.spawn(move || half(first));
        half(second) + first.join().unwrap_or(f64::NAN)
    })
}

/// Values that look normal, with mean 3 and standard deviation 2: sums of four uniform ones.
fn normal(n: usize) -> Array1<f64> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    let mut draw = || 3.0 + 2.0 * 3.0_f64.sqrt() * (uniform() + uniform() + uniform() + uniform());
    Array1::from_shape_simple_fn(n, &mut draw)
}
