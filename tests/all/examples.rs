//! Each example checks its own claim: running it is the test.

#![allow(
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "an example's `main` says what it does, and fails when its claim does not hold"
)]

use std::error::Error;

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

/// The examples fail with errors of different types.
fn claimed<E: Into<Box<dyn Error>>>(outcome: Result<(), E>) -> Result<(), Box<dyn Error>> {
    outcome.map_err(Into::into)
}

macro_rules! each_holds {
    ($($example:ident),* $(,)?) => {
        mod holds {
            $(
                #[test]
                fn $example() -> Result<(), Box<dyn std::error::Error>> {
                    super::claimed(super::$example::main())
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
