use lazuli_core::delayed;

#[delayed(crate = lazuli_core)]
unsafe fn one() -> u64 {
    1
}

fn main() {}
