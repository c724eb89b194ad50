//! Statistics of one large `f64` array in memory: N values (default 200 million) in blocks of a million.
//!
//! `cargo bench --workspace --bench arrays [-- N]`

use lazuli::prelude::*;
use lazuli_benches::measure;
use ndarray::Array1;

fn main() -> lazuli::Result<()> {
    let n = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(200_000_000);
    let x = ChunkedArray::from_array(normal(n), [1_000_000]);

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
    Ok(())
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
