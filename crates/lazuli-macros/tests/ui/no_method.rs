use lazuli_core::Delayed;

fn main() {
    let _ = Delayed::value(vec![1, 2]).map_named("largest", |values| values.largest());
}
