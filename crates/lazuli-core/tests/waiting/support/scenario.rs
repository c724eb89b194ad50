//! A test that is a scenario: run in a process of its own, which runs that test and nothing else.

use std::thread;

use super::process;

/// Runs `work`, which is all that the calling test does, in a process of its own. It must end well.
#[track_caller]
pub(crate) fn scenario(work: impl FnOnce()) {
    scenario_with(&[], work);
}

/// As [`scenario`], with these variables set.
#[track_caller]
pub(crate) fn scenario_with(variables: &[(&str, &str)], work: impl FnOnce()) {
    if process::is_own_process() {
        return work();
    }
    let thread = thread::current();
    let name = thread.name().expect("the test harness names its threads");
    let arguments = ["--exact", name, "--nocapture", "--test-threads=1"];
    let (status, output) = process::run(name, &arguments, variables);
    assert!(status.success(), "{name} ends with {status}:\n{output}");
    assert!(output.contains("1 passed"), "there is no scenario {name}:\n{output}");
}
