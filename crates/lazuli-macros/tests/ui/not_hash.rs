use lazuli_core::delayed;

#[delayed(crate = lazuli_core, pure)]
fn half(x: f64) -> f64 {
    x / 2.0
}

fn main() {}
