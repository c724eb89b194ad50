use lazuli_core::delayed;

#[delayed(crate = lazuli_core)]
fn square(x: i64) -> i64 {
    x * x
}

fn main() {
    square("four");
}
