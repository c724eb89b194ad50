//! Each example checks its own claim: running it is the test.

#![allow(
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "an example's `main` says what it does, and fails when its claim does not hold"
)]

#[path = "../../examples/http.rs"]
pub mod http;
#[path = "../../examples/lines.rs"]
pub mod lines;
#[path = "../../examples/loop_sum.rs"]
pub mod loop_sum;
#[path = "../../examples/palindromes.rs"]
pub mod palindromes;
#[path = "../../examples/shared.rs"]
pub mod shared;
#[path = "../../examples/skewness.rs"]
pub mod skewness;
#[path = "../../examples/squares.rs"]
pub mod squares;
#[path = "../../examples/tracks.rs"]
pub mod tracks;
#[path = "../../examples/tree_sum.rs"]
pub mod tree_sum;
#[path = "../../examples/waiting.rs"]
pub mod waiting;

macro_rules! each_holds {
    ($($example:ident),* $(,)?) => {
        mod holds {
            $(
                #[test]
                fn $example() -> Result<(), Box<dyn std::error::Error>> {
                    Ok(super::$example::main()?)
                }
            )*
        }
    };
}

each_holds!(
    http,
    lines,
    loop_sum,
    palindromes,
    shared,
    skewness,
    squares,
    tracks,
    tree_sum,
    waiting,
);
