//! A sum built in a loop: `+=` on a delayed value.

use lazuli::prelude::*;

#[delayed]
fn square(x: i64) -> i64 {
    x * x
}

/// Adds the squares of 1 to 100, and compares with `n (n + 1) (2n + 1) / 6`.
pub fn main() -> lazuli::Result<()> {
    let n = 100;
    let mut total = Delayed::value(0);
    for x in 1..=n {
        total += square(x);
    }
    let total = compute(total)?;
    println!("the squares of 1 to {n} add up to {total}");
    assert_eq!(total, n * (n + 1) * (2 * n + 1) / 6);

    let at_once: Delayed<i64> = (1..=n).map(square).sum();
    assert_eq!(compute(at_once)?, total);
    Ok(())
}
