use lazuli_core::delayed;

#[delayed(crate = lazuli_core)]
fn first<'a>(text: &'a str) -> &'a str {
    &text[..1]
}

#[delayed(crate = lazuli_core)]
fn last(text: &str) -> Option<&str> {
    text.get(1..)
}

fn main() {}
