use lazuli_core::delayed;

#[delayed(crate = lazuli_core)]
fn push(values: &mut Vec<i64>) {
    values.push(1);
}

fn main() {}
