use lazuli_core::try_delayed;

fn main() {
    let _ = try_delayed(|x: i64| x + 1)(1);
}
