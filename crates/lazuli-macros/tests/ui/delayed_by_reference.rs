use lazuli_core::delayed;

struct NotCloned;

fn main() {
    let _ = delayed(|_: NotCloned| 1)(NotCloned);
}
