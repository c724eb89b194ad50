use lazuli_core::delayed;

#[delayed(crate = lazuli_core)]
fn show(value: impl ToString) -> String {
    value.to_string()
}

fn main() {}
