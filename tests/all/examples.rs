//! Each example checks its own claim: running it is the test.

#[path = "../../examples/background.rs"]
mod background;
#[path = "../../examples/http.rs"]
mod http;
#[path = "../../examples/lines.rs"]
pub(crate) mod lines;
#[path = "../../examples/loop_sum.rs"]
mod loop_sum;
#[path = "../../examples/palindromes.rs"]
mod palindromes;
#[path = "../../examples/plan.rs"]
mod plan;
#[path = "../../examples/shared.rs"]
mod shared;
#[path = "../../examples/skewness.rs"]
mod skewness;
#[path = "../../examples/squares.rs"]
mod squares;
#[path = "../../examples/tracks.rs"]
mod tracks;
#[path = "../../examples/tree_sum.rs"]
mod tree_sum;
#[path = "../../examples/waiting.rs"]
mod waiting;

macro_rules! each_holds {
    ($($example:ident),* $(,)?) => {
        mod holds {
            $(
                #[test]
                fn $example() -> impl std::process::Termination {
                    super::$example::main()
                }
            )*
        }
    };
}

each_holds!(
    background,
    http,
    lines,
    loop_sum,
    palindromes,
    plan,
    shared,
    skewness,
    squares,
    tracks,
    tree_sum,
    waiting,
);
