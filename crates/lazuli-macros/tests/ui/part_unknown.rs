use lazuli_core::delayed;

#[delayed(crate = lazuli_core, part = file)]
fn read(path: &str) -> usize {
    path.len()
}

fn main() {}
