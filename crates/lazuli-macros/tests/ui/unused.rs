#![deny(unused_must_use)]

use lazuli_core::{Delayed, delayed, start};

#[delayed(crate = lazuli_core)]
fn note(x: i64) {
    println!("{x}");
}

fn main() {
    note(1);
    start(note(2));
    Delayed::value(1) + 1;
}
