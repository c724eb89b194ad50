use lazuli_core::delayed;

#[delayed(crate = lazuli_core, delay_ms = 5)]
fn one() -> u64 {
    1
}

fn main() {}
