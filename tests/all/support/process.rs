//! Tests that need a process of their own: for settings that hold for a whole process, and for work
//! whose failure would be a hang that others suffer from.

use std::env;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Set in the process that a test has started for itself.
const OWN_PROCESS: &str = "LAZULI_TESTS_OWN_PROCESS";

/// Runs `work`, which the test of this path (`module::function`) is all about, in a process of its
/// own. It must end within a quarter of an hour, where it needs seconds.
#[track_caller]
pub(crate) fn in_its_own_process(test: &str, work: impl FnOnce()) {
    if is_own_process(test) {
        return work();
    }
    run_in_a_process(test, &[]);
}

/// What `text` is in another run of the program, with these variables set; `test` is the path of the
/// calling test.
#[track_caller]
pub(crate) fn in_another_run(
    test: &str,
    variables: &[(&str, &str)],
    text: impl FnOnce() -> String,
) -> String {
    const MARK: &str = "----8<----";
    if is_own_process(test) {
        let text = text();
        println!("{MARK}{text}{MARK}");
        return text;
    }
    let output = run_in_a_process(test, variables);
    output.split(MARK).nth(1).expect("the other run prints its text").to_owned()
}

fn is_own_process(test: &str) -> bool {
    env::var_os(OWN_PROCESS).is_some_and(|running| running == *test)
}

/// Has a process run this one test, and nothing else; what it prints.
#[track_caller]
fn run_in_a_process(test: &str, variables: &[(&str, &str)]) -> String {
    let this = env::current_exe().expect("the test binary has a path");
    let mut child = Command::new(this)
        .args(["--exact", test, "--nocapture"])
        .env(OWN_PROCESS, test)
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test binary runs");
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            let mut output = String::new();
            if let Some(stdout) = child.stdout.as_mut() {
                std::io::Read::read_to_string(stdout, &mut output).expect("tests print text");
            }
            assert!(status.success(), "{test} failed in a process of its own: {output}");
            assert!(output.contains("1 passed"), "there is no test {test}: {output}");
            return output;
        }
        if start.elapsed() > Duration::from_secs(900) {
            child.kill().expect("a child can be ended");
            child.wait().expect("a child can be waited for");
            panic!("{test} hangs");
        }
        thread::sleep(Duration::from_millis(5));
    }
}
