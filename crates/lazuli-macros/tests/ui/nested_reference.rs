use lazuli_core::delayed;

#[delayed(crate = lazuli_core)]
fn join(words: &[&str]) -> String {
    words.concat()
}

#[delayed(crate = lazuli_core)]
fn name(name: Option<&str>) -> String {
    name.unwrap_or_default().to_owned()
}

#[delayed(crate = lazuli_core)]
fn pair((a, b): (&str, u8)) -> String {
    format!("{a}{b}")
}

fn main() {}
