use lazuli_core::delayed;

#[delayed(crate = lazuli_core, blocking)]
async fn one() -> u64 {
    1
}

fn main() {}
