//! A branch on a computed value, and as many tasks as a computed value says.

use lazuli::core::sum;
use lazuli::prelude::*;

/// How often a number is halved, or tripled and increased, until it is one.
#[delayed]
fn steps(number: u64) -> u64 {
    let mut numbers = std::iter::successors(Some(number), |&n| {
        (n > 1).then(|| if n % 2 == 0 { n / 2 } else { 3 * n + 1 })
    });
    numbers.by_ref().skip(1).count() as u64
}

#[delayed]
fn half(number: u64) -> u64 {
    number / 2
}

/// Chooses between two graphs, and makes a third whose size is computed.
pub fn main() -> lazuli::Result<()> {
    // `and_then` takes what a value is worth and returns a graph, of which nothing else is computed.
    let count = steps(27);
    let chosen = count.and_then(|&count| if count > 100 { half(count) } else { steps(count) });
    assert_eq!(compute((&count, chosen))?, (111, 55));

    // A task for each number below the value.
    let all = half(&count).and_then(|&half| sum((1..half).map(steps)));
    let plain: u64 = (1..55).map(|number| compute(steps(number))).sum::<Result<u64, _>>()?;
    assert_eq!(all.compute()?, plain);
    println!("27 takes {} steps, the numbers below half of that take {plain}", count.compute()?);
    Ok(())
}
