use lazuli_core::delayed;

#[delayed(crate = lazuli_core, threads = 4)]
fn one() -> u64 {
    1
}

fn main() {}
