//! A profile of a run: how often each task ran, and how long.

use std::sync::Arc;

use lazuli::core::{Profile, sum};
use lazuli::prelude::*;

#[delayed]
fn sieve(below: usize) -> Vec<usize> {
    let mut is_prime = vec![true; below];
    (2..below)
        .filter(|&number| {
            if is_prime[number] {
                (number * number..below)
                    .step_by(number)
                    .for_each(|multiple| is_prime[multiple] = false);
            }
            is_prime[number]
        })
        .collect()
}

#[delayed]
fn largest_gap(primes: &[usize]) -> usize {
    primes.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
}

/// Looks for gaps between primes, and says where the time went.
pub fn main() -> lazuli::Result<()> {
    let profile = Arc::new(Profile::default());
    let watched = Executor::shared().with_observer(Arc::clone(&profile) as _);
    // What is computed inside has the observer, too.
    let gaps = watched.install(|| {
        let sizes = [1_000, 10_000, 100_000];
        compute(sum(sizes.map(|size| largest_gap(sieve(size)))))
    })?;
    assert_eq!(gaps, 20 + 36 + 72);

    println!("{profile}");
    let rows = profile.rows();
    let count = |name| rows.iter().find(|row| row.name == name).map_or(0, |row| row.count);
    assert_eq!((count("sieve"), count("largest_gap")), (3, 3));
    assert!(rows.iter().all(|row| row.longest <= row.total && row.failed == 0));
    Ok(())
}
