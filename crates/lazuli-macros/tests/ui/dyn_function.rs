use lazuli_core::delayed;

#[delayed(crate = lazuli_core)]
fn apply(function: &dyn Fn(i64) -> i64, x: i64) -> i64 {
    function(x)
}

fn main() {}
