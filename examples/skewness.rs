//! The skewness of a large array, from a formula of separate statistics: still one pass over it.

use lazuli::prelude::*;

/// Ten million values of the exponential distribution, whose skewness is 2.
pub fn main() -> lazuli::Result<()> {
    let len = 10_000_000;
    // The inverse of its distribution function, at evenly spaced places.
    let quantile = move |[i]: [usize; 1]| -(1.0 - (i as f64 + 0.5) / len as f64).ln();
    let x = ChunkedArray::from_fn([len], [1_000_000], quantile);

    let (mean, std) = (x.mean(), x.std(0));
    let formula = ((&x * &x * &x).mean() - 3.0 * &mean * std.powi(2) - mean.powi(3)) / std.powi(3);

    let asked = (formula, x.skewness());
    let plan = Executor::shared().plan(&asked)?;
    let blocks = plan.tasks().filter(|task| task.name() == "block").count();
    println!("{x:?}: {} blocks, and {blocks} tasks that load one", x.numblocks()[0]);
    assert_eq!(blocks, 10);

    let (formula, skewness) = compute(asked)?;
    println!("by the formula {formula:.9}, as a statistic of its own {skewness:.9}");
    assert!((formula - skewness).abs() < 1e-9);
    assert!((skewness - 2.0).abs() < 1e-3);
    Ok(())
}
