use lazuli_core::{Delayed, delayed};

#[delayed(crate = lazuli_core)]
fn square(x: i64) -> i64 {
    x * x
}

fn main() {
    let numbers = vec![1, 2];
    let _: Vec<Delayed<i64>> = numbers.iter().map(square).collect();
}
