use lazuli_core::Delayed;

fn main() {
    let mut total = 0;
    for x in [1, 2] {
        total += Delayed::value(x);
    }
}
