use lazuli_core::delayed;

struct Wrong;

#[delayed(crate = lazuli_core)]
fn parse(text: &str) -> Result<i64, Wrong> {
    text.parse().map_err(|_| Wrong)
}

fn main() {}
