use std::borrow::Cow;

use lazuli_core::delayed;

#[delayed(crate = lazuli_core)]
fn trim<'a>(text: Cow<'a, str>) -> String {
    text.trim().to_owned()
}

fn main() {}
