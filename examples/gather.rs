//! Submit and gather: many computes in the background, their results as they come, and how far each is.

use std::collections::BTreeMap;
use std::time::Duration;

use lazuli::core::sum;
use lazuli::prelude::*;

/// Whether a number has no divisors.
#[delayed]
fn is_prime(number: u64) -> bool {
    number > 1 && (2..).take_while(|d| d * d <= number).all(|d| !number.is_multiple_of(d))
}

/// How many primes there are below so many thousands, as a compute in the background.
fn primes_below(thousands: u64) -> Delayed<u64> {
    sum((0..1_000 * thousands).map(|number| is_prime(number).map(|&is| u64::from(is))))
}

/// Starts four computes and gathers them as they end.
pub fn main() -> lazuli::Result<()> {
    let submitted: Vec<_> = [8, 4, 2, 1].map(primes_below).map(start).into();
    while submitted.iter().any(|run| !run.wait_timeout(Duration::from_millis(1)).unwrap_or(true)) {
        let each: Vec<_> = submitted.iter().map(|run| run.progress().to_string()).collect();
        println!("{}", each.join(" | "));
    }

    let mut primes = BTreeMap::new();
    for (place, count) in as_completed(submitted) {
        primes.insert([8, 4, 2, 1][place], count?);
    }
    println!("{primes:?}");
    // The number of primes below a thousand, two, four and eight thousand.
    assert_eq!(primes, BTreeMap::from([(1, 168), (2, 303), (4, 550), (8, 1007)]));
    Ok(())
}
