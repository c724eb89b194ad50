//! A shared intermediate: what two answers need is computed once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use lazuli::prelude::*;

/// Stands for something slow. Counts its runs.
#[delayed]
fn base(runs: &Arc<AtomicUsize>) -> i64 {
    runs.fetch_add(1, Relaxed);
    41
}

/// Computes two answers together, then again one by one.
pub fn main() -> lazuli::Result<()> {
    let runs = Arc::new(AtomicUsize::new(0));
    let base = base(Arc::clone(&runs));
    let (less, more) = (&base - 5, &base + 4);

    let together = compute((&less, &more))?;
    println!("computed together: {together:?}, the base ran {} time", runs.load(Relaxed));
    assert_eq!(together, (36, 45));
    assert_eq!(runs.swap(0, Relaxed), 1);

    let apart = (compute(&less)?, compute(&more)?);
    println!("computed apart: {apart:?}, the base ran {} times", runs.load(Relaxed));
    assert_eq!(apart, together);
    assert_eq!(runs.swap(0, Relaxed), 2);

    let kept = base.persist()?;
    let from_kept = (compute(&kept - 5)?, compute(&kept + 4)?);
    println!("from a persisted base: {from_kept:?}, it ran {} time", runs.load(Relaxed));
    assert_eq!(from_kept, together);
    assert_eq!(runs.load(Relaxed), 1);
    Ok(())
}
