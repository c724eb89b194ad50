use lazuli_core::delayed;

#[delayed(crate = lazuli_core)]
struct Table;

fn main() {}
