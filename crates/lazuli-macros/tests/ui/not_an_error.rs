use lazuli_core::delayed;

#[delayed(crate = lazuli_core)]
fn parse(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| text.to_owned())
}

fn main() {}
