//! Tree summation: `inc`, `dec` and `add` over 256 inputs, wired by hand and with `tree_reduce`.

use lazuli::prelude::*;

#[delayed]
fn inc(x: i64) -> i64 {
    x + 1
}

#[delayed]
fn dec(x: i64) -> i64 {
    x - 1
}

#[delayed]
fn add(x: i64, y: i64) -> i64 {
    x + y
}

/// Adds `(x + 1) + (x - 1)` for `x` from 0 to 255, which is twice the sum of the inputs.
pub fn main() -> lazuli::Result<()> {
    let leaves: Vec<Delayed<i64>> = (0..256).map(|x| add(inc(x), dec(x))).collect();

    // By hand: neighbours meet until one value is left.
    let mut level = leaves.clone();
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| add(&pair[0], &pair[1])).collect();
    }
    let by_hand = level.remove(0);

    // The same with the tool for it, eight values to a task.
    let reduced = tree_reduce(leaves, 8, |x, y| x + y).expect("there are leaves");

    let (by_hand, reduced) = compute((by_hand, reduced))?;
    println!("by hand {by_hand}, with tree_reduce {reduced}");
    assert_eq!((by_hand, reduced), (255 * 256, 255 * 256));
    Ok(())
}
