//! Squares: a plain function made lazy, and arithmetic on values that are not there yet.

use lazuli::prelude::*;

#[delayed]
fn square(x: i64) -> i64 {
    x * x
}

/// Describes the work, then computes it.
pub fn main() -> lazuli::Result<()> {
    let d = square(4);
    let answer = (4 + &d) * 5;
    println!("{answer:?} is described; nothing has run");

    let (d, answer) = compute((d, answer))?;
    println!("d = {d}, (4 + d) * 5 = {answer}");
    assert_eq!((d, answer), (16, 100));

    let squares: Vec<Delayed<i64>> = (0..10).map(square).collect();
    let squares = compute(squares)?;
    println!("the squares of 0 to 9: {squares:?}");
    assert_eq!(squares, [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
    Ok(())
}
