use lazuli_core::delayed;

#[delayed(crate = lazuli_core, part = values)]
fn count(values: &[u8]) -> usize {
    values.len()
}

fn main() {}
