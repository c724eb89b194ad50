use lazuli_core::delayed;

#[delayed(crate = lazuli_core, pure, pure)]
fn one() -> u64 {
    1
}

fn main() {}
