//! Each example checks its own claim: running it is the test. (Those of delayed functions alone are in the package of
//! their own beside this.)

#[path = "../../examples/lines.rs"]
#[allow(dead_code, reason = "its claim is checked beside")]
pub(crate) mod lines;
#[path = "../../examples/plan.rs"]
mod plan;
#[path = "../../examples/skewness.rs"]
mod skewness;
#[path = "../../examples/tracks.rs"]
mod tracks;

#[test]
fn plan_holds() -> impl std::process::Termination {
    plan::main()
}

#[test]
fn skewness_holds() -> impl std::process::Termination {
    skewness::main()
}

#[test]
fn tracks_holds() -> impl std::process::Termination {
    tracks::main()
}
